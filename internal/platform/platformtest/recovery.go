package platformtest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// forgetful hides that a target remembers tokens.
type forgetful struct{ platform.Target }

// testFind looks for what was started before a crash.
func testFind(t *testing.T, w *world) {
	w.start(t, "BuildService", builder("finds"))
	w.start(t, "ManualJob", manualJob("finds", nginx))
	w.start(t, "Addon", addon("finds", "postgresql", "16"))
	w.start(t, "DeploymentService", deployment("finds-d", nginx))
	w.finish(t, "Condition", `{"kind": "Service", "spec": {"type": "running", "data": {"serviceId": "finds-d"}}}`)
	w.finish(t, "Condition", `{"kind": "Addon", "spec": {"type": "running", "data": {"addonId": "finds"}}}`)
	backup := id(t, w.finish(t, "AddonBackup", `{"addonId": "finds"}`, whenDone))
	tests := []struct {
		name, kind, spec, id string
		listed               bool // whether what was started can be found in a list
	}{
		{"a build of a trigger", "BuildSource", `{"id": "finds", "type": "service", "defaults": {"branch": "default"}}`, "id", true},
		{"a build", "Build", `{"id": "finds", "type": "service", "branch": "found"}`, "id", true},
		{"a job run", "JobRun", `{"jobId": "finds"}`, "id", true},
		{"a backup", "AddonBackup", `{"addonId": "finds"}`, "id", false}, // one was made a moment ago
		{"an import", "AddonImport", `{"addonId": "finds", "importUrl": "https://example.com/dump.gz"}`, "id", true},
		{"a restore", "Action", `{"kind": "AddonBackup", "spec": {"type": "restore", "data": {"addonId": "finds", "backupId": "` + backup + `"}}}`,
			"restoreId", true},
		{"a command", "Action", `{"kind": "Service", "spec": {"type": "execute", "data": {"serviceId": "finds-d", "command": "date"}}}`,
			"commandResult.exitCode", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			req := w.request(t, tt.kind, tt.spec, whenDone)
			_, remembers := w.target.Target.(platform.Recoverer)
			driver := platform.NewDriver(w.target.Target)
			if w.driver.Repeatable(req) {
				t.Error("it must not be repeated")
			}
			if remembers {
				if _, found, err := driver.Find(w.ctx, req); found || err != nil {
					t.Fatalf("before anything was started: %v, %v", found, err)
				}
			}
			started, err := driver.Start(w.ctx, req)
			if err != nil {
				t.Fatal(err)
			}
			want := jsonvalue.Get(started.Output, tt.id)
			if remembers {
				found, ok, err := driver.Find(w.ctx, req)
				if err != nil || !ok {
					t.Fatalf("it was not found: %v", err)
				}
				has(t, found.Output, tt.id, want)
				if (found.Wait == nil) != (started.Wait == nil) {
					t.Errorf("what was found waits for %v, what was started for %v", found.Wait, started.Wait)
				}
				again, err := driver.Start(w.ctx, req)
				if err != nil {
					t.Fatal(err)
				}
				has(t, again.Output, tt.id, want)
				other := req
				other.Token += "-other"
				if _, ok, err := driver.Find(w.ctx, other); ok || err != nil {
					t.Errorf("another token found it too: %v", err)
				}
			}
			named, err := driver.FindByID(w.ctx, req, fmt.Sprint(want))
			switch {
			case tt.kind == "Action" && tt.id != "restoreId":
				if err == nil || !strings.Contains(err.Error(), "has no identifier") {
					t.Errorf("what has no identifier was found by one: %v", err)
				}
			case err != nil:
				t.Errorf("it was not found by its identifier: %v", err)
			default:
				has(t, named.Output, tt.id, want)
				if (named.Wait == nil) != (started.Wait == nil) {
					t.Errorf("what was named waits for %v, what was started for %v", named.Wait, started.Wait)
				}
				if _, err := driver.FindByID(w.ctx, req, "nobody"); !platform.IsNotFound(err) {
					t.Errorf("an identifier that there is not answers %v", err)
				}
			}
			searched, ok, err := platform.NewDriver(forgetful{w.target.Target}).Find(w.ctx, req)
			if tt.listed {
				if err != nil || !ok {
					t.Fatalf("it was not found by listing: %v", err)
				}
				has(t, searched.Output, tt.id, want)
				return
			}
			var undecided *platform.UndecidedError
			if !errors.As(err, &undecided) {
				t.Errorf("a search that cannot tell answers %v, %v", ok, err)
			}
		})
	}
	t.Run("without a time nothing is decided by listing", func(t *testing.T) {
		req := w.request(t, "JobRun", `{"jobId": "finds"}`)
		req.Since = time.Time{}
		var undecided *platform.UndecidedError
		if _, _, err := platform.NewDriver(forgetful{w.target.Target}).Find(w.ctx, req); !errors.As(err, &undecided) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("what was started long ago is not taken for it", func(t *testing.T) {
		req := w.request(t, "JobRun", `{"jobId": "finds"}`)
		req.Since = time.Now().Add(time.Hour)
		if _, found, err := platform.NewDriver(forgetful{w.target.Target}).Find(w.ctx, req); found || err != nil {
			t.Errorf("got %v, %v", found, err)
		}
	})
	t.Run("a create with a token is done once", func(t *testing.T) {
		if _, ok := w.target.Target.(platform.Recoverer); !ok {
			t.Skip("the target remembers no tokens")
		}
		params := platform.Params{Path: map[string]string{"projectId": project}, Token: "only-once"}
		body := []byte(manualJob("only once", nginx))
		first, err := w.target.Do(w.ctx, platform.OpCreateManualJob, params, body)
		if err != nil {
			t.Fatal(err)
		}
		second, err := w.target.Do(w.ctx, platform.OpCreateManualJob, params, body)
		if err != nil || string(first.Body) != string(second.Body) {
			t.Errorf("the repetition answered %s, %v", second.Body, err)
		}
	})
}
