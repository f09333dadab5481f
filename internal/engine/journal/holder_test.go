package journal

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestAJournalSaysWhoOwnsIt(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "r1")
	o := create(t, dir)
	r, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	h, ok, err := r.Holder(t.Context())
	if err != nil || !ok || h.PID != os.Getpid() || h.Since.IsZero() || h.Silent(time.Now()) || Quiet(dir, time.Now()) {
		t.Errorf("it is owned: %v, by %+v, %v", ok, h, err)
	}
	long := time.Now().Add(time.Hour)
	if !h.Silent(long) || !Quiet(dir, long) {
		t.Error("an owner that was not heard of for an hour is not silent")
	}
	// Whatever the time of the lock is, an owner that lives sets it.
	if err := os.Chtimes(filepath.Join(dir, lockName), time.Time{}, time.Unix(0, 0)); err != nil {
		t.Fatal(err)
	}
	o.show()
	if Quiet(dir, time.Now()) {
		t.Error("an owner that has shown itself is silent")
	}
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := r.Holder(t.Context()); ok || err != nil {
		t.Errorf("a journal that was given up is owned: %v, %v", ok, err)
	}
}

func TestAnOwnerShowsAgainAndAgainThatItIsAlive(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "r1")
	o := create(t, dir)
	defer func() { _ = o.Close() }()
	if err := os.Chtimes(filepath.Join(dir, lockName), time.Time{}, time.Unix(0, 0)); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(time.Minute); Quiet(dir, time.Now()); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it did not")
		}
	}
}
