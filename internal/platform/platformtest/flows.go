package platformtest

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
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

// release is a Git trigger of a document that is one itself.
const release = `{"ref": "source", "vcsService": "github", "repoUrl": "https://github.com/acme/shop", "branchRestrictions": ["develop"]}`

func testPipelines(t *testing.T, w *world) {
	for _, name := range []string{"Web", "Web Staging"} {
		w.start(t, "DeploymentService", `{"name": "`+name+`", "billing": {"deploymentPlan": "nf-compute-20"},
			"deployment": {"instances": 1, "external": {"imagePath": "nginx:1"}}}`)
	}
	w.start(t, "CombinedService", combined("app", ""))
	kept := `{"kind": "Workflow", "ref": "flow", "spec": {"type": "sequential", "context": {"projectId": "${args.where}"}, "steps": []}}`
	stage := func(name, object string) string {
		return `{"name": "` + name + `", "nfObjects": [{"id": "` + object + `", "type": "service"}]}`
	}
	put := `{"name": "Shop", "description": "of the shop", "stages": [` + stage("Staging", "web-staging") + `, {"name": "Production",
		"nfObjects": [{"id": "web", "type": "service"}], "releaseFlow": {"kind": "ReleaseFlow", "spec": {"apiVersion": "v1.2",
		"arguments": {"where": "conformance"}, "spec": ` + kept + `}}}],
		"preview": {"kind": "PreviewEnv", "spec": {"apiVersion": "v1.2", "spec": ` + flow + `}}}`
	one := at("pipelineId", "shop")
	w.do(t, platform.OpPutPipeline, at(), nil, put)
	shown := w.do(t, platform.OpGetPipeline, one, nil, "")
	has(t, shown, "id", "shop", "stages.0.name", "Staging", "stages.1.releaseFlow.spec.spec.spec.context.projectId", "${args.where}",
		"preview.kind", "PreviewEnv", "nfObjects.1.id", "web", "nfObjects.1.stage", "Production", "nfObjects.1.type", "service")
	has(t, w.do(t, platform.OpListPipelines, at(), nil, ""), "pipelines.0.id", "shop", "pipelines.0.stages", nil)
	for what, body := range map[string]string{
		"stages.0.nfObjects.0.id": `{"name": "Other", "stages": [` + stage("Staging", "nobody") + `]}`,
		"is in the pipeline":      `{"name": "Other", "stages": [` + stage("Staging", "web") + `]}`,
		"builds what it runs":     `{"name": "Other", "stages": [` + stage("Staging", "app") + `]}`,
		"a second time":           `{"name": "Other", "stages": [` + stage("Staging", "web") + `, ` + stage("Staging", "web") + `]}`,
		"stages.0.name":           `{"name": "Other", "stages": [` + stage("Holiday", "web") + `]}`,
		"stages.0.releaseFlow.spec": `{"name": "Other", "stages": [{"name": "Staging", "releaseFlow": {"kind": "ReleaseFlow", "spec": {"apiVersion": "v1.2",
			"spec": {"kind": "Nonsense"}}}}]}`,
	} {
		_, err := w.try(platform.OpPutPipeline, at(), nil, body)
		if err == nil {
			t.Fatalf("it is not refused: %s", body)
		}
		refusal(t, err, 400, what)
	}
	_, err := w.try(platform.OpGetPipeline, at("pipelineId", "other"), nil, "")
	refusal(t, err, 404, "other") // what is refused leaves nothing behind

	testKeptDocuments(t, w)
	testReleaseFlows(t, w, one)
	testPreviewTemplates(t, w, one)
	testLeaving(t, w, one)
	// What a pipeline does not name stays as it is.
	w.do(t, platform.OpPutPipeline, at(), nil, `{"name": "Shop", "stages": [{"name": "Staging"}], "nfObjects": [{"id": "web", "type": "service", "stage": "Staging"}]}`)
	has(t, w.do(t, platform.OpGetPipeline, one, nil, ""), "nfObjects.0.id", "web", "nfObjects.0.stage", "Staging", "nfObjects.1", nil,
		"stages.1.name", "Production", "stages.1.nfObjects", nil, "preview.kind", "PreviewEnv")
	w.do(t, platform.OpDeletePipeline, one, nil, "")
	_, err = w.try(platform.OpGetReleaseFlow, with(one, "stage", "production"), nil, "")
	refusal(t, err, 404, "shop")
	w.do(t, platform.OpGetService, at("serviceId", "web"), nil, "") // and its resources stay
}

