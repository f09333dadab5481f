package local

import (
	"encoding/json"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// TestADocumentOfATimeBeforeVersionsIsItsOwnFirst takes the versions away, as in a
// folder of an older program, and changes the document.
func TestADocumentOfATimeBeforeVersionsIsItsOwnFirst(t *testing.T) {
	ctx := platform.WithActor(t.Context(), func() string { return "ann" })
	p := New(Options{Dir: t.TempDir()})
	t.Cleanup(func() { _ = p.Close() })
	do := func(op, body string, path ...string) map[string]any {
		t.Helper()
		params := platform.Params{Path: map[string]string{"templateId": "shop", "documentId": "templates:shop"}}
		if len(path) > 0 {
			params.Path["version"] = path[0]
		}
		r, err := p.Do(ctx, op, params, json.RawMessage(body))
		if err != nil {
			t.Fatalf("%s: %v", op, err)
		}
		var data map[string]any
		if err := r.Data(&data); err != nil {
			t.Fatal(err)
		}
		return data
	}
	body := func(level string) string {
		return `{"name": "shop", "apiVersion": "v1.2", "arguments": {"level": "` + level + `"}, "spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": []}}}`
	}
	do(platform.OpCreateTemplate, body("low"))
	err := p.store.write(ctx, func(t *tx) error {
		_ = t.begin()
		_, err := t.tx.ExecContext(t.ctx, "DELETE FROM resources WHERE type = ?", versionType)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	only := jsonvalue.List(do(platform.OpListVersions, ""), "versions")
	if len(only) != 1 || !jsonvalue.Equal(jsonvalue.Get(only[0], "version"), 1) || jsonvalue.Get(only[0], "createdBy") != "" {
		t.Errorf("the only version is %v", only)
	}
	if level := jsonvalue.Get(do(platform.OpGetVersion, "", "1"), "document.arguments.level"); level != "low" {
		t.Errorf("it is %v", level)
	}
	do(platform.OpUpdateTemplate, body("high"))
	two := jsonvalue.List(do(platform.OpListVersions, ""), "versions")
	if len(two) != 2 || jsonvalue.Get(two[0], "createdBy") != "ann" || jsonvalue.Get(two[1], "createdBy") != "" {
		t.Errorf("the versions are %v", two)
	}
	if level := jsonvalue.Get(do(platform.OpGetVersion, "", "1"), "document.arguments.level"); level != "low" {
		t.Errorf("the first has become %v", level)
	}
}
