package platform

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// conditionFamily drives Condition nodes: they wait for the state of something.
type conditionFamily struct{}

func (conditionFamily) supports(kind string, spec any) error {
	switch of := jsonvalue.String(spec, "kind"); of {
	case "Service", "Addon", "AddonBackup", "AddonImport", "Build", "JobRun", "BYOCCluster", "VCS":
		return nil
	default:
		if IsUnknown(jsonvalue.Get(spec, "kind")) {
			return nil
		}
		return &UnsupportedError{Kind: kind, What: "kind " + of}
	}
}

func (conditionFamily) repeatable(NodeRequest) bool { return true }

func (conditionFamily) find(context.Context, *Driver, NodeRequest) (Result, bool, error) {
	return Result{}, false, nil
}

func runningWait(op string, path map[string]string, noun, id string, timeout time.Duration) *Wait {
	return &Wait{Subject: fmt.Sprintf("%s %q", noun, id), Until: "running", Op: op, Path: path, Timeout: timeout}
}

// conditionWait takes a Condition node apart. The wait of a build has no
// operation yet: the node does not say what builds it.
func conditionWait(req NodeRequest) (w *Wait, resource string, err error) {
	of, data := jsonvalue.String(req.Spec, "kind"), jsonvalue.Object(req.Spec, "spec.data")
	projectID := projectOf(req, data)
	path := map[string]string{"projectId": projectID}
	for _, param := range conditionParams(of) {
		id := jsonvalue.String(data, param)
		if id == "" && !IsUnknown(data[param]) {
			return nil, "", missingProperty("spec.data." + param)
		}
		path[param] = id
	}
	timeout, at := TimeoutOf(data), "projects/"+projectID
	switch of {
	case "VCS":
		id := path["trackerId"]
		return &Wait{Subject: fmt.Sprintf("repository copy %q", id), Until: "success", Op: OpGetRepositoryCopy, Path: map[string]string{"trackerId": id}},
			"repository-copies/" + id, nil
	case "BYOCCluster":
		path = map[string]string{"clusterId": path["clusterId"]}
		return runningWait(OpGetCluster, path, "cluster", path["clusterId"], timeout), clusterKind.segment + "/" + path["clusterId"], nil
	case "Service":
		return runningWait(OpGetService, path, "service", path["serviceId"], timeout), at + "/services/" + path["serviceId"], nil
	case "Addon":
		return runningWait(OpGetAddon, path, "addon", path["addonId"], timeout), at + "/addons/" + path["addonId"], nil
	case "AddonBackup":
		return &Wait{Subject: fmt.Sprintf("backup %q of addon %q", path["backupId"], path["addonId"]), Until: "success",
				Op: OpGetAddonBackup, Path: path, Timeout: timeout},
			at + "/addons/" + path["addonId"] + "/backups/" + path["backupId"], nil
	case "AddonImport": // it is one of the addon's backups
		id := path["importId"]
		path = map[string]string{"projectId": projectID, "addonId": path["addonId"], "backupId": id}
		return &Wait{Subject: fmt.Sprintf("import %q of addon %q", id, path["addonId"]), Until: "success",
				Op: OpGetAddonBackup, Path: path, Timeout: timeout},
			at + "/addons/" + path["addonId"] + "/backups/" + id, nil
	case "JobRun":
		return &Wait{Subject: fmt.Sprintf("run %q of job %q", path["runId"], path["jobId"]), Until: "success",
				Op: OpGetRunDetails, Path: path, Timeout: timeout},
			at + "/jobs/" + path["jobId"] + "/runs/" + path["runId"], nil
	case "Build":
		return &Wait{Subject: fmt.Sprintf("build %q", path["buildId"]), Until: "success", Path: path, Timeout: timeout},
			at + "/builds/" + path["buildId"], nil
	}
	return nil, "", &UnsupportedError{Kind: "Condition", What: "kind " + of}
}

func conditionParams(of string) []string {
	switch of {
	case "Service":
		return []string{"serviceId"}
	case "Addon":
		return []string{"addonId"}
	case "AddonBackup":
		return []string{"addonId", "backupId"}
	case "AddonImport":
		return []string{"addonId", "importId"}
	case "JobRun":
		return []string{"jobId", "runId"}
	case "Build":
		return []string{"buildId"}
	case "BYOCCluster":
		return []string{"clusterId"}
	case "VCS":
		return []string{"trackerId"}
	}
	return nil
}

func (conditionFamily) preview(ctx context.Context, d *Driver, req NodeRequest) (Change, error) {
	w, resource, err := conditionWait(req)
	if err != nil {
		return Change{}, err
	}
	change := Change{Action: ActionWait, Output: map[string]any{}}
	if w.Op != "" {
		change.Operations = []string{w.Op}
	}
	for _, v := range w.Path {
		if v == "" {
			return change, nil
		}
	}
	change.Resource = resource
	if w.Op == "" {
		// What builds it is looked up when the node starts; in a plan the build
		// is mostly one that the run starts itself.
		return change, nil
	}
	change.Needs, err = d.absent(ctx, []use{{w.Op, w.Path, resource}})
	return change, err
}

// start polls once: what does not exist fails at once, and what is there
// already needs no wait.
func (conditionFamily) start(ctx context.Context, d *Driver, req NodeRequest) (Result, error) {
	w, _, err := conditionWait(req)
	if err != nil {
		return Result{}, err
	}
	if w.Op != OpGetCluster && w.Op != OpGetRepositoryCopy && w.Path["projectId"] == "" {
		return Result{}, missingProperty("projectId")
	}
	if w.Op == "" {
		if err := d.locateBuild(ctx, w); err != nil {
			return Result{}, err
		}
	}
	progress, err := d.Poll(ctx, *w)
	if err != nil {
		return Result{}, err
	}
	result := Result{Action: ActionWait, Output: progress.Output, Secret: progress.Secret}
	if !progress.Done {
		result.Wait = &progress.Next
	}
	return result, nil
}

// locateBuild finds out what a build belongs to: each service and job of the
// project is asked.
func (d *Driver) locateBuild(ctx context.Context, w *Wait) error {
	projectID, buildID := w.Path["projectId"], w.Path["buildId"]
	builders := []struct {
		list          listing
		param, get    string
		noun, skipped string
	}{
		{listing{op: OpListServices, member: "services"}, "serviceId", OpGetServiceBuild, "service", "deployment"},
		{listing{op: OpListJobs, member: "jobs"}, "jobId", OpGetJobBuild, "job", ""},
	}
	for _, b := range builders {
		b.list.path = map[string]string{"projectId": projectID}
		var failure error
		found := false
		err := d.each(ctx, b.list, searchPages, func(item map[string]any) bool {
			id := jsonvalue.String(item, "id")
			if id == "" || b.skipped != "" && jsonvalue.String(item, "serviceType") == b.skipped {
				return true
			}
			path := map[string]string{"projectId": projectID, b.param: id, "buildId": buildID}
			err := d.do(ctx, b.get, Params{Path: path}, nil, nil)
			if err == nil {
				w.Op, w.Path, w.Subject, found = b.get, path, fmt.Sprintf("build %q of %s %q", buildID, b.noun, id), true
			} else if !IsNotFound(err) {
				failure = err
			}
			return !found && failure == nil
		})
		if err := errors.Join(err, failure); err != nil {
			return err
		}
		if found {
			return nil
		}
	}
	return &Error{Status: http.StatusNotFound, ID: ErrorNotFound,
		Message: fmt.Sprintf("no service and no job of project %q has a build %q", projectID, buildID)}
}
