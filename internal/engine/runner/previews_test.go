package runner_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

const runBlueprint, blueprintRun = "project/preview-blueprints/run-preview-blueprint", "project/preview-blueprints/get-preview-blueprint-run-details"

// preview runs the blueprint and waits for the end of the run.
func (s *served) preview(body string) (path map[string]string) {
	s.t.Helper()
	path = map[string]string{"previewBlueprintId": "previews"}
	path["runId"] = jsonvalue.String(s.do(runBlueprint, path, body), "id")
	s.has(s.ended(blueprintRun, path), "status", "success")
	return path
}

// TestWhatAPreviewMakesHasItsTag makes a service and a secret group, which only what has
// the tag inherits; the tag that the template itself names stands once. A group that is
// shared stays so.
func TestWhatAPreviewMakesHasItsTag(t *testing.T) {
	s := serve(t)
	s.do("project/secrets/create-project-secret", nil, shared)
	s.do("project/preview-blueprints/create-preview-blueprint", nil, `{"apiVersion": "v1.2", "name": "Previews",
		"spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
		{"kind": "SecretGroup", "spec": {"name": "settings-${args.name}", "secretType": "environment", "priority": 1, "secrets": {"variables": {"LEVEL": "high"}}}},
		{"kind": "SecretGroup", "spec": {"name": "Shared", "secretType": "environment", "priority": 1, "secrets": {"variables": {"LAST": "one"}}}},
		{"kind": "DeploymentService", "spec": {"name": "web-${args.name}", "tags": ["${args.previewId}"], "billing": {"deploymentPlan": "nf-compute-20"},
			"deployment": {"instances": 1, "external": {"imagePath": "nginx:1"}}}}]}}}`)
	for range 2 { // the second time as an update
		s.preview(`{"name": "one"}`)
		s.has(s.do("project/services/get-service", map[string]string{"serviceId": "web-one"}, ""), "tags.0", "one", "tags.1", nil)
		s.has(s.do("project/secrets/get-project-secret", map[string]string{"secretId": "settings-one"}, ""), "tags.0", "one", "tags.1", nil,
			"restrictions.restricted", true, "restrictions.tags.0", "one", "restrictions.tags.1", nil)
		s.has(s.do("project/secrets/get-project-secret", map[string]string{"secretId": "shared"}, ""), "tags", nil, "restrictions", nil, "secrets.variables.LAST", "one")
	}
	s.has(s.do("team/tags/get-tag", map[string]string{"resourceTagId": "one"}, ""), "name", "one")
}

// TestAPreviewWhoseTimeIsOverGoesAfterItsTeardown looks after environments as a server
// does, which nobody has to call.
func TestAPreviewWhoseTimeIsOverGoesAfterItsTeardown(t *testing.T) {
	for _, tt := range []struct {
		name, policy, target string
		stays                bool
	}{
		{"one that is torn down", "block", "web-one", false},
		{"one whose teardown fails", "ignore", "nobody", false},
		{"one that its failed teardown keeps", "block", "nobody", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t)
			s.do("project/preview-blueprints/create-preview-blueprint", nil, strings.Replace(blueprint, "%POLICY%", tt.policy, 1))
			path := s.preview(`{"name": "one", "arguments": {"target": "` + tt.target + `"}}`)
			next, err := s.target.EndPreviews(t.Context())
			if left := time.Until(next); err != nil || left <= 0 || left > 30*time.Minute {
				t.Fatalf("the next one ends in %v: %v", left, err)
			}
			s.pass(31 * time.Minute)
			if next, err = s.target.EndPreviews(t.Context()); err != nil || !next.IsZero() {
				t.Fatalf("%v, %v", next, err)
			}
			const runs, environments = "project/preview-blueprints/list-preview-blueprint-runs", "project/preview-blueprints/list-preview-environments"
			path["runId"] = jsonvalue.String(s.do(runs, path, ""), "runs.0.id")
			s.ended(blueprintRun, path)
			if !tt.stays {
				s.gone("web-one")
				return
			}
			for end := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
				if jsonvalue.String(s.do(environments, path, ""), "previewEnvironments.0.id") == "one" {
					break
				}
				if time.Now().After(end) {
					t.Fatal("the environment is not listed")
				}
			}
			s.do("project/services/get-service", map[string]string{"serviceId": "web-one"}, "")
			if _, err := s.target.EndPreviews(t.Context()); err != nil {
				t.Fatal(err)
			}
			s.has(s.do(runs, path, ""), "runs.0.id", path["runId"])
		})
	}
}

