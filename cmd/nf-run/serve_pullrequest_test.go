//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/api"
	"github.com/nf-lsp/nf-lsp/internal/gitops"
	"github.com/nf-lsp/nf-lsp/internal/gitops/git"
	"github.com/nf-lsp/nf-lsp/internal/trigger"
	"github.com/nf-lsp/nf-lsp/internal/trigger/githost"
)

// TestRulesHoldPullRequestsBack asks what triggers make of pull requests whose host tells
// neither files nor messages, in a repository with a link and in others.
func TestRulesHoldPullRequestsBack(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git")
	}
	t.Setenv("NF_KEY", "file")
	dir := t.TempDir()
	for name, value := range map[string]string{"HOME": dir, "GIT_CONFIG_GLOBAL": filepath.Join(dir, "none"), "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.com",
		"GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.com"} {
		t.Setenv(name, value)
	}
	bare, work := filepath.Join(dir, "origin.git"), filepath.Join(dir, "work")
	run := func(args ...string) string {
		t.Helper()
		out, err := exec.Command("git", append([]string{"-C", work}, args...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	commit := func(branch, file, message string) string {
		t.Helper()
		if err := os.WriteFile(filepath.Join(work, file), []byte(message), 0o600); err != nil {
			t.Fatal(err)
		}
		run("checkout", "-q", "-B", branch)
		run("add", ".")
		run("commit", "-q", "-m", message)
		return run("rev-parse", "HEAD")
	}
	if err := os.Mkdir(work, 0o700); err != nil {
		t.Fatal(err)
	}
	run("init", "-q", "--bare", bare)
	run("init", "-q")
	commit("main", "main.go", "First")
	docs := commit("docs", "README.md", "Say more")
	code := commit("code", "web.go", "Do more")
	more := commit("code", "README.md", "And say it")
	flagged := commit("flagged", "api.go", "Not yet [skip ci]")
	run("push", "-q", bare, "main", "docs", "code", "flagged")

	s := &gitops.Syncer{Dir: filepath.Join(dir, "sync"), Git: &git.Program{}}
	link := gitops.Link{Name: "Shop", File: filepath.Join(dir, "shop.json")}
	var err error
	if link.URL, err = git.ParseURL(bare, "/"); err != nil {
		t.Fatal(err)
	}
	link.Branch, _ = git.ParseBranch("main")
	link.Path, _ = git.ParsePath("/shop.json")
	links := func() ([]gitops.Link, error) { return []gitops.Link{link}, nil }
	hooks := &hostHooks{syncer: s, watch: &gitops.Watch{Links: links}}
	for _, tt := range []struct {
		name         string
		repository   string
		branch       string
		before, head string
		fork         bool
		want         trigger.Reason
	}{
		{"one of ignored files alone", bare, "docs", "", docs, false, trigger.OtherPaths},
		{"one of other files too", bare, "code", "", more, false, ""},
		{"a push of ignored files alone", bare, "code", code, more, false, trigger.OtherPaths},
		{"one whose last commit has a flag", bare, "flagged", "", flagged, false, trigger.CommitFlag},
		{"one of a branch that is gone", bare, "nothing", "", docs, false, ""},
		{"one of a repository without a link", filepath.Join(dir, "other.git"), "docs", "", docs, false, ""},
		{"one of a fork, which says nothing of its files", bare, "docs", "", docs, true, trigger.Fork},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := githost.Event{Into: "main", Before: tt.before, Event: trigger.Event{Kind: trigger.PullRequest, Repository: tt.repository, Branch: tt.branch, SHA: tt.head, PullRequestID: 1, Fork: tt.fork}}
			target := &hearing{}
			hooks.target = target
			told := githost.Told{What: "pull_request", Repositories: []string{tt.repository}, Events: []githost.Event{e}}
			if _, err := hooks.Heard(t.Context(), api.GitHook{Name: "shop"}, told); err != nil || len(target.events) != 1 {
				t.Fatal(target.events, err)
			}
			rules := trigger.Rules{Repository: tt.repository, On: map[trigger.Kind][]string{trigger.PullRequest: {"*"}}, Paths: []string{"*.md"}, Flags: trigger.DefaultFlags()}
			if d := trigger.Decide(rules, target.events[0]); d.Reason != tt.want || d.Fires != (tt.want == "") {
				t.Errorf("%+v of %+v", d, target.events)
			}
		})
	}
}
