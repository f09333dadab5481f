package platform

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// actionFamily drives Action nodes: something that is done to a resource.
type actionFamily struct{}

// An act is an Action node taken apart.
type act struct {
	subject  string // "a restart of service \"web\""
	op       string
	path     map[string]string
	query    map[string]string
	body     map[string]any
	wait     *Wait // for the node's own condition; nil when it has none
	once     bool  // whether doing it twice does more
	resource string
	exists   string // operation that reads the resource
}

func (actionFamily) supports(kind string, spec any) error {
	of, typ := jsonvalue.String(spec, "kind"), jsonvalue.String(spec, "spec.type")
	switch of + " " + typ {
	case "Service restart", "Service execute", "Addon restart", "Job execute", "AddonBackup restore", "VCS createRepoFromSource":
		return nil
	}
	if IsUnknown(jsonvalue.Get(spec, "kind")) || IsUnknown(jsonvalue.Get(spec, "spec.type")) {
		return nil
	}
	return &UnsupportedError{Kind: kind, What: fmt.Sprintf("action %q on %s", typ, of)}
}

func actOf(req NodeRequest) (act, error) {
	of, typ := jsonvalue.String(req.Spec, "kind"), jsonvalue.String(req.Spec, "spec.type")
	data := jsonvalue.Object(req.Spec, "spec.data")
	projectID := projectOf(req, data)
	until := jsonvalue.String(req.Spec, "spec.condition")
	timeout := TimeoutOf(data)
	in := func(param, segment, noun string) (act, error) {
		id := jsonvalue.String(data, param)
		if id == "" && !IsUnknown(data[param]) {
			return act{}, missingProperty("spec.data." + param)
		}
		return act{
			subject:  fmt.Sprintf("%s of %s %q", typ, noun, id),
			path:     map[string]string{"projectId": projectID, param: id},
			resource: "projects/" + projectID + "/" + segment + "/" + id,
		}, nil
	}
	switch of + " " + typ {
	case "VCS createRepoFromSource":
		body, _ := jsonvalue.Normal(jsonvalue.Pick(data, []string{"sourceData", "targetData"})).(map[string]any)
		a := act{subject: fmt.Sprintf("copy of repository %q", jsonvalue.String(data, "sourceData.repoUrl")), op: OpCopyRepository, path: map[string]string{}, body: body, once: true}
		for _, name := range []string{"sourceData.repoUrl", "targetData.name"} {
			if v := jsonvalue.Get(data, name); jsonvalue.String(data, name) == "" && !IsUnknown(v) {
				return a, missingProperty("spec.data." + name)
			}
		}
		return a, nil
	case "Service restart", "Service execute":
		a, err := in("serviceId", "services", "service")
		a.op, a.exists = OpRestartService, OpGetService
		if typ == "execute" {
			a.op, a.once, a.body = OpExecuteServiceCommand, true, command(data)
		} else if until != "" {
			a.wait = runningWait(OpGetService, a.path, "service", jsonvalue.String(data, "serviceId"), timeout)
		}
		return a, err
	case "Addon restart":
		a, err := in("addonId", "addons", "addon")
		a.op, a.exists = OpRestartAddon, OpGetAddon
		if until != "" {
			a.wait = runningWait(OpGetAddon, a.path, "addon", jsonvalue.String(data, "addonId"), timeout)
		}
		return a, err
	case "Job execute":
		a, err := in("jobId", "jobs", "job")
		a.op, a.exists, a.once, a.body = OpExecuteJobCommand, OpGetJob, true, command(data)
		return a, err
	case "AddonBackup restore":
		a, err := in("addonId", "addons", "addon")
		if err != nil {
			return a, err
		}
		backupID := jsonvalue.String(data, "backupId")
		if backupID == "" && !IsUnknown(data["backupId"]) {
			return act{}, missingProperty("spec.data.backupId")
		}
		a.path["backupId"] = backupID
		a.subject = fmt.Sprintf("restore of addon %q from backup %q", jsonvalue.String(data, "addonId"), backupID)
		a.op, a.exists, a.once = OpRestoreAddonBackup, OpGetAddonBackup, true
		a.resource += "/backups/" + backupID
		if until != "" {
			a.wait = &Wait{Subject: a.subject, Until: "success", Op: OpListAddonBackupRestores, Path: a.path, Timeout: timeout}
		}
		return a, nil
	}
	return act{}, &UnsupportedError{Kind: "Action", What: fmt.Sprintf("action %q on %s", typ, of)}
}

