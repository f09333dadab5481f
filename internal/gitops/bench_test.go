package gitops

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/gitops/git"
	"github.com/nf-lsp/nf-lsp/internal/gitops/merge"
)

// A poll without news, over 100 links to one repository, beside the git fetch that a clone
// of it would make.
func BenchmarkPoll(b *testing.B) {
	bare, dir := benchOrigin(b, 100), b.TempDir()
	s := &Syncer{Dir: filepath.Join(dir, "sync"), Git: &git.Program{}}
	var links []Link
	for i := range 100 {
		l := benchLink(bare, filepath.Join(dir, fmt.Sprintf("%d.json", i)), fmt.Sprintf("d0/f%d.json", i))
		if _, err := s.Link(b.Context(), l); err != nil {
			b.Fatal(err)
		}
		links = append(links, l)
	}
	clone := filepath.Join(dir, "clone")
	benchGit(b, "", "clone", "-q", "file://"+bare, clone)
	b.Run("100 links", func(b *testing.B) {
		for b.Loop() {
			w := Watch{Syncer: s, Every: 1, Links: func() ([]Link, error) { return links, nil }, Moved: func(context.Context, []Link) error {
				b.Fatal("there is no news")
				return nil
			}, Failed: func(_ []Link, err error, _ time.Duration) { b.Fatal(err) }}
			if err := w.Run(b.Context(), true); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("git fetch", func(b *testing.B) {
		for b.Loop() {
			benchGit(b, clone, "fetch", "-q")
		}
	})
}

// Linking, changing and pushing one file of a repository of 100,000.
func BenchmarkLargeRepository(b *testing.B) {
	bare := benchOrigin(b, 100_000)
	for b.Loop() {
		dir := b.TempDir()
		s := &Syncer{Dir: filepath.Join(dir, "sync"), Git: &git.Program{}}
		l := benchLink(bare, filepath.Join(dir, "x.json"), "d7/f7.json")
		if _, err := s.Link(b.Context(), l); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(l.File, fmt.Appendf(nil, "{\"n\": %q}\n", dir), 0o600); err != nil {
			b.Fatal(err)
		}
		if _, err := s.Push(b.Context(), l, PushOptions{Merge: merge.Options{}}); err != nil {
			b.Fatal(err)
		}
	}
}

func benchLink(bare, file, path string) Link {
	return Link{Name: filepath.Base(file), File: file, URL: must(git.ParseURL("file://"+bare, "/")), Branch: must(git.ParseBranch("main")), Path: must(git.ParsePath(path))}
}

func benchGit(b *testing.B, dir string, args ...string) {
	b.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// benchOrigin makes a repository of some files, 1,000 in a folder, without writing each.
func benchOrigin(b *testing.B, files int) string {
	b.Helper()
	bare := filepath.Join(b.TempDir(), "origin.git")
	benchGit(b, "", "init", "-q", "--bare", bare)
	benchGit(b, bare, "config", "uploadpack.allowFilter", "true")
	benchGit(b, bare, "config", "uploadpack.allowAnySHA1InWant", "true")
	var in strings.Builder
	in.WriteString("commit refs/heads/main\ncommitter Ada <ada@example.com> 0 +0000\ndata 1\nx\n")
	for i := range files {
		text := fmt.Sprintf("{\"name\": \"file %d\"}\n", i)
		fmt.Fprintf(&in, "M 100644 inline d%d/f%d.json\ndata %d\n%s\n", i/1000, i%1000, len(text), text)
	}
	cmd := exec.Command("git", "fast-import", "--quiet")
	cmd.Dir, cmd.Stdin = bare, strings.NewReader(in.String())
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("git fast-import: %v\n%s", err, out)
	}
	return bare
}