// testKeptDocuments stores the documents of a pipeline beside it. A node that does not name
// them leaves them, and says that nothing would change.
func testKeptDocuments(t *testing.T, w *world) {
	t.Helper()
	node := `{"name": "Kept", "stages": [{"name": "Production"}, {"name": "Development"}]}`
	w.start(t, "Pipeline", node)
	kept := at("pipelineId", "kept")
	w.do(t, platform.OpUpdatePreviewTemplate, kept, nil, `{"apiVersion": "v1.2", "spec": `+flow+`}`)
	for _, stage := range []string{"production", "staging"} {
		w.do(t, platform.OpUpdateReleaseFlow, with(kept, "stage", stage), nil, `{"apiVersion": "v1.2", "spec": `+flow+`}`)
	}
	if change := w.preview(t, "Pipeline", decode(t, node)); change.Action != platform.ActionUnchanged {
		t.Errorf("the preview is %s: %v would be %v", change.Action, change.Current, change.Desired)
	}
	other := strings.Replace(node, `"stages"`, `"description": "Other words", "stages"`, 1)
	if change := w.preview(t, "Pipeline", decode(t, other)); change.Action != platform.ActionUpdate {
		t.Errorf("of other words the preview is %s", change.Action)
	}
	w.start(t, "Pipeline", other)
	shown := w.do(t, platform.OpGetPipeline, kept, nil, "")
	has(t, shown, "description", "Other words", "preview.kind", "PreviewEnv", "stages.1.releaseFlow.kind", "ReleaseFlow")
	w.do(t, platform.OpDeletePipeline, kept, nil, "")
}

// testLeaving takes a service out of a pipeline, and with it the nodes about it.
func testLeaving(t *testing.T, w *world, pipeline map[string]string) {
	t.Helper()
	put := func(objects, flow string) {
		t.Helper()
		w.do(t, platform.OpPutPipeline, at(), nil, `{"name": "Shop", "stages": [{"name": "Staging", "nfObjects": [`+objects+`]`+flow+`}]}`)
	}
	both := `{"id": "web", "type": "service"}, {"id": "web-staging", "type": "service"}`
	steps := `{"kind": "Workflow", "ref": "flow", "spec": {"type": "sequential", "steps": [
		{"kind": "Release", "ref": "first", "spec": {"type": "deployment", "origin": {"id": "web-staging", "type": "service"}, "target": {"id": "web", "type": "service"}}},
		{"kind": "Workflow", "ref": "inner", "spec": {"type": "parallel", "steps": [
			{"kind": "Action", "ref": "restart", "spec": {"kind": "Service", "spec": {"type": "restart", "data": {"serviceId": "web"}}}},
			{"kind": "Action", "ref": "other", "spec": {"kind": "Service", "spec": {"type": "restart", "data": {"serviceId": "web-staging"}}}}]}}]}}`
	w.do(t, platform.OpPutPipeline, at(), nil, `{"name": "Shop", "stages": [{"name": "Staging"}, {"name": "Production"}]}`)
	put(both, `, "releaseFlow": {"kind": "ReleaseFlow", "spec": {"apiVersion": "v1.2", "spec": `+steps+`}}`)
	// A flow that is given with the pipeline says itself what is in it.
	put(`{"id": "web-staging", "type": "service"}`, `, "releaseFlow": {"kind": "ReleaseFlow", "spec": {"apiVersion": "v1.2", "spec": `+steps+`}}`)
	staging := with(pipeline, "stage", "staging")
	has(t, w.do(t, platform.OpGetReleaseFlow, staging, nil, ""), "spec.spec.steps.0.ref", "first")
	put(both, "")
	put(`{"id": "web-staging", "type": "service"}`, "")
	has(t, w.do(t, platform.OpGetReleaseFlow, staging, nil, ""), "spec.spec.steps.0.ref", "inner", "spec.spec.steps.1", nil,
		"spec.spec.steps.0.spec.steps.0.ref", "other", "spec.spec.steps.0.spec.steps.1", nil)
	document := map[string]string{"documentId": platform.DocumentID("projects/" + project + "/pipelines/shop/release-flows/staging")}
	has(t, w.do(t, platform.OpListVersions, document, nil, ""), "versions.0.cause", "service web left the pipeline")
}

