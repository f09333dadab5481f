package platform

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// buildFamily drives Build and BuildSource nodes: they start a build of a service or a
// job.
type buildFamily struct{}

// A builder is what builds: a service or a job.
type builder struct {
	noun, id                string
	path                    map[string]string
	start, get, list, abort string
	commit                  string
	resource                string
}

func builderOf(req NodeRequest) (builder, error) {
	projectID := projectOf(req, req.Spec)
	// Templates of version v1 have other names for both.
	given, typ := older(req.Spec, "id", "nfObjectId"), older(req.Spec, "type", "nfObjectType")
	id, _ := given.(string)
	if id == "" && !IsUnknown(given) {
		return builder{}, missingProperty("id")
	}
	if typ == "job" {
		return builder{noun: "job", id: id, path: map[string]string{"projectId": projectID, "jobId": id},
			start: OpStartJobBuild, get: OpGetJobBuild, list: OpListJobBuilds, abort: OpAbortJobBuild, commit: OpGetJobCommit,
			resource: "projects/" + projectID + "/jobs/" + id}, nil
	}
	return builder{noun: "service", id: id, path: map[string]string{"projectId": projectID, "serviceId": id},
		start: OpStartServiceBuild, get: OpGetServiceBuild, list: OpListServiceBuilds, abort: OpAbortServiceBuild, commit: OpGetServiceCommit,
		resource: "projects/" + projectID + "/services/" + id}, nil
}

// older returns a property, or what it was called in earlier versions.
func older(spec any, name, before string) any {
	if v := jsonvalue.Get(spec, name); v != nil {
		return v
	}
	return jsonvalue.Get(spec, before)
}

func (b builder) subject() string { return fmt.Sprintf("a build of %s %q", b.noun, b.id) }

func (b builder) listing() listing {
	return listing{op: b.list, path: b.path, member: "builds", time: "createdAt"}
}

func (buildFamily) supports(string, any) error { return nil }

func (buildFamily) repeatable(NodeRequest) bool { return false }

// commitNames are the properties that say what is built.
var commitNames = [...]string{"sha", "branch", "pullRequestId"}

// namesCommit tells whether a node says what is built.
func namesCommit(spec any) bool {
	return slices.ContainsFunc(commitNames[:], func(name string) bool { return said(spec, name) != nil })
}

// buildBody is the request that starts the build.
func buildBody(b builder, spec any) map[string]any {
	body := map[string]any{}
	names := commitNames[:]
	commit := spec
	if !namesCommit(spec) {
		commit = jsonvalue.Get(spec, "defaults") // of a BuildSource whose trigger has not fired
	}
	if b.noun == "job" {
		names = names[:1]
	}
	for _, name := range names {
		if v := said(commit, name); v != nil {
			body[name] = v
		}
	}
	if overrides, ok := jsonvalue.Normal(jsonvalue.Get(spec, "buildOverrides")).(map[string]any); ok && len(overrides) > 0 {
		body["overrides"] = overrides
	}
	return body
}

func (f buildFamily) preview(ctx context.Context, d *Driver, req NodeRequest) (Change, error) {
	b, err := builderOf(req)
	if err != nil {
		return Change{}, err
	}
	body := buildBody(b, req.Spec)
	change := Change{Action: ActionRun, Desired: body, Operations: []string{b.start},
		Output: f.output(b, known(body)), Secret: pointers(body, buildSecrets)}
	if b.id == "" || b.path["projectId"] == "" {
		return change, nil
	}
	get := OpGetService
	if b.noun == "job" {
		get = OpGetJob
	}
	if change.Needs, err = d.absent(ctx, []use{{get, b.path, b.resource}}); err != nil || len(change.Needs) > 0 {
		return change, err
	}
	ruled, err := f.ruled(ctx, d, req, b, body)
	if err != nil {
		return Change{}, err
	}
	if ruled.skipped != "" {
		change.Action, change.Operations, change.Desired, change.Output, change.Secret = ActionSkip, nil, nil, nil, nil
		return change, nil
	}
	existing := ruled.instead
	if existing == nil {
		if existing, err = f.existing(ctx, d, req, b, body); err != nil {
			return Change{}, err
		}
	}
	if existing != nil {
		change.Action, change.Operations, change.Output = ActionUnchanged, []string{b.list}, f.output(b, existing)
	}
	return change, nil
}

