package runner_test

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/catalog/assert"
	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/engine/runner"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
	"github.com/nf-lsp/nf-lsp/internal/platform/local"
)

// A served platform runs the documents that it stores.
type served struct {
	t      *testing.T
	target *local.Platform
	store  *history.Store
	// documents runs what the platform stores.
	documents *runner.Runner
	// ahead is how far the platform's time is ahead of that outside.
	ahead atomic.Int64
}

// pass lets time pass on the platform.
func (s *served) pass(d time.Duration) { s.ahead.Add(int64(d)) }

// forget removes a run that has ended from the history.
func (s *served) forget(run string) {
	s.t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		pruned, err := s.store.Prune(s.t.Context(), "", history.Retention{Runs: 0}, time.Now().Add(1000*time.Hour), false)
		if err != nil {
			s.t.Fatal(err)
		}
		if slices.ContainsFunc(pruned, func(p history.Pruned) bool { return p.ID == run }) {
			return
		}
		if time.Now().After(end) {
			s.t.Fatalf("run %s stays in the history", run)
		}
	}
}

func serve(t *testing.T) *served {
	t.Helper()
	t.Setenv("NF_KEY", "file")
	dir := t.TempDir()
	store, err := history.OpenWith(t.Context(), dir, history.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := &served{t: t, store: store}
	target := local.New(local.Options{Dir: filepath.Join(dir, "local"), Delays: &local.Delays{},
		Clock: func() time.Time { return time.Now().Add(time.Duration(s.ahead.Load())) }})
	s.target = target
	documents := runner.New(engine.Engine{Store: store, Secrets: engine.StoredSecrets{Store: store},
		Checker: engine.CatalogChecker{Assert: assert.Node}}, target, nil)
	target.RunWith(documents)
	s.documents = documents
	t.Cleanup(func() {
		documents.Wait()
		documents.Close()
		_ = target.Close()
		_ = store.Close()
	})
	s.do("team/projects/create-project", nil, `{"name": "Shop", "region": "europe-west"}`)
	return s
}

func (s *served) try(op string, path map[string]string, body string) (any, error) {
	if path == nil {
		path = map[string]string{}
	}
	path["projectId"] = "shop"
	response, err := s.target.Do(s.t.Context(), op, platform.Params{Path: path}, json.RawMessage(body))
	if err != nil {
		return nil, err
	}
	var data any
	return data, response.Data(&data)
}

func (s *served) do(op string, path map[string]string, body string) any {
	s.t.Helper()
	data, err := s.try(op, path, body)
	if err != nil {
		s.t.Fatalf("%s: %v", op, err)
	}
	return data
}

// ended polls a run until it has ended.
func (s *served) ended(op string, path map[string]string) any {
	s.t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		run := s.do(op, path, "")
		if status := jsonvalue.String(run, "status"); status == "success" || status == "failure" || status == "aborted" {
			return run
		}
		if time.Now().After(end) {
			s.t.Fatalf("the run does not end: %v", run)
		}
	}
}

func (s *served) has(v any, pairs ...any) {
	s.t.Helper()
	for i := 0; i+1 < len(pairs); i += 2 {
		if got := jsonvalue.Get(v, pairs[i].(string)); !jsonvalue.Equal(got, pairs[i+1]) {
			s.t.Errorf("%s is %v, want %v", pairs[i], got, pairs[i+1])
		}
	}
}

const builder = `{"name": "Builder", "billing": {"deploymentPlan": "nf-compute-20"}, "vcsData": {"projectUrl": "https://github.com/acme/shop",
	"projectType": "github", "projectBranch": "main"}, "buildSettings": {"dockerfile": {"buildEngine": "kaniko", "dockerFilePath": "/Dockerfile", "dockerWorkDir": "/"}}}`

