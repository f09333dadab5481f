package runner_test

import (
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

const seeding = `{"name": "Seeding", "apiVersion": "v1.2", "spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
	{"kind": "ManualJob", "ref": "seed", "spec": {"name": "seed", "backoffLimit": 0, "billing": {"deploymentPlan": "nf-compute-20"},
		"deployment": {"external": {"imagePath": "example/seed:1"}}}},
	{"kind": "JobRun", "ref": "run", "runNodeOnce": true, "condition": "success", "spec": {"jobId": "seed"}}]}}}`

// TestAPreviewSeedsItsDatabaseOnce runs a blueprint twice for one environment, once for
// another one, and once more after the environment has gone and come again.
func TestAPreviewSeedsItsDatabaseOnce(t *testing.T) {
	s := serve(t)
	s.do("project/preview-blueprints/create-preview-blueprint", nil, seeding)
	runs := func(environment string) int {
		t.Helper()
		started := s.do("project/preview-blueprints/run-preview-blueprint", map[string]string{"previewBlueprintId": "seeding"}, `{"name": "`+environment+`"}`)
		path := map[string]string{"previewBlueprintId": "seeding", "runId": jsonvalue.String(started, "id")}
		s.has(s.ended("project/preview-blueprints/get-preview-blueprint-run-details", path), "status", "success")
		return len(jsonvalue.List(s.do("project/jobs/get-job-runs", map[string]string{"jobId": "seed"}, ""), "runs"))
	}
	if n := runs("one"); n != 1 {
		t.Fatalf("the first run makes %d", n)
	}
	if n := runs("one"); n != 1 {
		t.Errorf("a second run for the environment makes %d in all", n)
	}
	if n := runs("two"); n != 2 {
		t.Errorf("another environment makes %d in all", n)
	}
	env := map[string]string{"previewBlueprintId": "seeding", "previewId": "one"}
	if _, err := s.target.Do(t.Context(), "project/preview-blueprints/delete-preview-environment", platform.Params{Path: with(env, "projectId", "shop")}, nil); err != nil {
		t.Fatal(err)
	}
	// The job goes with its environment, and its runs with it.
	if n := runs("one"); n == 0 {
		t.Error("an environment that has come again is not seeded")
	}
}

func with(path map[string]string, name, value string) map[string]string {
	path[name] = value
	return path
}
