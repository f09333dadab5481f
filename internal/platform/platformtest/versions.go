package platformtest

import (
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// testVersions changes documents of every family and goes back.
func testVersions(t *testing.T, w *world) {
	body := func(name, text string) string {
		return `{"name": "` + name + `", "apiVersion": "v1.2", "arguments": {"level": "` + text + `"}, "spec": ` + flow + `}`
	}
	w.do(t, platform.OpPutPipeline, at(), nil, `{"name": "Shop", "stages": [{"name": "Staging"}]}`)
	staging := at("pipelineId", "shop", "stage", "staging")
	families := []struct {
		document, make, change, get string
		made, path                  map[string]string
	}{
		{"templates/checks", platform.OpCreateTemplate, platform.OpUpdateTemplate, platform.OpGetTemplate, nil, map[string]string{"templateId": "checks"}},
		{"projects/" + project + "/workflows/checks", platform.OpCreateWorkflow, platform.OpUpdateWorkflow, platform.OpGetWorkflow, at(), at("workflowId", "checks")},
		{"projects/" + project + "/preview-blueprints/checks", platform.OpCreatePreviewBlueprint, platform.OpUpdatePreviewBlueprint, platform.OpGetPreviewBlueprint, at(), at("previewBlueprintId", "checks")},
		{"projects/" + project + "/pipelines/shop/release-flows/staging", platform.OpUpdateReleaseFlow, platform.OpUpdateReleaseFlow, platform.OpGetReleaseFlow, staging, staging},
		{"projects/" + project + "/pipelines/shop/preview-envs", platform.OpUpdatePreviewTemplate, platform.OpUpdatePreviewTemplate, platform.OpGetPreviewTemplate, at("pipelineId", "shop"), at("pipelineId", "shop")},
	}
	for _, f := range families {
		name := "Checks"
		if f.make == f.change { // of a stage or a pipeline, which have no name of their own
			name = "Any"
		}
		one := map[string]string{"documentId": platform.DocumentID(f.document)}
		numbered := func(n string) map[string]string { return with(one, "version", n) }
		w.do(t, f.make, f.made, nil, body(name, "low"))
		w.do(t, f.change, f.path, nil, body(name, "high"))
		w.do(t, f.change, f.path, nil, body(name, "high")) // changes nothing
		list := w.do(t, platform.OpListVersions, one, nil, "")
		has(t, list, "versions.0.version", 2, "versions.0.current", true, "versions.1.version", 1, "versions.1.current", false, "versions.2", nil)
		has(t, w.do(t, platform.OpGetVersion, numbered("1"), nil, ""), "document.arguments.level", "low", "document.spec.kind", "Workflow")
		has(t, w.do(t, platform.OpNoteVersion, numbered("2"), nil, `{"message": "more of it"}`), "message", "more of it", "document.arguments.level", "high")
		has(t, w.do(t, platform.OpRestoreVersion, numbered("1"), nil, `{"message": "less again"}`), "version", 3, "message", "less again", "cause", "version 1 restored")
		has(t, w.do(t, platform.OpRestoreVersion, numbered("1"), nil, ""), "version", 3) // it is that already
		has(t, w.do(t, f.get, f.path, nil, ""), "arguments.level", "low")
		_, err := w.try(platform.OpGetVersion, numbered("9"), nil, "")
		refusal(t, err, 404, "9")
		_, err = w.try(platform.OpRestoreVersion, numbered("9"), nil, "")
		refusal(t, err, 404, "9")
		_, err = w.try(platform.OpNoteVersion, numbered("2"), nil, `{}`)
		refusal(t, err, 400, "message")
	}
	for _, nothing := range []string{"templates:nobody", "projects:" + project, "nonsense"} {
		_, err := w.try(platform.OpListVersions, map[string]string{"documentId": nothing}, nil, "")
		refusal(t, err, 404, nothing)
	}
	// Runs are tied to the version that they run.
	checks := map[string]string{"templateId": "checks"}
	one := map[string]string{"documentId": "templates:checks"}
	w.do(t, platform.OpRunTemplate, checks, nil, "")
	w.do(t, platform.OpUpdateTemplate, checks, nil, body("Checks", "middle"))
	newest := w.do(t, platform.OpRunTemplate, checks, nil, "")
	has(t, newest, "version", 4)
	has(t, w.do(t, platform.OpListVersions, one, nil, ""), "versions.0.version", 4, "versions.0.runs", 1, "versions.0.newestRun", id(t, newest), "versions.1.runs", 1,
		"versions.2.runs", 0)
	// With the document its versions go.
	w.do(t, platform.OpDeleteTemplate, checks, nil, "")
	_, err := w.try(platform.OpListVersions, one, nil, "")
	refusal(t, err, 404, "checks")
}

// testDrafts proposes changes of a template, accepts and closes them.
func testDrafts(t *testing.T, w *world) {
	body := func(level string) string {
		return `{"name": "Checks", "apiVersion": "v1.2", "arguments": {"level": "` + level + `"}, "argumentOverrides": {"key": "hush-hush"}, "spec": ` + flow + `}`
	}
	path := map[string]string{"templateId": "checks"}
	one := map[string]string{"documentId": "templates:checks"}
	w.do(t, platform.OpCreateTemplate, nil, nil, body("low"))
	draft := func(text string) map[string]string {
		t.Helper()
		return with(one, "draftId", id(t, w.do(t, platform.OpCreateDraft, one, nil, text)))
	}
	level := func() any { return jsonvalue.Get(w.do(t, platform.OpGetTemplate, path, nil, ""), "arguments.level") }

	high := draft(`{"name": "Higher", "description": "for the holidays", "message": "asked for by all", "document": ` + body("high") + `}`)
	shown := w.do(t, platform.OpGetDraft, high, nil, "")
	has(t, shown, "name", "Higher", "description", "for the holidays", "status", "open", "base", 1, "current", 1, "document.arguments.level", "high",
		"history.0.what", "created", "history.0.message", "asked for by all")
	if level() != "low" {
		t.Errorf("a draft changes its document to %v", level())
	}
	if masked := jsonvalue.String(shown, "document.argumentOverrides.key"); masked == "" || masked == "hush-hush" {
		t.Errorf("the override is shown as %q", masked)
	}
	// What was read can be sent back: the values of overrides are kept.
	read, _ := jsonvalue.Get(shown, "document").(map[string]any)
	read["description"] = "and said why"
	has(t, w.do(t, platform.OpUpdateDraft, high, nil, `{"document": `+jsonText(t, read)+`}`), "document.description", "and said why", "history.1.what", "updated")
	other := draft(`{"document": ` + body("middle") + `}`)
	if name := jsonvalue.String(w.do(t, platform.OpGetDraft, other, nil, ""), "name"); name == "" {
		t.Error("a draft without a name gets none")
	}
	has(t, w.do(t, platform.OpAcceptDraft, high, nil, `{"message": "agreed"}`), "status", "accepted", "accepted", 2, "history.2.what", "accepted", "history.2.message", "agreed")
	if level() != "high" {
		t.Errorf("an accepted draft leaves its document at %v", level())
	}
	has(t, w.do(t, platform.OpGetVersion, with(one, "version", "2"), nil, ""), "message", "agreed", "cause", "draft "+high["draftId"]+" accepted",
		"document.argumentOverrides.key", jsonvalue.Get(shown, "document.argumentOverrides.key"))
	_, err := w.try(platform.OpAcceptDraft, high, nil, "")
	refusal(t, err, 409, "accepted already")
	// The other one was made from the version before: accepting it would take that back.
	_, err = w.try(platform.OpAcceptDraft, other, nil, "")
	refusal(t, err, 409, "version 2", "version 1")
	has(t, w.do(t, platform.OpAcceptDraft, other, nil, `{"overwrite": true}`), "accepted", 3)
	if level() != "middle" {
		t.Errorf("the draft that was accepted in spite of that leaves %v", level())
	}
	closed := draft(`{"document": ` + body("none") + `}`)
	has(t, w.do(t, platform.OpCloseDraft, closed, nil, `{"message": "too little"}`), "status", "closed", "history.1.what", "closed")
	has(t, w.do(t, platform.OpCloseDraft, closed, nil, ""), "status", "closed", "history.2", nil)
	_, err = w.try(platform.OpUpdateDraft, closed, nil, `{"name": "again"}`)
	refusal(t, err, 409, "closed already")
	list := w.do(t, platform.OpListDrafts, one, nil, "")
	has(t, list, "drafts.0.id", closed["draftId"], "drafts.2.id", high["draftId"], "drafts.3", nil, "drafts.0.document", nil)
	has(t, w.do(t, platform.OpListDrafts, one, map[string]string{"status": "closed", "per_page": "5"}, ""), "drafts.0.id", closed["draftId"], "drafts.1", nil)

	for what, text := range map[string]string{
		"document is missing":                  `{"name": "x"}`,
		"nothing to propose":                   `{"document": ` + body("middle") + `}`,
		"document: spec.kind":                  `{"document": {"name": "Checks", "apiVersion": "v1.2", "spec": {"kind": "Nonsense"}}}`,
		"document: name":                       `{"document": {"name": "Others", "apiVersion": "v1.2", "spec": ` + flow + `}}`,
		"document: argumentOverrides.password": `{"document": {"name": "Checks", "apiVersion": "v1.2", "argumentOverrides": {"password": "*** 00000000"}, "spec": ` + flow + `}}`,
	} {
		_, err := w.try(platform.OpCreateDraft, one, nil, text)
		refusal(t, err, 400, what)
	}
	_, err = w.try(platform.OpListDrafts, one, map[string]string{"status": "fine"}, "")
	refusal(t, err, 400, "status")
	_, err = w.try(platform.OpGetDraft, with(one, "draftId", "nobody"), nil, "")
	refusal(t, err, 404, "nobody")
}

// testRollbacks goes back to a release, with the flow as it was.
func testRollbacks(t *testing.T, w *world) {
	w.start(t, "DeploymentService", `{"name": "Web", "billing": {"deploymentPlan": "nf-compute-20"}, "deployment": {"instances": 1, `+nginx+`}}`)
	w.do(t, platform.OpPutPipeline, at(), nil, `{"name": "Shop", "stages": [{"name": "Production", "nfObjects": [{"id": "web", "type": "service"}]}]}`)
	production := at("pipelineId", "shop", "stage", "production")
	releasing := func(image string) string {
		return `{"apiVersion": "v1.2", "options": {"concurrencyPolicy": "queue"}, "spec": {"kind": "Workflow", "ref": "flow", "spec": {"type": "sequential", "steps": [
			{"kind": "Release", "ref": "web", "condition": "running", "spec": {"type": "registry", "origin": {"imagePath": "` + image + `"}, "target": {"id": "web", "type": "service"}}}]}}}`
	}
	w.do(t, platform.OpUpdateReleaseFlow, production, nil, releasing("nginx:1"))
	first := id(t, w.do(t, platform.OpRunReleaseFlow, production, nil, `{"name": "one", "description": "the first"}`))
	w.do(t, platform.OpUpdateReleaseFlow, production, nil, releasing("nginx:2"))
	// What a run overrides is no part of the configuration.
	second := id(t, w.do(t, platform.OpRunReleaseFlow, production, nil, `{"releaseNodeOverrides": {"web": {"origin": {"imagePath": "nginx:2-hotfix"}}}}`))
	back := func(run, body string) any {
		t.Helper()
		return w.do(t, platform.OpRollBackRelease, with(production, "runId", run), nil, body)
	}
	rolled := back(first, `{"name": "back", "description": "it was better"}`)
	has(t, rolled, "name", "back", "description", "it was better", "rollbackOf", first, "spec.spec.steps.0.kind", "Release",
		"spec.spec.steps.0.spec.origin.imagePath", "nginx:1", "spec.spec.steps.0.condition", "running", "spec.spec.steps.1", nil, "configuration", nil)
	flowImage := func() any {
		return jsonvalue.Get(w.do(t, platform.OpGetReleaseFlow, production, nil, ""), "spec.spec.steps.0.spec.origin.imagePath")
	}
	if got := flowImage(); got != "nginx:2" {
		t.Errorf("the flow was changed to release %v", got)
	}
	rows := w.do(t, platform.OpListReleaseFlowRuns, production, nil, "")
	has(t, rows, "runs.0.rollbackOf", first, "runs.1.id", second, "runs.1.rollbackOf", nil, "runs.2.name", "one", "runs.3", nil)

	done := id(t, back(first, `{"restoreConfiguration": true}`))
	has(t, w.do(t, platform.OpGetReleaseFlowRun, with(production, "runId", done), nil, ""), "configuration.status", "restored", "configuration.version", 1)
	if got := flowImage(); got != "nginx:1" {
		t.Errorf("the flow was not restored: it releases %v", got)
	}
	document := map[string]string{"documentId": platform.DocumentID("projects/" + project + "/pipelines/shop/release-flows/production")}
	has(t, w.do(t, platform.OpListVersions, document, nil, ""), "versions.0.version", 3, "versions.0.cause", "rollback "+done)
	again := back(second, `{"restoreConfiguration": true}`)
	has(t, again, "spec.spec.steps.0.spec.origin.imagePath", "nginx:2-hotfix")
	if got := flowImage(); got != "nginx:2" {
		t.Errorf("the flow was restored to %v", got)
	}
	renamed := w.do(t, platform.OpDescribeRelease, with(production, "runId", first), nil, `{"name": "the very first"}`)
	has(t, renamed, "name", "the very first", "description", "the first", "status", "success")
	_, err := w.try(platform.OpDescribeRelease, with(production, "runId", first), nil, `{"name": "?"}`)
	refusal(t, err, 400, "name")
	_, err = w.try(platform.OpDescribeRelease, with(production, "runId", "nobody"), nil, `{"name": "nobody"}`)
	refusal(t, err, 404, "nobody")
	// One can go back to a rollback as well.
	has(t, back(done, ""), "rollbackOf", done, "spec.spec.steps.0.spec.origin.imagePath", "nginx:1")

	held := id(t, w.do(t, platform.OpRunReleaseFlow, production, nil, `{"arguments": {"hold": true}}`))
	for run, why := range map[string]string{"nobody": "nobody", held: "running"} {
		_, err := w.try(platform.OpRollBackRelease, with(production, "runId", run), nil, "")
		refusal(t, err, map[string]int{"nobody": 404, held: 409}[run], why)
	}
	w.do(t, platform.OpAbortReleaseFlowRun, with(production, "runId", held), nil, "")
	_, err = w.try(platform.OpRollBackRelease, with(production, "runId", first), nil, `{"restoreConfiguration": "yes"}`)
	refusal(t, err, 400, "restoreConfiguration")
	w.do(t, platform.OpUpdateReleaseFlow, production, nil, `{"apiVersion": "v1.2", "spec": `+flow+`}`)
	empty := id(t, w.do(t, platform.OpRunReleaseFlow, production, nil, ""))
	_, err = w.try(platform.OpRollBackRelease, with(production, "runId", empty), nil, "")
	refusal(t, err, 409, "released nothing")
}
