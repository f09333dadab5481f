package stored_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/local"
	"github.com/nf-lsp/nf-lsp/internal/platform/platformtest"
	"github.com/nf-lsp/nf-lsp/internal/platform/stored"
)

func target(t *testing.T) platform.Target {
	p := local.New(local.Options{Dir: t.TempDir()})
	p.RunWith(platformtest.NewRunner())
	t.Cleanup(func() { _ = p.Close() })
	return p
}

const shop = "Client Shop"

func document(change func(map[string]any)) json.RawMessage {
	d := map[string]any{
		"apiVersion": "v1.2", "name": shop, "arguments": map[string]any{"image": "nginx"},
		"spec": map[string]any{"kind": "Workflow", "ref": "flow", "spec": map[string]any{"type": "sequential", "steps": []any{}}},
	}
	if change != nil {
		change(d)
	}
	text, _ := json.Marshal(d)
	return text
}

func autorun(on bool) func(map[string]any) {
	return func(d map[string]any) { d["options"] = map[string]any{"autorun": on} }
}

func TestADocumentIsStoredAndLeftAloneWhereItIsAsItShouldBe(t *testing.T) {
	shelf := stored.Shelf{Target: target(t), Family: stored.Templates}
	runs := func(want int) {
		t.Helper()
		d, there, err := shelf.Find(t.Context(), "Client Shop")
		if err != nil || !there {
			t.Fatalf("it is not found: %v", err)
		}
		if all, err := shelf.Runs(t.Context(), d, 0); err != nil || len(all) != want {
			t.Errorf("%d runs, %v; want %d", len(all), err, want)
		}
	}
	for _, step := range []struct {
		name   string
		text   json.RawMessage
		action string
		runs   int
	}{
		{"a new one is created", document(nil), stored.Created, 0},
		{"the same is left alone", document(nil), stored.Unchanged, 0},
		{"options that say what goes without saying change nothing", document(autorun(false)), stored.Unchanged, 0},
		{"another option is a change, after which autorun runs it", document(autorun(true)), stored.Updated, 1},
		{"the same is left alone and not run", document(autorun(true)), stored.Unchanged, 1},
		{"a change runs it once", document(func(d map[string]any) { autorun(true)(d); d["description"] = "More" }), stored.Updated, 2},
		{"an option that is gone is a change", document(func(d map[string]any) { d["description"] = "More" }), stored.Updated, 2},
		{"a description that is gone is a change", document(nil), stored.Updated, 2},
		{"overrides are never shown, so they are sent each time", document(func(d map[string]any) { d["argumentOverrides"] = map[string]any{"image": "x"} }), stored.Updated, 2},
	} {
		d, action, err := shelf.Deploy(t.Context(), shop, step.text)
		if err != nil || action != step.action || d.ID != "client-shop" {
			t.Fatalf("%s: %+v, %s, %v", step.name, d, action, err)
		}
		t.Log(step.name)
		runs(step.runs)
	}
}

func TestWhatIsRefusedIsTold(t *testing.T) {
	shelf := stored.Shelf{Target: target(t), Family: stored.Templates}
	_, _, err := shelf.Deploy(t.Context(), shop, document(func(d map[string]any) { d["spec"] = map[string]any{"kind": "Nonsense"} }))
	if platform.StatusOf(err) != 400 {
		t.Errorf("nonsense is stored: %v", err)
	}
	if _, _, err := shelf.Deploy(t.Context(), "", json.RawMessage(`{"spec": {}}`)); err == nil || !strings.Contains(err.Error(), "needs a name") {
		t.Errorf("a document without a name: %v", err)
	}
}

// A lossy target carries out what starts runs and loses the answer.
type lossy struct {
	platform.Target
	lose int
}

func (l *lossy) Do(ctx context.Context, op string, params platform.Params, body json.RawMessage) (platform.Response, error) {
	response, err := l.Target.Do(ctx, op, params, body)
	if op == platform.OpRunTemplate && l.lose > 0 {
		l.lose--
		return platform.Response{}, errors.New("the connection was reset")
	}
	return response, err
}

func TestARunWhoseStartWasWithoutAnAnswerIsFoundAgain(t *testing.T) {
	lossy := &lossy{target(t), 1}
	shelf := stored.Shelf{Target: lossy, Family: stored.Templates}
	d, _, err := shelf.Deploy(t.Context(), shop, document(nil))
	if err != nil {
		t.Fatal(err)
	}
	run := &stored.Run{Target: lossy, Family: stored.Templates, Path: d.Path, Token: "20261129-1", Arguments: map[string]any{"image": "nginx:2"}}
	if err := run.Begin(t.Context(), false); err == nil || run.ID != "" {
		t.Fatalf("it has an answer: %v", err)
	}
	for range 2 {
		if err := run.Begin(t.Context(), true); err != nil || run.ID == "" {
			t.Fatalf("it is not found: %v", err)
		}
	}
	// So is one that another process looks for, and one that was never started starts.
	again := &stored.Run{Target: lossy, Family: stored.Templates, Path: d.Path, Token: "20261129-1"}
	if err := again.Begin(t.Context(), true); err != nil || again.ID != run.ID {
		t.Errorf("%q instead of %q, %v", again.ID, run.ID, err)
	}
	other := &stored.Run{Target: lossy, Family: stored.Templates, Path: d.Path, Token: "20261129-2"}
	if err := other.Begin(t.Context(), true); err != nil || other.ID == run.ID {
		t.Errorf("%q, %v", other.ID, err)
	}
	if all, err := shelf.Runs(t.Context(), d, 0); err != nil || len(all) != 2 {
		t.Errorf("%d runs, %v", len(all), err)
	}
}

