package local

import (
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// pauseService takes a service's containers away and stops that it builds and deploys
// by itself.
func pauseService(c *call) (any, error) {
	r, err := c.owner(false)
	if err != nil {
		return nil, err
	}
	state := stateOf[serviceState](r)
	if state.Paused != 0 {
		return nil, c.log(r.key, Nothing)
	}
	state.Paused = c.now.UnixNano()
	state.Rollouts = remember(state.Rollouts, step{Kind: stepPause, At: state.Paused})
	return nil, c.keep(r, state)
}

// resumeService gives a service new containers. What was set before it was paused
// counts again, unless the request says otherwise.
func resumeService(c *call) (any, error) {
	r, err := c.owner(false)
	if err != nil {
		return nil, err
	}
	k := &check{spec: c.body}
	k.integer("instances", 0, 1000)
	k.boolean("disabledCI", "disabledCD")
	if c.body["instances"] != nil && r.typ == buildServiceFlavour.typ {
		k.fail("instances", "is for services that run, and %q is a build service", r.id())
	}
	if err := k.err(); err != nil {
		return nil, err
	}
	state := stateOf[serviceState](r)
	if state.Paused == 0 {
		return nil, conflict("service %q is not paused", r.id())
	}
	state.Paused = 0
	had := instances(r.spec)
	for name, at := range map[string]string{"instances": "deployment.instances", "disabledCI": "disabledCI"} {
		if v := c.body[name]; v != nil {
			r.spec = put(r.spec, at, v)
		}
	}
	if c.body["disabledCD"] != nil {
		state.Held = 0
		if jsonvalue.Bool(c.body, "disabledCD") {
			state.Held = c.now.UnixNano()
		}
	}
	if r.typ != buildServiceFlavour.typ {
		s := c.step(KindDeploy, r.id(), c.now, c.platform.delays.Deploy)
		if had != instances(r.spec) {
			s.Had = &had
		}
		state.Rollouts = remember(state.Rollouts, s)
	}
	return nil, c.keep(r, state)
}

// A jobState is what is recorded of a job.
type jobState struct {
	Paused bool `json:"paused,omitempty"`
	Held   bool `json:"held,omitempty"` // new images are not deployed by themselves
	// Suspended is what the schedule was before the job was paused.
	Suspended bool `json:"suspended,omitempty"`
	// Fired is the newest time of the schedule that was carried out.
	Fired int64 `json:"fired,omitempty"`
}

// pauseJob suspends a job's schedule and stops that it builds and deploys by itself.
func pauseJob(c *call) (any, error) {
	r, err := c.owner(true)
	if err != nil {
		return nil, err
	}
	state := stateOf[jobState](r)
	if state.Paused {
		return nil, c.log(r.key, Nothing)
	}
	state.Paused, state.Suspended = true, isSuspended(r)
	if r.typ == cronJobFlavour.typ {
		r.spec = put(r.spec, suspension(r), true)
	}
	return nil, c.keep(r, state)
}

func resumeJob(c *call) (any, error) {
	r, err := c.owner(true)
	if err != nil {
		return nil, err
	}
	k := &check{spec: c.body}
	k.boolean("suspended", "disabledCI", "disabledCD")
	if err := k.err(); err != nil {
		return nil, err
	}
	state := stateOf[jobState](r)
	if !state.Paused {
		return nil, conflict("job %q is not paused", r.id())
	}
	state.Paused = false
	if r.typ == cronJobFlavour.typ {
		suspended := state.Suspended
		if c.body["suspended"] != nil {
			suspended = jsonvalue.Bool(c.body, "suspended")
		}
		r.spec = put(r.spec, suspension(r), suspended)
	}
	if v := c.body["disabledCI"]; v != nil {
		r.spec = put(r.spec, "disabledCI", v)
	}
	if c.body["disabledCD"] != nil {
		state.Held = jsonvalue.Bool(c.body, "disabledCD")
	}
	return nil, c.keep(r, state)
}

// suspension is where a job's specification says that its schedule is suspended.
func suspension(r *record) string {
	if jsonvalue.Object(r.spec, "settings") != nil {
		return "settings.cron.suspended"
	}
	return "suspended"
}

func isSuspended(r *record) bool { return jsonvalue.Bool(r.spec, suspension(r)) }

// suspendJob suspends a job's schedule or lets it go on; a request that does not say
// which turns it around.
func suspendJob(c *call) (any, error) {
	r, err := c.owner(true)
	if err != nil {
		return nil, err
	}
	k := &check{spec: c.body}
	k.boolean("suspended")
	if err := k.err(); err != nil {
		return nil, err
	}
	if r.typ != cronJobFlavour.typ {
		return nil, conflict("job %q has no schedule: it is a manual job", r.id())
	}
	suspended := !isSuspended(r)
	if c.body["suspended"] != nil {
		suspended = jsonvalue.Bool(c.body, "suspended")
	}
	if suspended == isSuspended(r) {
		return nil, c.log(r.key, Nothing)
	}
	r.spec = put(r.spec, suspension(r), suspended)
	return nil, c.keep(r, stateOf[jobState](r))
}

// clearBuildCache has nothing to clear: builds here leave no cache.
func clearBuildCache(c *call) (any, error) {
	r, err := c.owner(false)
	if err != nil {
		return nil, err
	}
	if err := builds(c, r); err != nil {
		return nil, err
	}
	return nil, c.log(r.key, Ran)
}

// lifeHandlerOf returns what carries out an operation on the life of a service or a
// job, and what reads its parts; nil for one that is none.
func lifeHandlerOf(op string) handler {
	switch op {
	case platform.OpPauseService:
		return pauseService
	case platform.OpResumeService:
		return resumeService
	case platform.OpClearServiceBuildCache:
		return clearBuildCache
	case platform.OpListServiceBranches:
		return listOwnBranches(false)
	case platform.OpListServicePullRequests:
		return listPullRequests(false)
	case platform.OpGetServiceDeployment:
		return getServiceDeployment
	case platform.OpGetServiceHealthChecks:
		return getHealthChecks(false)
	case platform.OpGetServiceEnvironment:
		return showsSettings(ofService, runtimeScope)
	case platform.OpGetServiceEnvironmentDetails:
		return showsSettingDetails(ofService, runtimeScope)
	case platform.OpGetServiceBuildArguments:
		return showsSettings(ofService, buildScope)
	case platform.OpGetServiceBuildArgumentDetails:
		return showsSettingDetails(ofService, buildScope)

	case platform.OpPauseJob:
		return pauseJob
	case platform.OpResumeJob:
		return resumeJob
	case platform.OpSuspendJob:
		return suspendJob
	case platform.OpListJobBranches:
		return listOwnBranches(true)
	case platform.OpListJobPullRequests:
		return listPullRequests(true)
	case platform.OpGetJobDeployment:
		return getJobDeployment
	case platform.OpGetJobHealthChecks:
		return getHealthChecks(true)
	case platform.OpGetJobEnvironment:
		return showsSettings(ofJob, runtimeScope)
	case platform.OpGetJobEnvironmentDetails:
		return showsSettingDetails(ofJob, runtimeScope)
	case platform.OpGetJobBuildArguments:
		return showsSettings(ofJob, buildScope)
	case platform.OpGetJobBuildArgumentDetails:
		return showsSettingDetails(ofJob, buildScope)
	}
	if h := watchHandlerOf(op); h != nil {
		return h
	}
	return editHandlerOf(op)
}
