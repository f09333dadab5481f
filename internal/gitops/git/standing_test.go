package git

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

func TestATextIsOfTheCommitThatIsCheckedOut(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("HOME", t.TempDir())
	t.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	run := func(args ...string) {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=Ada", "-c", "user.email=ada@example.com"}, args...)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	file := filepath.Join(dir, "sub folder", "shop.json")
	write := func(text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	stands := func(what, text string, known, modified bool) {
		t.Helper()
		at, ok := (&Program{}).Standing(t.Context(), file, text)
		if ok != known || at.Modified != modified || known && len(at.Commit) != 40 {
			t.Errorf("%s: %v, %v", what, at, ok)
		}
	}
	write("one\n")
	stands("outside of a repository", "one\n", false, false)
	run("init", "-q")
	stands("before the first commit", "one\n", false, false)
	run("commit", "-q", "--allow-empty", "-m", "Begin")
	stands("a file that no commit has", "one\n", false, false)
	run("add", ".")
	run("commit", "-q", "-m", "Add it")
	stands("as it was committed", "one\n", true, false)
	stands("a text that was read before the file was written", "two\n", true, true)
	run("config", "core.autocrlf", "true")
	stands("with other line ends", "one\r\n", true, false)
	if at, ok := (&Program{Path: filepath.Join(dir, "no-git")}).Standing(t.Context(), file, "one\n"); ok {
		t.Errorf("without git: %v", at)
	}
}
