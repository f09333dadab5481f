package local

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// A serviceState is what is recorded of a service: its rollouts, each set off by
// its creation, a change or a restart.
type serviceState struct {
	Rollouts []step `json:"rollouts,omitempty"`
	// Paused is since when the service is, 0 while it is not. Held is since when new
	// images are not deployed by themselves, 0 while they are.
	Paused int64 `json:"paused,omitempty"`
	Held   int64 `json:"held,omitempty"`
}

var combinedFlavour = flavour{
	noun: "service", segment: "services", idParam: "serviceId", kind: "CombinedService", typ: "combined",
	once:   []string{"createOptions"},
	check:  checkCombined,
	refuse: refuseService,
	born:   bornService,
	grown:  grownService,
	show:   showService,
}

var buildServiceFlavour = flavour{
	noun: "service", segment: "services", idParam: "serviceId", kind: "BuildService", typ: "build",
	check: checkBuildService,
	born:  bornService,
	grown: grownService,
	show:  showService,
}

var deploymentFlavour = flavour{
	noun: "service", segment: "services", idParam: "serviceId", kind: "DeploymentService", typ: "deployment",
	once:   []string{"createOptions"},
	check:  checkDeployment,
	refuse: refuseService,
	born:   bornService,
	grown:  grownService,
	show:   showService,
}

func checkAnyService(k *check) {
	k.name(namePattern(), 54)
	k.text("description", 200)
	k.plan("billing.deploymentPlan")
	k.plan("billing.buildPlan")
	k.object("billing", "deployment", "infrastructure", "vcsData", "buildSettings", "buildConfiguration", "runtimeEnvironment",
		"runtimeFiles", "buildArguments", "buildFiles", "dockerSecretMounts", "autoscaling")
	k.oneOf("infrastructure.architecture", "x86", "arm")
	checkSource(k, "vcsData")
}

func checkSource(k *check, path string) {
	if k.present(path) {
		k.required(path+".projectUrl", path+".projectType")
		k.oneOf(path+".projectType", "bitbucket", "gitlab", "github", "self-hosted", "azure")
	}
}

func checkCombined(k *check) {
	checkAnyService(k)
	k.required("billing.deploymentPlan", "deployment.instances")
	switch jsonvalue.String(k.spec, "buildSource") {
	case "", "git":
		k.required("vcsData.projectUrl", "vcsData.projectType", "vcsData.projectBranch")
	case "bundle":
		k.required("bundleData.bundleUrl")
	default:
		k.oneOf("buildSource", "git", "bundle")
	}
	checkRuntime(k)
}

func checkBuildService(k *check) {
	checkAnyService(k)
	if source := jsonvalue.String(k.spec, "buildSource"); source != "bundle" {
		k.oneOf("buildSource", "git", "bundle")
		k.required("vcsData.projectUrl", "vcsData.projectType")
	}
}

func checkDeployment(k *check) {
	checkAnyService(k)
	k.required("billing.deploymentPlan", "deployment.instances")
	if k.present("deployment.internal") && k.present("deployment.external") {
		k.fail("deployment.external", "excludes internal: a service deploys one image")
	}
	if k.present("deployment.external") {
		k.required("deployment.external.imagePath")
	}
	checkRuntime(k)
}

// checkRuntime checks what services that run have.
func checkRuntime(k *check) {
	k.integer("deployment.instances", 0, 1000)
	k.oneOf("deployment.type", "deployment", "statefulSet")
	names := map[string]bool{}
	k.each("ports", func(at string) {
		k.required(at+".name", at+".internalPort", at+".protocol")
		k.pattern(at+".name", portNamePattern(), 1, 8)
		k.integer(at+".internalPort", 1, 65535)
		k.oneOf(at+".protocol", "HTTP", "HTTP/2", "TCP", "UDP")
		protocol := jsonvalue.String(k.spec, at+".protocol")
		if jsonvalue.Bool(k.spec, at+".public") && (protocol == "TCP" || protocol == "UDP") {
			k.fail(at+".public", "is true; only HTTP and HTTP/2 ports can be public")
		}
		name := jsonvalue.String(k.spec, at+".name")
		if name != "" && names[name] {
			k.fail(at+".name", "is %q, as another port's is", name)
		}
		names[name] = true
	})
	k.each("healthChecks", func(at string) {
		k.required(at+".protocol", at+".type")
		k.oneOf(at+".protocol", "HTTP", "CMD", "TCP")
		k.oneOf(at+".type", "livenessProbe", "readinessProbe", "startupProbe")
	})
}

