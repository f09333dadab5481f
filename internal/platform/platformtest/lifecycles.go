package platformtest

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

const (
	whenDone = `{"condition": "success"}`
	commit   = "0123456789abcdef0123456789abcdef01234567"
)

func testBuilds(t *testing.T, w *world) {
	w.start(t, "BuildService", builder("builds"))
	t.Run("a build without a condition is started", func(t *testing.T) {
		result := w.start(t, "Build", `{"id": "builds", "type": "service", "branch": "main"}`)
		if result.Wait != nil {
			t.Error("nothing asked for waiting")
		}
		has(t, result.Output, "nfObjectId", "builds", "branch", "main")
	})
	t.Run("a build of an older template has other names for what it builds", func(t *testing.T) {
		result := w.start(t, "Build", `{"nfObjectId": "builds", "nfObjectType": "service", "branch": "main"}`)
		has(t, result.Output, "nfObjectId", "builds", "nfObjectType", "service", "branch", "main")
	})
	t.Run("a build with a condition ends in success", func(t *testing.T) {
		output := w.finish(t, "Build", `{"id": "builds", "type": "service", "branch": "main"}`, whenDone)
		has(t, output, "nfObjectId", "builds", "branch", "main", "status", "SUCCESS", "concluded", true)
		if len(jsonvalue.String(output, "sha")) != 40 {
			t.Errorf("the commit is %v", jsonvalue.Get(output, "sha"))
		}
	})
	t.Run("a build of the same commit is reused", func(t *testing.T) {
		spec := `{"id": "builds", "type": "service", "branch": "main", "sha": "` + commit + `"}`
		first := w.finish(t, "Build", spec, whenDone)
		has(t, first, "sha", commit)
		result := w.start(t, "Build", spec, whenDone)
		has(t, result.Output, "id", jsonvalue.Get(first, "id"))
		if result.Action != platform.ActionUnchanged {
			t.Errorf("the second build did %q", result.Action)
		}
		if change := w.preview(t, "Build", decode(t, spec)); change.Action != platform.ActionUnchanged {
			t.Errorf("the preview is %s", change.Action)
		}
		anew := w.start(t, "Build", strings.Replace(spec, `"type"`, `"reuseExistingBuilds": false, "type"`, 1))
		if id(t, anew.Output) == id(t, first) {
			t.Error("a build that is not to be reused was")
		}
	})
	t.Run("a build of a trigger that has fired builds its commit", func(t *testing.T) {
		output := w.finish(t, "BuildSource", `{"id": "builds", "type": "service", "branch": "feature/x", "sha": "`+commit+`", "defaults": {"branch": "main"}}`, whenDone)
		has(t, output, "nfObjectId", "builds", "branch", "feature/x", "sha", commit, "status", "SUCCESS")
	})
	t.Run("a build of a trigger that has not fired builds its default", func(t *testing.T) {
		for _, empty := range []string{`"branch": "", "sha": null, `, ""} {
			output := w.finish(t, "BuildSource", `{"id": "builds", "type": "service", `+empty+`"defaults": {"branch": "release"}}`, whenDone)
			has(t, output, "branch", "release", "status", "SUCCESS")
		}
		has(t, w.start(t, "BuildSource", `{"id": "builds", "type": "service", "defaults": {}}`).Output, "branch", "main")
	})
	t.Run("a build of a job", func(t *testing.T) {
		w.start(t, "ManualJob", manualJob("built job", `"vcs": {"projectUrl": "https://github.com/northflank/example",
			"projectType": "github", "projectBranch": "main"}`))
		output := w.finish(t, "Build", `{"id": "built-job", "type": "job"}`, whenDone)
		has(t, output, "nfObjectId", "built-job", "nfObjectType", "job", "status", "SUCCESS")
	})
	t.Run("a deployment follows its build", func(t *testing.T) {
		w.start(t, "BuildService", builder("source"))
		w.start(t, "DeploymentService", deployment("follows", `"internal": {"id": "source", "branch": "main"}`))
		status := w.do(t, platform.OpGetService, at("serviceId", "follows"), nil, "")
		has(t, status, "status.deployment.status", "PENDING")
		build := w.finish(t, "Build", `{"id": "source", "type": "service", "branch": "main"}`, whenDone)
		output := w.finish(t, "Condition", `{"kind": "Service", "spec": {"type": "running", "data": {"serviceId": "follows"}}}`)
		has(t, output, "deployment.internal.nfObjectId", "source", "deployment.internal.deployedSHA", jsonvalue.Get(build, "sha"))
		follows := decode(t, deployment("follows", `"internal": {"id": "source", "branch": "main"}`))
		if change := w.preview(t, "DeploymentService", follows); change.Action != platform.ActionUnchanged {
			t.Errorf("what is deployed makes the preview %s: %v", change.Action, change)
		}
		w.start(t, "DeploymentService", deployment("pinned", `"internal": {"id": "source", "branch": "main", "buildSHA": "`+
			jsonvalue.String(build, "sha")+`"}`))
	})
	t.Run("a build can be aborted", func(t *testing.T) {
		for _, spec := range []string{`{"id": "builds", "type": "service", "branch": "slow"}`, `{"id": "built-job", "type": "job"}`} {
			wait := w.aborted(t, "Build", spec)
			_, err := w.await(wait)
			var outcome *platform.OutcomeError
			if !errors.As(err, &outcome) || outcome.State != "ABORTED" {
				t.Errorf("the wait ended with %v", err)
			}
			if again, err := w.driver.Abort(w.ctx, wait); again || err != nil {
				t.Errorf("aborting what has ended: %v, %v", again, err)
			}
		}
	})
	w.do(t, platform.OpListServiceBuilds, at("serviceId", "builds"), nil, "")
	w.do(t, platform.OpListJobBuilds, at("jobId", "built-job"), nil, "")
}

