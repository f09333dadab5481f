package wal

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestALog(t *testing.T) {
	database := filepath.Join(t.TempDir(), "x.db")
	l := NewLog(database)
	if err := l.Sync(); !errors.Is(err, fs.ErrNotExist) || l.Synced() {
		t.Errorf("a log that is not there was synced: %v", err)
	}
	if err := os.WriteFile(database+"-wal", []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := l.Sync(); err != nil || !l.Synced() {
			t.Fatalf("a log that is there was not synced: %v", err)
		}
		if err := errors.Join(l.Close(), l.Close()); err != nil || l.Synced() {
			t.Fatalf("it was not closed: %v", err)
		}
	}
}
