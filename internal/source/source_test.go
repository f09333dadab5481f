package source

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReadSaysWhyAFileIsNoTemplate(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	large := filepath.Join(dir, "large.json")
	f, err := os.Create(large)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Truncate(100 << 20); err != nil {
		t.Fatal(err)
	}
	f.Close()

	for name, c := range map[string]struct{ path, want string }{
		"a file that is not there":             {filepath.Join(dir, "none.json"), "there is no such file"},
		"a folder":                             {dir, "is a folder"},
		"a file of 100 MB":                     {large, "has 100 MB"},
		"an empty file":                        {write("empty.json", ""), "is empty"},
		"a file of blanks":                     {write("blank.json", " \n\t"), "is empty"},
		"a byte order mark and nothing behind": {write("bom.json", "\xef\xbb\xbf"), "is empty"},
		"a binary":                             {write("binary.json", "\x7fELF\x00\x01"), "NUL byte at position 4"},
		"UTF-16":                               {write("utf16.json", "\xff\xfe{\x00}\x00"), "UTF-16"},
	} {
		t.Run(name, func(t *testing.T) {
			text, err := Read(c.path, nil)
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("Read gave %q, %v; want an *Error", text, err)
			}
			if e.Path != c.path || !strings.Contains(e.Message, c.want) {
				t.Errorf("Read said %q; want it to name the path and say %q", e.Error(), c.want)
			}
		})
	}
}

func TestReadNamesAFileWithoutPermission(t *testing.T) {
	if os.Getuid() == 0 {
		// The superuser may read everything, so the error is made by hand.
		err := failed("x.json", &fs.PathError{Op: "open", Path: "x.json", Err: fs.ErrPermission})
		if !strings.Contains(err.Error(), "x.json: permission denied") {
			t.Errorf("got %q", err)
		}
		return
	}
	p := filepath.Join(t.TempDir(), "x.json")
	if err := os.WriteFile(p, []byte("{}"), 0o000); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(p, nil); err == nil || !strings.Contains(err.Error(), "permission denied") {
		t.Errorf("got %v", err)
	}
}

func TestReadKeepsTheTextAsItIs(t *testing.T) {
	p := filepath.Join(t.TempDir(), "x.json")
	const want = "\xef\xbb\xbf{\r\n}\xff"
	if err := os.WriteFile(p, []byte(want), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := Read(p, nil)
	if err != nil || got != want {
		t.Errorf("Read gave %q, %v; want %q", got, err, want)
	}
	got, err = Read("-", strings.NewReader("{}"))
	if err != nil || got != "{}" {
		t.Errorf("Read of standard input gave %q, %v", got, err)
	}
}

func TestFindListsTheJSONFilesOfAFolder(t *testing.T) {
	dir := t.TempDir()
	for _, p := range []string{"b.json", "a.JSON", "sub/c.json", "sub/d.txt", "node_modules/e.json", ".git/f.json", ".northflank/g.json"} {
		full := filepath.Join(dir, p)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	files, folder, err := Find(dir)
	if err != nil || !folder {
		t.Fatalf("Find gave folder %v, error %v", folder, err)
	}
	var names []string
	for _, f := range files {
		rel, _ := filepath.Rel(dir, f)
		names = append(names, filepath.ToSlash(rel))
	}
	if got := strings.Join(names, " "); got != ".northflank/g.json a.JSON b.json sub/c.json" {
		t.Errorf("Find listed %q", got)
	}
	if _, _, err := Find(filepath.Join(dir, "none")); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("Find of a missing path gave %v", err)
	}
}