// TestAWorkflowBuildsTheCommitOfItsTrigger runs a workflow within its project. What
// its trigger stands for is the request's to say, else the head of the branch that the
// trigger watches.
func TestAWorkflowBuildsTheCommitOfItsTrigger(t *testing.T) {
	s := serve(t)
	s.do("project/services/create-build-service", nil, builder)
	s.do("project/workflows/create-workflow", nil, `{"apiVersion": "v1.2", "name": "Build It", "triggers": [
		{"kind": "vcs-push", "ref": "source", "spec": {"vcs": {"vcsService": "github", "repoUrl": "https://github.com/acme/shop"}, "branchNamePatterns": ["develop"]}},
		{"kind": "cron", "spec": {"cron": "0 3 * * *"}}],
		"spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
			{"kind": "Build", "ref": "build", "spec": {"id": "builder", "type": "service", "branch": "${refs.source.branch}"}}]}}}`)
	for _, tt := range []struct{ body, branch string }{
		{`{}`, "develop"},
		{`{"overrides": {"source": {"branch": "feature/x"}}}`, "feature/x"},
		{`{"overrides": {"build": {"branch": "hotfix"}}}`, "hotfix"},
	} {
		id := jsonvalue.String(s.do("project/workflows/run-workflow", map[string]string{"workflowId": "build-it"}, tt.body), "id")
		run := s.ended("project/workflows/get-workflow-run-details", map[string]string{"workflowId": "build-it", "runId": id})
		s.has(run, "status", "success", "refs.build.branch", tt.branch)
	}
	s.has(s.do("project/workflows/get-workflow", map[string]string{"workflowId": "build-it"}, ""), "status", "success")
}

const blueprint = `{"apiVersion": "v1.2", "name": "Previews", "arguments": {"image": "nginx:1"}, "triggers": [
	{"kind": "vcs-pr", "ref": "source", "spec": {"vcs": {"vcsService": "github", "repoUrl": "https://github.com/acme/shop"}}}],
	"options": {"nameFormat": "pull-request", "expiry": {"previewLifetime": 30}},
	"spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
		{"kind": "DeploymentService", "ref": "web", "spec": {"name": "web-${args.name}", "description": "${refs.source.branch}",
			"billing": {"deploymentPlan": "nf-compute-20"}, "deployment": {"instances": 1, "external": {"imagePath": "${args.image}"}}}},
		{"kind": "SecretGroup", "ref": "shared", "spec": {"name": "shared", "secretType": "environment", "priority": 1, "secrets": {"variables": {"LAST": "${args.name}"}}}}]}},
	"teardownSpec": {"failurePolicy": "%POLICY%", "spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
		{"kind": "Action", "spec": {"kind": "Service", "spec": {"type": "restart", "data": {"projectId": "shop", "serviceId": "${args.target}"}}}}]}}}}`

const shared = `{"name": "Shared", "secretType": "environment", "priority": 1, "secrets": {"variables": {"LAST": "nobody"}}}`

