package filelock

import (
	"os"
	"path/filepath"
	"testing"
)

func TestLocks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	open := func() *os.File {
		t.Helper()
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = f.Close() })
		return f
	}
	try := func(f *os.File, mode Mode, want bool, what string) {
		t.Helper()
		if got, err := Try(f, mode); err != nil || got != want {
			t.Errorf("%s: %v, %v", what, got, err)
		}
	}
	a, b, c := open(), open(), open()
	try(a, Shared, true, "the first takes a shared lock")
	try(b, Shared, true, "and so does the second")
	try(c, Exclusive, false, "an exclusive one does not go with them")
	_ = a.Close()
	try(c, Exclusive, false, "nor with the one that is left")
	_ = b.Close()
	try(c, Exclusive, true, "alone it does")
	d := open()
	try(d, Shared, false, "and shuts everybody out")
	try(d, Exclusive, false, "in each mode")
	_ = c.Close()
	try(d, Exclusive, true, "until its file is closed")
}