func testJobRuns(t *testing.T, w *world) {
	w.start(t, "ManualJob", manualJob("runs", nginx))
	t.Run("a run without a condition is started", func(t *testing.T) {
		result := w.start(t, "JobRun", `{"jobId": "runs"}`)
		id(t, result.Output)
		has(t, result.Output, "jobId", "runs")
	})
	t.Run("a run with a condition ends in success", func(t *testing.T) {
		output := w.finish(t, "JobRun", `{"jobId": "runs", "runtimeEnvironment": {"A": "1"}}`, whenDone)
		has(t, output, "status", "SUCCESS", "concluded", true, "succeeded", float64(1), "jobId", "runs")
	})
	t.Run("a job without an image does not run", func(t *testing.T) {
		w.start(t, "ManualJob", `{"name": "imageless", "billing": {"deploymentPlan": "nf-compute-20"}, "disabledCI": true,
			"deployment": {"vcs": {"projectUrl": "https://github.com/northflank/example", "projectType": "github", "projectBranch": "main"}}}`)
		_, err := w.driver.Start(w.ctx, w.request(t, "JobRun", `{"jobId": "imageless"}`))
		refusal(t, err, 409, "imageless", "image")
		w.finish(t, "Build", `{"id": "imageless", "type": "job"}`, whenDone)
		w.finish(t, "JobRun", `{"jobId": "imageless"}`, whenDone)
	})
	t.Run("a run can be aborted", func(t *testing.T) {
		wait := w.aborted(t, "JobRun", `{"jobId": "runs"}`)
		var outcome *platform.OutcomeError
		if _, err := w.await(wait); !errors.As(err, &outcome) || outcome.State != "FAILED" {
			t.Errorf("the wait ended with %v", err)
		}
	})
	w.do(t, platform.OpGetJobRuns, at("jobId", "runs"), nil, "")
}