func TestARunIsReadAndAborted(t *testing.T) {
	shelf := stored.Shelf{Target: target(t), Family: stored.Templates}
	d, _, err := shelf.Deploy(t.Context(), shop, document(nil))
	if err != nil {
		t.Fatal(err)
	}
	run := &stored.Run{Target: shelf.Target, Family: stored.Templates, Path: d.Path, Token: "a", Arguments: map[string]any{"hold": true}}
	if err := run.Begin(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	state, nodes, err := run.State(t.Context())
	if err != nil || state.Status != "running" || state.Concluded || len(nodes) != 1 {
		t.Fatalf("%+v, %+v, %v", state, nodes, err)
	}
	if n := nodes[0]; n.Path != "/spec" || n.Ref != "flow" || n.Status != "success" || n.Attempts != 1 || n.MaxAttempts != 3 || string(n.Data) != `{"id":"made"}` {
		t.Errorf("%+v", n)
	}
	text, err := run.Document(t.Context())
	if err != nil || !strings.Contains(string(text), `"kind":"Workflow"`) || strings.Contains(string(text), "success") {
		t.Errorf("the document is %s, %v", text, err)
	}
	if err := run.Abort(t.Context()); err != nil {
		t.Fatal(err)
	}
	if state, _, err := run.State(t.Context()); err != nil || !state.Concluded || state.Status != "aborted" {
		t.Errorf("%+v, %v", state, err)
	}
}

func TestEveryFamilyIsStoredAndRun(t *testing.T) {
	do := func(target platform.Target, op, body string, path map[string]string) {
		t.Helper()
		if _, err := target.Do(t.Context(), op, platform.Params{Path: path}, json.RawMessage(body)); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		family         *stored.Family
		pipeline, name string
		text           string
	}{
		{stored.Workflows, "", "Nightly", `{"apiVersion": "v1.2", "name": "Nightly", "spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": []}}}`},
		{stored.PreviewBlueprints, "", "Branches", `{"apiVersion": "v1.2", "name": "Branches", "spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": []}}}`},
		{stored.ReleaseFlows, "shop", "Staging", `{"apiVersion": "v1.2", "spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": []}}}`},
	} {
		t.Run(tt.family.Name, func(t *testing.T) {
			target := target(t)
			do(target, platform.OpCreateProject, `{"name": "Home", "region": "europe-west"}`, nil)
			do(target, platform.OpPutPipeline, `{"name": "Shop", "stages": [{"name": "Staging", "nfObjects": []}]}`, map[string]string{"projectId": "home"})
			shelf := stored.Shelf{Target: target, Family: tt.family, Project: "home", Pipeline: tt.pipeline}
			d, action, err := shelf.Deploy(t.Context(), tt.name, json.RawMessage(tt.text))
			if err != nil || action == stored.Unchanged {
				t.Fatalf("%s, %v", action, err)
			}
			if _, action, err := shelf.Deploy(t.Context(), tt.name, json.RawMessage(strings.Replace(tt.text, `"steps": []`, `"steps": [{"kind": "Workflow", "spec": {"type": "parallel", "steps": []}}]`, 1))); err != nil || action != stored.Updated {
				t.Errorf("a change: %s, %v", action, err)
			}
			run := &stored.Run{Target: target, Family: tt.family, Path: d.Path, Token: "one", Arguments: map[string]any{"hold": true}}
			if err := run.Begin(t.Context(), false); err != nil {
				t.Fatal(err)
			}
			again := &stored.Run{Target: target, Family: tt.family, Path: d.Path, Token: "one"}
			if err := again.Begin(t.Context(), true); err != nil || again.ID != run.ID {
				t.Errorf("it is not found again: %q, %v", again.ID, err)
			}
			if err := run.Abort(t.Context()); err != nil {
				t.Error(err)
			}
			if state, _, err := run.State(t.Context()); err != nil || state.Status != "aborted" {
				t.Errorf("%+v, %v", state, err)
			}
			if f := stored.FamilyNamed(tt.family.Name); f != tt.family {
				t.Errorf("its family is not found by its name")
			}
		})
	}
}
