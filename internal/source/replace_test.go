package source

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestReplaceKeepsPermissionsAndLeavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.json")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if err := Replace(path, "old", "new"); err != nil {
		t.Fatal(err)
	}
	checkFile(t, path, "new")
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm() != 0o640 {
		t.Errorf("mode %v", info.Mode())
	}
	checkAlone(t, dir)
}

func TestReplaceWritesWhatASymbolicLinkLeadsTo(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	target := filepath.Join(elsewhere, "target.json")
	if err := os.WriteFile(target, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	first, second := filepath.Join(dir, "first.json"), filepath.Join(elsewhere, "second.json")
	if err := os.Symlink(target, second); err != nil {
		t.Skip(err)
	}
	if err := os.Symlink(second, first); err != nil {
		t.Fatal(err)
	}
	if err := Replace(first, "old", "new"); err != nil {
		t.Fatal(err)
	}
	checkFile(t, target, "new")
	for _, link := range []string{first, second} {
		if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
			t.Errorf("%s is no link any more: %v", link, err)
		}
	}
	checkAlone(t, dir)
}

func TestReplaceRefuses(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.json")
	if err := os.WriteFile(path, []byte("theirs"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, path, want string }{
		{"a file that somebody else has written", path, "changed by somebody else"},
		{"a file that is gone", filepath.Join(dir, "none.json"), "there is no such file"},
		{"a folder", dir, "not a regular file"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := Replace(c.path, "old", "new"); err == nil || !strings.Contains(err.Error(), c.path+": ") || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v", err)
			}
		})
	}
	checkFile(t, path, "theirs")
	checkAlone(t, dir)
}

func TestReplaceRefusesAFileThatMayNotBeWritten(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("the superuser may write everything")
	}
	path := filepath.Join(t.TempDir(), "a.json")
	if err := os.WriteFile(path, []byte("old"), 0o400); err != nil {
		t.Fatal(err)
	}
	if err := Replace(path, "old", "new"); err == nil || !strings.Contains(err.Error(), "permission denied") {
		t.Errorf("got %v", err)
	}
	checkFile(t, path, "old")
}

func checkFile(t *testing.T, path, want string) {
	t.Helper()
	if got, err := os.ReadFile(path); err != nil || string(got) != want {
		t.Errorf("%s holds %q: %v", path, got, err)
	}
}

// checkAlone reports files that were made on the way and not removed.
func checkAlone(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("the folder holds %v: %v", entries, err)
	}
}

func TestWriteMakesAndReplacesFilesAsAWhole(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "report.md")
	for _, text := range []string{"one", "two, which is longer", ""} {
		if err := Write(path, text); err != nil {
			t.Fatal(err)
		}
		checkFile(t, path, text)
		checkAlone(t, dir)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Write(path, "three"); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file has mode %v (%v), want 0600", info.Mode(), err)
	}
	for _, bad := range []string{dir, filepath.Join(dir, "missing", "report.md")} {
		if err := Write(bad, "x"); err == nil {
			t.Errorf("wrote %s", bad)
		}
	}
}