// refuseService checks the other resources that the service names.
func refuseService(c *call, old *record, key string, spec map[string]any) error {
	project := key[:len("projects/")+len(c.path("projectId"))]
	if err := c.checkImage(project, spec); err != nil {
		return err
	}
	if old != nil {
		return nil
	}
	for i, v := range jsonvalue.List(spec, "createOptions.volumesToAttach") {
		id, _ := v.(string)
		volume, err := c.tx.load(project + "/volumes/" + id)
		if err != nil {
			return err
		}
		if volume == nil {
			return platform.Invalid(fmt.Sprintf("createOptions.volumesToAttach.%d", i), "is %q, which is no volume of the project", id)
		}
	}
	return nil
}

// checkImage checks that the build service exists that an image comes from, and
// that a commit that is asked for by its hash was built.
func (c *call) checkImage(project string, spec map[string]any) error {
	id := jsonvalue.String(spec, "deployment.internal.id")
	if id == "" {
		return nil
	}
	owner, err := c.tx.load(project + "/services/" + id)
	if err != nil {
		return err
	}
	if owner == nil || owner.typ == "deployment" {
		refusal := platform.Invalid("deployment.internal.id", "is %q, which is no service of the project that builds", id)
		refusal.Status, refusal.ID = http.StatusNotFound, platform.ErrorNotFound
		return refusal
	}
	sha := jsonvalue.String(spec, "deployment.internal.buildSHA")
	if sha == "" || sha == "latest" {
		return nil
	}
	images, err := c.images(owner.key, jsonvalue.Object(spec, "deployment.internal"))
	if err == nil && len(images) == 0 {
		err = platform.Invalid("deployment.internal.buildSHA", "is %q, which service %q has not built", sha, id)
	}
	return err
}

func bornService(c *call, r *record) (any, error) {
	if r.typ == "build" {
		return serviceState{}, nil
	}
	if r.typ == "combined" && !jsonvalue.Bool(r.spec, "disabledCI") {
		if _, err := c.startBuild(r, map[string]any{}); err != nil {
			return nil, err
		}
	}
	for _, v := range jsonvalue.List(r.spec, "createOptions.volumesToAttach") {
		if err := c.attach(r, v); err != nil {
			return nil, err
		}
	}
	return serviceState{Rollouts: []step{c.step(KindDeploy, r.id(), c.now, c.platform.delays.Deploy)}}, nil
}

// atRest are the properties whose change does not concern what runs.
var atRest = []string{"description", "tags", "stageId", "disabledCI", "buildSettings", "buildConfiguration", "buildArguments",
	"buildFiles", "dockerSecretMounts", "createOptions", "vcsData", "bundleData"}

func grownService(c *call, r *record, old map[string]any) (any, error) {
	state := stateOf[serviceState](r)
	if r.typ == "combined" && !jsonvalue.Bool(r.spec, "disabledCI") && state.Paused == 0 &&
		!unchanged(jsonvalue.Object(old, "vcsData"), jsonvalue.Object(r.spec, "vcsData")) {
		if _, err := c.startBuild(r, map[string]any{}); err != nil {
			return nil, err
		}
	}
	if r.typ != "build" && state.Paused == 0 && !unchanged(runtime(old), runtime(r.spec)) {
		s := c.step(KindDeploy, r.id(), c.now, c.platform.delays.Deploy)
		if had := instances(old); had != instances(r.spec) {
			s.Had = &had
			if unchanged(scaled(old), scaled(r.spec)) {
				s.Kind = stepScale
			}
		}
		state.Rollouts = remember(state.Rollouts, s)
	}
	return state, nil
}

func runtime(spec map[string]any) map[string]any {
	running := maps.Clone(spec)
	for _, name := range atRest {
		delete(running, name)
	}
	return running
}