func testReleaseFlows(t *testing.T, w *world, pipeline map[string]string) {
	staging := with(pipeline, "stage", "Staging")
	_, err := w.try(platform.OpGetReleaseFlow, staging, nil, "")
	refusal(t, err, 404, "staging")
	_, err = w.try(platform.OpUpdateReleaseFlow, with(pipeline, "stage", "Holiday"), nil, `{"apiVersion": "v1.2", "spec": `+flow+`}`)
	refusal(t, err, 404, "Holiday")
	_, err = w.try(platform.OpUpdateReleaseFlow, staging, nil, `{"apiVersion": "v1.2", "triggers": [{"vcsService": "github"}], "spec": `+flow+`}`)
	refusal(t, err, 400, "triggers.0.repoUrl")
	w.do(t, platform.OpUpdateReleaseFlow, staging, nil, `{"apiVersion": "v1.2", "arguments": {"level": "low"}, "triggers": [`+release+`],
		"options": {"paused": true}, "spec": `+flow+`}`)
	has(t, w.do(t, platform.OpGetReleaseFlow, with(pipeline, "stage", "staging"), nil, ""), "stage", "Staging", "paused", true,
		"arguments.level", "low", "status", "pending")
	testRuns(t, w, document{platform.OpRunReleaseFlow, platform.OpListReleaseFlowRuns, platform.OpGetReleaseFlowRun,
		platform.OpAbortReleaseFlowRun, staging, "runId", "", "runs"})
	has(t, w.do(t, platform.OpListReleaseFlowRuns, staging, map[string]string{"concluded": "true", "per_page": "1"}, ""), "runs.0.status", "aborted")
	testOverrides(t, w, platform.OpRunReleaseFlow, staging)
}

func testPreviewTemplates(t *testing.T, w *world, pipeline map[string]string) {
	w.do(t, platform.OpUpdatePreviewTemplate, pipeline, nil, `{"apiVersion": "v1.2", "triggers": [`+release+`], "options": {"nameFormat": "branch"}, "spec": `+flow+`}`)
	has(t, w.do(t, platform.OpGetPreviewTemplate, pipeline, nil, ""), "id", "shop", "options.nameFormat", "branch", "paused", false)
	_, err := w.try(platform.OpUpdatePreviewTemplate, pipeline, nil, `{"apiVersion": "v1.2", "options": {"expiry": 3}, "spec": `+flow+`}`)
	refusal(t, err, 400, "options.expiry")
	testPreviewRuns(t, w, platform.OpRunPreviewTemplate, pipeline)
	rows := w.do(t, platform.OpListPreviewTemplateRuns, pipeline, nil, "")
	has(t, rows, "previewTemplateRuns.0.templateId", "shop")
	run := with(pipeline, "templateRunId", id(t, jsonvalue.Get(rows, "previewTemplateRuns.0")))
	has(t, w.do(t, platform.OpGetPreviewTemplateRun, run, nil, ""), "status", "success", "refs.flow.id", "made")
	has(t, w.do(t, platform.OpListPreviews, pipeline, nil, ""), "previewEnvironments.0.id", "feature-x",
		"previewEnvironments.0.vcsData.repoUrl", "https://github.com/acme/shop", "previewEnvironments.1.id", "by-hand")
	byHand := with(pipeline, "previewId", "by-hand")
	w.do(t, platform.OpPausePreview, byHand, nil, "")
	has(t, w.do(t, platform.OpListPreviews, pipeline, nil, ""), "previewEnvironments.1.paused", true)
	w.do(t, platform.OpResumePreview, byHand, nil, "")
	has(t, w.do(t, platform.OpListPreviews, pipeline, nil, ""), "previewEnvironments.1.paused", false)
	_, err = w.try(platform.OpResetPreview, byHand, nil, "")
	refusal(t, err, 409, "sets no lifetime")
	w.do(t, platform.OpResetPreview, byHand, nil, `{"lifetime": 5}`)
	// Its tag is there as long as it is, and is not for others to change.
	has(t, w.do(t, platform.OpGetTag, map[string]string{"resourceTagId": "by-hand"}, nil, ""), "name", "by-hand")
	_, err = w.try(platform.OpDeleteTag, map[string]string{"resourceTagId": "by-hand"}, nil, "")
	refusal(t, err, 409, "preview environment")
	w.do(t, platform.OpDeletePreview, byHand, nil, "")
	_, err = w.try(platform.OpGetTag, map[string]string{"resourceTagId": "by-hand"}, nil, "")
	refusal(t, err, 404, "by-hand")
	has(t, w.do(t, platform.OpListPreviews, pipeline, nil, ""), "previewEnvironments.0.id", "feature-x", "previewEnvironments.1", nil)
	_, err = w.try(platform.OpDeletePreview, with(pipeline, "previewId", "by-hand"), nil, "")
	refusal(t, err, 404, "by-hand")
}

