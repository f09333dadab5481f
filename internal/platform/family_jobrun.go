package platform

import (
	"context"
	"errors"
	"fmt"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// jobRunFamily drives JobRun nodes.
type jobRunFamily struct{}

func jobRunTarget(req NodeRequest) (path map[string]string, body map[string]any, err error) {
	id := jsonvalue.String(req.Spec, "jobId")
	if id == "" && !IsUnknown(jsonvalue.Get(req.Spec, "jobId")) {
		return nil, nil, missingProperty("jobId")
	}
	spec, _ := req.Spec.(map[string]any)
	names := []string{"runtimeEnvironment", "runtimeFiles", "dockerSecretMounts", "billing", "deployment"}
	body, _ = jsonvalue.Normal(jsonvalue.Pick(spec, names)).(map[string]any)
	return map[string]string{"projectId": projectOf(req, req.Spec), "jobId": id}, body, nil
}

func (jobRunFamily) supports(string, any) error { return nil }

func (jobRunFamily) repeatable(NodeRequest) bool { return false }

func (jobRunFamily) preview(ctx context.Context, d *Driver, req NodeRequest) (Change, error) {
	path, body, err := jobRunTarget(req)
	if err != nil {
		return Change{}, err
	}
	change := Change{Action: ActionRun, Desired: body, Secret: pointers(body, jobSecrets), Operations: []string{OpRunJob},
		Output: map[string]any{}}
	if path["jobId"] == "" || path["projectId"] == "" {
		return change, nil
	}
	change.Output = map[string]any{"jobId": path["jobId"], "projectId": path["projectId"]}
	change.Needs, err = d.absent(ctx, []use{inProject(OpGetJob, path["projectId"], "jobs", "jobId", path["jobId"])})
	return change, err
}

func (f jobRunFamily) start(ctx context.Context, d *Driver, req NodeRequest) (Result, error) {
	path, body, err := jobRunTarget(req)
	if err != nil {
		return Result{}, err
	}
	run, err := d.begin(ctx, OpRunJob, Params{Path: path, Token: req.Token}, body)
	if err != nil {
		return Result{}, err
	}
	return f.result(req, path, run), nil
}

func (f jobRunFamily) find(ctx context.Context, d *Driver, req NodeRequest) (Result, bool, error) {
	path, _, err := jobRunTarget(req)
	if err != nil {
		return Result{}, false, err
	}
	run, found, err := d.recover(ctx, OpRunJob, Params{Path: path, Token: req.Token})
	if errors.Is(err, errCannotRecover) {
		runs := listing{op: OpGetJobRuns, path: path, member: "runs", time: "startedAt"}
		run, found, err = d.search(ctx, search{fmt.Sprintf("a run of job %q", path["jobId"]), OpRunJob, runs,
			func(map[string]any) bool { return true }}, req)
	}
	if err != nil || !found {
		return Result{}, false, err
	}
	return f.result(req, path, run), true, nil
}

// named implements namer.
func (f jobRunFamily) named(ctx context.Context, d *Driver, req NodeRequest, id string) (Result, error) {
	path, _, err := jobRunTarget(req)
	if err != nil {
		return Result{}, err
	}
	run, err := d.object(ctx, OpGetRunDetails, Params{Path: with(path, "runId", id)}, nil)
	if err != nil {
		return Result{}, err
	}
	return f.result(req, path, run), nil
}

func (jobRunFamily) result(req NodeRequest, path map[string]string, run map[string]any) Result {
	id := jsonvalue.String(run, "id")
	output, _ := jsonvalue.Merge(map[string]any{"jobId": path["jobId"], "projectId": path["projectId"]}, run).(map[string]any)
	result := Result{Action: ActionRun, Output: output}
	if waits(req) {
		result.Wait = &Wait{Subject: fmt.Sprintf("run %q of job %q", id, path["jobId"]), Until: "success", Op: OpGetRunDetails,
			Path: with(path, "runId", id), Base: output}
	}
	return result
}