// TestAPreviewEnvironmentGoesWithWhatItHasMade makes an environment for a pull request,
// pauses it, and deletes it with its service; what was there before stays.
func TestAPreviewEnvironmentGoesWithWhatItHasMade(t *testing.T) {
	s := serve(t)
	s.do("project/secrets/create-project-secret", nil, shared)
	s.do("project/preview-blueprints/create-preview-blueprint", nil, strings.Replace(blueprint, "%POLICY%", "ignore", 1))
	one := func(more ...string) map[string]string {
		path := map[string]string{"previewBlueprintId": "previews"}
		for i := 0; i+1 < len(more); i += 2 {
			path[more[i]] = more[i+1]
		}
		return path
	}
	started := s.do("project/preview-blueprints/run-preview-blueprint", one(), `{"name": "pr-12", "triggers": {"source": {"branch": "fix", "pullRequestId": 12}}}`)
	run := s.ended("project/preview-blueprints/get-preview-blueprint-run-details", one("runId", jsonvalue.String(started, "id")))
	s.has(run, "status", "success", "environmentId", "pr-12", "refs.web.id", "web-pr-12")
	s.has(s.do("project/services/get-service", map[string]string{"serviceId": "web-pr-12"}, ""), "description", "fix", "servicePaused", false)
	s.do("project/preview-blueprints/pause-preview-environment", one("previewId", "pr-12"), "")
	s.has(s.do("project/services/get-service", map[string]string{"serviceId": "web-pr-12"}, ""), "servicePaused", true)
	s.do("project/preview-blueprints/resume-preview-environment", one("previewId", "pr-12"), "")
	s.has(s.do("project/services/get-service", map[string]string{"serviceId": "web-pr-12"}, ""), "servicePaused", false)
	s.do("project/preview-blueprints/delete-preview-environment", one("previewId", "pr-12"), `{"teardownArgumentOverrides": {"target": "web-pr-12"}}`)
	s.gone("web-pr-12")
	s.do("project/secrets/get-project-secret", map[string]string{"secretId": "shared"}, "")
	if left := jsonvalue.List(s.do("project/preview-blueprints/list-preview-environments", one(), ""), "previewEnvironments"); len(left) > 0 {
		t.Errorf("there is an environment left: %v", left)
	}
}

// TestAFailedTeardownKeepsTheEnvironment where its template says so.
func TestAFailedTeardownKeepsTheEnvironment(t *testing.T) {
	s := serve(t)
	s.do("project/preview-blueprints/create-preview-blueprint", nil, strings.Replace(blueprint, "%POLICY%", "block", 1))
	path := map[string]string{"previewBlueprintId": "previews"}
	started := s.do("project/preview-blueprints/run-preview-blueprint", path, `{"name": "by-hand"}`)
	s.ended("project/preview-blueprints/get-preview-blueprint-run-details", map[string]string{"previewBlueprintId": "previews", "runId": jsonvalue.String(started, "id")})
	env := map[string]string{"previewBlueprintId": "previews", "previewId": "by-hand"}
	s.do("project/preview-blueprints/delete-preview-environment", env, `{"teardownArgumentOverrides": {"target": "nobody"}}`)
	runs := s.do("project/preview-blueprints/list-preview-blueprint-runs", path, "")
	torn := map[string]string{"previewBlueprintId": "previews", "runId": jsonvalue.String(runs, "runs.0.id")}
	s.has(s.ended("project/preview-blueprints/get-preview-blueprint-run-details", torn), "status", "failure")
	s.has(s.do("project/preview-blueprints/list-preview-environments", path, ""), "previewEnvironments.0.id", "by-hand")
	s.do("project/services/get-service", map[string]string{"serviceId": "web-by-hand"}, "")
	if _, err := s.target.Do(t.Context(), "project/preview-blueprints/delete-preview-environment", platform.Params{Path: env,
		Query: map[string]string{"skipTeardown": "true"}}, nil); err != nil {
		t.Fatal(err)
	}
	s.gone("web-by-hand")
}

// gone waits until a service does not exist any more.
func (s *served) gone(service string) {
	s.t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		_, err := s.try("project/services/get-service", map[string]string{"serviceId": service}, "")
		if platform.IsNotFound(err) {
			return
		}
		if time.Now().After(end) {
			s.t.Fatalf("service %q stays: %v", service, err)
		}
	}
}