// testPreviewRuns makes two environments, "by-hand" and "feature-x", each of them twice:
// the first by its name, the second by its branch.
func testPreviewRuns(t *testing.T, w *world, op string, path map[string]string) {
	t.Helper()
	has(t, w.do(t, op, path, nil, `{"name": "by-hand", "arguments": {"level": "high"}}`), "arguments.name", "by-hand", "arguments.level", "high")
	has(t, w.do(t, op, path, nil, `{"name": "by-hand"}`), "arguments.name", "by-hand")
	has(t, w.do(t, op, path, nil, `{"name": "feature-x", "triggers": {"source": {"branch": "feature/x"}}}`), "arguments.name", "feature-x", "environmentId", "feature-x")
	has(t, w.do(t, op, path, nil, `{"triggers": {"source": {"branch": "feature/x"}}}`), "environmentId", "feature-x")
	_, err := w.try(op, path, nil, `{"triggers": {"nothing": {"branch": "main"}}}`)
	refusal(t, err, 400, "triggers.nothing")
	_, err = w.try(op, path, nil, `{"arguments": "none"}`)
	refusal(t, err, 400, "arguments")
}

func testBlueprints(t *testing.T, w *world) {
	body := `{"name": "Previews", "apiVersion": "v1.2", "triggers": [` + push + `], "options": {"nameFormat": "branch", "expiry": {"previewLifetime": 60}},
		"teardownSpec": {"spec": ` + flow + `, "failurePolicy": "block"}, "spec": ` + flow + `}`
	one := at("previewBlueprintId", "previews")
	w.do(t, platform.OpCreatePreviewBlueprint, at(), nil, body)
	_, err := w.try(platform.OpCreatePreviewBlueprint, at(), nil, body)
	refusal(t, err, 409, "previews")
	_, err = w.try(platform.OpCreatePreviewBlueprint, at(), nil, `{"name": "Other", "apiVersion": "v1.2", "spec": {"kind": "Nonsense"}}`)
	refusal(t, err, 400, "spec.kind")
	_, err = w.try(platform.OpCreatePreviewBlueprint, at(), nil, `{"name": "Other", "apiVersion": "v1.2", "triggers": [{"kind": "moon"}], "spec": `+flow+`}`)
	refusal(t, err, 400, "triggers.0.kind")
	has(t, w.do(t, platform.OpGetPreviewBlueprint, one, nil, ""), "id", "previews", "status", "pending", "options.nameFormat", "branch")
	has(t, w.do(t, platform.OpListPreviewBlueprints, at(), nil, ""), "pipelines.0.id", "previews", "pipelines.0.spec", nil)
	testRuns(t, w, document{platform.OpRunPreviewBlueprint, platform.OpListPreviewBlueprintRuns, platform.OpGetPreviewBlueprintRun,
		platform.OpAbortPreviewBlueprintRun, one, "runId", "", "runs"})
	testPreviewRuns(t, w, platform.OpRunPreviewBlueprint, one)
	previews := w.do(t, platform.OpListBlueprintPreviews, one, map[string]string{"per_page": "2"}, "")
	has(t, previews, "previewEnvironments.0.id", "feature-x", "previewEnvironments.0.paused", false, "previewEnvironments.2", nil)
	feature := with(one, "previewId", "feature-x")
	w.do(t, platform.OpPauseBlueprintPreview, feature, nil, "")
	has(t, w.do(t, platform.OpListBlueprintPreviews, one, nil, ""), "previewEnvironments.0.paused", true)
	w.do(t, platform.OpResumeBlueprintPreview, feature, nil, "")
	has(t, w.do(t, platform.OpListBlueprintPreviews, one, nil, ""), "previewEnvironments.0.paused", false)
	expiry := jsonvalue.String(w.do(t, platform.OpResetBlueprintPreview, feature, nil, `{"lifetime": 5}`), "expiryTime")
	if at, err := time.Parse(time.RFC3339, expiry); err != nil || time.Until(at) > 6*time.Minute {
		t.Errorf("the environment expires at %q, %v", expiry, err)
	}
	_, err = w.try(platform.OpResetBlueprintPreview, feature, nil, `{"lifetime": 0}`)
	refusal(t, err, 400, "lifetime")
	// One goes after its teardown, one without.
	w.do(t, platform.OpDeleteBlueprintPreview, feature, nil, `{"teardownArgumentOverrides": {"fast": true}}`)
	w.do(t, platform.OpDeleteBlueprintPreview, with(one, "previewId", "by-hand"), map[string]string{"skipTeardown": "true"}, "")
	for _, name := range []string{"feature-x", "by-hand"} {
		_, err = w.try(platform.OpPauseBlueprintPreview, with(one, "previewId", name), nil, "")
		refusal(t, err, 404, name)
	}
	w.do(t, platform.OpUpdatePreviewBlueprint, one, nil, `{"apiVersion": "v1.2", "description": "changed", "spec": `+flow+`}`)
	has(t, w.do(t, platform.OpGetPreviewBlueprint, one, nil, ""), "description", "changed", "name", "Previews")
	w.do(t, platform.OpDeletePreviewBlueprint, one, nil, "")
	_, err = w.try(platform.OpGetPreviewBlueprint, one, nil, "")
	refusal(t, err, 404, "previews")
}

