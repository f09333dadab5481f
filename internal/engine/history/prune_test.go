package history

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine/journal"
)

// ended adds a run that has ended on a day of May, with a journal.
func (s *Store) ended(t *testing.T, id string, day int, change func(*Run)) {
	t.Helper()
	o, err := journal.Create(t.Context(), s.RunDir(id), journal.Header{Run: id, Key: []byte{1}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := Run{ID: id, Template: "t", Target: "local", Status: "success", CreatedAt: onDay(day), StartedAt: onDay(day), ConcludedAt: onDay(day)}
	if change != nil {
		change(&r)
	}
	if _, err := s.Add(t.Context(), r, nil); err != nil {
		t.Fatal(err)
	}
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}
}

func onDay(day int) time.Time { return time.Date(2025, 5, day, 12, 0, 0, 0, time.UTC) }

func status(s string) func(*Run) { return func(r *Run) { r.Status = s } }

func (s *Store) pruned(t *testing.T, template string, keep Retention, dry bool) string {
	t.Helper()
	removed, err := s.Prune(t.Context(), template, keep, onDay(20), dry)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, r := range removed {
		out = append(out, r.ID)
		if r.Bytes < 4096 {
			t.Errorf("%s took %d bytes", r.ID, r.Bytes)
		}
	}
	return strings.Join(out, " ")
}

func TestWhatIsPruned(t *testing.T) {
	setUp := func(t *testing.T) *Store {
		s := open(t, t.TempDir())
		s.ended(t, "old-success", 1, nil)
		s.ended(t, "old-failure", 2, status("failure"))
		s.ended(t, "unknown", 3, status("unknown"))
		s.ended(t, "part", 4, func(r *Run) { r.Until = "/spec/spec/steps/0" })
		s.ended(t, "cut", 5, func(r *Run) { r.Status, r.ConcludedAt = "running", time.Time{} })
		s.ended(t, "success", 6, nil)
		s.ended(t, "teardown", 7, func(r *Run) { r.Teardown = true })
		s.ended(t, "failure", 8, status("failure"))
		s.ended(t, "other", 1, func(r *Run) { r.Template, r.Status = "u", "aborted" })
		return s
	}
	all := "old-success old-failure teardown failure other"
	tests := []struct {
		name, template string
		keep           Retention
		want           string
	}{
		{"nothing without limits", "", Retention{NoLimit, NoLimit}, ""},
		{"nothing within the limits", "", Retention{10, 30}, ""},
		{"by number, each template on its own", "", Retention{3, NoLimit}, "old-success old-failure"},
		{"by age", "", Retention{NoLimit, 17}, "old-success old-failure other"},
		{"by either", "", Retention{1, 17}, "old-success old-failure teardown other"},
		{"of one template", "u", Retention{0, NoLimit}, "other"},
		{"all that may go", "", Retention{0, NoLimit}, all},
		{"all of any age that may go", "", Retention{NoLimit, 0}, all},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := setUp(t)
			if got := s.pruned(t, tt.template, tt.keep, true); got != tt.want {
				t.Errorf("a dry run names %q, want %q", got, tt.want)
			}
			if got := s.pruned(t, tt.template, tt.keep, false); got != tt.want {
				t.Errorf("removed %q, want %q", got, tt.want)
			}
			if got := s.pruned(t, tt.template, tt.keep, false); got != "" {
				t.Errorf("removed once more: %q", got)
			}
			for _, id := range strings.Fields(tt.want) {
				if _, err := s.Find(t.Context(), id); !errors.Is(err, ErrNoRun) {
					t.Errorf("%s is still listed: %v", id, err)
				}
				if _, err := os.Stat(s.RunDir(id)); !os.IsNotExist(err) {
					t.Errorf("the folder of %s is still there: %v", id, err)
				}
			}
			left, err := os.ReadDir(filepath.Join(s.Dir(), runsName))
			if want := 9 - len(strings.Fields(tt.want)); err != nil || len(left) != want {
				t.Errorf("%d runs are left, want %d, %v", len(left), want, err)
			}
			if trash, err := os.ReadDir(filepath.Join(s.Dir(), trashName)); len(trash) > 0 {
				t.Errorf("in the trash is %v, %v", trash, err)
			}
		})
	}
}

// A run that somebody has just taken up again, to retry it, stays.
func TestARunThatIsOwnedIsNotPruned(t *testing.T) {
	s := open(t, t.TempDir())
	s.ended(t, "failed", 1, status("failure"))
	s.ended(t, "gone", 2, status("failure"))
	if err := os.RemoveAll(s.RunDir("gone")); err != nil {
		t.Fatal(err)
	}
	o, err := journal.Take(t.Context(), s.RunDir("failed"))
	if err != nil {
		t.Fatal(err)
	}
	removed, err := s.Prune(t.Context(), "", Retention{0, NoLimit}, onDay(20), false)
	if err != nil || len(removed) != 1 || removed[0].ID != "gone" {
		t.Errorf("removed %+v, %v", removed, err)
	}
	if _, err := s.Find(t.Context(), "failed"); err != nil {
		t.Error(err)
	}
	_ = o.Close()
	if got := s.pruned(t, "", Retention{0, NoLimit}, false); got != "failed" {
		t.Errorf("afterwards removed %q", got)
	}
}

func TestManyProcessesPruneAtOnce(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	for i := range 20 {
		s.ended(t, fmt.Sprintf("r%02d", i), 1, status("failure"))
	}
	removed := make(chan int, 4)
	for range cap(removed) {
		go func() {
			other, err := Open(t.Context(), dir)
			if err != nil {
				t.Error(err)
				removed <- 0
				return
			}
			defer func() { _ = other.Close() }()
			runs, err := other.Prune(t.Context(), "t", Retention{5, NoLimit}, onDay(20), false)
			if err != nil {
				t.Error(err)
			}
			removed <- len(runs)
		}()
	}
	for range cap(removed) {
		<-removed
	}
	runs, err := s.List(t.Context(), Filter{}, unread(t))
	if err != nil || len(runs) != 5 || runs[4].ID != "r15" {
		t.Errorf("%d runs are left, %v", len(runs), err)
	}
}
