package gitops

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/gitops/merge"
)

// Git turns line ends around on the way to a working copy, by its settings or attributes, or
// runs a filter. What is pulled and pushed there has no other change, in the file, in the
// repository and for Git.
func TestSettingsOfAWorkingCopyMakeNoChanges(t *testing.T) {
	c, bare, root := inCopy(t)
	b := newClone(t, bare, "")
	attributes := filepath.Join(root, ".git", "info", "attributes")
	inRepository := func() string { return sh(t, bare, "show", "main:infra/shop.json") + "\n" }
	for i, tt := range []struct {
		name, autocrlf, attributes, ends string
	}{
		{"core.autocrlf", "true", "", "\r\n"},
		{"eol=crlf", "false", "*.json text eol=crlf\n", "\r\n"},
		{"text=auto, with LF here", "true", "*.json text=auto eol=lf\n", "\n"},
		{"a filter", "false", "*.json filter=shout\n", "\n"},
	} {
		sh(t, root, "config", "core.autocrlf", tt.autocrlf)
		sh(t, root, "config", "filter.shout.clean", "tr a-z A-Z")
		if err := os.WriteFile(attributes, []byte(tt.attributes), 0o600); err != nil {
			t.Fatal(err)
		}
		with := func(text string) string { return strings.ReplaceAll(text, "\n", tt.ends) }
		c.write(with(inRepository()))
		if d := c.pull(); d.Outcome != InSync {
			t.Errorf("%s: a pull of nothing is %+v", tt.name, d)
		}
		if d := c.push(); d.Outcome != InSync {
			t.Errorf("%s: a push of nothing is %+v", tt.name, d)
		}
		b.pull()
		b.write(replacePlan(b.read(), "theirs"+strings.Repeat("x", i)))
		b.push()
		if d := c.pull(); d.Outcome != Updated || len(d.Changes) != 1 || c.read() != with(b.read()) {
			t.Errorf("%s: a pull is %+v, and the file %q", tt.name, d, c.read())
		}
		want := replacePlan(b.read(), "ours"+strings.Repeat("x", i))
		c.write(with(want))
		if d := c.push(); d.Outcome != Pushed || len(d.Changes) != 1 || inRepository() != want || c.read() != with(want) {
			t.Errorf("%s: a push is %+v, the repository has %q, and the file %q", tt.name, d, inRepository(), c.read())
		}
		sh(t, root, "fetch", "-q")
		if changed := sh(t, root, "diff", "--stat", "origin/main", "--", "infra"); changed != "" && tt.name != "a filter" {
			t.Errorf("%s: Git sees changes: %s", tt.name, changed)
		}
	}
}

// A file that somebody puts into Git LFS is not taken for the pointer to it, nor pushed over it.
func TestAFileThatGoesToGitLFS(t *testing.T) {
	c, bare, root := inCopy(t)
	mine := replacePlan(shop, "large")
	c.write(mine)
	pointer := "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n"
	other := filepath.Join(t.TempDir(), "other")
	sh(t, "", "clone", "-q", bare, other)
	for name, text := range map[string]string{"infra/shop.json": pointer, ".gitattributes": "*.json filter=lfs diff=lfs merge=lfs -text\n"} {
		if err := os.WriteFile(filepath.Join(other, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	sh(t, other, "add", "-A")
	sh(t, other, "commit", "-qm", "Into LFS")
	sh(t, other, "push", "-q")
	tip := sh(t, bare, "rev-parse", "main")
	sh(t, root, "config", "filter.lfs.required", "true") // whose program is not there
	for task, do := range map[string]func() error{
		"pull": func() error { _, err := c.s.Pull(t.Context(), c.link, merge.Options{}); return err },
		"push": func() error { _, err := c.s.Push(t.Context(), c.link, PushOptions{}); return err },
	} {
		if err := do(); err == nil || !strings.Contains(err.Error(), "kept by Git LFS") {
			t.Errorf("a %s ended with %v", task, err)
		}
	}
	if c.read() != mine || sh(t, bare, "rev-parse", "main") != tip {
		t.Error("something was changed")
	}
}

// A file that a filter has to go through is not pushed as it is, wherever the attributes stand.
func TestAFileThatAFilterHasToGoThrough(t *testing.T) {
	commit := func(t *testing.T, bare, name, text string) {
		other := filepath.Join(t.TempDir(), "other")
		sh(t, "", "clone", "-q", bare, other)
		if err := os.WriteFile(filepath.Join(other, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		sh(t, other, "add", "-A")
		sh(t, other, "commit", "-qm", "Attributes")
		sh(t, other, "push", "-q")
	}
	for _, tt := range []struct {
		name, committed, in, here, required string
		refused                             bool
	}{
		{"Git LFS, as the branch has it", "*.json filter=lfs diff=lfs merge=lfs -text\n", ".gitattributes", "", "", true},
		{"Git LFS, in the attributes of the folder", "shop.json filter=lfs\n", "infra/.gitattributes", "", "", true},
		{"Git LFS, here alone", "", "", "*.json filter=lfs\n", "", true},
		{"git-crypt", "infra/** filter=git-crypt diff=git-crypt\n", ".gitattributes", "", "", true},
		{"a filter that is required", "*.json filter=shout\n", ".gitattributes", "", "true", true},
		{"a filter that is not", "*.json filter=shout\n", ".gitattributes", "", "false", false},
		{"a filter of other files", "*.png filter=lfs\n", ".gitattributes", "", "", false},
		{"a filter that is taken off again", "*.json filter=lfs\ninfra/*.json -filter\n", ".gitattributes", "", "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, bare, root := inCopy(t)
			if tt.committed != "" {
				commit(t, bare, tt.in, tt.committed)
			}
			if tt.here != "" {
				if err := os.WriteFile(filepath.Join(root, ".gitattributes"), []byte(tt.here), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if tt.required != "" {
				sh(t, root, "config", "filter.shout.required", tt.required)
			}
			tip := sh(t, bare, "rev-parse", "main")
			c.write(replacePlan(shop, "large"))
			_, err := c.s.Push(t.Context(), c.link, PushOptions{})
			switch moved := sh(t, bare, "rev-parse", "main") != tip; {
			case !tt.refused && (err != nil || !moved):
				t.Errorf("the push ended with %v", err)
			case tt.refused && (err == nil || moved || !ForPeople(err) || !strings.Contains(err.Error(), "under filter=")):
				t.Errorf("the push ended with %v, and it was pushed: %v", err, moved)
			}
			if c.read() != replacePlan(shop, "large") {
				t.Error("the file was changed")
			}
		})
	}
}
