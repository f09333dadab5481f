package engine

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"
)

// fenceOut makes the owner of a journal an earlier one, so that its next commit
// fails: to the journal it is as dead as if its process were.
func fenceOut(t testing.TB, dir string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "journal.db")+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for range 100 {
		if _, err = db.Exec("UPDATE owner SET fence = fence + 1"); err == nil {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Errorf("cannot fence the owner out: %v", err)
}
