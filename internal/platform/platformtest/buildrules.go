package platformtest

import (
	"net/http"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// testBuildRules has events tell of commits that rules of nodes leave out, and not.
func testBuildRules(t *testing.T, w *world) {
	const repository = "https://github.com/example-org/ruled"
	w.start(t, "BuildService", strings.Replace(builder("ruled"), "https://github.com/northflank/example", repository, 1))
	sha := func(digit string) string { return strings.Repeat(digit, 40) }
	push := func(digit, branch, more string) {
		t.Helper()
		w.do(t, platform.OpSendGitEvent, nil, nil, `{"event": "push", "repoUrl": "git@github.com:example-org/ruled.git", "branch": "`+branch+`", "sha": "`+sha(digit)+`"`+more+`}`)
	}
	node := func(more string) string { return `{"id": "ruled", "type": "service", ` + more + `}` }
	const docs = `"buildRules": {"pathIgnoreRules": ["*.md"]}`
	refused := func(t *testing.T, spec, why string) {
		t.Helper()
		_, err := w.driver.Start(w.ctx, w.request(t, "Build", spec))
		if platform.StatusOf(err) != http.StatusConflict || !strings.Contains(err.Error(), why) {
			t.Errorf("got %v, not %q", err, why)
		}
	}
	skips := func(t *testing.T, kind, spec, why string) {
		t.Helper()
		result := w.start(t, kind, spec)
		if !strings.Contains(result.Skipped, why) || result.Output != nil || result.Wait != nil {
			t.Errorf("%+v is not skipped because of %q", result, why)
		}
		if change := w.preview(t, kind, decode(t, spec)); change.Action != platform.ActionSkip {
			t.Errorf("the preview is %s", change.Action)
		}
	}

	t.Run("what nobody has told of a commit does not keep it from being built", func(t *testing.T) {
		has(t, w.do(t, platform.OpGetServiceCommit, at("serviceId", "ruled"), map[string]string{"sha": sha("9")}, ""), "known", false)
		has(t, w.finish(t, "Build", node(`"branch": "unheard-of", "buildRuleFallThroughHandling": "fail", `+docs), whenDone), "status", "SUCCESS")
	})
	t.Run("there is nothing to use in the place of a build before the first one", func(t *testing.T) {
		push("1", "main", `, "paths": ["README.md"]`)
		refused(t, node(`"branch": "main", "buildRuleFallThroughHandling": "useLastBuild", `+docs), `there is no earlier build of the branch "main"`)
	})
	push("2", "main", `, "paths": ["README.md", "main.go"], "commits": [{"message": "Fix"}]`)
	t.Run("the newest commit of a branch is what the events say", func(t *testing.T) {
		has(t, w.finish(t, "Build", node(`"branch": "main", `+docs), whenDone), "sha", sha("2"), "branch", "main")
	})
	push("3", "main", `, "paths": ["docs/a.md"], "commits": [{"message": "Words [skip ci]"}]`)
	t.Run("a node fails by itself, and where it is told to", func(t *testing.T) {
		for _, handling := range []string{"", `"buildRuleFallThroughHandling": "fail", `} {
			refused(t, node(`"branch": "main", `+handling+docs), "the path rules ignore the one changed file")
		}
	})
	t.Run("a node is skipped", func(t *testing.T) {
		const skip = `"buildRuleFallThroughHandling": "skip", `
		skips(t, "Build", node(`"branch": "main", `+skip+docs), "the path rules ignore")
		skips(t, "Build", node(`"sha": "`+sha("3")+`", `+skip+`"buildRules": {"ciIgnoreFlagsEnabled": true}`), `carries the flag "[skip ci]"`)
		skips(t, "Build", node(`"branch": "main", `+skip+`"buildRules": {"pathIgnoreRules": ["/src/"], "isAllowList": true}`), "the one changed file, \"docs/a.md\", is none that the path rules allow")
		skips(t, "BuildSource", node(`"defaults": {"branch": "main"}, `+skip+docs), "the path rules ignore")
	})
	t.Run("the newest earlier build is used", func(t *testing.T) {
		spec := node(`"branch": "main", "buildRuleFallThroughHandling": "useLastBuild", ` + docs)
		result := w.start(t, "Build", spec)
		has(t, result.Output, "sha", sha("2"), "nfObjectId", "ruled")
		if result.Action != platform.ActionUnchanged {
			t.Errorf("it did %q", result.Action)
		}
	})
	t.Run("flags that are not looked for, and rules that say nothing, leave nothing out", func(t *testing.T) {
		for _, rules := range []string{`{}`, `{"ciIgnoreFlags": ["[skip ci]"]}`, `{"pathIgnoreRules": []}`, `{"ciIgnoreFlagsEnabled": true, "ciIgnoreFlags": []}`} {
			has(t, w.start(t, "Build", node(`"branch": "main", "buildRules": `+rules)).Output, "sha", sha("3"))
		}
	})
	t.Run("a pull request goes by its head", func(t *testing.T) {
		w.do(t, platform.OpSendGitEvent, nil, nil, `{"event": "pull-request", "repoUrl": "`+repository+`", "branch": "feature", "pullRequestId": 7, "sha": "`+sha("4")+`",
			"commits": [{"message": "One [skip ci]"}, {"message": "Two"}]}`)
		has(t, w.start(t, "Build", node(`"pullRequestId": 7, "buildRules": {"ciIgnoreFlagsEnabled": true}`)).Output, "sha", sha("4"), "pullRequestId", 7)
	})
	t.Run("an event that says less does not take away what is known", func(t *testing.T) {
		push("3", "main", "")
		skips(t, "Build", node(`"branch": "main", "buildRuleFallThroughHandling": "skip", `+docs), "the path rules ignore")
	})
	t.Run("an event that names no commit is one of the commit that is made up for its branch", func(t *testing.T) {
		event := func(path string) {
			t.Helper()
			w.do(t, platform.OpSendGitEvent, nil, nil, `{"event": "pull-request", "repoUrl": "`+repository+`", "branch": "nameless", "pullRequestId": 9, "paths": ["`+path+`"]}`)
		}
		event("README.md")
		head := jsonvalue.String(w.do(t, platform.OpGetServiceCommit, at("serviceId", "ruled"), map[string]string{"pullRequestId": "9"}, ""), "sha")
		const skip = `"buildRuleFallThroughHandling": "skip", `
		skips(t, "BuildSource", node(`"branch": "nameless", "sha": "`+head+`", "pullRequestId": 9, `+skip+docs), "the path rules ignore")
		event("main.go")
		has(t, w.start(t, "BuildSource", node(`"branch": "nameless", "sha": "`+head+`", "pullRequestId": 9, `+skip+docs)).Output, "sha", head)
	})
	t.Run("a job goes by its rules too", func(t *testing.T) {
		w.start(t, "ManualJob", `{"name": "ruled-job", "billing": {"deploymentPlan": "nf-compute-20"}, "backoffLimit": 0,
			"deployment": {"vcs": {"projectUrl": "`+repository+`", "projectType": "github", "projectBranch": "main"}},
			"buildSettings": {"dockerfile": {"dockerFilePath": "/Dockerfile", "dockerWorkDir": "/"}}}`)
		has(t, w.do(t, platform.OpGetJobCommit, at("jobId", "ruled-job"), nil, ""), "known", true, "sha", sha("3"), "branch", "main")
		skips(t, "Build", `{"id": "ruled-job", "type": "job", "buildRuleFallThroughHandling": "skip", `+docs+`}`, "the path rules ignore")
	})
}
