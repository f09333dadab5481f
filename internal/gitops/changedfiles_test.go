package gitops

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/gitops/git"
)

func TestTheFilesOfAPushAreLookedUp(t *testing.T) {
	bare := origin(t)
	a := newClone(t, bare, shop)
	a.push()
	before := git.Hash(sh(t, bare, "rev-parse", "main"))
	b := newClone(t, bare, "")
	b.write(replacePlan(shop, "large"))
	b.push()
	after := git.Hash(sh(t, bare, "rev-parse", "main"))
	paths, err := a.s.ChangedFiles(t.Context(), a.link, before, after)
	if err != nil || strings.Join(paths, " ") != "infra/shop.json" {
		t.Errorf("%q, %v", paths, err)
	}
	for _, unknown := range [][2]git.Hash{{after, before}, {"", after}, {git.Hash(strings.Repeat("1", 40)), after}} {
		if paths, err := a.s.ChangedFiles(t.Context(), a.link, unknown[0], unknown[1]); paths != nil || err != nil {
			t.Errorf("from %s to %s: %q, %v", unknown[0], unknown[1], paths, err)
		}
	}
}

// TestWhatAPullRequestChangesIsLookedUp has a branch that leaves main, merges nothing, and
// is pushed to twice, while main goes on.
func TestWhatAPullRequestChangesIsLookedUp(t *testing.T) {
	bare := origin(t)
	newClone(t, bare, shop).push()
	work := t.TempDir()
	run := func(args ...string) string { t.Helper(); return sh(t, work, args...) }
	run("clone", "-q", bare, ".")
	commit := func(file, message string) git.Hash {
		t.Helper()
		if err := os.WriteFile(filepath.Join(work, file), []byte(message), 0o600); err != nil {
			t.Fatal(err)
		}
		run("add", ".")
		run("commit", "-q", "-m", message)
		return git.Hash(run("rev-parse", "HEAD"))
	}
	run("checkout", "-q", "-b", "feature/x")
	first := commit("one.go", "One")
	second := commit("two.md", "Two [skip ci]")
	run("checkout", "-q", "main")
	commit("three.go", "Three")
	run("checkout", "-q", "--orphan", "strange")
	strange := commit("four.go", "Four")
	run("push", "-q", "origin", "main", "feature/x", "strange")
	a := newClone(t, bare, "") // which has the last commit of main alone
	const flagged = "Two [skip ci]"
	for _, tt := range []struct {
		name, branch, into string
		before, head       git.Hash
		paths, message     string
	}{
		{"all of it", "feature/x", "main", "", second, "one.go two.md", flagged},
		{"its tip, where the host tells no commit", "feature/x", "main", "", "", "one.go two.md", flagged},
		{"as it was earlier", "feature/x", "main", "", first, "one.go", "One"},
		{"what was pushed last", "feature/x", "main", first, second, "two.md", flagged},
		{"all of it, where history was rewritten", "feature/x", "main", strange, second, "one.go two.md", flagged},
		{"a branch that shares nothing", "strange", "main", "", strange, "", "Four"},
		{"a branch that is gone", "feature/y", "main", "", second, "", ""},
		{"into a branch that is gone", "feature/x", "gone", "", second, "", ""},
		{"a commit that is nowhere", "feature/x", "main", "", git.Hash(strings.Repeat("1", 40)), "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := a.s.Proposed(t.Context(), a.link, must(git.ParseBranch(tt.branch)), must(git.ParseBranch(tt.into)), tt.before, tt.head)
			if err != nil || strings.Join(p.Paths, " ") != tt.paths || p.Paths == nil != (tt.paths == "") || p.Message != tt.message {
				t.Errorf("%q, %q, %v", p.Paths, p.Message, err)
			}
		})
	}
}
