package platform

import (
	"context"
	"fmt"
	"net/http"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// releaseFamily drives Release nodes: they deploy an image to a service or a job. It is
// one of a build, one from a registry, or that of another deployment.
type releaseFamily struct{}

func (releaseFamily) supports(string, any) error { return nil }

// repeatable implements family: the same image is deployed again, which changes nothing.
func (releaseFamily) repeatable(NodeRequest) bool { return true }

func (releaseFamily) find(context.Context, *Driver, NodeRequest) (Result, bool, error) {
	return Result{}, false, nil
}

// A workload is a service or a job that a release is about.
type workload struct {
	noun, segment, param string
	get, set             string // its deployment
	look                 string
}

var (
	releasedService = workload{"service", "services", "serviceId", OpGetServiceDeployment, OpUpdateServiceDeployment, OpGetService}
	releasedJob     = workload{"job", "jobs", "jobId", OpGetJobDeployment, OpUpdateJobDeployment, OpGetJob}
)

// workloadAt reads what a release names at a property of its spec. The identifier is
// empty while it is not known.
func workloadAt(req NodeRequest, property string) (w workload, id string, err error) {
	v := jsonvalue.Get(req.Spec, property)
	id = jsonvalue.String(v, "id")
	if id == "" && !IsUnknown(v) && !IsUnknown(jsonvalue.Get(v, "id")) {
		return w, "", missingProperty(property + ".id")
	}
	switch typ := jsonvalue.String(v, "type"); {
	case typ == "job":
		return releasedJob, id, nil
	case typ == "service" || IsUnknown(v) || IsUnknown(jsonvalue.Get(v, "type")):
		return releasedService, id, nil
	case typ == "":
		return w, "", missingProperty(property + ".type")
	default:
		return w, "", Invalid(property+".type", "is %q; it is one of service and job", typ)
	}
}

// use is the workload as a resource that must be there.
func (w workload) use(projectID, id string) use {
	return inProject(w.look, projectID, w.segment, w.param, id)
}

// release is the deployment that a node sets, nil where it promotes that of another
// workload.
func release(req NodeRequest) (map[string]any, error) {
	origin := jsonvalue.Object(req.Spec, "origin")
	switch typ := jsonvalue.String(req.Spec, "type"); typ {
	case "build":
		internal := map[string]any{}
		if origin["id"] != nil {
			internal["id"] = origin["id"]
		} else if build := origin["build"]; !IsUnknown(build) && (build == nil || build == "" || build == latestBuild || isCommit(jsonvalue.String(origin, "build"))) {
			return nil, missingProperty("origin.id") // only a build says by itself whose it is
		}
		if branch := origin["branch"]; branch != nil {
			internal["branch"] = branch
		}
		switch build := jsonvalue.String(origin, "build"); {
		case build == "" || build == latestBuild:
			internal["buildSHA"] = latestBuild
		case isCommit(build):
			internal["buildSHA"] = build
		default:
			internal["buildId"] = build
		}
		return map[string]any{"internal": internal}, nil
	case "registry":
		if origin["imagePath"] == nil {
			return nil, missingProperty("origin.imagePath")
		}
		return map[string]any{"external": jsonvalue.Pick(origin, []string{"imagePath", "credentials"})}, nil
	case "deployment":
		return nil, nil
	case "":
		return nil, missingProperty("type")
	default:
		return nil, Invalid("type", "is %q; it is one of build, deployment and registry", typ)
	}
}

// latestBuild stands for the newest build of a branch.
const latestBuild = "latest"

// isCommit tells the hash of a commit from the identifier of a build.
func isCommit(build string) bool {
	if len(build) != 40 {
		return false
	}
	for _, c := range build {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// builderOf is the service of a build whose release does not name it: the one that the
// workload deploys from already, else another one of the project. Source: "Branch commit
// selector", whose example names the build alone.
func (w workload) builderOf(ctx context.Context, d *Driver, path map[string]string, build string) (string, error) {
	projectID := path["projectId"]
	has := func(service string) (bool, error) {
		_, err := d.object(ctx, OpGetServiceBuild, Params{Path: map[string]string{"projectId": projectID, "serviceId": service, "buildId": build}}, nil)
		if status := StatusOf(err); status == http.StatusNotFound || status == http.StatusBadRequest {
			return false, nil
		}
		return err == nil, err
	}
	current, err := d.object(ctx, w.get, Params{Path: path}, nil)
	if err != nil {
		return "", err
	}
	tried := jsonvalue.String(current, "internal.nfObjectId")
	if tried == "" {
		tried = jsonvalue.String(current, "internal.id")
	}
	if tried != "" {
		if found, err := has(tried); found || err != nil {
			return tried, err
		}
	}
	for service, err := range Items(ctx, d.target, OpListServices, map[string]string{"projectId": projectID}, "services") {
		if err != nil {
			return "", err
		}
		id := jsonvalue.String(service, "id")
		if id == tried || jsonvalue.String(service, "serviceType") == "deployment" {
			continue
		}
		if found, err := has(id); found || err != nil {
			return id, err
		}
	}
	return "", Invalid("origin.id", "is missing, and no service of the project has a build %q", build)
}

// released is what a release has deployed: of something that is built, with the build
// and its commit, so that who goes back to the release deploys that one, whatever was
// built since.
func (w workload) released(ctx context.Context, d *Driver, path map[string]string, deployment map[string]any) map[string]any {
	if jsonvalue.Object(deployment, "internal") == nil {
		return deployment
	}
	// Without an answer the deployment is as it was asked for, and done all the same.
	stands, err := d.object(ctx, w.get, Params{Path: path}, nil)
	build := jsonvalue.Pick(jsonvalue.Object(stands, "internal"), []string{"buildId", "deployedSHA"})
	if err != nil || jsonvalue.String(build, "buildId") == "" {
		return deployment
	}
	whole, _ := jsonvalue.Merge(deployment, map[string]any{"internal": build}).(map[string]any)
	return whole
}

func (releaseFamily) preview(ctx context.Context, d *Driver, req NodeRequest) (Change, error) {
	target, id, err := workloadAt(req, "target")
	if err != nil {
		return Change{}, err
	}
	body, err := release(req)
	if err != nil {
		return Change{}, err
	}
	projectID := projectOf(req, req.Spec)
	change := Change{Action: ActionRun, Operations: []string{target.set}, Output: map[string]any{}}
	var uses []use
	if internal := jsonvalue.Object(body, "internal"); internal != nil {
		if change.Operations = append(change.Operations, target.get); internal["id"] == nil {
			change.Operations = append(change.Operations, target.get, OpGetServiceBuild) // see builderOf
		}
	}
	if body != nil {
		change.Desired = jsonvalue.Normal(body)
	} else {
		source, from, err := workloadAt(req, "origin")
		if err != nil {
			return Change{}, err
		}
		change.Operations = append(change.Operations, source.get)
		change.Desired = map[string]any{"promotes": jsonvalue.Get(req.Spec, "origin")}
		if from != "" {
			uses = append(uses, source.use(projectID, from))
		}
	}
	if id == "" || projectID == "" {
		return change, nil
	}
	change.Output = map[string]any{"id": id, "type": target.noun, "projectId": projectID}
	change.Needs, err = d.absent(ctx, append(uses, target.use(projectID, id)))
	return change, err
}

func (releaseFamily) start(ctx context.Context, d *Driver, req NodeRequest) (Result, error) {
	target, id, err := workloadAt(req, "target")
	if err != nil {
		return Result{}, err
	}
	projectID := projectOf(req, req.Spec)
	if projectID == "" {
		return Result{}, missingProperty("projectId")
	}
	body, err := release(req)
	if err != nil {
		return Result{}, err
	}
	if body == nil {
		if body, err = promoted(ctx, d, req, projectID); err != nil {
			return Result{}, err
		}
	}
	path := map[string]string{"projectId": projectID, target.param: id}
	if internal := jsonvalue.Object(body, "internal"); internal != nil && internal["id"] == nil {
		if internal["id"], err = target.builderOf(ctx, d, path, jsonvalue.String(internal, "buildId")); err != nil {
			return Result{}, err
		}
	}
	if err := d.do(ctx, target.set, Params{Path: path, Token: req.Token}, body, nil); err != nil {
		return Result{}, err
	}
	output := map[string]any{"id": id, "type": target.noun, "projectId": projectID, "deployment": target.released(ctx, d, path, body)}
	result := Result{Action: ActionRun, Output: output}
	if waits(req) && target.noun == releasedService.noun {
		result.Wait = runningWait(OpGetService, path, "service", id, 0)
		result.Wait.Base = output
	}
	return result, nil
}

// promoted is the deployment of another workload, with the build that it runs by now.
func promoted(ctx context.Context, d *Driver, req NodeRequest, projectID string) (map[string]any, error) {
	source, id, err := workloadAt(req, "origin")
	if err != nil {
		return nil, err
	}
	current, err := d.object(ctx, source.get, Params{Path: map[string]string{"projectId": projectID, source.param: id}}, nil)
	if err != nil {
		return nil, err
	}
	if external := jsonvalue.Object(current, "external"); jsonvalue.String(external, "imagePath") != "" {
		image := map[string]any{"imagePath": external["imagePath"]}
		if credentials := jsonvalue.String(external, "credentials"); credentials != "" {
			image["credentials"] = credentials
		}
		return map[string]any{"external": image}, nil
	}
	internal := jsonvalue.Object(current, "internal")
	builder := jsonvalue.String(internal, "nfObjectId")
	if builder == "" {
		builder = jsonvalue.String(internal, "id")
	}
	if builder == "" {
		return nil, &Error{Status: http.StatusConflict, ID: ErrorConflict, Operation: source.get,
			Message: fmt.Sprintf("%s %q deploys no image that could be promoted", source.noun, id)}
	}
	image := map[string]any{"id": builder}
	if branch := jsonvalue.String(internal, "branch"); branch != "" {
		image["branch"] = branch
	}
	sha := jsonvalue.String(internal, "deployedSHA")
	if sha == "" {
		sha = jsonvalue.String(internal, "buildSHA")
	}
	switch build := jsonvalue.String(internal, "buildId"); {
	case build != "" && build != "latest":
		image["buildId"] = build
	case sha != "":
		image["buildSHA"] = sha
	}
	return map[string]any{"internal": image}, nil
}
