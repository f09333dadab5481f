package diskfull

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite"
)

func TestOtherErrorsStayWhatTheyAre(t *testing.T) {
	dir := t.TempDir()
	if err := Explain(dir, nil); err != nil {
		t.Error(err)
	}
	for _, err := range []error{errors.New("no"), fs.ErrPermission, &fs.PathError{Op: "open", Path: dir, Err: fs.ErrNotExist}} {
		if got := Explain(dir, err); got != err {
			t.Errorf("%v became %v", err, got)
		}
	}
}

func TestADatabaseThatMayGrowNoFurtherIsFull(t *testing.T) {
	dir := t.TempDir()
	db, err := sql.Open("sqlite", filepath.Join(dir, "a.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	_, err = db.Exec("PRAGMA max_page_count = 2; CREATE TABLE t(x); INSERT INTO t VALUES (randomblob(100000))")
	var full *Error
	if got := Explain(dir, fmt.Errorf("writing: %w", err)); !errors.As(got, &full) || full.Dir != dir || !strings.Contains(got.Error(), "the disk is full: make room on the one that holds "+dir) {
		t.Errorf("%v", got)
	}
}

func TestADiskWithRoomIsNotFullThoughADatabaseFails(t *testing.T) {
	dir := t.TempDir()
	db, err := sql.Open("sqlite", filepath.Join(dir, "missing", "a.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err = db.Exec("CREATE TABLE t(x)"); err == nil {
		t.Fatal("a folder was made")
	}
	if got := Explain(dir, err); got != err {
		t.Errorf("%v", got)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("looking for room has left %v, %v", left, err)
	}
}
