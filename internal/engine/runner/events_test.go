package runner_test

import (
	"slices"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
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

// listed are the names of the environments of the blueprint.
func (s *served) listed() []string {
	var names []string
	for _, row := range jsonvalue.List(s.do("project/preview-blueprints/list-preview-environments", map[string]string{"previewBlueprintId": "previews"}, ""), "previewEnvironments") {
		names = append(names, jsonvalue.String(row, "id"))
	}
	slices.Sort(names)
	return names
}

// TestThePreviewOfABranchGoesWithIt makes environments of one branch in every way, and has
// the branch be deleted, then the pull request be closed.
func TestThePreviewOfABranchGoesWithIt(t *testing.T) {
	s := serve(t)
	s.do("project/services/create-deployment-service", nil, `{"name": "Shared", "billing": {"deploymentPlan": "nf-compute-20"}, "deployment": {"instances": 1, "external": {"imagePath": "nginx:1"}}}`)
	store := func(teardown string) {
		op, path := "project/preview-blueprints/create-preview-blueprint", map[string]string{"previewBlueprintId": "previews"}
		if teardown != "" {
			op, teardown = "project/preview-blueprints/update-preview-blueprint", `, "teardownSpec": {"spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [`+teardown+`]}}}`
		}
		s.do(op, path, `{"apiVersion": "v1.2", "name": "Previews", "options": {"nameFormat": "branch"}, "triggers": [
			{"kind": "vcs-push", "ref": "pushes", "spec": {"vcs": {"vcsService": "github", "repoUrl": "https://github.com/acme/shop"}}},
			{"kind": "vcs-pr", "ref": "pulls", "spec": {"vcs": {"vcsService": "github", "repoUrl": "https://github.com/acme/shop"}}}],
			"spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
			{"kind": "SecretGroup", "spec": {"name": "of-${args.name}", "secretType": "environment", "priority": 1}}]}}`+teardown+`}`)
	}
	store("")
	event := func(kind, branch, more string) string {
		return `{"event": "` + kind + `", "repoUrl": "https://github.com/acme/shop", "branch": "` + branch + `"` + more + `}`
	}
	made := func(outcome any) {
		t.Helper()
		s.has(outcome, "action", "run")
		s.has(s.ended(blueprintRun, map[string]string{"previewBlueprintId": "previews", "runId": jsonvalue.String(outcome, "runId")}), "status", "success")
	}
	is := func(want ...string) {
		t.Helper()
		if got := s.listed(); !slices.Equal(got, want) {
			t.Errorf("there are %q, want %q", got, want)
		}
	}
	gone := func(group string) {
		t.Helper()
		if _, err := s.try("project/secrets/get-project-secret", map[string]string{"secretId": group}, ""); !platform.IsNotFound(err) {
			t.Errorf("%s: %v", group, err)
		}
	}
	made(s.event(event("push", "team/a", "")))
	made(s.event(event("push", "team/b", "")))
	made(s.event(event("pull-request", "team/c", `, "pullRequestId": 3`)))
	s.preview(`{"name": "hand", "triggers": {"pushes": {"branch": "team/a"}}}`)
	is("hand", "team-a", "team-b", "team-c")

	// Without a teardown it goes at once, and the other environments stay: those of other
	// branches, of pull requests, and of people.
	outcome := s.event(event("deleted", "team/a", ""))
	s.has(outcome, "action", "delete", "environmentId", "team-a", "runId", nil)
	is("hand", "team-b", "team-c")
	gone("of-team-a")
	s.do("project/secrets/get-project-secret", map[string]string{"secretId": "of-team-b"}, "")
	nothing := func(body string) {
		t.Helper()
		s.has(s.do("git-event/send-git-event", nil, body), "outcomes.0", nil)
	}
	nothing(event("deleted", "team/c", ""))
	nothing(event("closed", "team/b", `, "pullRequestId": 4`))
	nothing(event("deleted", "team/a", ""))

	// With one it goes after that.
	store(`{"kind": "Action", "spec": {"kind": "Service", "spec": {"type": "restart", "data": {"serviceId": "shared"}}}}`)
	outcome = s.event(event("deleted", "team/b", ""))
	s.has(outcome, "action", "delete", "environmentId", "team-b")
	s.has(s.ended(blueprintRun, map[string]string{"previewBlueprintId": "previews", "runId": jsonvalue.String(outcome, "runId")}), "status", "success")
	s.documents.Wait()
	is("hand", "team-c")
	gone("of-team-b")

	// Who does not want to wait for it leaves it out, also when it has begun.
	store(`{"kind": "Approval", "spec": {"amount": 1}}`)
	outcome = s.event(event("closed", "team/c", `, "pullRequestId": 3`))
	s.has(outcome, "action", "delete", "environmentId", "team-c")
	is("hand", "team-c")
	nothing(event("closed", "team/c", `, "pullRequestId": 3`))
	path := map[string]string{"previewBlueprintId": "previews", "previewId": "team-c", "runId": jsonvalue.String(outcome, "runId")}
	if _, err := s.target.Do(t.Context(), "project/preview-blueprints/delete-preview-environment", platform.Params{Path: map[string]string{"projectId": "shop",
		"previewBlueprintId": "previews", "previewId": "team-c"}, Query: map[string]string{"skipTeardown": "true"}}, nil); err != nil {
		t.Fatal(err)
	}
	is("hand")
	gone("of-team-c")
	s.do("project/preview-blueprints/abort-preview-blueprint-run", path, "")
	s.ended(blueprintRun, path)
	is("hand")
}

// TestActiveHoursAreForGitEvents has people and webhooks make environments on a Sunday.
func TestActiveHoursAreForGitEvents(t *testing.T) {
	s := serve(t)
	now := time.Now().UTC()
	sunday := time.Date(now.Year(), now.Month(), now.Day(), 12, 0, 0, 0, time.UTC).AddDate(0, 0, 7-int(now.Weekday()))
	s.pass(sunday.Sub(now))
	s.do("project/preview-blueprints/create-preview-blueprint", nil, `{"apiVersion": "v1.2", "name": "Previews", "options": {"nameFormat": "branch",
			"schedule": {"mon": {"startTime": 8}, "fri": {"endTime": 18}}},
		"triggers": [{"kind": "vcs-push", "ref": "source", "spec": {"vcs": {"vcsService": "github", "repoUrl": "https://github.com/acme/shop"}}},
			{"kind": "webhook", "ref": "hook", "spec": {"token": "chosen-by-somebody"}}],
		"spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": []}}}`)
	push := `{"event": "push", "repoUrl": "https://github.com/acme/shop", "branch": "team/a"}`
	s.has(s.event(push), "action", "none", "reason", "outside-active-hours")
	s.preview(`{"name": "hand"}`)
	s.has(s.do("webhook/call-webhook", nil, `{"family": "previews", "token": "chosen-by-somebody", "query": {"source.branch": "team/b"}}`), "name", "team-b")
	s.has(s.event(push), "action", "none", "reason", "outside-active-hours")
	s.pass(24 * time.Hour)
	s.has(s.event(push), "action", "run", "environmentId", "team-a")
	if got := s.listed(); !slices.Equal(got, []string{"hand", "team-a", "team-b"}) {
		t.Errorf("there are %q", got)
	}
}