func command(data map[string]any) map[string]any {
	body, _ := jsonvalue.Normal(jsonvalue.Pick(data, []string{"command", "shell", "user", "group", "options"})).(map[string]any)
	return body
}

// TimeoutOf is a node's timeoutDuration, which counts seconds.
func TimeoutOf(data any) time.Duration {
	seconds, _ := jsonvalue.Number(data, "timeoutDuration")
	return time.Duration(seconds * float64(time.Second))
}

func (actionFamily) repeatable(req NodeRequest) bool {
	a, err := actOf(req)
	return err == nil && !a.once
}

func (actionFamily) preview(ctx context.Context, d *Driver, req NodeRequest) (Change, error) {
	a, err := actOf(req)
	if err != nil {
		return Change{}, err
	}
	change := Change{Action: ActionRun, Resource: a.resource, Desired: a.body, Operations: []string{a.op}, Output: known(anyMap(a.path))}
	for _, v := range a.path {
		if v == "" {
			change.Resource = ""
			return change, nil
		}
	}
	if a.exists != "" {
		change.Needs, err = d.absent(ctx, []use{{a.exists, a.path, a.resource}})
	}
	return change, err
}

func anyMap(m map[string]string) map[string]any {
	out := make(map[string]any, len(m))
	for k, v := range m {
		if v != "" {
			out[k] = v
		}
	}
	return out
}

func (f actionFamily) start(ctx context.Context, d *Driver, req NodeRequest) (Result, error) {
	a, err := actOf(req)
	if err != nil {
		return Result{}, err
	}
	var body any
	if a.body != nil {
		body = a.body
	}
	data, err := d.begin(ctx, a.op, Params{Path: a.path, Query: a.query, Token: req.Token}, body)
	if err != nil {
		return Result{}, err
	}
	return f.result(a, data)
}

func (f actionFamily) find(ctx context.Context, d *Driver, req NodeRequest) (Result, bool, error) {
	a, err := actOf(req)
	if err != nil {
		return Result{}, false, err
	}
	data, found, err := d.recover(ctx, a.op, Params{Path: a.path, Query: a.query, Token: req.Token})
	if errors.Is(err, errCannotRecover) {
		if a.op != OpRestoreAddonBackup {
			return Result{}, false, &UndecidedError{Subject: a.subject}
		}
		restores := listing{op: OpListAddonBackupRestores, path: a.path, member: "restores", time: "restoreTimestamp"}
		data, found, err = d.search(ctx, search{a.subject, a.op, restores, func(map[string]any) bool { return true }}, req)
		if found {
			data = map[string]any{"restoreId": data["id"]}
		}
	}
	if err != nil || !found {
		return Result{}, false, err
	}
	result, err := f.result(a, data)
	return result, err == nil, err
}

// named implements namer: only restores and copies of repositories have identifiers.
func (f actionFamily) named(ctx context.Context, d *Driver, req NodeRequest, id string) (Result, error) {
	a, err := actOf(req)
	if err != nil {
		return Result{}, err
	}
	switch a.op {
	case OpCopyRepository:
		data, err := d.object(ctx, OpGetRepositoryCopy, Params{Path: map[string]string{"trackerId": id}}, nil)
		if err != nil {
			return Result{}, err
		}
		return f.result(a, data)
	case OpRestoreAddonBackup:
	default:
		return Result{}, unnamed("these Action")
	}
	if _, _, err := d.observe(ctx, Wait{Op: OpListAddonBackupRestores, Path: with(a.path, "restoreId", id)}); err != nil {
		return Result{}, err
	}
	return f.result(a, map[string]any{"restoreId": id})
}

// result checks how a command ended and says what must be waited for.
func (actionFamily) result(a act, data map[string]any) (Result, error) {
	if code, ok := jsonvalue.Number(data, "commandResult.exitCode"); ok && code != 0 {
		reason := jsonvalue.String(data, "commandResult.message")
		if reason == "" {
			reason = jsonvalue.String(data, "stdErr")
		}
		return Result{}, &OutcomeError{Subject: a.subject, State: fmt.Sprintf("exit code %v", code), Reason: reason}
	}
	output, _ := jsonvalue.Merge(anyMap(a.path), data).(map[string]any)
	result := Result{Action: ActionRun, Output: output, Wait: a.wait}
	if a.wait != nil {
		a.wait.Base = output
		if id := jsonvalue.String(data, "restoreId"); id != "" {
			a.wait.Path = with(a.path, "restoreId", id)
		}
	}
	return result, nil
}
