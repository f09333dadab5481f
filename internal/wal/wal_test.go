//go:build unix

package wal_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/wal"
	_ "modernc.org/sqlite"
)

func database(t testing.TB, path string, pragmas ...string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(10000)&_pragma=synchronous(FULL)&_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() })
	for _, text := range append([]string{"PRAGMA journal_mode=WAL", "PRAGMA wal_autocheckpoint=0"}, pragmas...) {
		if _, err := db.Exec(text); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.Exec("CREATE TABLE IF NOT EXISTS t (n INTEGER PRIMARY KEY, text TEXT NOT NULL)"); err != nil {
		t.Fatal(err)
	}
	return db
}

func add(t testing.TB, db *sql.DB, n int) {
	t.Helper()
	if _, err := db.Exec("INSERT INTO t VALUES (?, ?)", n, strings.Repeat("x", 500)); err != nil {
		t.Fatal(err)
	}
}

func count(t testing.TB, db *sql.DB) (n int) {
	t.Helper()
	var verdict string
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		t.Errorf("the database is damaged: %s, %v", verdict, err)
	}
	if err := db.QueryRow("SELECT count(*) FROM t WHERE length(text) = 500").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func size(t testing.TB, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

func TestALogThatGrowsGetsRoomAndALittleOneNone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	db, room := database(t, path), wal.New(path)
	add(t, db, 0)
	before := size(t, path+"-wal")
	room.Keep()
	if err := room.Close(); err != nil || size(t, path+"-wal") != before {
		t.Errorf("a log of %d bytes got room, or %v", before, err)
	}
	grown := 0
	for n := 1; n <= 400; n++ {
		before := size(t, path+"-wal")
		add(t, db, n)
		if size(t, path+"-wal") > before {
			grown++
		}
		room.Keep()
		if err := room.Close(); err != nil { // waits
			t.Fatal(err)
		}
		room = wal.New(path)
	}
	if got := count(t, db); got != 401 {
		t.Errorf("%d rows are left of 401", got)
	}
	if grown > 100 {
		t.Errorf("%d of 400 commits made the log longer", grown)
	}
}

func TestNothingIsLostWhereOthersWriteAtTheSameTime(t *testing.T) {
	const writers, rows = 3, 200
	path := filepath.Join(t.TempDir(), "a.db")
	first := database(t, path)
	var all sync.WaitGroup
	for w := range writers {
		db := database(t, path)
		all.Go(func() {
			room := wal.New(path)
			defer func() { _ = room.Close() }()
			for i := range rows {
				if _, err := db.Exec("INSERT INTO t VALUES (?, ?)", w*rows+i, strings.Repeat("x", 500)); err != nil {
					t.Error(err)
					return
				}
				room.Keep()
			}
		})
	}
	all.Wait()
	if got := count(t, first); got != writers*rows {
		t.Errorf("%d rows are left of %d", got, writers*rows)
	}
}

// A process that is killed leaves its log behind, with the room in it, and without
// the index that says where it ends.
func TestWhatWasCommittedIsFoundInALogWithRoom(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.db")
	db, room := database(t, path), wal.New(path)
	for n := range 100 {
		add(t, db, n)
		room.Keep()
	}
	if err := room.Close(); err != nil {
		t.Fatal(err)
	}
	for i, end := range []int{0, 1, 7} { // the room may also have been cut off anywhere
		copied := filepath.Join(dir, fmt.Sprintf("copy-%d.db", i))
		for _, suffix := range []string{"", "-wal"} {
			text, err := os.ReadFile(path + suffix)
			if err != nil {
				t.Fatal(err)
			}
			if suffix != "" {
				text = text[:len(text)-end*1000]
			}
			if err := os.WriteFile(copied+suffix, text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if got := count(t, database(t, copied)); got != 100 {
			t.Errorf("without the last %d bytes %d rows are found of 100", end*1000, got)
		}
	}
}

func TestALogThatBeginsAgainKeepsItsRoom(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	db, room := database(t, path, "PRAGMA wal_autocheckpoint=100"), wal.New(path)
	defer func() { _ = room.Close() }()
	for n := range 1000 {
		add(t, db, n)
		room.Keep()
	}
	if got := count(t, db); got != 1000 {
		t.Errorf("%d rows are left of 1000", got)
	}
	if got := size(t, path+"-wal"); got > 4<<20 {
		t.Errorf("the log of a database that is brought up to date every 100 pages has %d bytes", got)
	}
}

// BenchmarkCommit is the cost of a durable commit with and without room.
func BenchmarkCommit(b *testing.B) {
	for _, with := range []bool{false, true} {
		b.Run(fmt.Sprintf("room=%v", with), func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "a.db")
			db, room := database(b, path), wal.New(path)
			defer func() { _ = room.Close() }()
			n := 0
			for b.Loop() {
				add(b, db, n)
				if n++; with {
					room.Keep()
				}
			}
		})
	}
}
