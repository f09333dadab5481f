package platformtest

import (
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// testGitEvents sends what happens in a repository to documents that watch it.
func testGitEvents(t *testing.T, w *world) {
	const commit = "0123456789012345678901234567890123456789"
	shop := `"vcsService": "github", "repoUrl": "https://github.com/acme/shop"`
	w.do(t, platform.OpPutPipeline, at(), nil, `{"name": "Delivery", "stages": [{"name": "Production"}, {"name": "Staging"}]}`)
	pipeline := at("pipelineId", "delivery")
	flowWith := func(triggers, more string) string {
		return `{"apiVersion": "v1.2", "triggers": [` + triggers + `], "spec": ` + flow + more + `}`
	}
	production := with(pipeline, "stage", "production")
	w.do(t, platform.OpUpdateReleaseFlow, production, nil, flowWith(`{"ref": "shop", `+shop+`, "branchRestrictions": ["main"],
		"pathIgnoreRules": ["*.md"], "ciIgnoreFlagsEnabled": true}`, ""))
	w.do(t, platform.OpUpdateReleaseFlow, with(pipeline, "stage", "staging"), nil, flowWith(`{"ref": "shop", `+shop+`, "branchRestrictions": ["*"]}`, `, "options": {"paused": true}`))
	w.do(t, platform.OpUpdatePreviewTemplate, pipeline, nil, flowWith(`{"ref": "shop", `+shop+`, "prRestrictions": ["*"], "ignoreDrafts": true}`, `, "options": {"nameFormat": "pullRequest"}`))
	w.do(t, platform.OpCreateWorkflow, at(), nil, `{"name": "Checks", "apiVersion": "v1.2", "triggers": [{"kind": "vcs-push", "ref": "shop",
		"spec": {"vcs": {`+shop+`}, "branchNamePatterns": ["release/*"]}}], "spec": `+flow+`}`)

	send := func(body string) any {
		t.Helper()
		return w.do(t, platform.OpSendGitEvent, nil, nil, body)
	}
	// of is the outcome for a document.
	of := func(answer any, resource string) any {
		t.Helper()
		for _, o := range jsonvalue.List(answer, "outcomes") {
			if jsonvalue.String(o, "resource") == "projects/"+project+"/"+resource {
				return o
			}
		}
		return nil
	}
	const flowOfProduction, flowOfStaging = "pipelines/delivery/release-flows/production", "pipelines/delivery/release-flows/staging"
	push := `"event": "push", "repoUrl": "git@github.com:acme/shop.git", "branch": "main", "sha": "` + commit + `"`
	first := send(`{` + push + `, "delivery": "one", "paths": ["main.go"]}`)
	has(t, first, "repeated", false)
	has(t, of(first, flowOfProduction), "action", "run", "triggers.0", "shop")
	has(t, of(first, flowOfStaging), "action", "none", "reason", "paused")
	has(t, of(first, "workflows/checks"), "action", "none", "reason", "other-branch")
	run := with(production, "runId", jsonvalue.String(of(first, flowOfProduction), "runId"))
	has(t, w.do(t, platform.OpGetReleaseFlowRun, run, nil, ""), "status", "success")
	// The same delivery does not start a second run.
	has(t, send(`{`+push+`, "delivery": "one", "paths": ["main.go"]}`), "repeated", true, "outcomes.0.runId", jsonvalue.Get(first, "outcomes.0.runId"))
	has(t, of(send(`{`+push+`, "paths": ["README.md"]}`), flowOfProduction), "reason", "other-paths")
	has(t, of(send(`{`+push+`, "commits": [{"message": "No [skip nf]"}]}`), flowOfProduction), "reason", "commit-flag")
	has(t, w.do(t, platform.OpListReleaseFlowRuns, production, nil, ""), "runs.0.id", run["runId"], "runs.1", nil)
	has(t, send(`{"event": "push", "repoUrl": "https://github.com/acme/web", "branch": "main"}`), "outcomes.0", nil)

	const previews = "pipelines/delivery/preview-envs"
	pull := func(more string) string {
		return `{"event": "pull-request", "repoUrl": "https://github.com/acme/shop", "branch": "feature/x", "pullRequestId": 12, "sha": "` + commit + `"` + more + `}`
	}
	has(t, of(send(pull(`, "draft": true`)), previews), "reason", "draft")
	has(t, of(send(pull(`, "fork": true`)), previews), "reason", "fork")
	has(t, of(send(pull("")), previews), "action", "run", "environmentId", "pr-12")
	has(t, of(send(pull("")), previews), "action", "run", "environmentId", "pr-12")
	has(t, w.do(t, platform.OpListPreviews, pipeline, nil, ""), "previewEnvironments.0.id", "pr-12", "previewEnvironments.1", nil,
		"previewEnvironments.0.vcsData.pullRequestId", 12, "previewEnvironments.0.vcsData.branch", "feature/x", "previewEnvironments.0.vcsData.sha", commit)
	// What somebody has made by hand is left alone.
	w.do(t, platform.OpRunPreviewTemplate, pipeline, nil, `{"name": "pr-13"}`)
	other := `{"event": "pull-request", "repoUrl": "https://github.com/acme/shop", "branch": "feature/y", "pullRequestId": 13}`
	has(t, of(send(other), previews), "action", "refused", "reason", "environment-by-hand")
	// The end of a pull request is that of its environment.
	has(t, send(`{"event": "closed", "repoUrl": "https://github.com/acme/shop", "branch": "feature/z", "pullRequestId": 14}`), "outcomes.0", nil)
	has(t, of(send(`{"event": "closed", "repoUrl": "https://github.com/acme/shop", "branch": "feature/x", "pullRequestId": 12}`), previews),
		"action", "delete", "environmentId", "pr-12")
	has(t, w.do(t, platform.OpListPreviews, pipeline, nil, ""), "previewEnvironments.0.id", "pr-13", "previewEnvironments.1", nil)

	for what, body := range map[string]string{
		"event":         `{"event": "wish", "repoUrl": "https://github.com/acme/shop", "branch": "main"}`,
		"repoUrl":       `{"event": "push", "repoUrl": "nowhere", "branch": "main"}`,
		"branch":        `{"event": "push", "repoUrl": "https://github.com/acme/shop"}`,
		"sha":           `{"event": "push", "repoUrl": "https://github.com/acme/shop", "branch": "main", "sha": "abc"}`,
		"pullRequestId": `{"event": "closed", "repoUrl": "https://github.com/acme/shop", "branch": "main"}`,
	} {
		_, err := w.try(platform.OpSendGitEvent, nil, nil, body)
		refusal(t, err, 400, what)
	}
}
