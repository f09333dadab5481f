package platformtest

import (
	"errors"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// containers are those of a service by name, when there are as many as wanted and all
// of them run.
func (w *world) containers(t *testing.T, service string, want int) map[string]bool {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		list := jsonvalue.List(w.do(t, platform.OpListServiceContainers, at("serviceId", service), nil, ""), "containers")
		names := map[string]bool{}
		for _, k := range list {
			if jsonvalue.String(k, "status") == "TASK_RUNNING" {
				names[jsonvalue.String(k, "name")] = true
			}
		}
		if len(list) == want && len(names) == want {
			return names
		}
		if time.Now().After(deadline) {
			t.Fatalf("the containers are %v, want %d that run", list, want)
		}
	}
}

// kept counts the names that are in both sets.
func kept(a, b map[string]bool) int {
	n := 0
	for name := range a {
		if b[name] {
			n++
		}
	}
	return n
}

const runningWeb = `{"kind": "Service", "spec": {"type": "running", "data": {"serviceId": "web"}}}`

func testPausing(t *testing.T, w *world) {
	w.start(t, "DeploymentService", deployment("web", nginx))
	web := at("serviceId", "web")
	first := w.containers(t, "web", 1)
	t.Run("scaling keeps the containers that are there", func(t *testing.T) {
		w.do(t, platform.OpScaleService, web, nil, `{"instances": 3}`)
		grown := w.containers(t, "web", 3)
		if kept(first, grown) != 1 {
			t.Errorf("%v became %v", first, grown)
		}
		w.do(t, platform.OpScaleService, web, nil, `{"instances": 2}`)
		first = w.containers(t, "web", 2)
		if kept(first, grown) != 2 {
			t.Errorf("%v became %v", grown, first)
		}
	})
	t.Run("a restart makes new containers", func(t *testing.T) {
		w.do(t, platform.OpRestartService, web, nil, "")
		again := w.containers(t, "web", 2)
		if kept(first, again) != 0 {
			t.Errorf("%v became %v", first, again)
		}
		first = again
	})
	t.Run("a list of containers has pages", func(t *testing.T) {
		one := w.do(t, platform.OpListServiceContainers, web, map[string]string{"per_page": "1"}, "")
		two := w.do(t, platform.OpListServiceContainers, web, map[string]string{"per_page": "1", "page": "2"}, "")
		a, b := jsonvalue.String(one, "containers.0.name"), jsonvalue.String(two, "containers.0.name")
		if a == b || !first[a] || !first[b] {
			t.Errorf("the pages are %v and %v", one, two)
		}
	})
	t.Run("a service that is paused has no containers and does not run", func(t *testing.T) {
		w.do(t, platform.OpPauseService, web, nil, "")
		w.do(t, platform.OpPauseService, web, nil, "")
		w.containers(t, "web", 0)
		has(t, w.do(t, platform.OpGetService, web, nil, ""), "servicePaused", true, "disabledCI", true, "disabledCD", true, "deployment.instances", float64(2))
		_, err := w.driver.Start(w.ctx, w.request(t, "Condition", runningWeb))
		var outcome *platform.OutcomeError
		if !errors.As(err, &outcome) || outcome.State != "paused" {
			t.Errorf("waiting for it: %v", err)
		}
		for _, op := range []string{platform.OpRestartService, platform.OpExecuteServiceCommand} {
			_, err := w.try(op, web, nil, `{"command": "true"}`)
			refusal(t, err, 409, "web")
		}
		w.do(t, platform.OpEditServiceEnvironment, web, nil, `{"runtimeEnvironment": {"MODE": "paused"}}`)
		w.containers(t, "web", 0)
	})
	t.Run("a service that is resumed runs anew", func(t *testing.T) {
		_, err := w.try(platform.OpResumeService, web, nil, `{"instances": "many"}`)
		refusal(t, err, 400, "instances")
		w.do(t, platform.OpResumeService, web, nil, "")
		again := w.containers(t, "web", 2)
		if kept(first, again) != 0 {
			t.Errorf("%v became %v", first, again)
		}
		has(t, w.finish(t, "Condition", runningWeb), "servicePaused", false, "disabledCI", false, "disabledCD", false)
		_, err = w.try(platform.OpResumeService, web, nil, "")
		refusal(t, err, 409, "web", "not paused")
		w.do(t, platform.OpPauseService, web, nil, "")
		w.do(t, platform.OpResumeService, web, nil, `{"instances": 1, "disabledCD": true}`)
		w.containers(t, "web", 1)
		has(t, w.do(t, platform.OpGetService, web, nil, ""), "disabledCD", true)
	})
	t.Run("new images are not deployed while that is off", func(t *testing.T) {
		w.start(t, "BuildService", builder("source"))
		w.start(t, "DeploymentService", deployment("held", `"internal": {"id": "source", "branch": "main"}`))
		held := at("serviceId", "held")
		build := func(sha string) any {
			return w.finish(t, "Build", `{"id": "source", "type": "service", "branch": "main", "sha": "`+sha+`"}`, whenDone)
		}
		build(commit)
		w.state(t, platform.OpGetService, held, "status.deployment.status", "COMPLETED")
		w.do(t, platform.OpPauseService, held, nil, "")
		w.do(t, platform.OpResumeService, held, nil, `{"disabledCD": true}`)
		const other = "1123456789abcdef0123456789abcdef01234567"
		build(other)
		has(t, w.state(t, platform.OpGetService, held, "status.deployment.status", "COMPLETED"), "deployment.internal.deployedSHA", commit)
		w.do(t, platform.OpPauseService, held, nil, "")
		w.do(t, platform.OpResumeService, held, nil, `{"disabledCD": false}`)
		has(t, w.state(t, platform.OpGetService, held, "status.deployment.status", "COMPLETED"), "deployment.internal.deployedSHA", other)
	})
	t.Run("a job", func(t *testing.T) { testPausingJobs(t, w) })
}