// said is a property that says something, nil for one that is empty.
func said(spec any, name string) any {
	if v := jsonvalue.Normal(jsonvalue.Get(spec, name)); v != "" {
		return v
	}
	return nil
}

var buildSecrets = []string{"/overrides"}

// existing finds the build of the same commit that the node reuses, which it
// does unless told otherwise.
func (buildFamily) existing(ctx context.Context, d *Driver, req NodeRequest, b builder, body map[string]any) (map[string]any, error) {
	reuse := jsonvalue.Get(req.Spec, "reuseExistingBuilds")
	sha, overrides := jsonvalue.String(body, "sha"), body["overrides"]
	if sha == "" || overrides != nil || reuse != nil && !jsonvalue.Bool(req.Spec, "reuseExistingBuilds") {
		return nil, nil
	}
	branch := jsonvalue.String(body, "branch")
	var existing map[string]any
	err := d.each(ctx, b.listing(), searchPages, func(build map[string]any) bool {
		if jsonvalue.String(build, "sha") == sha && (branch == "" || jsonvalue.String(build, "branch") == branch) && mayBeReused(build) {
			existing = build
		}
		return existing == nil
	})
	return existing, err
}

func mayBeReused(build map[string]any) bool {
	return !jsonvalue.Bool(build, "concluded") || jsonvalue.String(build, "status") == "SUCCESS"
}

func (f buildFamily) start(ctx context.Context, d *Driver, req NodeRequest) (Result, error) {
	b, err := builderOf(req)
	if err != nil {
		return Result{}, err
	}
	body := buildBody(b, req.Spec)
	ruled, err := f.ruled(ctx, d, req, b, body)
	if err != nil {
		return Result{}, err
	}
	if ruled.skipped != "" {
		return Result{Action: ActionSkip, Skipped: ruled.skipped}, nil
	}
	existing := ruled.instead
	if existing == nil {
		if existing, err = f.existing(ctx, d, req, b, body); err != nil {
			return Result{}, err
		}
	}
	if existing != nil {
		result := f.result(req, b, existing)
		result.Action = ActionUnchanged
		return result, nil
	}
	build, err := d.begin(ctx, b.start, Params{Path: b.path, Token: req.Token}, body)
	if err != nil {
		return Result{}, err
	}
	return f.result(req, b, build), nil
}

func (f buildFamily) find(ctx context.Context, d *Driver, req NodeRequest) (Result, bool, error) {
	b, err := builderOf(req)
	if err != nil {
		return Result{}, false, err
	}
	build, found, err := d.recover(ctx, b.start, Params{Path: b.path, Token: req.Token})
	if errors.Is(err, errCannotRecover) {
		body := buildBody(b, req.Spec)
		build, found, err = d.search(ctx, search{b.subject(), b.start, b.listing(), func(build map[string]any) bool {
			for _, name := range []string{"sha", "branch", "pullRequestId"} {
				if want := body[name]; want != nil && !jsonvalue.Equal(want, build[name]) {
					return false
				}
			}
			return true
		}}, req)
	}
	if err != nil || !found {
		return Result{}, false, err
	}
	return f.result(req, b, build), true, nil
}

// named implements namer.
func (f buildFamily) named(ctx context.Context, d *Driver, req NodeRequest, id string) (Result, error) {
	b, err := builderOf(req)
	if err != nil {
		return Result{}, err
	}
	build, err := d.object(ctx, b.get, Params{Path: with(b.path, "buildId", id)}, nil)
	if err != nil {
		return Result{}, err
	}
	return f.result(req, b, build), nil
}

// output adds what the build belongs to: templates deploy
// ${refs.build.nfObjectId}.
func (buildFamily) output(b builder, build map[string]any) map[string]any {
	output := map[string]any{"nfObjectId": b.id, "nfObjectType": b.noun, "projectId": b.path["projectId"]}
	for k, v := range output {
		if v == "" {
			delete(output, k)
		}
	}
	merged, _ := jsonvalue.Merge(output, build).(map[string]any)
	return merged
}

func (f buildFamily) result(req NodeRequest, b builder, build map[string]any) Result {
	output := f.output(b, build)
	result := Result{Action: ActionRun, Output: output}
	if waits(req) {
		id := jsonvalue.String(build, "id")
		result.Wait = &Wait{Subject: fmt.Sprintf("build %q of %s %q", id, b.noun, b.id), Until: "success",
			Op: b.get, Path: with(b.path, "buildId", id), Base: output}
	}
	return result
}
