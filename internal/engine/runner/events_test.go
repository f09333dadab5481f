package runner_test

import (
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

const commit = "0123456789012345678901234567890123456789"

// event sends one and returns what came of it for the only document that watches.
func (s *served) event(body string) any {
	s.t.Helper()
	outcomes := jsonvalue.List(s.do("git-event/send-git-event", nil, body), "outcomes")
	if len(outcomes) != 1 {
		s.t.Fatalf("%v", outcomes)
	}
	return outcomes[0]
}

// TestAPushBuildsAndReleasesItsCommit has a push to production start the release flow of
// that stage, whose nodes read the commit.
func TestAPushBuildsAndReleasesItsCommit(t *testing.T) {
	s := serve(t)
	s.do("project/services/create-build-service", nil, builder)
	s.do("pipeline-node/put-pipeline", nil, `{"name": "Delivery", "stages": [{"name": "Production"}]}`)
	flow := map[string]string{"pipelineId": "delivery", "stage": "production"}
	s.do("project/pipelines/update-release-flow", flow, `{"apiVersion": "v1.2", "options": {"concurrencyPolicy": "forbid"},
		"triggers": [{"ref": "source", "vcsService": "github", "repoUrl": "https://github.com/acme/shop", "branchRestrictions": ["production"]}],
		"spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
		{"kind": "Build", "ref": "build", "condition": "success", "spec": {"id": "builder", "type": "service", "branch": "${refs.source.branch}", "sha": "${refs.source.sha}"}}]}}}`)
	push := `{"event": "push", "repoUrl": "https://github.com/acme/shop", "branch": "production", "sha": "` + commit + `"}`
	started := s.event(push)
	s.has(started, "action", "run", "triggers.0", "source")
	flow["runId"] = jsonvalue.String(started, "runId")
	s.has(s.ended("project/pipelines/get-release-flow-run-details", flow), "status", "success", "refs.build.branch", "production", "refs.build.sha", commit)
	s.has(s.event(`{"event": "push", "repoUrl": "https://github.com/acme/shop", "branch": "main"}`), "action", "none", "reason", "other-branch")
}

// TestAnEventThatIsForbiddenSaysSo sends a push while the run of the one before goes on,
// and the same delivery once more after it.
func TestAnEventThatIsForbiddenSaysSo(t *testing.T) {
	s := serve(t)
	s.do("project/workflows/create-workflow", nil, `{"apiVersion": "v1.2", "name": "Checks", "options": {"concurrencyPolicy": "forbid"},
		"triggers": [{"kind": "vcs-push", "ref": "source", "spec": {"vcs": {"vcsService": "github", "repoUrl": "https://github.com/acme/shop"}}}],
		"spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
		{"kind": "SecretGroup", "ref": "settings", "spec": {"name": "settings", "secretType": "environment", "priority": 1}},
		{"kind": "Condition", "spec": {"kind": "Service", "spec": {"type": "running", "data": {"serviceId": "web"}}}}]}}}`)
	// Nothing is built, so that nothing is deployed, and the run waits.
	s.do("project/services/create-build-service", nil, builder)
	s.do("project/services/create-deployment-service", nil, `{"name": "Web", "billing": {"deploymentPlan": "nf-compute-20"},
		"deployment": {"instances": 1, "internal": {"id": "builder", "branch": "main", "buildSHA": "latest"}}}`)
	push := `{"event": "push", "repoUrl": "https://github.com/acme/shop", "branch": "main", "sha": "` + commit + `"`
	first := s.event(push + `}`)
	s.has(first, "action", "run")
	second := s.event(push + `, "delivery": "two"}`)
	s.has(second, "action", "refused", "reason", "run-forbidden", "runId", nil)
	s.has(s.event(push+`, "delivery": "two"}`), "action", "refused", "reason", "run-forbidden")
	path := map[string]string{"workflowId": "checks"}
	s.has(s.do("project/workflows/list-workflow-runs", path, ""), "runs.0.id", jsonvalue.String(first, "runId"), "runs.1", nil)
	path["runId"] = jsonvalue.String(first, "runId")
	s.do("project/workflows/abort-workflow-run", path, "")
	s.ended("project/workflows/get-workflow-run-details", path)
}

// TestAPullRequestHasAPreviewForAsLongAsItIsOpen makes an environment, updates it, and
// takes it away, with what it has made and after its teardown.
func TestAPullRequestHasAPreviewForAsLongAsItIsOpen(t *testing.T) {
	s := serve(t)
	s.do("project/preview-blueprints/create-preview-blueprint", nil, `{"apiVersion": "v1.2", "name": "Previews", "options": {"nameFormat": "pullRequest"},
		"triggers": [{"kind": "vcs-pr", "ref": "source", "spec": {"vcs": {"vcsService": "github", "repoUrl": "https://github.com/acme/shop"}}}],
		"spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
		{"kind": "SecretGroup", "ref": "settings", "spec": {"name": "settings-${args.name}", "secretType": "environment", "priority": 1,
			"secrets": {"variables": {"PULL": "${refs.source.pullRequestId}", "BRANCH": "${refs.source.branch}"}}}}]}},
		"teardownSpec": {"spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": []}}}}`)
	path := map[string]string{"previewBlueprintId": "previews"}
	pull := `{"event": "pull-request", "repoUrl": "https://github.com/acme/shop", "branch": "feature/x", "pullRequestId": 12}`
	for range 2 {
		started := s.event(pull)
		s.has(started, "action", "run", "environmentId", "pr-12")
		path["runId"] = jsonvalue.String(started, "runId")
		s.has(s.ended("project/preview-blueprints/get-preview-blueprint-run-details", path), "status", "success")
	}
	s.has(s.do("project/secrets/get-project-secret", map[string]string{"secretId": "settings-pr-12"}, ""), "secrets.variables.PULL", 12,
		"secrets.variables.BRANCH", "feature/x")
	closed := s.event(`{"event": "closed", "repoUrl": "https://github.com/acme/shop", "branch": "feature/x", "pullRequestId": 12}`)
	s.has(closed, "action", "delete", "environmentId", "pr-12")
	path["runId"] = jsonvalue.String(closed, "runId")
	s.has(s.ended("project/preview-blueprints/get-preview-blueprint-run-details", path), "status", "success")
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if _, err := s.try("project/secrets/get-project-secret", map[string]string{"secretId": "settings-pr-12"}, ""); err != nil {
			break
		}
		if time.Now().After(end) {
			t.Fatal("what the environment has made is still there")
		}
	}
	s.has(s.do("project/preview-blueprints/list-preview-environments", path, ""), "previewEnvironments.0", nil)
}