func testPausingJobs(t *testing.T, w *world) {
	w.start(t, "CronJob", cronJob("clock"))
	w.start(t, "Job", `{"name": "either", "billing": {"deploymentPlan": "nf-compute-20"}, "settings": {"cron": {"schedule": "0 * * * *"}}, "deployment": {`+nginx+`}}`)
	for _, name := range []string{"clock", "either"} {
		job := at("jobId", name)
		is := func(suspended, disabledCI bool) {
			t.Helper()
			has(t, w.do(t, platform.OpGetJob, job, nil, ""), "suspended", suspended, "disabledCI", disabledCI, "disabledCD", disabledCI)
		}
		w.do(t, platform.OpSuspendJob, job, nil, `{"suspended": true}`)
		is(true, false)
		w.do(t, platform.OpSuspendJob, job, nil, "")
		is(false, false)
		w.do(t, platform.OpPauseJob, job, nil, "")
		w.do(t, platform.OpPauseJob, job, nil, "")
		is(true, true)
		w.do(t, platform.OpResumeJob, job, nil, "")
		is(false, false)
		w.do(t, platform.OpPauseJob, job, nil, "")
		w.do(t, platform.OpResumeJob, job, nil, `{"suspended": true, "disabledCI": true, "disabledCD": true}`)
		is(true, true)
		_, err := w.try(platform.OpResumeJob, job, nil, "")
		refusal(t, err, 409, name, "not paused")
		_, err = w.try(platform.OpSuspendJob, job, nil, `{"suspended": "yes"}`)
		refusal(t, err, 400, "suspended")
	}
	w.start(t, "ManualJob", manualJob("by hand", nginx))
	hand := at("jobId", "by-hand")
	_, err := w.try(platform.OpSuspendJob, hand, nil, `{"suspended": true}`)
	refusal(t, err, 409, "by-hand", "no schedule")
	none := w.do(t, platform.OpListJobContainers, hand, nil, "")
	if len(jsonvalue.List(none, "containers")) != 0 {
		t.Errorf("a job that never ran has containers: %v", none)
	}
	run := id(t, w.finish(t, "JobRun", `{"jobId": "by-hand"}`, whenDone))
	has(t, w.do(t, platform.OpListJobContainers, hand, nil, ""), "runId", run, "containers.0.status", "TASK_FINISHED")
	_, err = w.try(platform.OpListJobContainers, hand, map[string]string{"runId": "nobody"}, "")
	refusal(t, err, 404, "nobody")
}

func testBranches(t *testing.T, w *world) {
	w.start(t, "BuildService", builder("source"))
	w.start(t, "ManualJob", manualJob("source", `"vcs": {"projectUrl": "https://github.com/northflank/example", "projectType": "github", "projectBranch": "main"}`))
	for _, tt := range []struct{ param, build, branches, pulls string }{
		{"serviceId", platform.OpStartServiceBuild, platform.OpListServiceBranches, platform.OpListServicePullRequests},
		{"jobId", platform.OpStartJobBuild, platform.OpListJobBranches, platform.OpListJobPullRequests},
	} {
		path := at(tt.param, "source")
		w.do(t, tt.build, path, nil, `{"branch": "next", "sha": "`+commit+`"}`)
		w.do(t, tt.build, path, nil, `{"branch": "fix", "pullRequestId": 12}`)
		branches := w.do(t, tt.branches, path, nil, "")
		has(t, branches, "branches.0.name", "fix", "branches.1.name", "main", "branches.2.name", "next", "branches.2.commit.sha", commit, "branches.3", nil)
		has(t, w.do(t, tt.branches, path, map[string]string{"per_page": "1", "page": "3"}, ""), "branches.0.name", "next")
		has(t, w.do(t, tt.pulls, path, nil, ""), "pullRequests.0.id", float64(12), "pullRequests.0.source", "fix", "pullRequests.0.destination", "main",
			"pullRequests.0.html_url", "https://github.com/northflank/example/pull/12", "pullRequests.1", nil)
		_, err := w.try(tt.branches, path, map[string]string{"cursor": "no"}, "")
		refusal(t, err, 400, "cursor")
	}
}
