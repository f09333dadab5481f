package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func at(s int) time.Time { return time.Date(2025, 1, 2, 3, 4, s, 0, time.UTC) }

func record(kind string, node int) Record {
	return Record{At: at(node), Type: kind, Node: node, Data: fmt.Appendf(nil, `{"n":%d}`, node)}
}

func create(t testing.TB, dir string) *Owner {
	t.Helper()
	o, err := Create(t.Context(), dir, Header{Run: "r1", Key: []byte("wrapped")}, []Record{record("created", -1)})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// add appends records and waits until they are durable.
func add(t testing.TB, o *Owner, records ...Record) error {
	t.Helper()
	done := make(chan error, 1)
	o.Append(Addition{Records: records, Done: func(err error) { done <- err }, Urgent: true})
	return <-done
}

func all(t testing.TB, dir string) []Record {
	t.Helper()
	r, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	var out []Record
	if err := r.Read(t.Context(), 0, func(rec Record) error { out = append(out, rec); return nil }); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestWhatWasAppendedIsReadInOrder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "r1")
	o := create(t, dir)
	sealed := record("outcome", 2)
	sealed.Sealed, sealed.Attempt = []byte{0, 1, 2}, 3
	if err := add(t, o, record("intent", 1), sealed); err != nil {
		t.Fatal(err)
	}
	during := all(t, dir) // others read along
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}
	for _, got := range [][]Record{during, all(t, dir)} {
		var text []string
		for _, r := range got {
			text = append(text, fmt.Sprintf("%d %s %s %d/%d %s %v", r.Seq, r.At.Format("05"), r.Type, r.Node, r.Attempt, r.Data, r.Sealed))
		}
		want := "1 59 created -1/0 {\"n\":-1} []\n2 01 intent 1/0 {\"n\":1} []\n3 02 outcome 2/3 {\"n\":2} [0 1 2]"
		if s := strings.Join(text, "\n"); s != want {
			t.Errorf("read:\n%s\nwant:\n%s", s, want)
		}
	}
	info, err := os.Stat(filepath.Join(dir, databaseName))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the journal has mode %v, %v", info.Mode(), err)
	}
}

func TestAppendsThatComeTogetherShareACommitAndKeepTheirOrder(t *testing.T) {
	o := create(t, filepath.Join(t.TempDir(), "r1"))
	defer func() { _ = o.Close() }()
	var mu sync.Mutex
	var order []int
	var wg sync.WaitGroup
	o.writer.conn.Lock() // hold the first commit up, so that the rest gathers
	for i := range 100 {
		wg.Add(1)
		o.Append(Addition{Records: []Record{record("x", i)}, Done: func(err error) {
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			order = append(order, i)
			mu.Unlock()
			wg.Done()
		}})
	}
	o.writer.conn.Unlock()
	wg.Wait()
	for i := range order {
		if order[i] != i {
			t.Fatalf("told in the order %v", order)
		}
	}
}

func TestOneProcessOwnsAJournal(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "r1")
	o := create(t, dir)
	if !Alive(dir) {
		t.Error("an owned journal does not look alive")
	}
	if _, err := Take(t.Context(), dir); !errors.Is(err, ErrOwned) {
		t.Errorf("a second owner got %v", err)
	}
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}
	if Alive(dir) {
		t.Error("a journal that was given up looks alive")
	}
	next, err := Take(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = next.Close() }()
	if next.Fence() != 2 || next.Header().Run != "r1" || string(next.Header().Key) != "wrapped" {
		t.Errorf("fence %d, header %+v", next.Fence(), next.Header())
	}
	if err := add(t, next, record("x", 7)); err != nil {
		t.Fatal(err)
	}
	if got := all(t, dir); got[len(got)-1].Seq != 2 {
		t.Errorf("numbering did not go on: %+v", got)
	}
}

func TestAnOwnerThatWasThoughtDeadCannotWrite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "r1")
	old := create(t, dir)
	if err := add(t, old, record("x", 1)); err != nil {
		t.Fatal(err)
	}
	_ = old.lock.Close() // as a file system does that loses its locks
	next, err := Take(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = next.Close() }()
	if err := add(t, old, record("late", 2)); !errors.Is(err, ErrFenced) {
		t.Errorf("the old owner's write gave %v", err)
	}
	if err := add(t, old, record("later", 3)); !errors.Is(err, ErrFenced) {
		t.Errorf("its next write gave %v", err)
	}
	if err := add(t, next, record("x", 4)); err != nil {
		t.Fatal(err)
	}
	if got := all(t, dir); len(got) != 3 {
		t.Errorf("%d records, want 3", len(got))
	}
	_ = old.Close()
}

func TestFollowSeesWhatIsToCome(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "r1")
	o := create(t, dir)
	r, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	enough := errors.New("enough")
	seen := make(chan int64, 10)
	ended := make(chan error)
	go func() {
		ended <- r.Follow(t.Context(), 1, func(rec Record) error {
			seen <- rec.Seq
			if rec.Seq == 3 {
				return enough
			}
			return nil
		})
	}()
	if s := <-seen; s != 1 {
		t.Errorf("first seen is %d", s)
	}
	for i := range 2 {
		if err := add(t, o, record("x", i)); err != nil {
			t.Fatal(err)
		}
		<-seen
	}
	if err := <-ended; !errors.Is(err, enough) {
		t.Errorf("ended with %v", err)
	}
	_ = o.Close()
}