func testBackups(t *testing.T, w *world) {
	w.start(t, "Addon", addon("kept", "postgresql", "16-latest"))
	running := `{"kind": "Addon", "spec": {"type": "running", "data": {"addonId": "kept"}}}`
	backup := w.finish(t, "AddonBackup", `{"addonId": "kept", "backupType": "dump"}`, whenDone)
	has(t, backup, "status", "completed", "addonId", "kept")
	if jsonvalue.String(backup, "config.addonVersion") == "" {
		t.Errorf("the backup does not tell the addon's version: %v", backup)
	}
	w.finish(t, "Condition", running)
	t.Run("an addon is restored", func(t *testing.T) {
		output := w.finish(t, "Action", `{"kind": "AddonBackup", "spec": {"type": "restore", "condition": "success",
			"data": {"addonId": "kept", "backupId": "`+id(t, backup)+`"}}}`)
		has(t, output, "status", "completed", "backupId", jsonvalue.Get(backup, "id"))
		w.finish(t, "Condition", running)
	})
	t.Run("a backup is imported and restored", func(t *testing.T) {
		imported := w.finish(t, "AddonImport", `{"addonId": "kept", "connectionString": "postgresql://u:p@host/db", "compressionType": "zstd"}`, whenDone)
		has(t, imported, "status", "completed", "addonId", "kept", "projectId", project, "config.source.type", "externalDump")
		w.finish(t, "Condition", `{"kind": "AddonImport", "spec": {"type": "success", "data": {"addonId": "kept", "importId": "`+id(t, imported)+`"}}}`)
		change := w.preview(t, "AddonImport", decode(t, `{"addonId": "kept", "importUrl": "https://example.com/dump.gz"}`))
		if change.Action != platform.ActionRun || len(change.Operations) != 1 || change.Operations[0] != platform.OpImportAddonBackup {
			t.Errorf("the preview is %s by %v", change.Action, change.Operations)
		}
		w.finish(t, "Action", `{"kind": "AddonBackup", "spec": {"type": "restore", "condition": "success",
			"data": {"addonId": "kept", "backupId": "`+id(t, imported)+`"}}}`)
		w.finish(t, "Condition", running)
		_, err := w.driver.Start(w.ctx, w.request(t, "AddonImport", `{"addonId": "kept"}`))
		refusal(t, err, 400, "importUrl")
	})
	t.Run("an addon is forked", func(t *testing.T) {
		spec := strings.Replace(addon("forked", "postgresql", jsonvalue.String(backup, "config.addonVersion")), `"tlsEnabled"`,
			`"source": {"addonId": "kept", "backupId": "latest"}, "tlsEnabled"`, 1)
		w.start(t, "Addon", spec)
		if change := w.preview(t, "Addon", decode(t, spec)); change.Action != platform.ActionUnchanged {
			t.Errorf("the source of a fork is read once; the preview is %s", change.Action)
		}
		_, err := w.driver.Start(w.ctx, w.request(t, "Addon", strings.ReplaceAll(spec, "forked", "forked2")))
		if err != nil {
			t.Errorf("a second fork: %v", err)
		}
		_, err = w.driver.Start(w.ctx, w.request(t, "Addon", strings.NewReplacer("forked", "forked3", "kept", "nobody").Replace(spec)))
		refusal(t, err, 400, "source.addonId", "nobody")
		major, _, _ := strings.Cut(jsonvalue.String(backup, "config.addonVersion"), ".")
		n, _ := strconv.Atoi(major)
		_, err = w.driver.Start(w.ctx, w.request(t, "Addon", strings.Replace(addon("forked4", "postgresql", strconv.Itoa(n-1)+"-latest"), `"tlsEnabled"`,
			`"source": {"addonId": "kept", "backupId": "latest"}, "tlsEnabled"`, 1)))
		refusal(t, err, 400, "source.backupId", "its own major version")
		w.start(t, "Addon", addon("bare", "postgresql", "latest"))
		_, err = w.driver.Start(w.ctx, w.request(t, "Addon", strings.NewReplacer("forked", "forked5", "kept", "bare").Replace(spec)))
		refusal(t, err, 400, "source.backupId", "no completed backup")
	})
	t.Run("a dump of what cannot be dumped is refused", func(t *testing.T) {
		w.start(t, "Addon", addon("cache", "redis", "latest"))
		_, err := w.driver.Start(w.ctx, w.request(t, "AddonBackup", `{"addonId": "cache", "backupType": "dump"}`))
		refusal(t, err, 400, "backupType")
	})
	t.Run("a backup can be aborted", func(t *testing.T) {
		wait := w.aborted(t, "AddonBackup", `{"addonId": "kept"}`)
		var outcome *platform.OutcomeError
		if _, err := w.await(wait); !errors.As(err, &outcome) || outcome.State != "aborted" {
			t.Errorf("the wait ended with %v", err)
		}
		w.finish(t, "Condition", running)
	})
	w.do(t, platform.OpListAddonBackups, at("addonId", "kept"), nil, "")
	w.do(t, platform.OpPatchAddon, at("addonId", "kept"), nil, `{"description": "kept well"}`)
}