// testDocumentNodes has nodes create, keep and change what holds documents, whose
// expressions stay as they are.
func testDocumentNodes(t *testing.T, w *world) {
	w.start(t, "DeploymentService", `{"name": "Web", "billing": {"deploymentPlan": "nf-compute-20"}, "deployment": {"instances": 1, `+nginx+`}}`)
	held := `{"kind": "Workflow", "spec": {"type": "sequential", "context": {"projectId": "${args.where}"}, "steps": []}}`
	kinds := []struct {
		kind, spec, changed, at string
	}{
		{"WorkflowTemplate", `"name": "Checks", "apiVersion": "v1.2", "arguments": {"where": "conformance"}, "spec": ` + held, `"description": "changed"`,
			"spec.spec.context.projectId"},
		{"PreviewBlueprint", `"name": "Checks", "apiVersion": "v1.2", "arguments": {"where": "conformance"}, "spec": ` + held, `"description": "changed"`,
			"spec.spec.context.projectId"},
		{"Pipeline", `"name": "Checks", "stages": [{"name": "Staging", "nfObjects": [{"id": "web", "type": "service"}], "releaseFlow": {"kind": "ReleaseFlow",
			"spec": {"apiVersion": "v1.2", "arguments": {"where": "conformance"}, "spec": ` + held + `}}}]`, `"description": "changed"`,
			"stages.0.releaseFlow.spec.spec.spec.context.projectId"},
	}
	for _, k := range kinds {
		previewed := func(spec string, want platform.Action) {
			t.Helper()
			change, err := w.driver.Preview(w.ctx, w.request(t, k.kind, spec))
			if err != nil || change.Action != want {
				t.Errorf("%s: the plan says %q, want %q: %v", k.kind, change.Action, want, err)
			}
		}
		previewed("{"+k.spec+"}", platform.ActionCreate)
		has(t, w.start(t, k.kind, "{"+k.spec+"}").Output, "id", "checks", "projectId", project, k.at, "${args.where}")
		previewed("{"+k.spec+"}", platform.ActionUnchanged)
		changed := "{" + k.spec + ", " + k.changed + "}"
		previewed(changed, platform.ActionUpdate)
		has(t, w.start(t, k.kind, changed).Output, "description", "changed", k.at, "${args.where}")
		previewed(changed, platform.ActionUnchanged)
		has(t, w.start(t, k.kind, `{"name": "Checks", "description": "again"}`, `{"updateMode": "patch"}`).Output, "description", "again", k.at, "${args.where}")
		has(t, w.start(t, k.kind, changed, `{"updateMode": "create"}`).Output, "description", "again")
	}
	change, err := w.driver.Preview(w.ctx, w.request(t, "Pipeline", `{"name": "Other", "stages": [{"name": "Staging", "nfObjects": [{"id": "nobody", "type": "job"}]}]}`))
	if err != nil || len(change.Needs) != 1 {
		t.Errorf("the plan does not miss the job: %v, %v", change.Needs, err)
	}
}