// TestWhatAPreviewHasMadeIsKnownWithoutItsRuns removes the run that has made a service
// from the history, before the environment goes.
func TestWhatAPreviewHasMadeIsKnownWithoutItsRuns(t *testing.T) {
	s := serve(t)
	s.do("project/preview-blueprints/create-preview-blueprint", nil, strings.Replace(blueprint, "%POLICY%", "ignore", 1))
	made := s.preview(`{"name": "one"}`)["runId"]
	s.do("project/preview-blueprints/update-preview-blueprint", map[string]string{"previewBlueprintId": "previews"}, `{"apiVersion": "v1.2",
		"spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": []}}}`)
	path := s.preview(`{"name": "one"}`)
	s.forget(made)
	path["previewId"] = "one"
	if _, err := s.target.Do(t.Context(), "project/preview-blueprints/delete-preview-environment", platform.Params{Path: path,
		Query: map[string]string{"skipTeardown": "true"}}, nil); err != nil {
		t.Fatal(err)
	}
	s.gone("web-one")
}

// TestASubdomainOfAPreviewGoesWithIt makes a subdomain and a path of a domain that stays.
func TestASubdomainOfAPreviewGoesWithIt(t *testing.T) {
	s := serve(t)
	s.do("team/domains/create-new-domain", nil, `{"domain": "acme.example"}`)
	s.do("team/domains/verify-domain", map[string]string{"domain": "acme.example"}, "{}")
	s.do("team/domains/add-subdomain", map[string]string{"domain": "acme.example"}, `{"subdomain": "shared"}`)
	s.do("project/preview-blueprints/create-preview-blueprint", nil, `{"apiVersion": "v1.2", "name": "Previews",
		"spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
		{"kind": "Subdomain", "ref": "own", "spec": {"domain": "acme.example", "name": "${args.name}"}},
		{"kind": "SubdomainPath", "spec": {"subdomain": "shared.acme.example", "uri": "/${args.name}", "mode": "prefix"}}]}}}`)
	path := s.preview(`{"name": "one"}`)
	own, shared := map[string]string{"domain": "acme.example", "subdomain": "one"}, map[string]string{"domain": "acme.example", "subdomain": "shared"}
	s.do("team/domains/get-subdomain", own, "")
	s.has(s.do("team/domains/list-subdomain-paths", shared, ""), "paths.0.uri", "/one")
	path["previewId"] = "one"
	s.do("project/preview-blueprints/delete-preview-environment", path, "{}")
	if _, err := s.try("team/domains/get-subdomain", own, ""); !platform.IsNotFound(err) {
		t.Errorf("the subdomain stays: %v", err)
	}
	s.do("team/domains/get-subdomain", shared, "")
	s.has(s.do("team/domains/list-subdomain-paths", shared, ""), "paths.0", nil)
}

