package journal

import (
	"errors"
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
		return o.syncLog()
	}
	done := make(chan error, 1)
	for i := range 2 {
		o.Append([]Record{record("x", 2+i)}, func() {
			order = append(order, "written")
			readable = len(all(t, dir))
		}, func(err error) {
			order = append(order, "durable")
			done <- err
		})
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"written", "to the disk", "durable", "written", "to the disk", "durable"}; !slices.Equal(order, want) {
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
	o.writer.toDisk = o.syncLog
	// What the log holds after a failed sync nobody can tell: nothing is added to it.
	if err := add(t, o, record("x", 3)); !errors.Is(err, broken) {
		t.Errorf("a journal goes on after its disk has failed: %v", err)
	}
}
