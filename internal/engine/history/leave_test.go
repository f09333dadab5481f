package history

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A process that ends leaves the log of the index as a crash does. All that is in
// it is there for the next one, and it does not grow without end.
func TestWhatAProcessLeavesInTheLogIsThereForTheNext(t *testing.T) {
	dir := t.TempDir()
	var greatest int64
	for i := range 150 {
		s, err := Open(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		r, err := s.Add(t.Context(), Run{ID: fmt.Sprintf("run-%03d", i), Template: "T", Target: "local", Status: "pending", CreatedAt: time.Now()}, func(earlier []Run) error {
			if len(earlier) != 0 {
				return fmt.Errorf("%d runs have not concluded", len(earlier))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		r.Status, r.ConcludedAt = "success", time.Now()
		if err := s.Update(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		s.Leave()
		info, err := os.Stat(filepath.Join(dir, indexName+"-wal"))
		if err != nil {
			t.Fatalf("the log is gone: closing has waited for the disk: %v", err)
		}
		greatest = max(greatest, info.Size())
	}
	if greatest > 2<<20 {
		t.Errorf("the log has grown to %d bytes", greatest)
	}
}
