package local_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
	"github.com/nf-lsp/nf-lsp/internal/platform/local"
)

// TestAPreviewEnvironmentLivesForAsLongAsItsTemplateSays counts minutes from the last
// run, where the template starts the countdown anew with each.
func TestAPreviewEnvironmentLivesForAsLongAsItsTemplateSays(t *testing.T) {
	for _, tt := range []struct {
		name   string
		resets bool
		lives  []string // after 40 minutes, with a second run of "one" after 20
	}{
		{"from the first run", false, nil},
		{"from the last run", true, []string{"one"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			now := time.Now()
			p := open(t, local.Options{Clock: func() time.Time { return now }})
			do := func(op, body string, path ...string) any {
				t.Helper()
				params := platform.Params{Path: map[string]string{"projectId": "shop", "previewBlueprintId": "previews"}}
				for i := 0; i+1 < len(path); i += 2 {
					params.Path[path[i]] = path[i+1]
				}
				response, err := p.Do(t.Context(), op, params, json.RawMessage(body))
				if err != nil {
					t.Fatalf("%s: %v", op, err)
				}
				var data any
				if err := response.Data(&data); err != nil {
					t.Fatal(err)
				}
				return data
			}
			do(platform.OpCreateProject, `{"name": "Shop", "region": "europe-west"}`)
			expiry := map[bool]string{true: `, "resetOnUpdate": true`}[tt.resets]
			do(platform.OpCreatePreviewBlueprint, `{"apiVersion": "v1.2", "name": "Previews", "options": {"expiry": {"previewLifetime": 30`+expiry+`}},
				"spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": []}}}`)
			do(platform.OpRunPreviewBlueprint, `{"name": "one"}`)
			do(platform.OpRunPreviewBlueprint, `{"name": "two"}`)
			now = now.Add(20 * time.Minute)
			do(platform.OpRunPreviewBlueprint, `{"name": "one"}`)
			now = now.Add(20 * time.Minute)
			var lives []string
			for _, row := range jsonvalue.List(do(platform.OpListBlueprintPreviews, ""), "previewEnvironments") {
				lives = append(lives, jsonvalue.String(row, "id"))
			}
			if !slices.Equal(lives, tt.lives) {
				t.Errorf("%v live, want %v", lives, tt.lives)
			}
			// One that has gone can be made again, and is a new one.
			do(platform.OpRunPreviewBlueprint, `{"name": "two"}`)
			row := jsonvalue.Get(do(platform.OpListBlueprintPreviews, ""), "previewEnvironments.0")
			created, err := time.Parse(time.RFC3339, jsonvalue.String(row, "createdAt"))
			if jsonvalue.String(row, "id") != "two" || err != nil || now.Sub(created) > time.Second {
				t.Errorf("the environment is not a new one: %v, %v", row, err)
			}
		})
	}
}