// TestOurPreviewTemplateLivesWithItsPullRequest plays testdata/templates/preview-environment.json:
// two repositories, a copied database, a host name, a job; in its active hours, from the
// opening of a pull request to its end.
func TestOurPreviewTemplateLivesWithItsPullRequest(t *testing.T) {
	text, err := os.ReadFile("../../../testdata/templates/preview-environment.json")
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t)
	for _, repository := range []string{"frontend", "backend"} {
		s.do("project/services/create-build-service", nil, strings.NewReplacer("Builder", repository+" builder", "acme/shop", "example-org/"+repository).Replace(builder))
	}
	s.do("project/addons/create-addon", nil, `{"name": "staging data", "type": "postgresql", "version": "16-latest", "tlsEnabled": true,
		"billing": {"deploymentPlan": "nf-compute-20", "storageClass": "nvme", "storage": 6144, "replicas": 1}}`)
	s.do("team/domains/create-new-domain", nil, `{"domain": "preview.example.com"}`)
	s.do("team/domains/verify-domain", map[string]string{"domain": "preview.example.com"}, "{}")
	s.do("pipeline-node/put-pipeline", nil, `{"name": "Delivery", "stages": []}`)
	pipeline := map[string]string{"pipelineId": "delivery"}
	s.do("project/pipelines/update-preview-template", pipeline, string(text))

	// From eight to eight on Mondays, and on Fridays.
	at := func(day time.Weekday, hour int) {
		now := time.Now().Add(time.Duration(s.ahead.Load())).UTC()
		then := time.Date(now.Year(), now.Month(), now.Day(), hour, 0, 0, 0, time.UTC).AddDate(0, 0, int(day-now.Weekday()+7)%7)
		if then.Before(now) {
			then = then.AddDate(0, 0, 7)
		}
		s.pass(then.Sub(now))
	}
	opened := `{"event": "pull-request", "repoUrl": "https://github.com/example-org/backend", "branch": "feature/cart", "pullRequestId": 31, "sha": "` + commit + `"}`
	at(time.Sunday, 12)
	s.has(s.event(opened), "action", "none", "reason", "outside-active-hours")
	at(time.Monday, 10)
	started := s.event(opened)
	s.has(started, "action", "run", "environmentId", "feature-cart")
	pipeline["templateRunId"] = jsonvalue.String(started, "runId")
	s.has(s.ended("project/pipelines/get-preview-template-run", pipeline), "status", "success", "refs.backend-image.sha", commit, "refs.backend-image.branch", "feature/cart",
		"refs.frontend-image.branch", "main", "refs.database.id", "feature-cart-data", "refs.host.id", "feature-cart.preview.example.com")
	service := map[string]string{"serviceId": "feature-cart-backend"}
	s.has(s.do("project/services/get-service", service, ""), "tags.0", "feature-cart", "tags.1", nil)
	// It goes with all that it has made; its teardown, which tells a chat, is left out.
	pipeline["previewId"] = "feature-cart"
	if _, err := s.target.Do(t.Context(), "project/pipelines/delete-preview-environment", platform.Params{Path: pipeline,
		Query: map[string]string{"skipTeardown": "true"}}, nil); err != nil {
		t.Fatal(err)
	}
	s.gone("feature-cart-backend")
	s.gone("feature-cart-frontend")
	for op, path := range map[string]map[string]string{"project/addons/get-addon": {"addonId": "feature-cart-data"}, "project/jobs/get-job": {"jobId": "feature-cart-seed"},
		"team/domains/get-subdomain": {"domain": "preview.example.com", "subdomain": "feature-cart"}, "team/tags/get-tag": {"resourceTagId": "feature-cart"}} {
		if _, err := s.try(op, path, ""); !platform.IsNotFound(err) {
			t.Errorf("%s: %v", op, err)
		}
	}
	s.do("project/addons/get-addon", map[string]string{"addonId": "staging-data"}, "")
}

