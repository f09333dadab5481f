package platform

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// runTemplateFamily drives RunTemplate nodes: they run a document that the platform
// keeps.
type runTemplateFamily struct{}

// A runnable is a type of document that such a node can run.
type runnable struct {
	noun, segment, param, runParam string
	project                        bool
	look, run, get, list, member   string
}

// runnables are by the node's templateType. Of the others the node does not say what an
// operation needs to know: the stage of a release flow, the environment to tear down. The
// runs of a teardown are among those of its document.
var runnables = map[string]runnable{
	"template": {"template", "templates", "templateId", "templateRunId", false, OpGetTemplate, OpRunTemplate, OpGetTemplateRun,
		OpListTemplateRuns, "templateRuns"},
	"workflow": {"workflow", "workflows", "workflowId", "runId", true, OpGetWorkflow, OpRunWorkflow, OpGetWorkflowRun, OpListWorkflowRuns, "runs"},
	"template-teardown": {"teardown of template", "templates", "templateId", "templateRunId", false, OpGetTemplate, OpTearDownTemplate, OpGetTemplateRun,
		OpListTemplateRuns, "templateRuns"},
	"workflow-teardown": {"teardown of workflow", "workflows", "workflowId", "runId", true, OpGetWorkflow, OpTearDownWorkflow, OpGetWorkflowRun, OpListWorkflowRuns, "runs"},
	"preview-blueprint": {"preview blueprint", "preview-blueprints", "previewBlueprintId", "runId", true, OpGetPreviewBlueprint,
		OpRunPreviewBlueprint, OpGetPreviewBlueprintRun, OpListPreviewBlueprintRuns, "runs"},
}

func (runTemplateFamily) supports(kind string, spec any) error {
	v := jsonvalue.Get(spec, "templateType")
	typ, known := v.(string)
	if _, ok := runnables[typ]; ok || !known || strings.Contains(typ, "${") {
		return nil
	}
	return &UnsupportedError{Kind: kind, What: "templateType " + typ + ", which does not say what is run (the stage of a flow, the environment to tear down),"}
}

func (runTemplateFamily) repeatable(NodeRequest) bool { return false }

// runTarget takes the node apart. The identifier of what belongs to a project may have
// that in front.
func runTarget(req NodeRequest) (r runnable, path map[string]string, body map[string]any, err error) {
	typ := jsonvalue.String(req.Spec, "templateType")
	r, ok := runnables[typ]
	if !ok {
		if typ == "" {
			return r, nil, nil, missingProperty("templateType")
		}
		return r, nil, nil, runTemplateFamily{}.supports("RunTemplate", req.Spec)
	}
	id := jsonvalue.String(req.Spec, "templateId")
	if id == "" && !IsUnknown(jsonvalue.Get(req.Spec, "templateId")) {
		return r, nil, nil, missingProperty("templateId")
	}
	projectID := req.ProjectID
	if project, own, ok := strings.Cut(id, "/"); ok {
		projectID, id = project, own
	}
	path = map[string]string{r.param: id}
	if r.project {
		path["projectId"] = projectID
	}
	arguments := map[string]any{}
	for _, v := range jsonvalue.List(req.Spec, "arguments.variables") {
		if key := jsonvalue.String(v, "key"); key != "" {
			arguments[key] = jsonvalue.Get(v, "value")
		}
	}
	return r, path, map[string]any{"arguments": arguments}, nil
}

// at is the name of what is run, as a resource.
func (r runnable) at(path map[string]string) string {
	if !r.project {
		return r.segment + "/" + path[r.param]
	}
	return "projects/" + path["projectId"] + "/" + r.segment + "/" + path[r.param]
}

func (runTemplateFamily) preview(ctx context.Context, d *Driver, req NodeRequest) (Change, error) {
	r, path, body, err := runTarget(req)
	if err != nil {
		return Change{}, err
	}
	change := Change{Action: ActionRun, Desired: body, Operations: []string{r.run}, Output: map[string]any{}}
	if path[r.param] == "" || r.project && path["projectId"] == "" {
		return change, nil
	}
	change.Needs, err = d.absent(ctx, []use{{r.look, path, r.at(path)}})
	return change, err
}

func (f runTemplateFamily) start(ctx context.Context, d *Driver, req NodeRequest) (Result, error) {
	r, path, body, err := runTarget(req)
	if err != nil {
		return Result{}, err
	}
	run, err := d.begin(ctx, r.run, Params{Path: path, Token: req.Token}, body)
	if err != nil {
		return Result{}, err
	}
	if jsonvalue.String(run, "id") == "" { // the answer of a workflow's run is not documented
		found, ok, err := d.search(ctx, r.search(path), req)
		if err != nil || !ok {
			return Result{}, errors.Join(err, fmt.Errorf("the run of %s %q was started and has no identifier", r.noun, path[r.param]))
		}
		run = found
	}
	return r.result(req, path, run), nil
}

func (r runnable) search(path map[string]string) search {
	return search{fmt.Sprintf("a run of %s %q", r.noun, path[r.param]), r.run, listing{op: r.list, path: path, member: r.member, time: "createdAt"},
		func(map[string]any) bool { return true }}
}

func (f runTemplateFamily) find(ctx context.Context, d *Driver, req NodeRequest) (Result, bool, error) {
	r, path, _, err := runTarget(req)
	if err != nil {
		return Result{}, false, err
	}
	run, found, err := d.recover(ctx, r.run, Params{Path: path, Token: req.Token})
	if errors.Is(err, errCannotRecover) {
		run, found, err = d.search(ctx, r.search(path), req)
	}
	if err != nil || !found {
		return Result{}, false, err
	}
	return r.result(req, path, run), true, nil
}

// named implements namer.
func (f runTemplateFamily) named(ctx context.Context, d *Driver, req NodeRequest, id string) (Result, error) {
	r, path, _, err := runTarget(req)
	if err != nil {
		return Result{}, err
	}
	run, err := d.object(ctx, r.get, Params{Path: with(path, r.runParam, id)}, nil)
	if err != nil {
		return Result{}, err
	}
	return r.result(req, path, run), nil
}

func (r runnable) result(req NodeRequest, path map[string]string, run map[string]any) Result {
	id := jsonvalue.String(run, "id")
	result := Result{Action: ActionRun, Output: run, Secret: pointers(run, runSecrets)}
	if waits(req) {
		result.Wait = &Wait{Subject: fmt.Sprintf("run %q of %s %q", id, r.noun, path[r.param]), Until: "success", Op: r.get,
			Path: with(path, r.runParam, id), Base: map[string]any{"id": id}}
	}
	return result
}

// runSecrets are the values of a run that may be secrets of the document that it runs.
var runSecrets = []string{"/arguments"}

// judgeRun tells how a run of a document stands.
func judgeRun(w Wait, data map[string]any) (bool, string, error) {
	status := jsonvalue.String(data, "status")
	if status == "success" {
		return true, status, nil
	}
	ended := jsonvalue.Bool(data, "concluded") || status == "failure" || status == "aborted"
	return conclude(w, status, ended, jsonvalue.String(data, "error.message"))
}
