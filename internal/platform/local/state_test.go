package local_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/local"
)

func put(p platform.Target, name string) error {
	_, err := p.Do(context.Background(), platform.OpCreateOrUpdateProject, platform.Params{},
		[]byte(fmt.Sprintf(`{"name": %q}`, name)))
	return err
}

func TestStateFolder(t *testing.T) {
	asRoot := os.Geteuid() == 0
	tests := []struct {
		name string
		dir  func(t *testing.T) string
		want string // in the error; empty for none
	}{
		{"a folder that is not there is made", func(t *testing.T) string { return filepath.Join(t.TempDir(), "a", "b") }, ""},
		{"a name with odd characters is taken as it is", func(t *testing.T) string { return filepath.Join(t.TempDir(), "50% off? #1 é") }, ""},
		{"no folder is an error", func(*testing.T) string { return "" }, "state folder"},
		{"a file instead of a folder", func(t *testing.T) string {
			path := filepath.Join(t.TempDir(), "state")
			write(t, path, "x")
			return path
		}, "is a file"},
		{"a folder below a file", func(t *testing.T) string {
			path := filepath.Join(t.TempDir(), "state")
			write(t, path, "x")
			return filepath.Join(path, "below")
		}, "cannot be used"},
		{"a folder that cannot be written", func(t *testing.T) string {
			if asRoot {
				return "/proc/state" // root may write everywhere else
			}
			dir := t.TempDir()
			if err := os.Chmod(dir, 0o500); err != nil {
				t.Fatal(err)
			}
			return dir
		}, "cannot be"},
		{"a database that is none", func(t *testing.T) string {
			dir := t.TempDir()
			write(t, filepath.Join(dir, "platform.db"), strings.Repeat("this is no database ", 100))
			return dir
		}, "damaged or no database"},
		{"a folder in the database's place", func(t *testing.T) string {
			dir := t.TempDir()
			if err := os.Mkdir(filepath.Join(dir, "platform.db"), 0o700); err != nil {
				t.Fatal(err)
			}
			return dir
		}, "cannot be written"},
		{"a database of another program", func(t *testing.T) string {
			dir := t.TempDir()
			query(t, dir, "CREATE TABLE songs (title TEXT)")
			return dir
		}, "of another program"},
		{"a database of a newer version", func(t *testing.T) string {
			dir := t.TempDir()
			if err := put(open(t, local.Options{Dir: dir}), "present"); err != nil {
				t.Fatal(err)
			}
			query(t, dir, "PRAGMA user_version = 99")
			return dir
		}, "newer nf-run (schema 99"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := tt.dir(t)
			p := local.New(local.Options{Dir: dir})
			defer p.Close()
			err := put(p, "project")
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("got %v", err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("got %v, want %q in it", err, tt.want)
			case tt.want != "" && dir != "" && !strings.Contains(err.Error(), dir):
				t.Errorf("the error does not name the folder: %v", err)
			}
		})
	}
	t.Run("a folder that was mended is used by the next operation", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "state")
		write(t, path, "x")
		p := local.New(local.Options{Dir: path})
		defer p.Close()
		if err := put(p, "project"); err == nil {
			t.Fatal("a file was used as a folder")
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if err := put(p, "project"); err != nil {
			t.Error(err)
		}
	})
	t.Run("nobody else may read the folder", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "state")
		if err := put(open(t, local.Options{Dir: dir}), "project"); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(dir)
		if err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("its mode is %v, %v", info.Mode(), err)
		}
	})
	t.Run("a platform that was closed says so", func(t *testing.T) {
		p := local.New(local.Options{Dir: t.TempDir()})
		if err := put(p, "project"); err != nil {
			t.Fatal(err)
		}
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
		if err := put(p, "project"); !errors.Is(err, local.ErrClosed) {
			t.Errorf("got %v", err)
		}
		if err := p.Close(); err != nil {
			t.Errorf("closing twice: %v", err)
		}
	})
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// query changes a database behind the platform's back.
func query(t testing.TB, dir, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, "platform.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(err)
	}
}
