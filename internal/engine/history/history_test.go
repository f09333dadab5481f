package history

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine/journal"
)

func open(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func moment(s int) time.Time { return time.Date(2025, 5, 6, 7, 8, s, 0, time.UTC) }

// begin adds a run that this process owns.
func begin(t testing.TB, s *Store, id, template string) (Run, *journal.Owner) {
	t.Helper()
	o, err := journal.Create(t.Context(), s.RunDir(id), journal.Header{Run: id, Key: []byte{1}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = o.Close() })
	r, err := s.Add(t.Context(), Run{ID: id, Template: template, Status: "running", CreatedAt: moment(1), StartedAt: moment(2)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r, o
}

// unread fails the test when a journal is opened.
func unread(t testing.TB) Describer {
	return func(_ context.Context, id, _ string) (Run, error) {
		t.Errorf("the journal of %s was opened", id)
		return Run{}, errors.New("no")
	}
}

func TestRunsAreListedNewestFirstWithoutOpeningJournals(t *testing.T) {
	s := open(t, t.TempDir())
	for i := range 3 {
		r, o := begin(t, s, fmt.Sprintf("run-%d", i), fmt.Sprintf("template-%d", i%2))
		if i < 2 {
			r.Status, r.ConcludedAt = "success", moment(3)
			if err := s.Update(t.Context(), r); err != nil {
				t.Fatal(err)
			}
			_ = o.Close()
		}
	}
	runs, err := s.List(t.Context(), Filter{}, unread(t))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range runs {
		got = append(got, fmt.Sprintf("%s %s %v", r.ID, r.Status, r.Concluded()))
	}
	if want := "run-2 running false|run-1 success true|run-0 success true"; strings.Join(got, "|") != want {
		t.Errorf("listed %s, want %s", strings.Join(got, "|"), want)
	}
	if !runs[1].StartedAt.Equal(moment(2)) || !runs[1].ConcludedAt.Equal(moment(3)) || runs[0].Interrupted {
		t.Errorf("%+v", runs)
	}
	if runs, err = s.List(t.Context(), Filter{Template: "template-0", Limit: 1}, unread(t)); err != nil || len(runs) != 1 || runs[0].ID != "run-2" {
		t.Errorf("the newest of a template: %+v, %v", runs, err)
	}
}

func TestTheIndexIsSetRightWhereAnOwnerDied(t *testing.T) {
	s := open(t, t.TempDir())
	_, o := begin(t, s, "ended", "t")
	_ = o.Close() // the journal knows that the run has ended, the index does not
	_, o = begin(t, s, "cut", "t")
	_ = o.Close()
	describe := func(_ context.Context, id, _ string) (Run, error) {
		r := Run{ID: id, Status: "running", StartedAt: moment(2)}
		if id == "ended" {
			r.Status, r.ConcludedAt, r.Error = "failure", moment(5), "no disk"
		}
		return r, nil
	}
	runs, err := s.List(t.Context(), Filter{}, describe)
	if err != nil {
		t.Fatal(err)
	}
	if r := runs[0]; r.ID != "cut" || !r.Interrupted || r.Status != "running" {
		t.Errorf("the interrupted run is listed as %+v", r)
	}
	if r := runs[1]; r.ID != "ended" || r.Interrupted || r.Status != "failure" || r.Error != "no disk" {
		t.Errorf("the run that had ended is listed as %+v", r)
	}
	r, err := s.Find(t.Context(), "ended")
	if err != nil || r.Status != "failure" || r.Interrupted {
		t.Errorf("the index still says %+v, %v", r, err)
	}
}

func TestAnIndexThatWasLostIsMadeAgain(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	_, o := begin(t, s, "r1", "t")
	_ = o.Close()
	_ = s.Close()
	if err := os.Remove(filepath.Join(dir, indexName)); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir)
	runs, err := s.List(t.Context(), Filter{}, func(_ context.Context, id, _ string) (Run, error) {
		return Run{ID: id, Template: "t", Status: "success", CreatedAt: moment(1), ConcludedAt: moment(2)}, nil
	})
	if err != nil || len(runs) != 1 || runs[0].ID != "r1" || runs[0].Template != "t" {
		t.Errorf("%+v, %v", runs, err)
	}
}

func TestARunIsAddedOnlyWhenItIsAdmitted(t *testing.T) {
	s := open(t, t.TempDir())
	begin(t, s, "r1", "t")
	begin(t, s, "other", "u")
	refused := errors.New("refused")
	_, err := s.Add(t.Context(), Run{ID: "r2", Template: "t"}, func(earlier []Run) error {
		if len(earlier) != 1 || earlier[0].ID != "r1" || earlier[0].Interrupted {
			t.Errorf("asked about %+v", earlier)
		}
		return refused
	})
	if !errors.Is(err, refused) {
		t.Errorf("error %v", err)
	}
	if _, err := s.Find(t.Context(), "r2"); !errors.Is(err, ErrNoRun) {
		t.Errorf("a refused run is in the index: %v", err)
	}
}

func TestFind(t *testing.T) {
	s := open(t, t.TempDir())
	for _, id := range []string{"20250101-a", "20250101-ab", "20250102-c"} {
		begin(t, s, id, "t")
	}
	tests := []struct{ name, given, want, fails string }{
		{"a whole ID is found even where another begins with it", "20250101-a", "20250101-a", ""},
		{"the beginning of one ID is enough", "20250102", "20250102-c", ""},
		{"the beginning of several is not", "20250101", "", "several runs begin with"},
		{"an unknown ID is named", "nope", "", `"nope"`},
		{"wildcards are plain text", "2025%", "", "no such run"},
		{"nothing finds nothing", "", "", "no such run"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := s.Find(t.Context(), tt.given)
			if r.ID != tt.want || (err == nil) != (tt.fails == "") || err != nil && !strings.Contains(err.Error(), tt.fails) {
				t.Errorf("found %q, %v", r.ID, err)
			}
		})
	}
}

func TestKeptValuesAreSealedAndTheFirstWins(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	var wg sync.WaitGroup
	got := make([][]byte, 8)
	for i := range got {
		wg.Go(func() {
			var err error
			if got[i], err = s.Keep(t.Context(), "t", "args.KEY", fmt.Appendf(nil, "planted-secret-%d", i)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, v := range got {
		if !bytes.Equal(v, got[0]) {
			t.Errorf("different values are kept: %q and %q", v, got[0])
		}
	}
	again := open(t, dir)
	v, ok, err := again.Kept(t.Context(), "t", "args.KEY")
	if err != nil || !ok || !bytes.Equal(v, got[0]) {
		t.Errorf("kept %q, %v, %v", v, ok, err)
	}
	if _, ok, _ := again.Kept(t.Context(), "u", "args.KEY"); ok {
		t.Error("another template sees the value")
	}
	places, err := again.KeptPlaces(t.Context(), "")
	if err != nil || len(places) != 1 || places[0].Place != "args.KEY" || places[0].Template != "t" {
		t.Errorf("%+v, %v", places, err)
	}
	if err := filepath.WalkDir(dir, func(path string, d os.DirEntry, _ error) error {
		if d.IsDir() {
			return nil
		}
		data, err := os.ReadFile(path)
		if err == nil && bytes.Contains(data, []byte("planted-secret")) {
			t.Errorf("the secret can be read in %s", path)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if gone, err := again.Forget(t.Context(), "t", "args.KEY"); err != nil || !gone {
		t.Errorf("forgetting gave %v, %v", gone, err)
	}
	if _, ok, _ := again.Kept(t.Context(), "t", "args.KEY"); ok {
		t.Error("a forgotten value is still kept")
	}
}

func TestManyOpenAtOnce(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	for i := range 12 {
		wg.Go(func() {
			s, err := Open(t.Context(), dir)
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = s.Close() }()
			if _, err := s.Add(t.Context(), Run{ID: fmt.Sprint(i), Template: "t", Status: "pending"}, nil); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestFoldersThatCannotBeUsed(t *testing.T) {
	if Exists(t.TempDir()) {
		t.Error("an empty folder is taken for a state folder")
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := journal.EnsureFile(file); err != nil {
		t.Fatal(err)
	}
	damaged := t.TempDir()
	if err := os.WriteFile(filepath.Join(damaged, indexName), bytes.Repeat([]byte("no database "), 500), 0o600); err != nil {
		t.Fatal(err)
	}
	newer := t.TempDir()
	s := open(t, newer)
	if _, err := s.db.Exec("PRAGMA user_version = 7"); err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
	for name, tt := range map[string]struct{ dir, want string }{
		"a file in its place":    {file, "cannot be used"},
		"a damaged index":        {damaged, "cannot be used"},
		"an index that is newer": {newer, "newer version"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Open(t.Context(), tt.dir)
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), tt.dir) {
				t.Errorf("error %v, want one that says %q and names the folder", err, tt.want)
			}
		})
	}
}

func TestIDsSortByTime(t *testing.T) {
	a, b := NewID(moment(1)), NewID(moment(1).Add(time.Millisecond))
	if a >= b || !strings.HasPrefix(a, "20250506-070801-000-") || NewID(moment(1)) == a {
		t.Errorf("%s, %s", a, b)
	}
}

func TestIDsAreNamesOfFolders(t *testing.T) {
	for id, want := range map[string]bool{
		NewID(moment(1)): true, "nightly-2025.1_a": true,
		"": false, "..": false, ".hidden": false, "a/b": false, `a\b`: false, "-flag": false, "a b": false, strings.Repeat("x", 101): false,
	} {
		if ValidID(id) != want {
			t.Errorf("%q is taken as an ID: %v", id, !want)
		}
	}
}
