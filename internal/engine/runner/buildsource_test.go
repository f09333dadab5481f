package runner_test

import (
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// TestAPreviewBuildsTheCommitsOfItsTriggers has one of two triggers start a preview: the
// commit of the other one is its default.
func TestAPreviewBuildsTheCommitsOfItsTriggers(t *testing.T) {
	s := serve(t)
	s.do("project/services/create-build-service", nil, builder)
	s.do("pipeline-node/put-pipeline", nil, `{"name": "Delivery", "stages": []}`)
	pipeline := map[string]string{"pipelineId": "delivery"}
	watched := func(ref string) string {
		return `{"ref": "` + ref + `", "vcsService": "github", "repoUrl": "https://github.com/acme/` + ref + `", "prRestrictions": ["*"], "branchRestrictions": ["main"]}`
	}
	node := func(ref, name, defaults string) string {
		return `{"kind": "BuildSource", "ref": "` + name + `", "condition": "success", "spec": {"id": "builder", "type": "service",
			"branch": "${refs.` + ref + `.branch}", "sha": "${refs.` + ref + `.sha}", "pullRequestId": "${refs.` + ref + `.pullRequestId}", "defaults": ` + defaults + `}}`
	}
	s.do("project/pipelines/update-preview-template", pipeline, `{"apiVersion": "v1.2", "options": {"nameFormat": "branch"},
		"triggers": [`+watched("web")+`, `+watched("api")+`],
		"spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [`+node("web", "image", "{}")+`, `+node("api", "backend", `{"branch": "stable"}`)+`]}}}`)
	started := s.event(`{"event": "pull-request", "repoUrl": "https://github.com/acme/web", "branch": "feature/x", "pullRequestId": 12, "sha": "` + commit + `"}`)
	s.has(started, "environmentId", "feature-x")
	pipeline["templateRunId"] = jsonvalue.String(started, "runId")
	run := s.ended("project/pipelines/get-preview-template-run", pipeline)
	s.has(run, "status", "success", "refs.image.branch", "feature/x", "refs.image.sha", commit, "refs.image.pullRequestId", 12,
		"refs.backend.branch", "stable", "refs.backend.pullRequestId", nil, "refs.backend.status", "SUCCESS")
	// A push is of no pull request.
	started = s.event(`{"event": "push", "repoUrl": "https://github.com/acme/web", "branch": "main"}`)
	s.has(started, "action", "run", "environmentId", "main", "message", nil)
	pipeline["templateRunId"] = jsonvalue.String(started, "runId")
	run = s.ended("project/pipelines/get-preview-template-run", pipeline)
	s.has(run, "status", "success", "refs.image.branch", "main", "refs.image.pullRequestId", nil)
}

// TestATriggerAndAServiceMayHaveOneName has the build of a trigger's commit deployed by a
// service that has the trigger's name: before it has run, the name is the trigger's.
func TestATriggerAndAServiceMayHaveOneName(t *testing.T) {
	s := serve(t)
	s.do("project/services/create-build-service", nil, builder)
	s.do("pipeline-node/put-pipeline", nil, `{"name": "Delivery", "stages": []}`)
	pipeline := map[string]string{"pipelineId": "delivery"}
	s.do("project/pipelines/update-preview-template", pipeline, `{"apiVersion": "v1.2", "options": {"nameFormat": "branch"},
		"triggers": [{"ref": "shop", "vcsService": "github", "repoUrl": "https://github.com/acme/shop", "branchRestrictions": ["*"]}],
		"spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
		{"kind": "BuildSource", "ref": "build", "condition": "success", "spec": {"id": "builder", "type": "service", "branch": "${refs.shop.branch}", "sha": "${refs.shop.sha}"}},
		{"kind": "DeploymentService", "ref": "shop", "spec": {"name": "shop-${args.name}", "description": "${refs.shop.branch}", "billing": {"deploymentPlan": "nf-compute-20"},
			"deployment": {"instances": 1, "internal": {"id": "${refs.build.nfObjectId}", "branch": "${refs.build.branch}"}}}},
		{"kind": "SecretGroup", "ref": "where", "spec": {"name": "where-${args.name}", "secretType": "environment", "priority": 1,
			"secrets": {"variables": {"SERVICE": "${refs.shop.id}"}}}}]}}}`)
	started := s.event(`{"event": "push", "repoUrl": "https://github.com/acme/shop", "branch": "next", "sha": "` + commit + `"}`)
	s.has(started, "action", "run", "message", nil)
	pipeline["templateRunId"] = jsonvalue.String(started, "runId")
	s.has(s.ended("project/pipelines/get-preview-template-run", pipeline), "status", "success", "refs.build.sha", commit, "refs.shop.id", "shop-next")
	s.has(s.do("project/services/get-service", map[string]string{"serviceId": "shop-next"}, ""), "description", "next")
	s.has(s.do("project/secrets/get-project-secret", map[string]string{"secretId": "where-next"}, ""), "secrets.variables.SERVICE", "shop-next")
}