func TestFollowEndsWhenTheOwnerIsGone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "r1")
	o := create(t, dir)
	_ = o.Close()
	r, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	n := 0
	err = r.Follow(t.Context(), 1, func(Record) error { n++; return nil })
	if !errors.Is(err, ErrAbandoned) || n != 1 {
		t.Errorf("%d records, then %v", n, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.Follow(ctx, 9, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled follow ended with %v", err)
	}
}

func TestRequestsReachTheOwnerInOrder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "r1")
	o := create(t, dir)
	defer func() { _ = o.Close() }()
	if got, err := o.Requests(); err != nil || len(got) != 0 {
		t.Errorf("%v, %v before anything was asked", got, err)
	}
	for i, kind := range []string{"approve", "abort"} {
		if err := Ask(dir, Request{Kind: kind, Node: "/spec", Reason: "because", At: at(i)}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := o.Requests()
	if err != nil || len(got) != 2 || got[0].Kind != "approve" || got[1].Kind != "abort" || got[1].Reason != "because" || got[1].Node != "/spec" {
		t.Fatalf("%+v, %v", got, err)
	}
	for range 2 { // done twice is done
		if err := o.Done(got[0]); err != nil {
			t.Fatal(err)
		}
	}
	if got, err = o.Requests(); err != nil || len(got) != 1 || got[0].Kind != "abort" {
		t.Errorf("%+v, %v after one was done", got, err)
	}
}

func TestUnusableJournals(t *testing.T) {
	newer := filepath.Join(t.TempDir(), "newer")
	_ = create(t, newer).Close()
	db, err := sql.Open("sqlite", filepath.Join(newer, databaseName))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("PRAGMA user_version = 99"); err != nil {
		t.Fatal(err)
	}
	_ = db.Close()

	garbage := filepath.Join(t.TempDir(), "garbage")
	_ = os.Mkdir(garbage, 0o700)
	if err := os.WriteFile(filepath.Join(garbage, databaseName), []byte(strings.Repeat("no database ", 500)), 0o600); err != nil {
		t.Fatal(err)
	}
	empty := filepath.Join(t.TempDir(), "empty")
	_ = os.Mkdir(empty, 0o700)
	if err := EnsureFile(filepath.Join(empty, databaseName)); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, dir string
		check     func(error) bool
	}{
		{"a newer format is refused politely", newer, func(err error) bool {
			var v *VersionError
			return errors.As(err, &v) && v.Found == 99 && strings.Contains(err.Error(), "newer version")
		}},
		{"a file that is no journal is named", garbage, func(err error) bool {
			return err != nil && strings.Contains(err.Error(), garbage)
		}},
		{"a journal whose maker died at once is none", empty, func(err error) bool { return errors.Is(err, ErrNone) }},
		{"a folder without one has none", t.TempDir(), func(err error) bool { return errors.Is(err, ErrNone) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := Open(t.Context(), tt.dir); !tt.check(err) {
				t.Errorf("reading gave %v", err)
			}
			if _, err := Take(t.Context(), tt.dir); !tt.check(err) {
				t.Errorf("taking gave %v", err)
			}
		})
	}
}

func TestAJournalThatCannotBeMadeSaysWhy(t *testing.T) {
	if os.Getuid() == 0 {
		file := filepath.Join(t.TempDir(), "file")
		if err := EnsureFile(file); err != nil {
			t.Fatal(err)
		}
		_, err := Create(t.Context(), filepath.Join(file, "r1"), Header{Run: "r1"}, nil)
		if err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("error %v", err)
		}
		return
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	if _, err := Create(t.Context(), filepath.Join(dir, "r1"), Header{Run: "r1"}, nil); !errors.Is(err, os.ErrPermission) {
		t.Errorf("error %v", err)
	}
}

func BenchmarkCommit(b *testing.B) {
	for _, size := range []int{1, 2, 32} {
		b.Run(fmt.Sprintf("%d records", size), func(b *testing.B) {
			o := create(b, filepath.Join(b.TempDir(), "r1"))
			defer func() { _ = o.Close() }()
			records := make([]Record, size)
			for b.Loop() {
				for i := range records {
					records[i] = record("x", i)
					records[i].Sealed = make([]byte, 200)
				}
				if err := add(b, o, records...); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commits/s")
			b.ReportMetric(float64(b.N*size)/b.Elapsed().Seconds(), "records/s")
		})
	}
}

func BenchmarkCreate(b *testing.B) {
	dir, i := b.TempDir(), 0
	for b.Loop() {
		i++
		_ = create(b, filepath.Join(dir, fmt.Sprint(i))).Close()
	}
}

func TestAFullDiskLosesNothingThatWasPromised(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "r1")
	o := create(t, dir)
	if _, err := o.conn.ExecContext(t.Context(), "PRAGMA max_page_count = 20"); err != nil {
		t.Fatal(err)
	}
	promised, failed := 0, error(nil)
	for failed == nil && promised < 1000 {
		r := record("x", promised)
		r.Sealed = make([]byte, 1000)
		if failed = add(t, o, r); failed == nil {
			promised++
		}
	}
	if failed == nil || !strings.Contains(failed.Error(), dir) || !strings.Contains(failed.Error(), "full") {
		t.Errorf("a full disk gave %v", failed)
	}
	if err := add(t, o, record("later", 1)); err == nil {
		t.Error("something was written after a failure")
	}
	if err := o.Close(); err == nil {
		t.Error("closing hides the failure")
	}
	if got := all(t, dir); len(got) != promised+1 {
		t.Errorf("%d records are left of %d", len(got), promised+1)
	}
	next, err := Take(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = next.Close() }()
	if err := add(t, next, record("x", 1)); err != nil {
		t.Error(err)
	}
}