// instances are how many containers a service is to have.
func instances(spec map[string]any) int {
	n, ok := jsonvalue.Number(spec, "deployment.instances")
	if !ok {
		return 1
	}
	return int(n)
}

// scaled is what runs, whatever the number of its instances.
func scaled(spec map[string]any) map[string]any {
	running, _ := jsonvalue.Without(runtime(spec), "deployment.instances").(map[string]any)
	return running
}

// An image is what a successful build has left.
type image struct {
	at    time.Time
	state buildState
	build string
}

// images returns the images of a builder that fit a selection of branch, commit
// or build, newest first.
func (c *call) images(owner string, wanted map[string]any) ([]image, error) {
	builds, err := c.lastBuilds(owner)
	if err != nil {
		return nil, err
	}
	branch, sha, id := jsonvalue.String(wanted, "branch"), jsonvalue.String(wanted, "buildSHA"), jsonvalue.String(wanted, "buildId")
	var images []image
	for _, r := range builds {
		state := stateOf[buildState](r)
		at, ok := state.succeeded(c.now)
		if !ok || branch != "" && state.Branch != branch || sha != "" && sha != "latest" && state.SHA != sha || id != "" && id != "latest" && r.id() != id {
			continue
		}
		images = append(images, image{at, state, r.id()})
	}
	return images, nil
}

// A rollout is the state of a service's deployment.
type rollout struct {
	status string // PENDING, IN_PROGRESS, COMPLETED, FAILED
	since  time.Time
	reason string // why it failed
	image  *image // what is deployed, where it was built here
	paused bool
	// scaling says that the number of instances is what changes.
	scaling bool
	steps   []step // that have begun, the last one last
}

// rolloutOf works out what a service runs: the last transition counts, and a
// transition waits for an image.
func (c *call) rolloutOf(r *record) (rollout, error) {
	state := stateOf[serviceState](r)
	steps := state.Rollouts
	var deployed *image
	internal := jsonvalue.Object(r.spec, "deployment.internal")
	if r.typ == "combined" || internal != nil {
		owner := r.key
		if internal != nil {
			owner = r.parent + "/" + jsonvalue.String(internal, "id")
		}
		images, err := c.images(owner, internal)
		if err != nil {
			return rollout{}, err
		}
		if state.Held != 0 {
			images = slices.DeleteFunc(images, func(i image) bool { return i.at.UnixNano() > state.Held })
		}
		if len(images) == 0 {
			return rollout{paused: state.Paused != 0, status: "PENDING", since: r.created}, nil
		}
		first := images[len(images)-1].at
		var waited []step
		for _, s := range steps {
			s.At = max(s.At, first.UnixNano())
			waited = append(waited, s)
		}
		for i := len(images) - 1; i >= 0; i-- {
			s := images[i].state.Deploy
			s.At = images[i].at.UnixNano()
			waited = append(waited, s)
		}
		steps, deployed = waited, &images[0]
	} else if jsonvalue.Object(r.spec, "deployment.external") == nil {
		return rollout{status: "PENDING", since: r.created, paused: state.Paused != 0}, nil
	}
	steps = slices.DeleteFunc(slices.Clone(steps), func(s step) bool { return !s.begun(c.now) })
	slices.SortStableFunc(steps, func(a, b step) int { return cmp.Compare(a.At, b.At) })
	if state.Paused != 0 {
		return rollout{status: "COMPLETED", since: time.Unix(0, state.Paused), image: deployed, paused: true, scaling: true, steps: steps}, nil
	}
	last := step{At: -1}
	for _, s := range slices.Backward(steps) {
		if s.Kind != stepPause {
			last = s
			break
		}
	}
	out := rollout{status: "IN_PROGRESS", since: time.Unix(0, last.At), image: deployed, scaling: last.Kind == stepScale, steps: steps}
	if end, finite := last.end(); finite && last.ended(c.now) {
		out.status, out.since = "COMPLETED", end
		if last.Fail != "" {
			out.status, out.reason = "FAILED", last.Fail
		}
	}
	return out, nil
}
