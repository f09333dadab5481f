package local

import (
	"maps"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

var manualJobFlavour = flavour{
	noun: "job", segment: "jobs", idParam: "jobId", kind: "ManualJob", typ: "manual",
	check:  checkManualJob,
	normal: normalJob,
	refuse: refuseJob,
	born:   bornJob,
	grown:  grownJob,
	show:   showJob,
}

var cronJobFlavour = flavour{
	noun: "job", segment: "jobs", idParam: "jobId", kind: "CronJob", typ: "cron",
	check:  checkCronJob,
	normal: normalJob,
	refuse: refuseJob,
	born:   bornJob,
	grown:  grownJob,
	show:   showJob,
}

// anyJobFlavour is for the operations on jobs of either type: one with a
// schedule is a cron job.
func (c *call) anyJobFlavour() (*flavour, error) {
	f := manualJobFlavour
	f.kind, f.check = "Job", checkJob
	if jsonvalue.Object(c.body, "settings.cron") != nil {
		f.typ = cronJobFlavour.typ
	}
	if c.path("jobId") == "" {
		return &f, nil
	}
	r, err := c.find("job", "jobs", "jobId")
	if err != nil {
		return nil, err
	}
	f.typ = r.typ
	if jsonvalue.Object(r.spec, "settings") == nil {
		// It was made by an operation that has the settings beside the name.
		f.check = map[string]func(*check){"manual": checkManualJob, "cron": checkCronJob}[r.typ]
	}
	return &f, nil
}

func createAnyJob(c *call) (any, error) {
	f, err := c.anyJobFlavour()
	if err != nil {
		return nil, err
	}
	return c.createNew(f)
}

func putAnyJob(c *call) (any, error) {
	f, err := c.anyJobFlavour()
	if err != nil {
		return nil, err
	}
	return c.put(f)
}

func patchAnyJob(c *call) (any, error) {
	f, err := c.anyJobFlavour()
	if err != nil {
		return nil, err
	}
	return c.patch(f)
}

func checkAnyJob(k *check) {
	k.name(namePattern(), 52)
	k.text("description", 200)
	k.required("billing.deploymentPlan")
	k.plan("billing.deploymentPlan")
	k.plan("billing.buildPlan")
	k.object("deployment", "infrastructure", "buildSettings", "buildConfiguration", "runtimeEnvironment", "runtimeFiles",
		"buildArguments", "buildFiles", "dockerSecretMounts")
	k.oneOf("infrastructure.architecture", "x86", "arm")
	checkSource(k, "deployment.vcs")
	if k.present("deployment.vcs") {
		k.required("deployment.vcs.projectBranch")
	}
	if k.present("deployment.external") {
		k.required("deployment.external.imagePath")
	}
}

// policies are the concurrency policies, as requests spell them and as answers do.
var policies = []string{"allow", "forbid", "replace", "Allow", "Forbid", "Replace"}

func checkManualJob(k *check) {
	checkAnyJob(k)
	checkLimits(k, "")
}

func checkCronJob(k *check) {
	checkAnyJob(k)
	checkLimits(k, "")
	k.required("schedule")
	k.oneOf("concurrencyPolicy", policies...)
}

func checkJob(k *check) {
	checkAnyJob(k)
	k.object("settings")
	checkLimits(k, "settings.")
	if k.present("settings.cron") {
		k.required("settings.cron.schedule")
		k.oneOf("settings.cron.concurrencyPolicy", policies...)
	}
}

func checkLimits(k *check, at string) {
	k.integer(at+"backoffLimit", 0, 1<<30)
	k.integer(at+"activeDeadlineSeconds", 1, 1<<30)
	k.oneOf(at+"runOnSourceChange", "never", "cd-promote", "always")
}

// normalJob spells the concurrency policy as requests do.
func normalJob(_ *call, _ *record, spec map[string]any) (map[string]any, error) {
	if policy := jsonvalue.String(spec, "concurrencyPolicy"); policy != "" {
		spec["concurrencyPolicy"] = strings.ToLower(policy)
	}
	if policy := jsonvalue.String(spec, "settings.cron.concurrencyPolicy"); policy != "" {
		spelled := map[string]any{"settings": map[string]any{"cron": map[string]any{"concurrencyPolicy": strings.ToLower(policy)}}}
		spec, _ = jsonvalue.Merge(spec, spelled).(map[string]any)
	}
	return spec, nil
}

func refuseJob(c *call, _ *record, key string, spec map[string]any) error {
	return c.checkImage(key[:len("projects/")+len(c.path("projectId"))], spec)
}

func bornJob(c *call, r *record) (any, error) {
	if jsonvalue.Object(r.spec, "deployment.vcs") != nil && !jsonvalue.Bool(r.spec, "disabledCI") {
		if _, err := c.startBuild(r, map[string]any{}); err != nil {
			return nil, err
		}
	}
	return jobState{}, nil
}

func grownJob(c *call, r *record, old map[string]any) (any, error) {
	before, now := jsonvalue.Object(old, "deployment.vcs"), jsonvalue.Object(r.spec, "deployment.vcs")
	state := stateOf[jobState](r)
	if now == nil || unchanged(before, now) || state.Paused {
		return state, nil
	}
	_, err := bornJob(c, r)
	return state, err
}

func showJob(c *call, r *record) (map[string]any, error) {
	project, err := c.projectNamed(r.projectID())
	if err != nil {
		return nil, err
	}
	shown := c.face(r, "description", "stageId", "infrastructure", "buildSettings", "runtimeEnvironment", "runtimeFiles",
		"buildArguments", "buildFiles", "dockerSecretMounts", "healthChecks", "runOnSourceChange")
	shown["appId"], shown["projectId"], shown["jobType"] = appID(r), r.projectID(), r.typ
	state := stateOf[jobState](r)
	shown["disabledCI"], shown["disabledCD"] = state.Paused || jsonvalue.Bool(r.spec, "disabledCI"), state.Paused || state.Held
	shown["cluster"] = cluster(project)
	shown["suspended"] = jsonvalue.Bool(r.spec, "suspended") || jsonvalue.Bool(r.spec, "settings.cron.suspended")
	deployment, err := c.showDeployment(r, regionOf(project), rollout{})
	if err != nil {
		return nil, err
	}
	shown["deployment"] = deployment
	shown["settings"] = showSettings(r, shown)
	if vcs := jsonvalue.Object(deployment, "vcs"); vcs != nil {
		if err := c.showBuilding(r, vcs, shown, map[string]any{}); err != nil {
			return nil, err
		}
	}
	return shown, nil
}

// showSettings collects what limits a job's runs, which stands beside its name
// where the job was not made by the operations on jobs of either type.
func showSettings(r *record, shown map[string]any) map[string]any {
	settings := map[string]any{"backoffLimit": 0, "activeDeadlineSeconds": 600}
	if own := jsonvalue.Object(r.spec, "settings"); own != nil {
		maps.Copy(settings, own)
		if cron := jsonvalue.Object(own, "cron"); cron != nil {
			settings["cron"] = showCron(cron)
		}
		return settings
	}
	for _, name := range []string{"backoffLimit", "activeDeadlineSeconds", "runOnSourceChange"} {
		if v, ok := r.spec[name]; ok {
			settings[name] = v
		}
	}
	shown["backoffLimit"] = settings["backoffLimit"]
	if r.typ == "cron" {
		settings["cron"] = showCron(jsonvalue.Pick(r.spec, []string{"schedule", "concurrencyPolicy", "suspended"}))
	}
	return settings
}

// showCron spells the concurrency policy as it is read: with a capital.
func showCron(cron map[string]any) map[string]any {
	if policy := jsonvalue.String(cron, "concurrencyPolicy"); policy != "" {
		cron = maps.Clone(cron)
		cron["concurrencyPolicy"] = strings.ToUpper(policy[:1]) + policy[1:]
	}
	return cron
}

func getJob(c *call) (any, error) {
	r, err := c.find("job", "jobs", "jobId")
	if err != nil {
		return nil, err
	}
	return showJob(c, r)
}

func listJobs(c *call) (any, error) {
	project, err := c.project()
	if err != nil {
		return nil, err
	}
	rows, err := c.rows(project.key+"/jobs", false, func(r *record) (map[string]any, error) {
		shown, err := showJob(c, r)
		return jsonvalue.Pick(shown, []string{"id", "appId", "projectId", "name", "tags", "description", "jobType",
			"disabledCI", "disabledCD", "suspended"}), err
	})
	return map[string]any{"jobs": rows}, err
}

// hasImage tells whether a job has something to run, for its own deployment or
// the one of a run.
func (c *call) hasImage(r *record, override map[string]any) (bool, error) {
	deployment := jsonvalue.Object(r.spec, "deployment")
	if jsonvalue.Object(override, "external") != nil || jsonvalue.Object(override, "internal") != nil {
		deployment = override
	}
	if jsonvalue.Object(deployment, "external") != nil {
		return true, nil
	}
	owner, internal := r.key, jsonvalue.Object(deployment, "internal")
	if internal != nil {
		owner = "projects/" + r.projectID() + "/services/" + jsonvalue.String(internal, "id")
	} else if jsonvalue.Object(deployment, "vcs") == nil {
		return false, nil
	}
	images, err := c.images(owner, internal)
	return len(images) > 0, err
}

// executeInJob runs no command, as executeInService does not.
func executeInJob(c *call) (any, error) {
	r, err := c.find("job", "jobs", "jobId")
	if err != nil {
		return nil, err
	}
	runs, err := c.tx.list(r.key+"/runs", page{newest: true, limit: 10})
	if err != nil {
		return nil, err
	}
	for _, run := range runs {
		if !stateOf[runState](run).concluded(c.now) {
			return c.execute(r)
		}
	}
	return nil, conflict("job %q is not running: commands are executed in a run", r.id())
}

// execute answers a command.
func (c *call) execute(r *record) (any, error) {
	if jsonvalue.Get(c.body, "command") == nil {
		return nil, platform.Invalid("command", "is missing")
	}
	s := c.step(KindCommand, r.id(), c.now, 0)
	result := map[string]any{"exitCode": 0, "status": "Success"}
	if s.Fail != "" {
		result = map[string]any{"exitCode": 1, "status": "Failure", "message": s.Fail}
	}
	if err := c.log(r.key, Ran); err != nil {
		return nil, err
	}
	return map[string]any{"commandResult": result, "stdOut": "", "stdErr": s.Fail}, nil
}
