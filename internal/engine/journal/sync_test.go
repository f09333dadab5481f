package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestARecordIsWrittenThenBroughtToTheDiskThenReportedAsDurable also shows that
// others can read what is written and not yet durable.
func TestARecordIsWrittenThenBroughtToTheDiskThenReportedAsDurable(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "r1")
	o := create(t, dir)
	defer func() { _ = o.Close() }()
	if err := add(t, o, record("x", 1)); err != nil {
		t.Fatal(err)
	}
	var order []string
	readable := 0
	o.writer.toDisk = func() error {
		order = append(order, "to the disk")
		return o.log.Sync()
	}
	done := make(chan error, 1)
	for i := range 2 {
		o.Append(Addition{
			Records: []Record{record("x", 2+i)},
			Ready: func() error {
				order = append(order, "ready")
				return nil
			},
			Written: func() {
				order = append(order, "written")
				readable = len(all(t, dir))
			},
			Done: func(err error) {
				order = append(order, "durable")
				done <- err
			},
			Urgent: i == 0, // the other one is brought to the disk all the same
		})
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"ready", "written", "to the disk", "durable", "ready", "written", "to the disk", "durable"}; !slices.Equal(order, want) {
		t.Errorf("the order was %q", order)
	}
	if readable != 4 {
		t.Errorf("%d records could be read when the last was written", readable)
	}
}

func TestADiskThatDoesNotTakeARecordEndsTheJournal(t *testing.T) {
	o := create(t, filepath.Join(t.TempDir(), "r1"))
	defer func() { _ = o.Close() }()
	if err := add(t, o, record("x", 1)); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("the disk is broken")
	o.writer.toDisk = func() error { return broken }
	if err := add(t, o, record("x", 2)); !errors.Is(err, broken) {
		t.Errorf("a record that did not reach the disk was reported as durable: %v", err)
	}
	o.writer.toDisk = o.log.Sync
	// What the log holds after a failed sync nobody can tell: nothing is added to it.
	if err := add(t, o, record("x", 3)); !errors.Is(err, broken) {
		t.Errorf("a journal goes on after its disk has failed: %v", err)
	}
}

// A journal is given up while what was added last is on its way to the disk.
func TestAJournalIsGivenUpAtAnyMoment(t *testing.T) {
	dir := t.TempDir()
	for i := range 50 {
		o := create(t, filepath.Join(dir, fmt.Sprint(i)))
		told := 0
		for range i % 4 {
			o.Append(Addition{Records: []Record{record("x", 1)}, Urgent: i%2 == 0, Done: func(err error) {
				if told++; err != nil {
					t.Error(err)
				}
			}})
		}
		if err := o.Close(); err != nil || told != i%4 {
			t.Errorf("%d of %d additions were told of, %v", told, i%4, err)
		}
	}
}

func TestRecordsWhoseReasonsAreNotDurableAreNotWritten(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "r1")
	o := create(t, dir)
	defer func() { _ = o.Close() }()
	gone := errors.New("what it relies on is gone")
	done := make(chan error, 1)
	o.Append(Addition{
		Records: []Record{record("x", 1)},
		Ready:   func() error { return gone },
		Written: func() { t.Error("it was written") },
		Done:    func(err error) { done <- err },
	})
	if err := <-done; !errors.Is(err, gone) {
		t.Errorf("the record was reported as durable: %v", err)
	}
	// What comes after it relies on it in turn.
	if err := add(t, o, record("x", 2)); !errors.Is(err, gone) {
		t.Errorf("the journal goes on: %v", err)
	}
	if got := len(all(t, dir)); got != 1 {
		t.Errorf("%d records can be read of 1", got)
	}
}

func TestAJournalThatIsGivenUpIsOneFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "r1")
	o := create(t, dir)
	for i := range 50 {
		if err := add(t, o, record("x", i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, databaseName+"-*")); len(left) > 0 {
		t.Errorf("beside the database there are %v", left)
	}
	if got := len(all(t, dir)); got != 51 {
		t.Errorf("%d records are left of 51", got)
	}
}

// TestAJournalWhoseDatabaseDoesNotReachTheDiskKeepsItsLog takes the file away
// that is synced; what is in the log has to survive it.
func TestAJournalWhoseDatabaseDoesNotReachTheDiskKeepsItsLog(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "r1")
	o := create(t, dir)
	if err := add(t, o, record("x", 1)); err != nil {
		t.Fatal(err)
	}
	file := o.file
	elsewhere, err := os.Create(filepath.Join(dir, "elsewhere"))
	if err != nil {
		t.Fatal(err)
	}
	_ = elsewhere.Close()
	o.file = elsewhere // closed, so that a sync fails
	defer func() { _ = file.Close() }()
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, databaseName+"-wal")); err != nil {
		t.Errorf("the log is gone: %v", err)
	}
	if got := len(all(t, dir)); got != 2 {
		t.Errorf("%d records are left of 2", got)
	}
}

func TestAJournalThatIsReadWhenItIsGivenUpStaysWhole(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "r1")
	o := create(t, dir)
	r, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	err = r.Read(t.Context(), 0, func(Record) error {
		if seen++; seen > 1 {
			return nil
		}
		// In the middle of a read, which holds on to what it sees.
		if err := add(t, o, record("x", 1), record("x", 2)); err != nil {
			return err
		}
		return o.Close()
	})
	if err := errors.Join(err, r.Close()); err != nil {
		t.Fatal(err)
	}
	if got := len(all(t, dir)); got != 3 {
		t.Errorf("%d records are left of 3", got)
	}
}
