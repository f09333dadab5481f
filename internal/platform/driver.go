package platform

import (
	"context"
	"fmt"
)

// A NodeDriver does what nodes say. A [*Driver] is one, and so is what stands in front
// of one for kinds that are carried out in another way; its methods are described there.
type NodeDriver interface {
	Supports(kind string, spec any) error
	Repeatable(req NodeRequest) bool
	Preview(ctx context.Context, req NodeRequest) (Change, error)
	Start(ctx context.Context, req NodeRequest) (Result, error)
	Find(ctx context.Context, req NodeRequest) (Result, bool, error)
	FindByID(ctx context.Context, req NodeRequest, id string) (Result, error)
	Poll(ctx context.Context, w Wait) (Progress, error)
	Abort(ctx context.Context, w Wait) (bool, error)
}

// A Driver maps template nodes to the operations of a target. One driver serves
// any number of concurrent runs; all that it remembers is what they have started.
type Driver struct {
	target  Target
	started starts
}

// NewDriver returns the driver of a target.
func NewDriver(t Target) *Driver { return &Driver{target: t} }

// Target returns the target that the driver drives.
func (d *Driver) Target() Target { return d.target }

// A family drives the kinds of one resource family.
type family interface {
	// supports refuses the parts of a spec that cannot be driven yet.
	supports(kind string, spec any) error
	// repeatable tells whether starting the node a second time changes nothing.
	repeatable(req NodeRequest) bool
	preview(ctx context.Context, d *Driver, req NodeRequest) (Change, error)
	start(ctx context.Context, d *Driver, req NodeRequest) (Result, error)
	find(ctx context.Context, d *Driver, req NodeRequest) (Result, bool, error)
}

// familyOf returns the family that drives a kind, nil when there is none.
func familyOf(kind string) family {
	if r := resourceOf(kind); r != nil {
		return r
	}
	switch kind {
	case "Build", "BuildSource":
		return buildFamily{}
	case "JobRun":
		return jobRunFamily{}
	case "AddonBackup":
		return backups
	case "AddonImport":
		return imports
	case "Action":
		return actionFamily{}
	case "Condition":
		return conditionFamily{}
	case "Release":
		return releaseFamily{}
	case "RunTemplate":
		return runTemplateFamily{}
	case "Template":
		return templateFamily{}
	case "LoopData":
		return dataFamily{}
	case "Subdomain":
		return subdomainFamily{}
	case "SubdomainPath":
		return pathFamily{}
	}
	return nil
}

// Kinds returns the node kinds that the driver drives, sorted.
func Kinds() []string {
	return []string{"Action", "Addon", "AddonBackup", "AddonImport", "BYOCCluster", "BYOCIntegration", "BYOCRegistry", "Build",
		"BuildService", "BuildSource", "CombinedService", "Condition", "CronJob", "CustomDockerCredentials", "CustomPlan",
		"DeploymentService", "EgressIp", "ExternalAddon", "Job", "JobRun", "LLMModelDeployment", "LoadBalancer", "LoopData", "ManualJob",
		"Pipeline", "PreviewBlueprint", "Project", "Release", "ResourceTag", "RolloutStrategy", "RunTemplate", "SSHIdentity", "SecretGroup",
		"Subdomain", "SubdomainPath", "Template", "Volume", "WorkflowTemplate", "WorkloadIdentity"}
}

// Supports tells whether the driver can run nodes of the kind with the spec on
// its target. It sends nothing and accepts [Unknown]; an [*UnsupportedError]
// names what is missing. The spec may be unresolved: a string that holds an
// expression counts as unknown.
func (d *Driver) Supports(kind string, spec any) error {
	f := familyOf(kind)
	if f == nil {
		return &UnsupportedError{Kind: kind}
	}
	return f.supports(kind, spec)
}

// Repeatable tells whether a node whose start may have been cut off by a crash
// can simply be started again. What is not repeatable is looked up with Find.
func (d *Driver) Repeatable(req NodeRequest) bool {
	f := familyOf(req.Kind)
	return f != nil && f.repeatable(req)
}

// Preview says what starting the node would do. It changes nothing. An update
// that the platform would refuse is an error that names the property.
func (d *Driver) Preview(ctx context.Context, req NodeRequest) (Change, error) {
	f := familyOf(req.Kind)
	if f == nil {
		return Change{}, &UnsupportedError{Kind: req.Kind}
	}
	return f.preview(ctx, d, req)
}

// Start does what the node says. It returns when the platform has accepted it;
// what takes longer is left in [Result.Wait]. A refusal is an [*Error]; after
// any other error the effect is unknown: see Repeatable and Find.
func (d *Driver) Start(ctx context.Context, req NodeRequest) (Result, error) {
	f := familyOf(req.Kind)
	if f == nil {
		return Result{}, &UnsupportedError{Kind: req.Kind}
	}
	if HasUnknown(req.Spec) {
		return Result{}, fmt.Errorf("a %s node cannot start: its spec holds values that are not known yet", req.Kind)
	}
	result, err := f.start(ctx, d, req)
	return bounded(req, result), err
}

// Find looks for what an earlier, cut off Start of the same request (same
// [NodeRequest.Token]) has started. It returns false when nothing was started,
// so that Start is safe, and an [*UndecidedError] when the platform cannot tell.
func (d *Driver) Find(ctx context.Context, req NodeRequest) (Result, bool, error) {
	f := familyOf(req.Kind)
	if f == nil {
		return Result{}, false, &UnsupportedError{Kind: req.Kind}
	}
	result, found, err := f.find(ctx, d, req)
	return bounded(req, result), found, err
}

// A namer is a family whose work has identifiers.
type namer interface {
	named(ctx context.Context, d *Driver, req NodeRequest, id string) (Result, error)
}

// FindByID is Find where somebody knows the identifier of what the request has
// started: a build, a job run, a backup, a restore. One that does not exist is
// an [*Error] of status 404.
func (d *Driver) FindByID(ctx context.Context, req NodeRequest, id string) (Result, error) {
	n, ok := familyOf(req.Kind).(namer)
	if !ok {
		return Result{}, unnamed(req.Kind)
	}
	result, err := n.named(ctx, d, req, id)
	return bounded(req, result), err
}

// bounded gives a wait without a time of its own that of its node.
func bounded(req NodeRequest, result Result) Result {
	if result.Wait != nil && result.Wait.Timeout == 0 {
		result.Wait.Timeout = TimeoutOf(req.Node)
	}
	return result
}

func unnamed(what string) error {
	return fmt.Errorf("what %s nodes start has no identifier", what)
}
