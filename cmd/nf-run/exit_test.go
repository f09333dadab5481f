package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestExitCodesAreThoseOfTheContract(t *testing.T) {
	t.Setenv("NF_STATE", t.TempDir())
	for _, c := range []struct {
		name string
		args string
		want int
	}{
		{"a right template", "check ../../testdata/templates/payload.json", exitOK},
		{"a template with a mistake", "check ../../testdata/templates/payload-mistake.json", exitFailed},
		{"a file that is not there", "check none.json", exitFailed},
		{"a folder where a file is asked for", "run testdata", exitFailed},
		{"a file that is not there", "run none.json", exitFailed},
		{"a run that does not exist", "show 20200101-000000-000-none", exitFailed},
		{"a file that is not formatted", "fmt --check testdata/not-formatted.json", exitFailed},
		{"a file that is formatted", "fmt --check ../../testdata/templates/payload.json", exitOK},
		{"no argument", "check", exitUsage},
		{"a target that there is not", "run ../../testdata/templates/payload.json --target moon", exitUsage},
		{"an unknown command", "explode", exitUsage},
		{"an unknown flag", "check --loud x", exitUsage},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out, errOut bytes.Buffer
			if got := run(context.Background(), strings.Fields(c.args), strings.NewReader(""), &out, &errOut); got != c.want {
				t.Errorf("exit code %d, want %d\n%s%s", got, c.want, out.String(), errOut.String())
			}
		})
	}
}

func TestEveryCommandSaysWhyAFileIsNoTemplate(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("NF_STATE", filepath.Join(dir, "state"))
	file := func(name, content string) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	large := file("large.json", "")
	if err := os.Truncate(large, 100<<20); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, path, want string }{
		{"a binary", file("binary.json", "\x7fELF\x00\x00"), "not a text file"},
		{"a file of 100 MB", large, "has 100 MB"},
		{"an empty file", file("empty.json", ""), "is empty"},
		{"a folder", dir, "is a folder"},
		{"other JSON", file("package.json", `{"name":"x"}`), "no Northflank template"},
	} {
		for _, command := range []string{"check", "fmt", "plan", "run"} {
			if (command == "check" || command == "fmt") && c.path == dir {
				continue // these take folders
			}
			t.Run(command+" of "+c.name, func(t *testing.T) {
				var out, errOut bytes.Buffer
				code := run(context.Background(), []string{command, c.path}, strings.NewReader(""), &out, &errOut)
				if said := out.String() + errOut.String(); code != exitFailed || !strings.Contains(said, c.want) {
					t.Errorf("exit code %d, said %q; want %d and %q", code, said, exitFailed, c.want)
				}
			})
		}
	}
}

func TestAFileThatVanishesIsNamed(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "gone.json")
	if err := os.WriteFile(path, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := &command{}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	// Found in a folder a moment ago, and gone when it is read.
	if f := c.checkFile(path); f.err == nil || !strings.Contains(f.err.Error(), "gone.json: there is no such file") {
		t.Errorf("got %v", f.err)
	}
}