func testActions(t *testing.T, w *world) {
	w.start(t, "DeploymentService", deployment("acts", nginx))
	w.start(t, "Addon", addon("acts", "redis", "latest"))
	w.start(t, "ManualJob", manualJob("acts", nginx))
	execute := `{"kind": "Service", "spec": {"type": "execute", "data": {"serviceId": "acts", "command": "date"}}}`
	t.Run("a command needs a running service", func(t *testing.T) {
		w.start(t, "BuildService", builder("idle"))
		w.start(t, "DeploymentService", deployment("idle-d", `"internal": {"id": "idle"}`))
		_, err := w.driver.Start(w.ctx, w.request(t, "Action", strings.Replace(execute, `"acts"`, `"idle-d"`, 1)))
		refusal(t, err, 409, "idle-d")
		w.finish(t, "Condition", `{"kind": "Service", "spec": {"type": "running", "data": {"serviceId": "acts"}}}`)
		has(t, w.finish(t, "Action", execute), "commandResult.exitCode", float64(0), "serviceId", "acts")
	})
	t.Run("a service is restarted", func(t *testing.T) {
		output := w.finish(t, "Action", `{"kind": "Service", "spec": {"type": "restart", "condition": "running", "data": {"serviceId": "acts"}}}`)
		has(t, output, "status.deployment.status", "COMPLETED")
	})
	t.Run("an addon is restarted", func(t *testing.T) {
		output := w.finish(t, "Action", `{"kind": "Addon", "spec": {"type": "restart", "condition": "running", "data": {"addonId": "acts"}}}`)
		has(t, output, "status", "running")
	})
	t.Run("a command in a job needs a run", func(t *testing.T) {
		command := `{"kind": "Job", "spec": {"type": "execute", "data": {"jobId": "acts", "command": "date"}}}`
		_, err := w.driver.Start(w.ctx, w.request(t, "Action", command))
		refusal(t, err, 409, "acts")
		inTime(t, "a command while a job runs", func() bool {
			w.start(t, "JobRun", `{"jobId": "acts"}`)
			result, err := w.driver.Start(w.ctx, w.request(t, "Action", command))
			if err == nil {
				has(t, result.Output, "commandResult.exitCode", float64(0))
			}
			return err == nil
		})
	})
	t.Run("what is done can be repeated or not", func(t *testing.T) {
		if w.driver.Repeatable(w.request(t, "Action", execute)) {
			t.Error("a command may do something more each time")
		}
		if !w.driver.Repeatable(w.request(t, "Action", `{"kind": "Service", "spec": {"type": "restart", "data": {"serviceId": "acts"}}}`)) {
			t.Error("a restart can be repeated")
		}
	})
	for _, tt := range []struct{ name, spec, want string }{
		{"of another kind", `{"kind": "Volume", "spec": {"type": "restart", "data": {}}}`, "Volume"},
		{"of another type", `{"kind": "Service", "spec": {"type": "explode", "data": {"serviceId": "acts"}}}`, "explode"},
	} {
		t.Run("an action "+tt.name+" is named before anything runs", func(t *testing.T) {
			var unsupported *platform.UnsupportedError
			if err := w.driver.Supports("Action", decode(t, tt.spec)); !errors.As(err, &unsupported) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("a repository is copied", func(t *testing.T) {
		copying := func(name string) string {
			return `{"kind": "VCS", "spec": {"type": "createRepoFromSource", "data": {"sourceData": {"publicRepo": true, "vcsService": "github",
				"repoUrl": "https://github.com/acme/starter"}, "targetData": {"name": "` + name + `", "privateRepo": true, "accountLogin": "me", "vcsService": "gitlab"}}}}`
		}
		if w.driver.Repeatable(w.request(t, "Action", copying("site"))) {
			t.Error("each copy makes another repository")
		}
		output := w.start(t, "Action", copying("site")).Output
		tracker := jsonvalue.String(output, "trackerId")
		has(t, output, "projectUrl", "https://gitlab.com/me/site", "projectType", "gitlab")
		waiting := func(tracker string) string {
			return `{"kind": "VCS", "spec": {"type": "createRepoFromSourceSuccess", "data": {"trackerId": "` + tracker + `"}}}`
		}
		has(t, w.finish(t, "Condition", waiting(tracker)), "status", "success", "projectUrl", "https://gitlab.com/me/site", "projectType", "gitlab")
		_, err := w.driver.Start(w.ctx, w.request(t, "Condition", waiting("nobody")))
		refusal(t, err, 404, "nobody")
		_, err = w.driver.Start(w.ctx, w.request(t, "Action", strings.Replace(copying("site"), "gitlab", "cvs", 1)))
		refusal(t, err, 400, "targetData.vcsService")
		if change := w.preview(t, "Condition", decode(t, waiting("nobody"))); len(change.Needs) != 1 {
			t.Errorf("it needs %v", change.Needs)
		}
		if result, err := w.driver.FindByID(w.ctx, w.request(t, "Action", copying("site")), tracker); err != nil || jsonvalue.String(result.Output, "trackerId") != tracker {
			t.Errorf("%v, %v", result, err)
		}
	})
	t.Run("an action on nothing is refused", func(t *testing.T) {
		_, err := w.driver.Start(w.ctx, w.request(t, "Action", `{"kind": "Service", "spec": {"type": "restart", "data": {"serviceId": "nobody"}}}`))
		refusal(t, err, 404, "nobody")
		change := w.preview(t, "Action", decode(t, `{"kind": "Addon", "spec": {"type": "restart", "data": {"addonId": "nobody"}}}`))
		if len(change.Needs) != 1 {
			t.Errorf("it needs %v", change.Needs)
		}
	})
}

func testConditions(t *testing.T, w *world) {
	w.start(t, "CombinedService", combined("cond", ""))
	w.start(t, "Addon", addon("cond", "mongodb", "7.0-latest"))
	w.start(t, "ManualJob", manualJob("cond", nginx))
	backup := id(t, w.start(t, "AddonBackup", `{"addonId": "cond"}`).Output)
	build := id(t, w.start(t, "Build", `{"id": "cond", "type": "service"}`).Output)
	run := id(t, w.start(t, "JobRun", `{"jobId": "cond"}`).Output)
	condition := func(of, typ, data string) string {
		return `{"kind": "` + of + `", "spec": {"type": "` + typ + `", "data": {` + data + `}}}`
	}
	tests := []struct{ name, spec, path, want string }{
		// The build first: when it ends, the service deploys once more.
		{"a build has succeeded", condition("Build", "success", `"buildId": "`+build+`"`), "status", "SUCCESS"},
		{"a service runs", condition("Service", "running", `"serviceId": "cond"`), "status.deployment.status", "COMPLETED"},
		{"an addon runs", condition("Addon", "running", `"addonId": "cond"`), "status", "running"},
		{"a backup is complete", condition("AddonBackup", "success", `"addonId": "cond", "backupId": "`+backup+`"`), "status", "completed"},
		{"a job run has succeeded", condition("JobRun", "success", `"jobId": "cond", "runId": "`+run+`"`), "status", "SUCCESS"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			has(t, w.finish(t, "Condition", tt.spec), tt.path, tt.want)
			result := w.start(t, "Condition", tt.spec)
			if result.Wait != nil {
				t.Error("what is so already needs no wait")
			}
		})
	}
	missing := []struct{ name, spec, want string }{
		{"of a service that does not exist", condition("Service", "running", `"serviceId": "nobody"`), "nobody"},
		{"of an addon that does not exist", condition("Addon", "running", `"addonId": "nobody"`), "nobody"},
		{"of a backup that does not exist", condition("AddonBackup", "success", `"addonId": "cond", "backupId": "nobody"`), "nobody"},
		{"of a build that does not exist", condition("Build", "success", `"buildId": "nobody"`), "nobody"},
		{"of a run that does not exist", condition("JobRun", "success", `"jobId": "cond", "runId": "nobody"`), "nobody"},
	}
	for _, tt := range missing {
		t.Run("a condition "+tt.name+" fails at once", func(t *testing.T) {
			_, err := w.driver.Start(w.ctx, w.request(t, "Condition", tt.spec))
			refusal(t, err, 404, tt.want)
		})
	}
	t.Run("a condition that names nothing is refused", func(t *testing.T) {
		_, err := w.driver.Start(w.ctx, w.request(t, "Condition", condition("Service", "running", `"addonId": "cond"`)))
		refusal(t, err, 400, "spec.data.serviceId")
	})
	t.Run("a build service never runs and says so", func(t *testing.T) {
		w.start(t, "BuildService", builder("never runs"))
		_, err := w.driver.Start(w.ctx, w.request(t, "Condition", condition("Service", "running", `"serviceId": "never-runs"`)))
		var outcome *platform.OutcomeError
		if !errors.As(err, &outcome) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a node's own project comes before the inherited one", func(t *testing.T) {
		_, err := w.driver.Start(w.ctx, w.request(t, "Condition", condition("Service", "running", `"projectId": "elsewhere", "serviceId": "cond"`)))
		refusal(t, err, 404, "elsewhere")
	})
	t.Run("another kind of condition is named before anything runs", func(t *testing.T) {
		var unsupported *platform.UnsupportedError
		if err := w.driver.Supports("Condition", decode(t, condition("Volume", "running", ""))); !errors.As(err, &unsupported) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a timeout travels with the wait", func(t *testing.T) {
		n := 0
		inTime(t, "a condition on an addon that is not there yet", func() bool {
			n++
			name := fmt.Sprintf("slow-%d", n)
			w.start(t, "Addon", addon(name, "redis", "latest"))
			result := w.start(t, "Condition", condition("Addon", "running", `"addonId": "`+name+`", "timeoutDuration": "90"`))
			if result.Wait != nil && result.Wait.Timeout.Seconds() != 90 {
				t.Errorf("the wait is %+v", result.Wait)
			}
			return result.Wait != nil
		})
	})
}