// testTemplateNodes has nodes keep templates of the account, whose expressions stay as
// they are.
func testTemplateNodes(t *testing.T, w *world) {
	node := func(more string) string {
		return `{"kind": "ResourceTemplate", "spec": {"name": "For Customers", "apiVersion": "v1.2", "arguments": {"name": "x"}, "argumentOverrides": {"KEY": "hush-hush-hush"}` + more + `,
			"options": {"runOnCreation": false}, "spec": {"kind": "Project", "spec": {"name": "${args.name}", "region": "europe-west"}}}}`
	}
	previewed := func(spec string, want platform.Action) {
		t.Helper()
		change, err := w.driver.Preview(w.ctx, w.request(t, "Template", spec))
		if err != nil || change.Action != want || change.Resource != "templates/for-customers" {
			t.Errorf("the plan says %q of %s, want %q: %v", change.Action, change.Resource, want, err)
		}
		if !slices.Contains(change.Secret, "/spec/argumentOverrides") && want == platform.ActionCreate {
			t.Errorf("the overrides are no secret: %v", change.Secret)
		}
	}
	previewed(node(""), platform.ActionCreate)
	has(t, w.start(t, "Template", node("")).Output, "id", "for-customers", "spec.spec.name", "${args.name}")
	previewed(node(""), platform.ActionUnchanged)
	changed := node(`, "description": "changed"`)
	previewed(changed, platform.ActionUpdate)
	has(t, w.start(t, "Template", changed).Output, "description", "changed", "id", "for-customers")
	has(t, w.do(t, platform.OpGetTemplate, map[string]string{"templateId": "for-customers"}, nil, ""), "description", "changed", "spec.spec.name", "${args.name}")
	has(t, w.start(t, "Template", node(""), `{"updateMode": "create"}`).Output, "description", "changed")
	has(t, w.start(t, "Template", `{"kind": "ResourceTemplate", "spec": {"name": "For Customers", "description": "again"}}`, `{"updateMode": "patch"}`).Output,
		"description", "again", "spec.spec.name", "${args.name}")
	_, err := w.driver.Start(w.ctx, w.request(t, "Template", `{"kind": "ResourceTemplate", "spec": {"name": "Nobody"}}`, `{"updateMode": "patch"}`))
	refusal(t, err, 404, "nobody")
	for _, of := range []string{"ReleaseFlow", "PreviewEnv"} {
		var unsupported *platform.UnsupportedError
		if err := w.driver.Supports("Template", map[string]any{"kind": of}); !errors.As(err, &unsupported) {
			t.Errorf("a %s without a pipeline: %v", of, err)
		}
	}
}

