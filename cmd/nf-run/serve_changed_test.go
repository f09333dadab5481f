//go:build unix

package main

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/api"
	"github.com/nf-lsp/nf-lsp/internal/gitops"
	"github.com/nf-lsp/nf-lsp/internal/gitops/git"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/trigger"
	"github.com/nf-lsp/nf-lsp/internal/trigger/githost"
)

// hearing is a platform that notes the events that it is told of.
type hearing struct {
	platform.Target
	events []trigger.Event
}

func (h *hearing) Do(_ context.Context, _ string, _ platform.Params, body json.RawMessage) (platform.Response, error) {
	var e trigger.Event
	err := json.Unmarshal(body, &e)
	h.events = append(h.events, e)
	return platform.Response{Status: 200, Body: []byte(`{"data": {}}`)}, err
}

// Triggers hear which files a push has changed whose host does not tell, where a file is
// linked to the branch, and of nothing else.
func TestServeLooksUpTheFilesOfAPush(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git")
	}
	work := t.TempDir()
	copied := filepath.Join(work, "copy")
	sh := func(args ...string) string {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-c", "user.name=Ada", "-c", "user.email=ada@example.com"}, args...)...)
		cmd.Dir = copied
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	commit := func(name string) string {
		t.Helper()
		if err := os.WriteFile(filepath.Join(copied, name), []byte("{}\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		sh("add", ".")
		sh("commit", "-q", "-m", "Add "+name)
		return sh("rev-parse", "HEAD")
	}
	if err := os.Mkdir(copied, 0o700); err != nil {
		t.Fatal(err)
	}
	sh("init", "-q", "-b", "main")
	before := commit("shop.json")
	u, err := git.ParseURL(copied, "/")
	if err != nil {
		t.Fatal(err)
	}
	branch, err := git.ParseBranch("main")
	if err != nil {
		t.Fatal(err)
	}
	path, err := git.ParsePath("shop.json")
	if err != nil {
		t.Fatal(err)
	}
	s := &gitops.Syncer{Dir: filepath.Join(work, "sync"), Git: &git.Program{}}
	l := gitops.Link{Name: "Shop", File: filepath.Join(work, "shop.json"), URL: u, Branch: branch, Path: path}
	if _, err := s.Link(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	after := commit("README.md")
	target := &hearing{}
	h := &hostHooks{syncer: s, target: target, watch: &gitops.Watch{Syncer: s, Links: func() ([]gitops.Link, error) { return []gitops.Link{l}, nil }}}
	push := func(branch string) githost.Event {
		return githost.Event{Event: trigger.Event{Kind: trigger.Push, Repository: copied, Branch: branch, SHA: after}, Before: before}
	}
	told := githost.Told{What: "repo:push", Repositories: []string{copied}, Events: []githost.Event{push("main"), push("other")}}
	if _, err := h.Heard(t.Context(), api.GitHook{Name: "shop"}, told); err != nil {
		t.Fatal(err)
	}
	if len(target.events) != 2 || strings.Join(target.events[0].Paths, " ") != "README.md" || target.events[1].Paths != nil {
		t.Errorf("the triggers have heard %+v", target.events)
	}
}
