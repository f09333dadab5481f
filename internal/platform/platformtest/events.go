package platformtest

import (
	"strings"
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

// testWebhooks calls documents by the addresses of their webhooks.
func testWebhooks(t *testing.T, w *world) {
	w.do(t, platform.OpPutPipeline, at(), nil, `{"name": "Delivery", "stages": [{"name": "Staging"}]}`)
	pipeline := at("pipelineId", "delivery")
	staging := with(pipeline, "stage", "staging")
	source := `{"ref": "source", "vcsService": "github", "repoUrl": "https://github.com/acme/shop", "branchRestrictions": ["develop"]}`
	setFlow := func(paused string) {
		w.do(t, platform.OpUpdateReleaseFlow, staging, nil, `{"apiVersion": "v1.2", "arguments": {"level": "low"}, "options": {"paused": `+paused+`},
			"triggers": [`+source+`], "spec": `+flow+`}`)
	}
	setFlow("false")
	document := map[string]string{"documentId": "projects:" + project + ":pipelines:delivery:release-flows:staging"}
	has(t, w.do(t, platform.OpGetWebhook, document, nil, ""), "enabled", false, "path", nil)
	set := func(document map[string]string, body string) (family, token string) {
		t.Helper()
		address := jsonvalue.String(w.do(t, platform.OpSetWebhook, document, nil, body), "path")
		family, token, _ = strings.Cut(strings.TrimPrefix(address, "/"), "/")
		return family, token
	}
	call := func(family, token, query string) (any, error) {
		t.Helper()
		return w.try(platform.OpCallWebhook, nil, nil, `{"family": "`+family+`", "token": "`+token+`", "query": {`+query+`}}`)
	}
	family, token := set(document, `{"enabled": true}`)
	if family != "release-flows" || len(token) < 32 {
		t.Fatalf("the address is /%s/%s", family, token)
	}
	run, err := call(family, token, `"source.branch": "feature/x", "source.pullRequestId": "12", "level": "high", "name": "from-ci", "description": "by a webhook"`)
	if err != nil {
		t.Fatal(err)
	}
	has(t, w.do(t, platform.OpGetReleaseFlowRun, with(staging, "runId", id(t, run)), nil, ""), "status", "success", "arguments.level", "high",
		"name", "from-ci", "description", "by a webhook")
	for query, want := range map[string]string{`"source.branches": "a"`: "source.branches", `"source.pullRequestId": "twelve"`: "source.pullRequestId", `"level": 3`: "level", `"name": "-"`: "name"} {
		_, err := call(family, token, query)
		refusal(t, err, 400, want)
	}
	// Nothing is known by a token that is not one, or is one of another family.
	for _, wrong := range [][2]string{{family, token + "0"}, {family, ""}, {"previews", token}, {"moons", token}} {
		_, err := call(wrong[0], wrong[1], "")
		if wrong[1] == "" {
			refusal(t, err, 400, "token")
		} else {
			refusal(t, err, 404, "no webhook")
		}
	}
	setFlow("true")
	answer, err := call(family, token, "")
	if err != nil {
		t.Fatal(err)
	}
	has(t, answer, "id", nil)
	if !strings.Contains(jsonvalue.String(answer, "message"), "paused") {
		t.Errorf("%v", answer)
	}
	setFlow("false")
	if _, same := set(document, `{"enabled": true}`); same != token {
		t.Error("the address has changed")
	}
	_, other := set(document, `{"enabled": true, "regenerate": true}`)
	_, err = call(family, token, "")
	refusal(t, err, 404, "no webhook")
	set(document, `{"enabled": false}`)
	_, err = call(family, other, "")
	refusal(t, err, 404, "no webhook")

	// A preview template says in itself whether it has one.
	w.do(t, platform.OpUpdatePreviewTemplate, pipeline, nil, `{"apiVersion": "v1.2", "triggers": [`+source+`], "webhook": {"enabled": true, "regenerate": true}, "options": {"nameFormat": "branch"}, "spec": `+flow+`}`)
	has(t, w.do(t, platform.OpGetPreviewTemplate, pipeline, nil, ""), "webhook.enabled", true, "webhook.regenerate", nil)
	preview := map[string]string{"documentId": "projects:" + project + ":pipelines:delivery:preview-envs"}
	family, token = set(preview, `{"enabled": true}`)
	for range 2 { // made, then updated
		if run, err = call(family, token, `"source.branch": "feature/x"`); err != nil {
			t.Fatal(err)
		}
		has(t, run, "name", "feature-x")
	}
	if run, err = call(family, token, ""); err != nil || len(jsonvalue.String(run, "name")) < 3 {
		t.Errorf("%v, %v", run, err)
	}
	has(t, w.do(t, platform.OpListPreviews, pipeline, nil, ""), "previewEnvironments.1.id", "feature-x", "previewEnvironments.2", nil)

	// A workflow has the token in a trigger.
	w.do(t, platform.OpCreateWorkflow, at(), nil, `{"name": "Checks", "apiVersion": "v1.2", "triggers": [{"kind": "webhook", "ref": "hook", "spec": {"token": "chosen-by-somebody"}}], "spec": `+flow+`}`)
	if _, err = call("workflows", "chosen-by-somebody", `"level": "high"`); err != nil {
		t.Fatal(err)
	}
	_, err = w.try(platform.OpSetWebhook, map[string]string{"documentId": "projects:" + project + ":workflows:checks"}, nil, `{"enabled": true}`)
	refusal(t, err, 409, "trigger")
	// A delivery that comes again does not run again.
	delivery := `{"family": "workflows", "token": "chosen-by-somebody", "delivery": "one"}`
	first := w.do(t, platform.OpCallWebhook, nil, nil, delivery)
	has(t, w.do(t, platform.OpCallWebhook, nil, nil, delivery), "id", id(t, first))
}
