package local

import (
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// A part is a property of a request that changes a part of a resource: its name
// there, and where it stands in the specification. What stands there already is
// replaced, and what excludes it goes.
type part struct {
	name, at string
	excludes []string // paths of the specification
}

// An edit is an operation that changes parts of a service, a job or an addon, and
// leaves the rest of its specification as it is.
type edit struct {
	owner func(c *call) (*record, error)
	// allow refuses resources that have no such parts; nil for none.
	allow func(c *call, r *record) error
	parts func(r *record) []part
	// answer is what is answered in place of an empty object; nil for that.
	answer func(c *call, r *record) any
}

// always is for parts that stand in the same place in every specification.
func always(parts ...part) func(*record) []part { return func(*record) []part { return parts } }

// same are parts that the specification calls what the request does.
func same(names ...string) []part {
	parts := make([]part, len(names))
	for i, name := range names {
		parts[i] = part{name: name, at: name}
	}
	return parts
}

// within are parts that stand in one object of the specification.
func within(at string, names ...string) []part {
	parts := make([]part, len(names))
	for i, name := range names {
		parts[i] = part{name: name, at: at + "." + name}
	}
	return parts
}

func (e edit) handle(c *call) (any, error) {
	r, err := e.owner(c)
	if err != nil {
		return nil, err
	}
	if e.allow != nil {
		if err := e.allow(c, r); err != nil {
			return nil, err
		}
	}
	if err := c.edit(r, e.parts(r)); err != nil {
		return nil, err
	}
	if e.answer == nil {
		return nil, nil
	}
	return e.answer(c, r), nil
}

// edit changes the parts of a resource that the request names. What is refused is
// called what the request calls it.
func (c *call) edit(r *record, parts []part) error {
	f := flavourOf(r)
	spec, changed := r.spec, []string{}
	for _, p := range parts {
		v, named := c.body[p.name]
		if !named {
			continue
		}
		for _, path := range append([]string{p.at}, p.excludes...) {
			spec, _ = jsonvalue.Without(spec, path).(map[string]any)
		}
		spec = put(spec, p.at, v)
		changed = append(changed, p.at)
	}
	k := &check{spec: spec}
	f.check(k)
	k.changed(f.kind, changed)
	for path, problems := range k.details {
		if name := asRequested(path, parts); name != path {
			delete(k.details, path)
			k.details[name] = problems
		}
	}
	if err := k.err(); err != nil {
		return err
	}
	_, err := c.store(f, r.parent, r.key, r, spec)
	return err
}

// put sets what stands at a dotted path of objects.
func put(spec map[string]any, path string, v any) map[string]any {
	names := strings.Split(path, ".")
	for i := len(names) - 1; i >= 0; i-- {
		v = map[string]any{names[i]: v}
	}
	merged, _ := jsonvalue.Merge(spec, v).(map[string]any)
	return merged
}

// asRequested is the name that a request has for a path of the specification.
func asRequested(path string, parts []part) string {
	for _, p := range parts {
		if path == p.at || strings.HasPrefix(path, p.at+".") {
			return p.name + path[len(p.at):]
		}
	}
	return path
}

// changed checks what stands at paths of the specification with the schema of a
// kind of node. What was stored before is not looked at again, nor is what the
// check has refused already.
func (k *check) changed(kind string, paths []string) {
	whole := &check{spec: k.spec}
	fits(kind)(whole)
	for path, problems := range whole.details {
		if _, known := k.details[path]; known || !isUnder(path, paths) {
			continue
		}
		for _, problem := range problems.([]any) {
			k.fail(path, "%s", problem)
		}
	}
}

func isUnder(path string, paths []string) bool {
	for _, p := range paths {
		if path == p || strings.HasPrefix(path, p+".") {
			return true
		}
	}
	return false
}

// flavourOf is the flavour of a service, a job, an addon or a volume that is there.
func flavourOf(r *record) *flavour {
	switch r.typ {
	case "combined":
		return &combinedFlavour
	case "build":
		return &buildServiceFlavour
	case "deployment":
		return &deploymentFlavour
	case "addon":
		return &addonFlavour
	case "secret":
		return &secretFlavour
	}
	return jobFlavourOf(r)
}

// jobFlavourOf is the flavour of a job that is there. One that was made by the
// operations on jobs of either type has its settings in an object.
func jobFlavourOf(r *record) *flavour {
	f := manualJobFlavour
	if r.typ == cronJobFlavour.typ {
		f = cronJobFlavour
	}
	if jsonvalue.Object(r.spec, "settings") != nil {
		f.kind, f.check = "Job", checkJob
	}
	return &f
}

// builds refuses what is no builder.
func builds(_ *call, r *record) error {
	if sourceOf(r) == nil && jsonvalue.Object(r.spec, "bundleData") == nil {
		return conflict("%s %q does not build: it runs an image that is built elsewhere", nounOf(r), r.id())
	}
	return nil
}

// runs refuses build services.
func runs(_ *call, r *record) error {
	if r.typ == "build" {
		return conflict("service %q does not run: it is a build service", r.id())
	}
	return nil
}

func nounOf(r *record) string { return flavourOf(r).noun }

var (
	checkParts = same("healthChecks")
	portParts  = same("ports")
	// Of the environment and the build arguments a request names what it sets.
	environmentParts = same("runtimeEnvironment", "runtimeFiles")
	argumentParts    = same("buildArguments", "buildFiles", "dockerSecretMounts")
	buildParts       = append([]part{
		{name: "dockerfile", at: "buildSettings.dockerfile", excludes: []string{"buildSettings.buildpack"}},
		{name: "buildpack", at: "buildSettings.buildpack", excludes: []string{"buildSettings.dockerfile"}},
	}, within("buildConfiguration", "prRestrictions", "branchRestrictions", "crossProjectAccess", "pathIgnoreRules", "isAllowList",
		"ciIgnoreFlagsEnabled", "ciIgnoreFlags", "dockerfileTarget", "dockerCredentials", "includeGitFolder", "fullGitClone",
		"enableGitLfs", "storage")...)
	deploymentParts = append([]part{
		{name: "external", at: "deployment.external", excludes: []string{"deployment.internal", "deployment.vcs"}},
		{name: "internal", at: "deployment.internal", excludes: []string{"deployment.external", "deployment.vcs"}},
	}, within("deployment", "docker", "buildpack")...)
	scaleParts = append([]part{{name: "deploymentPlan", at: "billing.deploymentPlan"}},
		within("deployment", "instances", "storage", "gracePeriodSeconds")...)
	jobScaleParts = []part{{name: "deploymentPlan", at: "billing.deploymentPlan"}, {name: "storage", at: "deployment.storage"}}
	sourceNames   = []string{"projectUrl", "projectType", "projectBranch", "selfHostedVcsId", "accountLogin"}
)

// sourceParts are where a service or a job builds from.
func sourceParts(r *record) []part {
	if nounOf(r) == "job" {
		return within("deployment.vcs", sourceNames...)
	}
	return within("vcsData", sourceNames...)
}

// settingParts are what limits the runs of a job, which stands beside the name or
// in an object of its own.
func settingParts(r *record) []part {
	limits, cron := []string{"backoffLimit", "runOnSourceChange", "activeDeadlineSeconds"}, []string{"schedule", "concurrencyPolicy"}
	if jsonvalue.Object(r.spec, "settings") == nil {
		return same(append(limits, cron...)...)
	}
	return append(within("settings", limits...), within("settings.cron", cron...)...)
}

// allowSettings refuses a schedule for a job that has none.
func allowSettings(c *call, r *record) error {
	for _, name := range []string{"schedule", "concurrencyPolicy"} {
		if c.body[name] != nil && r.typ != cronJobFlavour.typ {
			return platform.Invalid(name, "is for cron jobs, and %q is a manual job", r.id())
		}
	}
	return nil
}

// allowDeployment refuses another image for what runs the one that it builds.
func allowDeployment(c *call, r *record) error {
	for _, name := range []string{"external", "internal"} {
		if c.body[name] != nil && r.typ == combinedFlavour.typ {
			return platform.Invalid(name, "is for deployment services, and %q is a combined service: it runs what it builds", r.id())
		}
	}
	return runs(c, r)
}

// restarted tells whether a change of a service has set off a rollout.
func restarted(c *call, r *record) any {
	rollouts := stateOf[serviceState](r).Rollouts
	begun := len(rollouts) > 0 && rollouts[len(rollouts)-1].At == c.now.UnixNano()
	return map[string]any{"success": true, "restartSuccessful": begun}
}

func ofService(c *call) (*record, error) { return c.owner(false) }
func ofJob(c *call) (*record, error)     { return c.owner(true) }

// editHandlerOf returns what carries out an operation on a part of a service or a
// job; nil for one that is none.
func editHandlerOf(op string) handler {
	switch op {
	case platform.OpUpdateServicePorts:
		return edit{owner: ofService, allow: runs, parts: always(portParts...)}.handle
	case platform.OpUpdateServiceHealthChecks:
		return edit{owner: ofService, allow: runs, parts: always(checkParts...)}.handle
	case platform.OpEditServiceEnvironment:
		return edit{owner: ofService, allow: runs, parts: always(environmentParts...), answer: restarted}.handle
	case platform.OpEditServiceBuildArguments:
		return edit{owner: ofService, allow: builds, parts: always(argumentParts...)}.handle
	case platform.OpUpdateServiceBuildOptions:
		return edit{owner: ofService, allow: builds, parts: always(buildParts...)}.handle
	case platform.OpUpdateServiceBuildSource:
		return edit{owner: ofService, allow: builds, parts: sourceParts}.handle
	case platform.OpUpdateServiceDeployment:
		return edit{owner: ofService, allow: allowDeployment, parts: always(deploymentParts...)}.handle
	case platform.OpScaleService:
		return edit{owner: ofService, allow: runs, parts: always(scaleParts...)}.handle

	case platform.OpUpdateJobHealthChecks:
		return edit{owner: ofJob, parts: always(checkParts...)}.handle
	case platform.OpEditJobEnvironment:
		return edit{owner: ofJob, parts: always(environmentParts...)}.handle
	case platform.OpEditJobBuildArguments:
		return edit{owner: ofJob, allow: builds, parts: always(argumentParts...)}.handle
	case platform.OpUpdateJobBuildOptions:
		return edit{owner: ofJob, allow: builds, parts: always(buildParts...)}.handle
	case platform.OpUpdateJobBuildSource:
		return edit{owner: ofJob, allow: builds, parts: sourceParts}.handle
	case platform.OpUpdateJobDeployment:
		return edit{owner: ofJob, parts: always(deploymentParts...)}.handle
	case platform.OpUpdateJobSettings:
		return edit{owner: ofJob, allow: allowSettings, parts: settingParts}.handle
	case platform.OpScaleJob:
		return edit{owner: ofJob, parts: always(jobScaleParts...)}.handle
	}
	return nil
}
