package runner_test

import (
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// TestALoopOfAStoredWorkflowShowsItsLastIteration runs a loop over an argument of the
// request: the answer has the state of each step where it stands in the document, and that
// of all iterations beside the state of the loop.
func TestALoopOfAStoredWorkflowShowsItsLastIteration(t *testing.T) {
	s := serve(t)
	s.do("project/workflows/create-workflow", nil, `{"name": "Fleet", "apiVersion": "v1.2", "arguments": {"LIST": []}, "spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
		{"kind": "LoopWorkflow", "ref": "all", "spec": {"iterations": "${args.LIST}", "steps": [
			{"kind": "LoopData", "ref": "data", "spec": {"of": "${iteration.name}"}},
			{"kind": "Condition", "skipNodeExecution": "${fn.neq(iteration.name, 'bad')}", "spec": {"kind": "Service", "spec": {"type": "running", "data": {"serviceId": "nobody"}}}}]}}]}}}`)
	run := func(list, status string) any {
		t.Helper()
		started := s.do("project/workflows/run-workflow", map[string]string{"workflowId": "fleet"}, `{"arguments": {"LIST": `+list+`}}`)
		ended := s.ended("project/workflows/get-workflow-run-details", map[string]string{"workflowId": "fleet", "runId": jsonvalue.String(started, "id")})
		s.has(ended, "status", status, "spec.spec.steps.0.response.status", status)
		return ended
	}
	s.has(run(`[{"name": "a"}, {"name": "b"}]`, "success"), "spec.spec.steps.0.spec.steps.0.response.status", "success",
		"spec.spec.steps.0.spec.steps.0.response.data.of", "b", "spec.spec.steps.0.spec.steps.1.response.status", "skipped", "refs.data.of", "b",
		"spec.spec.steps.0.response.data.iterations.0.name", "a", "spec.spec.steps.0.response.data.iterations.0.nodes.1.path", "/steps/0",
		"spec.spec.steps.0.response.data.iterations.0.nodes.1.response.data.of", "a", "spec.spec.steps.0.response.data.iterations.1.nodes.1.response.data.of", "b",
		"refs.all", nil)
	s.has(run(`[]`, "success"), "spec.spec.steps.0.spec.steps.0.response", nil)
	s.has(run(`[{"name": "a"}, {"name": "bad"}, {"name": "c"}]`, "failure"), "spec.spec.steps.0.spec.steps.0.response.data.of", "bad",
		"spec.spec.steps.0.spec.steps.1.response.status", "failure")
}
