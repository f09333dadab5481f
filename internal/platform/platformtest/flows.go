package platformtest

import (
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// push is a trigger of a workflow or a blueprint.
const push = `{"kind": "vcs-push", "ref": "source", "spec": {"vcs": {"vcsService": "github", "repoUrl": "https://github.com/acme/shop"},
	"branchNamePatterns": ["develop"]}}`

func testWorkflows(t *testing.T, w *world) {
	body := `{"name": "Nightly Checks", "apiVersion": "v1.2", "arguments": {"level": "low"}, "triggers": [` + push + `], "spec": ` + flow + `}`
	one := at("workflowId", "nightly-checks")
	w.do(t, platform.OpCreateWorkflow, at(), nil, body)
	has(t, w.do(t, platform.OpGetWorkflow, one, nil, ""), "id", "nightly-checks", "spec.kind", "Workflow", "status", "pending", "paused", false)
	_, err := w.try(platform.OpCreateWorkflow, at(), nil, body)
	refusal(t, err, 409, "nightly-checks")
	for what, body := range map[string]string{
		"name":                      `{"name": "x", "apiVersion": "v1.2", "spec": ` + flow + `}`,
		"spec.kind":                 `{"name": "Other", "apiVersion": "v1.2", "spec": {"kind": "Nonsense"}}`,
		"triggers.0.kind":           `{"name": "Other", "apiVersion": "v1.2", "triggers": [{"kind": "moon"}], "spec": ` + flow + `}`,
		"options.concurrencyPolicy": `{"name": "Other", "apiVersion": "v1.2", "options": {"concurrencyPolicy": "never"}, "spec": ` + flow + `}`,
		"spec":                      `{"name": "Other", "apiVersion": "v1.2"}`,
	} {
		_, err := w.try(platform.OpCreateWorkflow, at(), nil, body)
		refusal(t, err, 400, what)
	}
	testRuns(t, w, document{platform.OpRunWorkflow, platform.OpListWorkflowRuns, platform.OpGetWorkflowRun, platform.OpAbortWorkflowRun,
		one, "runId", "", "runs"})
	has(t, w.do(t, platform.OpGetWorkflow, one, nil, ""), "status", "aborted")
	testOverrides(t, w, platform.OpRunWorkflow, one)
	w.do(t, platform.OpUpdateWorkflow, one, nil, `{"name": "Nightly Checks", "apiVersion": "v1.2", "description": "changed", "spec": `+flow+`}`)
	has(t, w.do(t, platform.OpGetWorkflow, one, nil, ""), "description", "changed", "arguments", nil)
	_, err = w.try(platform.OpUpdateWorkflow, one, nil, `{"name": "Another", "apiVersion": "v1.2", "spec": `+flow+`}`)
	refusal(t, err, 400, "name")
	has(t, w.do(t, platform.OpListWorkflows, at(), nil, ""), "pipelines.0.id", "nightly-checks", "pipelines.0.spec", nil)
	_, err = w.try(platform.OpGetWorkflow, at("workflowId", "nobody"), nil, "")
	refusal(t, err, 404, "nobody")
	_, err = w.try(platform.OpListWorkflows, map[string]string{"projectId": "nowhere"}, nil, "")
	refusal(t, err, 404, "nowhere")
}

// testOverrides runs a document whose root has the ref "flow" and whose trigger has
// the ref "source", with overrides of both.
func testOverrides(t *testing.T, w *world, op string, path map[string]string) {
	t.Helper()
	run := w.do(t, op, path, nil, `{"name": "By hand", "description": "once", "overrides": {"flow": {"type": "parallel"}, "source": {"branch": "main"}}}`)
	has(t, run, "name", "By hand", "description", "once", "spec.spec.type", "parallel")
	_, err := w.try(op, path, nil, `{"overrides": {"nothing": {"branch": "main"}}}`)
	refusal(t, err, 400, "overrides.nothing")
	_, err = w.try(op, path, nil, `{"overrides": {"source": "main"}}`)
	refusal(t, err, 400, "overrides.source")
	_, err = w.try(op, path, nil, `{"releaseNodeOverrides": {"web": {"type": "registry"}}}`)
	refusal(t, err, 400, "releaseNodeOverrides.web")
}
