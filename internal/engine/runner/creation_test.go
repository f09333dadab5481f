package runner_test

import (
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// TestATemplateOverridesArgumentsOnItsCreation stores a template that runs when it is
// created, and once more later.
func TestATemplateOverridesArgumentsOnItsCreation(t *testing.T) {
	s := serve(t)
	s.do("team/templates/create-template", nil, `{"apiVersion": "v1.2", "name": "Seeded", "arguments": {"SEED": "no"},
		"options": {"runOnCreation": true, "runOnCreationArgumentOverrides": {"SEED": "yes"}},
		"spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
			{"kind": "Project", "spec": {"name": "Made", "region": "europe-west", "description": "seeded ${args.SEED}"}}]}}}`)
	end := func(id string) {
		t.Helper()
		s.has(s.ended("team/templates/get-template-run", map[string]string{"templateId": "seeded", "templateRunId": id}), "status", "success")
	}
	made := func(want string) {
		t.Helper()
		for _, p := range jsonvalue.List(s.do("team/projects/list-projects", nil, ""), "projects") {
			if jsonvalue.String(p, "id") == "made" {
				s.has(p, "description", want)
				return
			}
		}
		t.Error("the project is not there")
	}
	first := jsonvalue.List(s.do("team/templates/list-template-runs", map[string]string{"templateId": "seeded"}, ""), "templateRuns")
	if len(first) != 1 {
		t.Fatalf("it was run %d times", len(first))
	}
	end(jsonvalue.String(first[0], "id"))
	made("seeded yes")
	end(jsonvalue.String(s.do("team/templates/run-template", map[string]string{"templateId": "seeded"}, "{}"), "id"))
	made("seeded no")
}
