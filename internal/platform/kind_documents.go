package platform

import (
	"context"
	"maps"
	"slices"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// The properties of the nodes that hold documents.
var (
	workflowSpec = []string{"apiVersion", "arguments", "gitops", "$schema", "name", "description", "spec", "richInputs", "triggers", "options",
		"teardownSpec", "argumentOverrides", "crossProjectAccess"}
	blueprintSpec = []string{"apiVersion", "arguments", "gitops", "$schema", "name", "description", "spec", "triggers", "options",
		"argumentOverrides", "teardownSpec"}
	pipelineSpec = []string{"name", "description", "stages", "preview"}
)

// Workflows and preview blueprints hold documents of their own, whose expressions are
// for their runs. They are changed by setting the whole of them.
var workflowKind = resource{
	kind: "WorkflowTemplate", noun: "workflow", segment: "workflows", idParam: "workflowId",
	get: OpGetWorkflow, create: OpCreateWorkflow, patch: OpUpdateWorkflow,
	spec:   workflowSpec,
	secret: []string{"/argumentOverrides"},
	update: setDocument(OpUpdateWorkflow, workflowSpec),
	enrich: identified("workflowId"),
}

var blueprintKind = resource{
	kind: "PreviewBlueprint", noun: "preview blueprint", segment: "preview-blueprints", idParam: "previewBlueprintId",
	get: OpGetPreviewBlueprint, create: OpCreatePreviewBlueprint, patch: OpUpdatePreviewBlueprint,
	spec:   blueprintSpec,
	secret: []string{"/argumentOverrides"},
	update: setDocument(OpUpdatePreviewBlueprint, blueprintSpec),
	enrich: identified("previewBlueprintId"),
}

// A pipeline is put as a whole, with the documents of its stages.
var pipelineKind = resource{
	kind: "Pipeline", noun: "pipeline", segment: "pipelines", idParam: "pipelineId",
	get: OpGetPipeline, create: OpPutPipeline, put: OpPutPipeline, patch: OpPutPipeline,
	spec:   pipelineSpec,
	align:  alignPipeline,
	update: setPipeline,
	uses:   pipelineUses,
	enrich: identified("pipelineId"),
}

// alignPipeline adds what a pipeline keeps though the node does not name it: the preview
// template, and the release flows of stages, which have operations of their own. Stages
// are in the platform's order.
func alignPipeline(current, desired map[string]any) map[string]any {
	if current == nil {
		return desired
	}
	out := maps.Clone(desired)
	if out["preview"] == nil && current["preview"] != nil {
		out["preview"] = current["preview"]
	}
	named := jsonvalue.List(out, "stages")
	if slices.ContainsFunc(named, func(v any) bool { _, ok := v.(map[string]any); return !ok }) {
		return out // which a plan does not know yet
	}
	rest := slices.Clone(named)
	var stages []any
	for _, v := range jsonvalue.List(current, "stages") {
		stage, _ := v.(map[string]any)
		flow := stage["releaseFlow"]
		is := func(v any) bool { return jsonvalue.String(v, "name") == jsonvalue.String(stage, "name") }
		switch i := slices.IndexFunc(rest, is); {
		case i >= 0:
			own := maps.Clone(rest[i].(map[string]any))
			if own["releaseFlow"] == nil && flow != nil {
				own["releaseFlow"] = flow
			}
			stages, rest = append(stages, own), slices.Delete(rest, i, i+1)
		case flow != nil:
			stages = append(stages, map[string]any{"name": stage["name"], "releaseFlow": flow})
		}
	}
	if stages = append(stages, rest...); len(stages) > 0 {
		out["stages"] = stages
	}
	return out
}

// setDocument sets what holds a document. A node that only changes something sends the
// rest as it is.
func setDocument(op string, spec []string) func(context.Context, *Driver, NodeRequest, map[string]string, map[string]any, map[string]any) error {
	return func(ctx context.Context, d *Driver, req NodeRequest, path map[string]string, current, desired map[string]any) error {
		_, err := d.object(ctx, op, Params{Path: path, Token: req.Token}, completed(req, spec, current, desired))
		return err
	}
}

func setPipeline(ctx context.Context, d *Driver, req NodeRequest, path map[string]string, current, desired map[string]any) error {
	_, err := d.object(ctx, OpPutPipeline, Params{Path: map[string]string{"projectId": path["projectId"]}, Token: req.Token},
		completed(req, pipelineSpec, current, desired))
	return err
}

// completed is what a node asks for, with what it leaves as it is where it says so.
func completed(req NodeRequest, spec []string, current, desired map[string]any) map[string]any {
	if mode, err := updateMode(req); err != nil || mode != modePatch {
		return desired
	}
	kept := map[string]any{}
	for name, v := range jsonvalue.Pick(current, spec) {
		if v != nil {
			kept[name] = v
		}
	}
	merged, _ := jsonvalue.Merge(kept, desired).(map[string]any)
	return merged
}

// identified adds the identifier to an output: the documented answers of these
// families do not hold it.
func identified(param string) func(context.Context, *Driver, map[string]string, map[string]any) {
	return func(_ context.Context, _ *Driver, path map[string]string, output map[string]any) {
		if output["id"] == nil {
			output["id"] = path[param]
		}
	}
}

// pipelineUses are the resources of the stages.
func pipelineUses(projectID string, spec map[string]any, _ bool) []use {
	var uses []use
	for _, stage := range jsonvalue.List(spec, "stages") {
		for _, object := range jsonvalue.List(stage, "nfObjects") {
			id := jsonvalue.String(object, "id")
			switch typ := jsonvalue.String(object, "type"); {
			case id == "":
			case typ == "service":
				uses = append(uses, inProject(OpGetService, projectID, "services", "serviceId", id))
			case typ == "job":
				uses = append(uses, inProject(OpGetJob, projectID, "jobs", "jobId", id))
			case typ == "addon":
				uses = append(uses, inProject(OpGetAddon, projectID, "addons", "addonId", id))
			}
		}
	}
	return uses
}