// testReleases deploys an image, promotes it, deploys a build and promotes that.
func testReleases(t *testing.T, w *world) {
	for _, name := range []string{"staging", "production"} {
		w.start(t, "DeploymentService", `{"name": "`+name+`", "billing": {"deploymentPlan": "nf-compute-20"}, "deployment": {"instances": 1, `+nginx+`}}`)
	}
	w.start(t, "BuildService", `{"name": "builder", "billing": {"deploymentPlan": "nf-compute-20"}, "vcsData": {"projectUrl": "https://github.com/acme/shop",
		"projectType": "github", "projectBranch": "main"}, "buildSettings": {"dockerfile": {"buildEngine": "kaniko", "dockerFilePath": "/Dockerfile", "dockerWorkDir": "/"}}}`)
	w.start(t, "ManualJob", `{"name": "migrate", "billing": {"deploymentPlan": "nf-compute-20"}, "backoffLimit": 0, "deployment": {`+nginx+`}}`)
	deployed := func(service string) any {
		return w.do(t, platform.OpGetServiceDeployment, at("serviceId", service), nil, "")
	}
	running := `{"condition": "running"}`

	image := `{"type": "registry", "origin": {"imagePath": "nginx:1.27"}, "target": {"id": "staging", "type": "service"}}`
	has(t, w.finish(t, "Release", image, running), "id", "staging", "status.deployment.status", "COMPLETED")
	has(t, deployed("staging"), "external.imagePath", "nginx:1.27")
	promote := `{"type": "deployment", "origin": {"id": "staging", "type": "service"}, "target": {"id": "production", "type": "service"}}`
	w.finish(t, "Release", promote, running)
	has(t, deployed("production"), "external.imagePath", "nginx:1.27")
	w.finish(t, "Release", `{"type": "deployment", "origin": {"id": "staging", "type": "service"}, "target": {"id": "migrate", "type": "job"}}`)
	has(t, w.do(t, platform.OpGetJobDeployment, at("jobId", "migrate"), nil, ""), "external.imagePath", "nginx:1.27")

	built := w.finish(t, "Build", `{"id": "builder", "type": "service", "branch": "main"}`, whenDone)
	w.finish(t, "Release", `{"type": "build", "origin": {"id": "builder", "branch": "main", "build": "`+id(t, built)+`"}, "target": {"id": "staging", "type": "service"}}`, running)
	has(t, deployed("staging"), "external", nil, "internal.nfObjectId", "builder", "internal.buildId", id(t, built))
	w.finish(t, "Release", promote, running)
	has(t, deployed("production"), "external", nil, "internal.nfObjectId", "builder", "internal.buildId", id(t, built))

	// A build says whose it is, whether or not the target deploys builds of that service.
	w.start(t, "BuildService", `{"name": "another", "billing": {"deploymentPlan": "nf-compute-20"}, "vcsData": {"projectUrl": "https://github.com/acme/shop",
		"projectType": "github", "projectBranch": "main"}, "buildSettings": {"dockerfile": {"buildEngine": "kaniko", "dockerFilePath": "/Dockerfile", "dockerWorkDir": "/"}}}`)
	for _, builder := range []string{"another", "builder"} {
		built := id(t, w.finish(t, "Build", `{"id": "`+builder+`", "type": "service", "branch": "next"}`, whenDone))
		alone := `{"type": "build", "origin": {"branch": "next", "build": "` + built + `"}, "target": `
		has(t, w.finish(t, "Release", alone+`{"id": "staging", "type": "service"}}`, running), "deployment.internal.id", builder)
		has(t, deployed("staging"), "internal.nfObjectId", builder, "internal.branch", "next", "internal.buildId", built)
		w.finish(t, "Release", alone+`{"id": "migrate", "type": "job"}}`)
		has(t, w.do(t, platform.OpGetJobDeployment, at("jobId", "migrate"), nil, ""), "internal.nfObjectId", builder, "internal.buildId", built)
	}

	change, err := w.driver.Preview(w.ctx, w.request(t, "Release", `{"type": "build", "origin": {"build": "later"}, "target": {"id": "staging", "type": "service"}}`))
	if err != nil || len(change.Needs) != 0 || len(change.Operations) != 4 {
		t.Errorf("the plan of a build that says by itself whose it is: %v, %v", change, err)
	}
	change, err = w.driver.Preview(w.ctx, w.request(t, "Release", `{"type": "deployment", "origin": {"id": "nobody", "type": "service"}, "target": {"id": "production", "type": "service"}}`))
	if err != nil || len(change.Needs) != 1 {
		t.Errorf("the plan does not miss what is promoted: %v, %v", change.Needs, err)
	}
	for what, spec := range map[string]string{
		"origin.id":                             `{"type": "build", "origin": {"branch": "main", "build": "latest"}, "target": {"id": "staging", "type": "service"}}`,
		"no service of the project has a build": `{"type": "build", "origin": {"build": "nothing"}, "target": {"id": "staging", "type": "service"}}`,
		"origin.imagePath":                      `{"type": "registry", "origin": {}, "target": {"id": "staging", "type": "service"}}`,
		"target.type":                           `{"type": "registry", "origin": {"imagePath": "nginx:1"}, "target": {"id": "staging", "type": "addon"}}`,
		"target.id":                             `{"type": "registry", "origin": {"imagePath": "nginx:1"}}`,
		"type":                                  `{"type": "wish", "target": {"id": "staging", "type": "service"}}`,
	} {
		_, err := w.driver.Start(w.ctx, w.request(t, "Release", spec))
		refusal(t, err, 400, what)
	}
	_, err = w.driver.Start(w.ctx, w.request(t, "Release", `{"type": "registry", "origin": {"imagePath": "nginx:1"}, "target": {"id": "nobody", "type": "service"}}`))
	refusal(t, err, 404, "nobody")
}

