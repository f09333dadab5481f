package local_test

import (
	"errors"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
	"github.com/nf-lsp/nf-lsp/internal/platform/local"
)

func TestACopyOfARepositoryThatFailsFailsWhoWaitsForIt(t *testing.T) {
	p := local.New(local.Options{Dir: t.TempDir(), Delays: &local.Delays{}, Faults: []local.Fault{{Kind: local.KindClone, ID: "site", Fail: "the account is full"}}})
	t.Cleanup(func() { _ = p.Close() })
	d := platform.NewDriver(p)
	data := map[string]any{"sourceData": map[string]any{"repoUrl": "https://github.com/acme/starter"}, "targetData": map[string]any{"name": "site"}}
	made, err := d.Start(t.Context(), platform.NodeRequest{Kind: "Action", Token: "t", Spec: map[string]any{"kind": "VCS",
		"spec": map[string]any{"type": "createRepoFromSource", "data": data}}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.Start(t.Context(), platform.NodeRequest{Kind: "Condition", Token: "u", Spec: map[string]any{"kind": "VCS",
		"spec": map[string]any{"type": "createRepoFromSourceSuccess", "data": map[string]any{"trackerId": jsonvalue.String(made.Output, "trackerId")}}}})
	var outcome *platform.OutcomeError
	if !errors.As(err, &outcome) || outcome.Reason != "the account is full" {
		t.Errorf("%v", err)
	}
	// An interruption behind the request finds the copy again.
	again, found, err := d.Find(t.Context(), platform.NodeRequest{Kind: "Action", Token: "t", Spec: map[string]any{"kind": "VCS",
		"spec": map[string]any{"type": "createRepoFromSource", "data": data}}})
	if err != nil || !found || jsonvalue.String(again.Output, "trackerId") != jsonvalue.String(made.Output, "trackerId") {
		t.Errorf("%v, %v, %v", again, found, err)
	}
}