// TestATemplateMakesAPipelineWhoseReleaseFlowRuns follows a document in a document: the
// template's run resolves what is under template, the release flow's all else.
func TestATemplateMakesAPipelineWhoseReleaseFlowRuns(t *testing.T) {
	s := serve(t)
	s.do("team/templates/create-template", nil, `{"apiVersion": "v1.2", "name": "Delivery", "arguments": {"branch": "of-the-template"}, "project": {"id": "shop"},
		"spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
			{"kind": "BuildService", "ref": "builder", "spec": `+builder+`},
			{"kind": "Pipeline", "ref": "pipeline", "spec": {"name": "Delivery", "stages": [{"name": "Staging", "releaseFlow": {"kind": "ReleaseFlow", "spec": {
				"apiVersion": "v1.2", "arguments": {"branch": "of-the-flow"}, "spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
					{"kind": "Build", "ref": "build", "spec": {"id": "${template.refs.builder.id}", "type": "service", "branch": "${args.branch}"}}]}}}}}]}}]}}}`)
	started := s.do("team/templates/run-template", map[string]string{"templateId": "delivery"}, "{}")
	run := s.ended("team/templates/get-template-run", map[string]string{"templateId": "delivery", "templateRunId": jsonvalue.String(started, "id")})
	s.has(run, "status", "success")
	flow := map[string]string{"pipelineId": "delivery", "stage": "staging"}
	stored := s.do("project/pipelines/get-release-flow", flow, "")
	s.has(stored, "spec.spec.steps.0.spec.id", "builder", "spec.spec.steps.0.spec.branch", "${args.branch}")
	flow["runId"] = jsonvalue.String(s.do("project/pipelines/run-release-flow", flow, `{}`), "id")
	s.has(s.ended("project/pipelines/get-release-flow-run-details", flow), "status", "success", "refs.build.branch", "of-the-flow")
}

// TestAReleaseFlowDeploysWhatTheRunSays releases an image, which a run can change by the
// service that it is for.
func TestAReleaseFlowDeploysWhatTheRunSays(t *testing.T) {
	s := serve(t)
	s.do("project/services/create-deployment-service", nil, `{"name": "Web", "billing": {"deploymentPlan": "nf-compute-20"},
		"deployment": {"instances": 1, "external": {"imagePath": "nginx:1"}}}`)
	s.do("pipeline-node/put-pipeline", nil, `{"name": "Delivery", "stages": [{"name": "Production", "nfObjects": [{"id": "web", "type": "service"}]}]}`)
	flow := map[string]string{"pipelineId": "delivery", "stage": "production"}
	s.do("project/pipelines/update-release-flow", flow, `{"apiVersion": "v1.2", "arguments": {"tag": "1.27"}, "spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
		{"kind": "Release", "ref": "release", "condition": "running", "spec": {"type": "registry", "origin": {"imagePath": "nginx:${args.tag}"}, "target": {"id": "web", "type": "service"}}}]}}}`)
	for body, image := range map[string]string{
		`{}`:                               "nginx:1.27",
		`{"arguments": {"tag": "alpine"}}`: "nginx:alpine",
		`{"releaseNodeOverrides": {"web": {"origin": {"imagePath": "httpd:2"}}}}`: "httpd:2",
	} {
		delete(flow, "runId")
		flow["runId"] = jsonvalue.String(s.do("project/pipelines/run-release-flow", flow, body), "id")
		s.has(s.ended("project/pipelines/get-release-flow-run-details", flow), "status", "success")
		s.has(s.do("project/services/get-service-deployment", map[string]string{"serviceId": "web"}, ""), "external.imagePath", image)
	}
}

