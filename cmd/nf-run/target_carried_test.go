//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/engine/crash"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/local"
)

const pipelineTemplate = `{
  "apiVersion": "v1.2", "name": "train",
  "spec": {"kind": "Workflow", "spec": {"type": "sequential", "context": {"projectId": "home"}, "steps": [
    {"kind": "Pipeline", "ref": "train", "spec": {"name": "Train", "stages": [{"name": "Staging", "nfObjects": []}]}}
  ]}}
}`

// A node that the platform makes in templates only is carried once, wherever nf-run is
// killed, and its template is removed by who goes on.
func TestACarriedNodeSurvivesAKill(t *testing.T) {
	for _, point := range []crash.Point{crash.CallBefore, crash.CallAfter, crash.PollAfter, crash.CommitWritten, crash.Concluded} {
		t.Run(string(point), func(t *testing.T) {
			t.Parallel()
			killed := 0
			for n := 1; ; n++ {
				if !killedAt(t, fmt.Sprintf("%s:%d", point, n)) {
					break
				}
				killed++
			}
			if killed == 0 {
				t.Error("no run came there")
			}
		})
	}
}

// A run that is aborted after its process was killed leaves no template, whether or not
// that had been run.
func TestTheAbortOfAKilledRunLeavesNoTemplate(t *testing.T) {
	for request, runs := range map[string]int{"/v1/templates": 0, "/runs": 1, "/runs/": 1} {
		t.Run(request, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			embedded, server, end := platformThatRuns(t, dir)
			defer end()
			if _, err := embedded.Do(t.Context(), platform.OpCreateProject, platform.Params{}, json.RawMessage(`{"name": "Home", "region": "europe-west"}`)); err != nil {
				t.Fatal(err)
			}
			template := filepath.Join(dir, "train.json")
			if err := os.WriteFile(template, []byte(pipelineTemplate), 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command("nf-run", "run", template, "--target", "northflank")
			// The process is killed when the platform has done what it asks for.
			inner := server.Config.Handler
			var killed atomic.Bool
			started := make(chan struct{})
			front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				is := r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, request)
				if request == "/runs/" {
					is = r.Method == http.MethodGet && strings.Contains(r.URL.Path, request)
				}
				inner.ServeHTTP(w, r)
				if is && killed.CompareAndSwap(false, true) {
					<-started
					_ = cmd.Process.Kill()
				}
			}))
			defer front.Close()
			env := []string{"NF_KEY=file", "NORTHFLANK_API_TOKEN=t", "NORTHFLANK_API_HOST=" + front.URL, "NF_STATE=" + filepath.Join(dir, "state")}
			cmd.Env = append(os.Environ(), env...)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			close(started)
			if err := cmd.Wait(); err == nil || !killed.Load() {
				t.Fatalf("it was not killed: %v", err)
			}
			var list []struct{ ID string }
			code, out, errOut := ran(t, env, "runs", "--json")
			if code != exitOK || json.Unmarshal([]byte(out), &list) != nil || len(list) != 1 {
				t.Fatalf("%d\n%s%s", code, out, errOut)
			}
			if code, out, errOut = ran(t, env, "abort", list[0].ID); code != exitOK {
				t.Fatalf("it is aborted with %d\n%s%s", code, out, errOut)
			}
			count := ofTemplates(t, embedded)
			if count["create"] != 1 || count["run"] != runs || count["delete"] != 1 {
				t.Errorf("of templates there were %v", count)
			}
		})
	}
}

// ofTemplates counts what was done to templates on a platform.
func ofTemplates(t *testing.T, embedded *local.Platform) map[string]int {
	t.Helper()
	effects, err := embedded.Effects(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, e := range effects {
		if resource, _, _ := strings.Cut(e.Resource, "/"); resource == "templates" {
			count[string(e.Change)]++
		}
	}
	return count
}

// killedAt runs the template, kills the process at a point, and goes on. It tells
// whether the run came to that point.
func killedAt(t *testing.T, point string) bool {
	t.Helper()
	dir := t.TempDir()
	embedded, server, end := platformThatRuns(t, dir)
	defer end()
	if _, err := embedded.Do(t.Context(), platform.OpCreateProject, platform.Params{}, json.RawMessage(`{"name": "Home", "region": "europe-west"}`)); err != nil {
		t.Fatal(err)
	}
	template := filepath.Join(dir, "train.json")
	if err := os.WriteFile(template, []byte(pipelineTemplate), 0o600); err != nil {
		t.Fatal(err)
	}
	env := []string{"NF_KEY=file", "NORTHFLANK_API_TOKEN=t", "NORTHFLANK_API_HOST=" + server.URL, "NF_STATE=" + filepath.Join(dir, "state")}
	if code, _, _ := ran(t, append(env, "NF_CRASH_AT="+point), "run", template, "--target", "northflank"); code == exitOK {
		return false
	}
	var runs []struct{ ID, Status string }
	code, out, errOut := ran(t, env, "runs", "--json")
	if code != exitOK || json.Unmarshal([]byte(out), &runs) != nil || len(runs) != 1 {
		t.Fatalf("%s: %d\n%s%s", point, code, out, errOut)
	}
	if code, out, errOut = ran(t, env, "resume", runs[0].ID); code != exitOK && !strings.Contains(errOut, "has ended already (success)") {
		t.Fatalf("%s: it goes on with %d\n%s%s", point, code, out, errOut)
	}
	count := ofTemplates(t, embedded)
	if count["create"] != 1 || count["run"] != 1 || count["delete"] != 1 {
		t.Errorf("%s: of templates there were %v", point, count)
	}
	return true
}
