package platformtest

import (
	"fmt"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// A partCase changes a part of a resource by an operation of its own.
type partCase struct {
	op, body string
	at       string // of what has changed, in the answer of the resource's get
	want     any
	broken   string // a body that is refused
	fault    string // the property at fault, as the request calls it
}

// changes carries the cases out on a resource; what they do not name stays.
func (w *world) changes(t *testing.T, get string, path map[string]string, cases []partCase) {
	for _, tt := range cases {
		t.Run(tt.op, func(t *testing.T) {
			before := w.do(t, get, path, nil, "")
			if tt.broken != "" {
				_, err := w.try(tt.op, path, nil, tt.broken)
				refusal(t, err, 400, tt.fault)
				has(t, w.do(t, get, path, nil, ""), tt.at, jsonvalue.Get(before, tt.at))
			}
			w.do(t, tt.op, path, nil, tt.body)
			after := w.do(t, get, path, nil, "")
			has(t, after, tt.at, tt.want, "name", jsonvalue.Get(before, "name"), "createdAt", jsonvalue.Get(before, "createdAt"),
				"description", "stays")
			gone := at("serviceId", "nobody", "jobId", "nobody", "addonId", "nobody")
			_, err := w.try(tt.op, gone, nil, tt.body)
			refusal(t, err, 404, "nobody")
		})
	}
}

func testServiceParts(t *testing.T, w *world) {
	w.start(t, "DeploymentService", `{"name": "web", "description": "stays", "billing": {"deploymentPlan": "nf-compute-20"},
		"deployment": {"instances": 1, "external": {"imagePath": "nginx:1"}}}`)
	web := at("serviceId", "web")
	probe := `{"healthChecks": [{"protocol": "HTTP", "type": "readinessProbe", "path": "/health", "port": 80, "initialDelaySeconds": %d,
		"periodSeconds": 60, "timeoutSeconds": 1, "failureThreshold": 3}]}`
	w.changes(t, platform.OpGetService, web, []partCase{
		{platform.OpUpdateServicePorts, `{"ports": [{"name": "web", "internalPort": 80, "public": true, "protocol": "HTTP"}]}`,
			"ports.0.internalPort", float64(80),
			`{"ports": [{"name": "web", "internalPort": 80, "public": true, "protocol": "TCP"}]}`, "ports.0.public"},
		{platform.OpUpdateServiceHealthChecks, fmt.Sprintf(probe, 10), "healthChecks.0.initialDelaySeconds", float64(10),
			fmt.Sprintf(probe, 1000), "healthChecks.0.initialDelaySeconds"},
		{platform.OpEditServiceEnvironment, `{"runtimeEnvironment": {"A": "1"}}`, "runtimeEnvironment", map[string]any{"A": "1"},
			`{"runtimeEnvironment": "A=1"}`, "runtimeEnvironment"},
		{platform.OpEditServiceEnvironment, `{"runtimeEnvironment": {"B": "2"}}`, "runtimeEnvironment", map[string]any{"B": "2"}, "", ""},
		{platform.OpUpdateServiceDeployment, `{"external": {"imagePath": "nginx:2"}}`, "deployment.external.imagePath", "nginx:2",
			`{"external": {}}`, "external.imagePath"},
		{platform.OpScaleService, `{"instances": 2}`, "deployment.instances", float64(2), `{"instances": -1}`, "instances"},
		{platform.OpScaleService, `{"deploymentPlan": "nf-compute-50"}`, "billing.deploymentPlan", "nf-compute-50", `{"deploymentPlan": "no plan"}`, "deploymentPlan"},
	})
	has(t, w.do(t, platform.OpGetServiceHealthChecks, web, nil, ""), "healthChecks.0.httpPort", float64(80), "healthChecks.0.path", "/health")
	has(t, w.do(t, platform.OpGetServiceDeployment, web, nil, ""), "external.imagePath", "nginx:2", "instances", float64(2), "region", "europe-west")
	answer := w.do(t, platform.OpEditServiceEnvironment, web, nil, `{"runtimeEnvironment": {"C": "3"}}`)
	has(t, answer, "success", true, "restartSuccessful", true)
	has(t, w.do(t, platform.OpEditServiceEnvironment, web, nil, `{"runtimeEnvironment": {"C": "3"}}`), "restartSuccessful", false)

	w.start(t, "BuildService", `{"name": "source", "description": "stays", "billing": {"buildPlan": "nf-compute-400-16"},
		"vcsData": {"projectUrl": "https://github.com/northflank/example", "projectType": "github"},
		"buildSettings": {"dockerfile": {"dockerFilePath": "/Dockerfile", "dockerWorkDir": "/"}}}`)
	source := at("serviceId", "source")
	w.changes(t, platform.OpGetService, source, []partCase{
		{platform.OpEditServiceBuildArguments, `{"buildArguments": {"A": "1"}}`, "buildArguments", map[string]any{"A": "1"},
			`{"buildArguments": []}`, "buildArguments"},
		{platform.OpUpdateServiceBuildOptions, `{"fullGitClone": true, "includeGitFolder": true}`, "buildConfiguration.fullGitClone", true,
			`{"pathIgnoreRules": "*.md"}`, "pathIgnoreRules"},
		{platform.OpUpdateServiceBuildOptions, `{"buildpack": {"builder": "HEROKU_22"}}`, "buildSettings",
			map[string]any{"buildpack": map[string]any{"builder": "HEROKU_22"}}, `{"buildpack": {"builder": "MINE"}}`, "buildpack"},
		{platform.OpUpdateServiceBuildSource, `{"projectUrl": "https://github.com/northflank/other"}`, "vcsData.projectUrl",
			"https://github.com/northflank/other", `{"projectType": "svn"}`, "projectType"},
	})
	w.do(t, platform.OpClearServiceBuildCache, source, nil, "")

	t.Run("a deployment service has nothing to build", func(t *testing.T) {
		for _, op := range []string{platform.OpEditServiceBuildArguments, platform.OpUpdateServiceBuildOptions, platform.OpUpdateServiceBuildSource,
			platform.OpClearServiceBuildCache, platform.OpListServiceBranches} {
			_, err := w.try(op, web, nil, "")
			refusal(t, err, 409, "web", "does not build")
		}
	})
	t.Run("a build service has nothing that runs", func(t *testing.T) {
		for _, op := range []string{platform.OpUpdateServicePorts, platform.OpUpdateServiceHealthChecks, platform.OpEditServiceEnvironment,
			platform.OpUpdateServiceDeployment, platform.OpScaleService, platform.OpListServiceContainers, platform.OpGetServiceDeployment} {
			_, err := w.try(op, source, nil, "")
			refusal(t, err, 409, "source", "does not run")
		}
	})
	t.Run("a combined service runs what it builds", func(t *testing.T) {
		w.start(t, "CombinedService", combined("app", ""))
		_, err := w.try(platform.OpUpdateServiceDeployment, at("serviceId", "app"), nil, `{"external": {"imagePath": "nginx:1"}}`)
		refusal(t, err, 400, "external", "app")
		w.do(t, platform.OpUpdateServiceDeployment, at("serviceId", "app"), nil, `{"docker": {"configType": "customCommand", "customCommand": "run"}}`)
		has(t, w.do(t, platform.OpGetService, at("serviceId", "app"), nil, ""), "deployment.docker.customCommand", "run")
	})
}

func testJobParts(t *testing.T, w *world) {
	w.start(t, "CronJob", `{"name": "clock", "description": "stays", "billing": {"deploymentPlan": "nf-compute-20"}, "backoffLimit": 0,
		"schedule": "0 * * * *", "concurrencyPolicy": "forbid", "deployment": {"external": {"imagePath": "nginx:1"}}}`)
	w.start(t, "Job", `{"name": "either", "description": "stays", "billing": {"deploymentPlan": "nf-compute-20"},
		"settings": {"backoffLimit": 0, "activeDeadlineSeconds": 600, "cron": {"schedule": "0 * * * *"}}, "deployment": {"external": {"imagePath": "nginx:1"}}}`)
	for _, job := range []string{"clock", "either"} {
		w.changes(t, platform.OpGetJob, at("jobId", job), []partCase{
			{platform.OpUpdateJobHealthChecks, `{"healthChecks": [{"protocol": "CMD", "type": "livenessProbe", "cmd": "true", "initialDelaySeconds": 10,
				"periodSeconds": 60, "timeoutSeconds": 1, "failureThreshold": 3}]}`, "healthChecks.0.cmd", "true",
				`{"healthChecks": {}}`, "healthChecks"},
			{platform.OpEditJobEnvironment, `{"runtimeEnvironment": {"A": "1"}}`, "runtimeEnvironment", map[string]any{"A": "1"},
				`{"runtimeEnvironment": 1}`, "runtimeEnvironment"},
			{platform.OpUpdateJobDeployment, `{"external": {"imagePath": "nginx:2"}}`, "deployment.external.imagePath", "nginx:2",
				`{"internal": {"id": "nobody", "buildSHA": 1}}`, "internal"},
			{platform.OpScaleJob, `{"deploymentPlan": "nf-compute-50"}`, "billing.deploymentPlan", "nf-compute-50", `{"deploymentPlan": 1}`, "deploymentPlan"},
			{platform.OpUpdateJobSettings, `{"backoffLimit": 2, "schedule": "5 * * * *", "concurrencyPolicy": "replace"}`, "settings.backoffLimit", float64(2),
				`{"backoffLimit": -1}`, "backoffLimit"},
			{platform.OpUpdateJobSettings, `{"activeDeadlineSeconds": 300}`, "settings.cron.schedule", "5 * * * *", `{"concurrencyPolicy": "ignore"}`, "concurrencyPolicy"},
		})
		has(t, w.do(t, platform.OpGetJob, at("jobId", job), nil, ""), "settings.activeDeadlineSeconds", float64(300), "settings.cron.concurrencyPolicy", "Replace")
		has(t, w.do(t, platform.OpGetJobDeployment, at("jobId", job), nil, ""), "external.imagePath", "nginx:2", "region", "europe-west")
		has(t, w.do(t, platform.OpGetJobHealthChecks, at("jobId", job), nil, ""), "healthChecks.0.cmd", "true")
	}
	w.start(t, "ManualJob", manualJob("by hand", nginx))
	_, err := w.try(platform.OpUpdateJobSettings, at("jobId", "by-hand"), nil, `{"schedule": "5 * * * *"}`)
	refusal(t, err, 400, "schedule", "by-hand")
	_, err = w.try(platform.OpEditJobBuildArguments, at("jobId", "by-hand"), nil, `{"buildArguments": {}}`)
	refusal(t, err, 409, "by-hand", "does not build")

	w.start(t, "ManualJob", `{"name": "built", "description": "stays", "billing": {"deploymentPlan": "nf-compute-20"}, "backoffLimit": 0,
		"deployment": {"vcs": {"projectUrl": "https://github.com/northflank/example", "projectType": "github", "projectBranch": "main"}},
		"buildSettings": {"dockerfile": {"dockerFilePath": "/Dockerfile", "dockerWorkDir": "/"}}}`)
	w.changes(t, platform.OpGetJob, at("jobId", "built"), []partCase{
		{platform.OpEditJobBuildArguments, `{"buildArguments": {"A": "1"}}`, "buildArguments", map[string]any{"A": "1"}, `{"buildArguments": true}`, "buildArguments"},
		{platform.OpUpdateJobBuildOptions, `{"enableGitLfs": true}`, "buildConfiguration.enableGitLfs", true, `{"ciIgnoreFlags": 1}`, "ciIgnoreFlags"},
		{platform.OpUpdateJobBuildSource, `{"projectBranch": "next"}`, "deployment.vcs.projectBranch", "next", `{"projectType": "svn"}`, "projectType"},
	})
}

// testEnvironments reads what resources get from secret groups, and their own.
func testEnvironments(t *testing.T, w *world) {
	group := func(name, secretType string, priority int, restrictions, variables string) {
		w.start(t, "SecretGroup", fmt.Sprintf(`{"name": %q, "secretType": %q, "priority": %d, "restrictions": %s, "secrets": {"variables": %s,
			"files": {"/etc/%s": {"data": "eA==", "encoding": "utf-8"}}}}`, name, secretType, priority, restrictions, variables, name))
	}
	group("low", "environment", 1, `{"restricted": false}`, `{"A": "low", "B": "low", "C": "low"}`)
	group("high", "environment-arguments", 50, `{"restricted": false}`, `{"A": "high", "B": "high"}`)
	group("args", "arguments", 90, `{"restricted": false}`, `{"ONLY_ARGUMENT": "1"}`)
	group("others", "environment-arguments", 99, `{"restricted": true, "nfObjects": [{"id": "web", "type": "job"}, {"id": "api", "type": "service"}]}`, `{"A": "others"}`)
	group("tagged", "environment", 2, `{"restricted": true, "tags": ["blue-tag", "red-tag"], "tagMatchCondition": "or"}`, `{"TAGGED": "1"}`)
	group("all-tags", "environment", 2, `{"restricted": true, "tags": ["blue-tag", "red-tag"], "tagMatchCondition": "and"}`, `{"ALL_TAGS": "1"}`)
	w.start(t, "Addon", addon("data", "redis", "latest"))
	w.start(t, "SecretGroup", `{"name": "linked", "secretType": "environment", "priority": 3,
		"addonDependencies": [{"addonId": "data", "keys": [{"keyName": "HOST", "aliases": ["DATA_HOST"]}]}]}`)
	w.start(t, "DeploymentService", `{"name": "web", "tags": ["red-tag"], "billing": {"deploymentPlan": "nf-compute-20"},
		"deployment": {"instances": 1, "external": {"imagePath": "nginx:1"}}, "runtimeEnvironment": {"A": "own", "URL": "http://${DATA_HOST}/${NOBODY}"},
		"runtimeFiles": {"/etc/own": {"data": "eQ==", "encoding": "utf-8"}}}`)
	web := at("serviceId", "web")
	read := func(query map[string]string) map[string]any {
		return jsonvalue.Object(w.do(t, platform.OpGetServiceEnvironment, web, query, ""), "runtimeEnvironment")
	}
	all := read(nil)
	host := jsonvalue.String(all, "DATA_HOST")
	has(t, all, "A", "own", "B", "high", "C", "low", "TAGGED", "1", "ALL_TAGS", nil, "ONLY_ARGUMENT", nil, "URL", "http://${DATA_HOST}/${NOBODY}")
	if host == "" {
		t.Errorf("what a group has from an addon is missing in %v", all)
	}
	has(t, read(map[string]string{"show": "this"}), "A", "own", "B", nil)
	has(t, read(map[string]string{"show": "inherited"}), "A", "high", "B", "high", "URL", nil)
	has(t, read(map[string]string{"show": "this", "replaceTemplatedValues": "true"}), "URL", "http://"+host+"/${NOBODY}")
	_, err := w.try(platform.OpGetServiceEnvironment, web, map[string]string{"show": "none"}, "")
	refusal(t, err, 400, "show")

	details := w.do(t, platform.OpGetServiceEnvironmentDetails, web, nil, "")
	has(t, details, "runtimeEnvironment.A.value", "own", "runtimeEnvironment.A.inheritedFrom", nil,
		"runtimeEnvironment.A.overriding.0.inheritedFrom", "high", "runtimeEnvironment.A.overriding.1.value", "low",
		"runtimeEnvironment.B.inheritedFrom", "high", "runtimeEnvironment.B.priority", float64(50),
		"runtimeEnvironment.DATA_HOST.addonId", "data", "runtimeEnvironment.DATA_HOST.inheritedFrom", "linked")
	files := jsonvalue.Object(details, "runtimeFiles")
	if files["/etc/own"] == nil || files["/etc/low"] == nil || files["/etc/others"] != nil {
		t.Errorf("the files are %v", files)
	}
	w.start(t, "ManualJob", manualJob("web", nginx))
	job := at("jobId", "web")
	has(t, w.do(t, platform.OpGetJobEnvironment, job, nil, ""), "runtimeEnvironment.A", "others")
	has(t, w.do(t, platform.OpGetJobEnvironmentDetails, job, nil, ""), "runtimeEnvironment.A.inheritedFrom", "others")
	has(t, w.do(t, platform.OpGetJobBuildArguments, job, nil, ""), "buildArguments", map[string]any{"A": "others", "B": "high", "ONLY_ARGUMENT": "1"})
	has(t, w.do(t, platform.OpGetJobBuildArgumentDetails, job, nil, ""), "buildArguments.A.overriding.0.value", "high")
	w.start(t, "BuildService", builder("source"))
	source := at("serviceId", "source")
	has(t, w.do(t, platform.OpGetServiceBuildArguments, source, nil, ""), "buildArguments", map[string]any{"A": "high", "B": "high", "ONLY_ARGUMENT": "1"})
	has(t, w.do(t, platform.OpGetServiceBuildArgumentDetails, source, nil, ""), "buildArguments.A.value", "high")
}
