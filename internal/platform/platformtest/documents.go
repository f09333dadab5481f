package platformtest

import (
	"maps"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// A document is a family whose resources are run.
type document struct {
	run, runs, get, abort string
	path                  map[string]string // of the resource
	param, owner, member  string            // of a run, of what is run, of the list of runs
}

// with adds to the parameters of a path.
func with(path map[string]string, pairs ...string) map[string]string {
	all := maps.Clone(path)
	for i := 0; i+1 < len(pairs); i += 2 {
		all[pairs[i]] = pairs[i+1]
	}
	return all
}

// testRuns runs a document, follows it, aborts one, and lists them.
func testRuns(t *testing.T, w *world, d document) {
	t.Helper()
	done := id(t, w.do(t, d.run, d.path, nil, `{"arguments": {"level": "high"}}`))
	shown := w.do(t, d.get, with(d.path, d.param, done), nil, "")
	has(t, shown, "id", done, "status", "success", "concluded", true, "arguments.level", "high", "refs.flow.id", "made",
		"spec.response.status", "success")
	held := id(t, w.do(t, d.run, d.path, nil, `{"arguments": {"hold": true}}`))
	going := with(d.path, d.param, held)
	has(t, w.do(t, d.get, going, nil, ""), "status", "running", "concluded", false)
	rows := jsonvalue.List(w.do(t, d.runs, d.path, map[string]string{"per_page": "10"}, ""), d.member)
	if len(rows) != 2 || jsonvalue.String(rows[0], "id") != held {
		t.Errorf("the runs are not listed, newest first: %v", rows)
	}
	if d.abort == "" {
		return
	}
	has(t, w.do(t, d.abort, going, nil, ""), "status", "aborting")
	has(t, w.do(t, d.get, going, nil, ""), "status", "aborted", "concluded", true)
	_, err := w.try(d.abort, going, nil, "")
	refusal(t, err, 409, held)
	_, err = w.try(d.get, with(d.path, d.param, "nobody"), nil, "")
	refusal(t, err, 404, "nobody")
	_, err = w.try(d.run, d.path, nil, `{"arguments": []}`)
	refusal(t, err, 400, "arguments")
}

const flow = `{"kind": "Workflow", "ref": "flow", "spec": {"type": "sequential", "steps": []}}`

func testTemplates(t *testing.T, w *world) {
	body := `{"name": "My Template", "apiVersion": "v1.2", "arguments": {"level": "low"}, "spec": ` + flow + `}`
	one := map[string]string{"templateId": "my-template"}
	has(t, w.do(t, platform.OpCreateTemplate, nil, nil, body), "id", "my-template", "spec.kind", "Workflow")
	_, err := w.try(platform.OpCreateTemplate, nil, nil, body)
	refusal(t, err, 409, "my-template")
	_, err = w.try(platform.OpCreateTemplate, nil, nil, `{"name": "Other", "apiVersion": "v1.2", "spec": {"kind": "Nonsense"}}`)
	refusal(t, err, 400, "spec.kind")
	_, err = w.try(platform.OpCreateTemplate, nil, nil, `{"name": "Other", "apiVersion": "v9", "spec": {}}`)
	refusal(t, err, 400, "apiVersion")
	testRuns(t, w, document{platform.OpRunTemplate, platform.OpListTemplateRuns, platform.OpGetTemplateRun, platform.OpAbortTemplateRun,
		one, "templateRunId", "templateId", "templateRuns"})
	has(t, w.do(t, platform.OpListTemplateRuns, one, map[string]string{"status": "aborted", "per_page": "1"}, ""),
		"templateRuns.0.status", "aborted", "templateRuns.1", nil)
	_, err = w.try(platform.OpListTemplateRuns, one, map[string]string{"status": "fine"}, "")
	refusal(t, err, 400, "status")
	w.do(t, platform.OpUpdateTemplate, one, nil, `{"name": "My Template", "apiVersion": "v1.2", "description": "changed", "spec": `+flow+`}`)
	has(t, w.do(t, platform.OpGetTemplate, one, nil, ""), "description", "changed", "arguments", nil)
	has(t, w.do(t, platform.OpListTemplates, nil, nil, ""), "templates.0.id", "my-template", "templates.0.spec", nil)
	w.do(t, platform.OpDeleteTemplate, one, nil, "")
	_, err = w.try(platform.OpGetTemplate, one, nil, "")
	refusal(t, err, 404, "my-template")
	created := `{"name": "At Once", "apiVersion": "v1.2", "options": {"runOnCreation": true}, "spec": ` + flow + `}`
	w.do(t, platform.OpCreateTemplate, nil, nil, created)
	has(t, w.do(t, platform.OpListTemplateRuns, map[string]string{"templateId": "at-once"}, nil, ""), "templateRuns.0.status", "success")
}