// referring has a teardown that takes a run that has succeeded; one with a service that is
// not there fails.
const referring = `{"apiVersion": "v1.2", "name": "Previews", "arguments": {"service": ""}, "options": {"expiry": {"previewLifetime": 30}},
	"spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
	{"kind": "Action", "skipNodeExecution": "${fn.not(args.service)}", "spec": {"kind": "Service", "spec": {"type": "restart", "data": {"projectId": "shop", "serviceId": "${args.service}"}}}},
	{"kind": "DeploymentService", "ref": "web", "spec": {"name": "web-${args.name}", "billing": {"deploymentPlan": "nf-compute-20"}, "deployment": {"instances": 1, "external": {"imagePath": "nginx:1"}}}}]}},
	"teardownSpec": {"failurePolicy": "%POLICY%", "spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
	{"kind": "Action", "spec": {"kind": "Service", "spec": {"type": "restart", "data": {"projectId": "shop", "serviceId": "${refs.web.id}"}}}}]}}}}`

// TestAPreviewThatIsMadeAgainIsAnotherOne makes an environment under the name of one that is
// gone, in a run that fails: its teardown has nothing to go by, and what that says decides.
func TestAPreviewThatIsMadeAgainIsAnotherOne(t *testing.T) {
	const environments = "project/preview-blueprints/list-preview-environments"
	for _, tt := range []struct {
		policy string
		stays  any
		status int
	}{{"ignore", nil, 0}, {"block", "one", 400}} {
		t.Run(tt.policy, func(t *testing.T) {
			s := serve(t)
			s.do("project/preview-blueprints/create-preview-blueprint", nil, strings.Replace(referring, "%POLICY%", tt.policy, 1))
			path := s.preview(`{"name": "one"}`)
			path["previewId"] = "one"
			s.do("project/preview-blueprints/delete-preview-environment", path, "{}")
			s.documents.Wait()
			s.has(s.do("project/preview-blueprints/list-preview-blueprint-runs", path, ""), "runs.0.status", "success")
			s.has(s.do(environments, path, ""), "previewEnvironments.0", nil)
			path["runId"] = jsonvalue.String(s.do(runBlueprint, path, `{"name": "one", "arguments": {"service": "nobody"}}`), "id")
			s.has(s.ended(blueprintRun, path), "status", "failure")
			_, err := s.try("project/preview-blueprints/delete-preview-environment", path, "{}")
			if platform.StatusOf(err) != tt.status {
				t.Errorf("%v", err)
			}
			s.has(s.do(environments, path, ""), "previewEnvironments.0.id", tt.stays)
			// What keeps the environment is told of it by its newest run.
			s.has(s.do("project/preview-blueprints/list-preview-blueprint-runs", path, ""), "runs.0.status", "failure", "runs.0.environmentId", "one", "runs.1.id", path["runId"])
			path["runId"] = jsonvalue.String(s.do("project/preview-blueprints/list-preview-blueprint-runs", path, ""), "runs.0.id")
			if message := jsonvalue.String(s.do(blueprintRun, path, ""), "error.message"); !strings.Contains(message, "refs.web") {
				t.Errorf("the teardown has failed: %s", message)
			}
		})
	}
}

// TestATeardownThatCannotBeginHoldsNobodyUp has the time of an environment be over whose
// only run has failed, when another one is made.
func TestATeardownThatCannotBeginHoldsNobodyUp(t *testing.T) {
	s := serve(t)
	s.do("project/preview-blueprints/create-preview-blueprint", nil, strings.Replace(referring, "%POLICY%", "block", 1))
	path := map[string]string{"previewBlueprintId": "previews"}
	path["runId"] = jsonvalue.String(s.do(runBlueprint, path, `{"name": "one", "arguments": {"service": "nobody"}}`), "id")
	s.has(s.ended(blueprintRun, path), "status", "failure")
	s.pass(31 * time.Minute)
	s.preview(`{"name": "two"}`)
	s.has(s.do("project/preview-blueprints/list-preview-environments", path, ""), "previewEnvironments.0.id", "two", "previewEnvironments.1.id", "one")
	s.pass(31 * time.Minute)
	if _, err := s.target.EndPreviews(t.Context()); err != nil {
		t.Error(err)
	}
}