// TestAWorkflowRunsAnother waits for a workflow that it starts, and reads what came of
// it; one that fails fails the node.
func TestAWorkflowRunsAnother(t *testing.T) {
	s := serve(t)
	s.do("project/workflows/create-workflow", nil, `{"apiVersion": "v1.2", "name": "Inner", "arguments": {"level": "low", "job": ""}, "spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
		{"kind": "SecretGroup", "ref": "settings", "spec": {"name": "settings", "secretType": "environment", "priority": 1, "secrets": {"variables": {"LEVEL": "${args.level}"}}}},
		{"kind": "Action", "skipNodeExecution": "${fn.not(args.job)}", "spec": {"kind": "Service", "spec": {"type": "restart", "data": {"serviceId": "${args.job}"}}}}]}}}`)
	outer := func(job string) any {
		name := "outer" + job
		s.do("project/workflows/create-workflow", nil, `{"apiVersion": "v1.2", "name": "`+name+`", "spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
			{"kind": "RunTemplate", "ref": "inner", "condition": "success", "spec": {"templateType": "workflow", "templateId": "shop/inner",
				"arguments": {"variables": [{"key": "level", "value": "high"}, {"key": "job", "value": "`+job+`"}]}}}]}}}`)
		id := jsonvalue.String(s.do("project/workflows/run-workflow", map[string]string{"workflowId": name}, "{}"), "id")
		return s.ended("project/workflows/get-workflow-run-details", map[string]string{"workflowId": name, "runId": id})
	}
	run := outer("")
	s.has(run, "status", "success", "refs.inner.status", "success", "refs.inner.refs.settings.id", "settings")
	s.has(s.do("project/secrets/get-project-secret", map[string]string{"secretId": "settings"}, ""), "secrets.variables.LEVEL", "high")
	s.has(outer("nobody"), "status", "failure")
}

func TestADocumentThatCannotRunIsRefusedWithItsPlaces(t *testing.T) {
	s := serve(t)
	const workflow, nothing = `{"kind": "Workflow", "spec": {"type": "sequential", "steps": [%NODE%]}}`, `{"kind": "Workflow", "spec": {"type": "sequential", "steps": []}}`
	for _, tt := range []struct{ name, op, document, node, place string }{
		{"a workflow whose node has a wrong value", "project/workflows/create-workflow", `{"apiVersion": "v1.2", "name": "Wrong", "spec": ` + workflow + `}`,
			`{"kind": "Build", "spec": {"id": "builder", "type": "servce"}}`, "spec.spec.steps.0.spec.type"},
		{"a preview whose teardown makes something", "project/preview-blueprints/create-preview-blueprint",
			`{"apiVersion": "v1.2", "name": "Wrong", "spec": ` + nothing + `, "teardownSpec": {"spec": ` + workflow + `}}`,
			`{"kind": "SecretGroup", "spec": {"name": "late", "secretType": "environment", "priority": 1}}`, "teardownSpec.spec.spec.steps.0.kind"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := s.try(tt.op, nil, strings.Replace(tt.document, "%NODE%", tt.node, 1))
			var refused *platform.Error
			if !errors.As(err, &refused) || refused.Status != 400 || refused.Details[tt.place] == nil {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestATemplateOfTheAPIWaitsForPeople shows the states that clients see meanwhile.
func TestATemplateOfTheAPIWaitsForPeople(t *testing.T) {
	s := serve(t)
	s.do("team/templates/create-template", nil, `{"apiVersion": "v1.2", "name": "Gated", "spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
		{"kind": "Approval", "ref": "gate", "spec": {"amount": 2}},
		{"kind": "Project", "ref": "after", "spec": {"name": "After", "region": "europe-west"}}]}}}`)
	id := jsonvalue.String(s.do("team/templates/run-template", map[string]string{"templateId": "gated"}, "{}"), "id")
	path := map[string]string{"templateId": "gated", "templateRunId": id}
	stands := func(status string) any {
		t.Helper()
		for end := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
			run := s.do("team/templates/get-template-run", path, "")
			if jsonvalue.String(run, "status") == status {
				return run
			}
			if time.Now().After(end) {
				t.Fatalf("the run is not %s: %v", status, run)
			}
		}
	}
	run := stands("approval_wait")
	s.has(run, "concluded", false, "spec.spec.steps.0.response.status", "approval_wait", "spec.spec.steps.1.response.status", "pending")
	for _, by := range []string{"ann", "bob"} {
		v := engine.Verdict{Node: "gate", Decision: engine.Decision{By: by, At: time.Now()}}
		if _, err := engine.Decide(t.Context(), s.store, id, v); err != nil {
			t.Fatal(err)
		}
	}
	s.has(stands("success"), "concluded", true, "spec.spec.steps.0.response.status", "success", "refs.after.id", "after")
}
