package settings

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// tree makes files below a folder; a name that ends with a slash is a folder.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		folder := filepath.Dir(path)
		if strings.HasSuffix(name, "/") {
			folder = path
		}
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(name, "/") {
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}

func TestTheNearestSettingsAreInCharge(t *testing.T) {
	dir := tree(t, map[string]string{
		".northflank/settings.json":                    `{}`, // outside of all
		"repo/.git/":                                   "",
		"repo/.northflank/settings.json":               `{}`,
		"repo/infra/prod/.northflank/settings.json":    `{}`,
		"repo/vendor/.git":                             "gitdir: elsewhere",
		"bare/.git/":                                   "",
		"loose/open/.northflank/settings.json":         `{}`,
		"loose/open/alone/x/":                          "",
		"loose/other/.northflank/settings.json/folder": "",
	})
	p := &Project{Folders: []string{filepath.Join(dir, "loose", "open"), filepath.Join(dir, "loose", "open", "alone")}}
	tests := []struct{ name, template, settings, root string }{
		{"in the template's folder", "repo/shop.json", "repo", "repo"},
		{"above it", "repo/infra/shop.json", "repo", "repo"},
		{"beside a template among the settings", "repo/.northflank/shop.json", "repo", "repo"},
		{"nearer than those of the repository", "repo/infra/prod/a/shop.json", "repo/infra/prod", "repo/infra/prod"},
		{"not above a submodule or another working tree", "repo/vendor/a/shop.json", "", "repo/vendor"},
		{"not above a repository", "bare/a/shop.json", "", "bare"},
		{"in the folder of the workspace, without a repository", "loose/open/a/shop.json", "loose/open", "loose/open"},
		{"not above the innermost folder of the workspace", "loose/open/alone/x/shop.json", "", "loose/open/alone"},
		{"not above the template's folder where there is neither", "loose/shop.json", "", "loose"},
		{"a folder with the file's name is none", "loose/other/shop.json", "", "loose/other"},
		{"a folder that is not there", "repo/none/none/shop.json", "repo", "repo"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			template := filepath.Join(dir, filepath.FromSlash(tt.template))
			f := p.For(template)
			switch {
			case f == nil && tt.settings != "":
				t.Error("none are found")
			case f != nil && f.Path != PathIn(filepath.Join(dir, filepath.FromSlash(tt.settings))):
				t.Errorf("found %s", f.Path)
			}
			if got, want := p.RootOf(template), filepath.Join(dir, filepath.FromSlash(tt.root)); got != want {
				t.Errorf("new ones belong into %s, want %s", got, want)
			}
			if f != p.For(template) {
				t.Error("the next time it is another")
			}
		})
	}
	if got := len(p.Files()); got != 3 {
		t.Errorf("%d files were read", got)
	}
}

func TestWhatAnEditorShowsCountsInsteadOfTheDisk(t *testing.T) {
	dir := tree(t, map[string]string{".git/": "", ".northflank/settings.json": `{}`})
	path := PathIn(dir)
	open := Parse(path, syntax.Parse(`{"diagnostics": {"severity": {"unused-ref": "hint"}}}`))
	p := &Project{Open: map[string]*File{path: open}}
	template := filepath.Join(dir, "a.json")
	if p.For(template) != open || p.Config(template, nil).Severities["unused-ref"] != analysis.Hint {
		t.Error("the disk counts")
	}
	if c := (&Project{}).Config(filepath.Join(t.TempDir(), "a.json"), nil); c != nil {
		t.Errorf("without settings: %v", c)
	}
}

func TestChangesOnDiskAreSeen(t *testing.T) {
	dir := tree(t, map[string]string{".git/": "", "a/": ""})
	look := func() *Project {
		p := &Project{}
		p.For(filepath.Join(dir, "a", "shop.json"))
		if p.Stale() {
			t.Error("it has changed at once")
		}
		return p
	}
	step := func(name string, do func() error) {
		t.Helper()
		p := look()
		if err := do(); err != nil {
			t.Fatal(err)
		}
		if !p.Stale() {
			t.Errorf("%s is not seen", name)
		}
	}
	step("a new file", func() error {
		if err := os.Mkdir(filepath.Join(dir, Folder), 0o755); err != nil {
			return err
		}
		return os.WriteFile(PathIn(dir), []byte(`{}`), 0o600)
	})
	step("another text", func() error { return os.WriteFile(PathIn(dir), []byte(`{ }`), 0o600) })
	step("a nearer file", func() error {
		if err := os.Mkdir(filepath.Join(dir, "a", Folder), 0o755); err != nil {
			return err
		}
		return os.WriteFile(PathIn(filepath.Join(dir, "a")), []byte(`{}`), 0o600)
	})
	step("a file that is gone", func() error { return os.Remove(PathIn(filepath.Join(dir, "a"))) })
}

func TestSettingsThatCannotBeRead(t *testing.T) {
	dir := tree(t, map[string]string{".git/": "", ".northflank/settings.json": "{\x00}"})
	f := (&Project{}).For(filepath.Join(dir, "a.json"))
	if f == nil || !f.Invalid() || !strings.Contains(f.Findings[0].Message, "cannot be read: is not a text file") {
		t.Errorf("got %+v", f)
	}
	if os.Getuid() == 0 || runtime.GOOS == "windows" {
		t.Skip("everything may be read")
	}
	if err := os.Chmod(PathIn(dir), 0); err != nil {
		t.Fatal(err)
	}
	f = (&Project{}).For(filepath.Join(dir, "a.json"))
	if f == nil || !f.Invalid() || !strings.Contains(f.Findings[0].Message, "permission denied") {
		t.Errorf("got %+v", f)
	}
}

func TestSettingsAreToldByTheirPath(t *testing.T) {
	for path, want := range map[string]bool{
		"/a/.northflank/settings.json": true, `C:\a\.northflank\settings.json`: true, ".northflank/settings.json": true,
		"/a/northflank/settings.json": false, "/a/.northflank/settings.jsonc": false, "/a/.northflank/x/settings.json": false,
		"/a/my.northflank/settings.json": false,
	} {
		if IsSettings(path) != want {
			t.Errorf("%s: %v", path, !want)
		}
	}
}