// testTemplateRuns has nodes run what the platform keeps, wait for it, find it again and
// abort it.
func testTemplateRuns(t *testing.T, w *world) {
	w.do(t, platform.OpCreateTemplate, nil, nil, `{"name": "Shared", "apiVersion": "v1.2", "arguments": {"level": "low"}, "spec": `+flow+`}`)
	w.do(t, platform.OpCreateWorkflow, at(), nil, `{"name": "Checks", "apiVersion": "v1.2", "spec": `+flow+`}`)
	w.do(t, platform.OpCreatePreviewBlueprint, at(), nil, `{"name": "Previews", "apiVersion": "v1.2", "spec": `+flow+`}`)
	spec := func(typ, id, argument string) string {
		return `{"templateType": "` + typ + `", "templateId": "` + id + `", "arguments": {"variables": [` + argument + `]}}`
	}
	high := `{"key": "level", "value": "high"}`
	ended := w.finish(t, "RunTemplate", spec("template", "shared", high), whenDone)
	has(t, ended, "status", "success", "arguments.level", "high", "refs.flow.id", "made")
	has(t, w.finish(t, "RunTemplate", spec("workflow", "checks", ""), whenDone), "status", "success")
	has(t, w.finish(t, "RunTemplate", spec("workflow", project+"/checks", high), whenDone), "arguments.level", "high")
	has(t, w.finish(t, "RunTemplate", spec("preview-blueprint", "previews", ""), whenDone), "status", "success")

	hold := `{"key": "hold", "value": "yes"}`
	for _, typ := range [][2]string{{"template", "shared"}, {"workflow", "checks"}, {"preview-blueprint", "previews"}} {
		started := w.start(t, "RunTemplate", spec(typ[0], typ[1], hold), whenDone)
		if ok, err := w.driver.Abort(w.ctx, *started.Wait); err != nil || !ok {
			t.Errorf("%s: not aborted: %v", typ[0], err)
		}
		var outcome *platform.OutcomeError
		if _, err := w.await(*started.Wait); !errors.As(err, &outcome) || outcome.State != "aborted" {
			t.Errorf("%s: an aborted run ends with %v", typ[0], err)
		}
	}
	req := w.request(t, "RunTemplate", spec("template", "shared", ""))
	if _, found, err := w.driver.Find(w.ctx, req); err != nil || found {
		t.Errorf("found what nobody has started: %v", err)
	}
	for what, text := range map[string]string{"templateType": `{"templateId": "shared"}`, "templateId": `{"templateType": "template"}`} {
		_, err := w.driver.Start(w.ctx, w.request(t, "RunTemplate", text))
		refusal(t, err, 400, what)
	}
	_, err := w.driver.Start(w.ctx, w.request(t, "RunTemplate", spec("template", "nobody", "")))
	refusal(t, err, 404, "nobody")
	var unsupported *platform.UnsupportedError
	if err := w.driver.Supports("RunTemplate", decode(t, spec("preview-blueprint-teardown", "previews", ""))); !errors.As(err, &unsupported) {
		t.Errorf("the teardown of an environment that nobody names is supported: %v", err)
	}
	testTeardownRuns(t, w, spec)
}

// testTeardownRuns runs the teardowns of documents, whose runs are among the documents' own.
func testTeardownRuns(t *testing.T, w *world, spec func(typ, id, argument string) string) {
	for _, typ := range [][2]string{{"template-teardown", "shared"}, {"workflow-teardown", "checks"}} {
		_, err := w.driver.Start(w.ctx, w.request(t, "RunTemplate", spec(typ[0], typ[1], "")))
		refusal(t, err, 409, typ[1], "no teardown")
		_, err = w.driver.Start(w.ctx, w.request(t, "RunTemplate", spec(typ[0], "nobody", "")))
		refusal(t, err, 404, "nobody")
	}
	const teardown = `"teardownSpec": {"spec": ` + flow + `}`
	w.do(t, platform.OpCreateTemplate, nil, nil, `{"name": "Passing", "apiVersion": "v1.2", "arguments": {"level": "low"}, "spec": `+flow+`, `+teardown+`}`)
	w.do(t, platform.OpCreateWorkflow, at(), nil, `{"name": "Passing", "apiVersion": "v1.2", "arguments": {"level": "low"}, "spec": `+flow+`, `+teardown+`}`)
	high := `{"key": "level", "value": "high"}`
	for _, typ := range []string{"template-teardown", "workflow-teardown"} {
		has(t, w.finish(t, "RunTemplate", spec(typ, "passing", high), whenDone), "status", "success", "arguments.level", "high")
		started := w.start(t, "RunTemplate", spec(typ, "passing", `{"key": "hold", "value": "yes"}`), whenDone)
		if ok, err := w.driver.Abort(w.ctx, *started.Wait); err != nil || !ok {
			t.Errorf("%s: not aborted: %v", typ, err)
		}
	}
}
