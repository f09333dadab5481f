package gitops

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine/crash"
	"github.com/nf-lsp/nf-lsp/internal/gitops/merge"
)

// owesAlways owes a run to each link.
func owesAlways(Link, string) (run, target string) { return fmt.Sprint(time.Now().UnixNano()), "local" }

// startIn starts runs by writing their links and commits into a file. A run that is there is
// found by its id.
func startIn(path string) func(Link, OwedRun, string) (bool, error) {
	return func(l Link, o OwedRun, _ string) (bool, error) {
		text, err := os.ReadFile(path)
		if err == nil && strings.Contains(string(text), o.Run) {
			return true, nil
		}
		return true, os.WriteFile(path, fmt.Appendf(text, "%s %s %s\n", o.Run, l.Name, o.Commit), 0o600)
	}
}

// started are the links and commits of the runs that a clone has started since the last call.
func (c *clone) started() string {
	c.t.Helper()
	text, err := os.ReadFile(c.runs)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		c.t.Fatal(err)
	}
	var started []string
	for line := range strings.Lines(string(text)[c.told:]) {
		_, run, _ := strings.Cut(strings.TrimSpace(line), " ")
		started = append(started, run)
	}
	c.told = len(text)
	return strings.Join(started, ", ")
}

// clonesThatOwe are two clones, the first of which owes a run for each change.
func clonesThatOwe(t *testing.T) (a, b *clone) {
	t.Helper()
	bare := origin(t)
	a = newClone(t, bare, shop)
	a.push()
	a.s.Owe, a.runs = owesAlways, filepath.Join(t.TempDir(), "runs")
	return a, newClone(t, bare, "")
}

// The run that a change owes is started once, wherever the process ends that has brought it.
func TestAnOwedRunIsStartedOnceWhereverAProcessEnds(t *testing.T) {
	a, b := clonesThatOwe(t)
	for i, tt := range []struct {
		task string
		at   crash.Point
	}{
		{"pull", noted}, {"pull", overwritten}, {"pull", agreed}, {"pull", begun},
		{"push", pushed}, {"push", agreed},
	} {
		var commit string
		if plan := fmt.Sprintf("plan-%d", i); tt.task == "pull" {
			b.pull()
			b.write(replacePlan(b.read(), plan))
			commit = string(b.push().Commit)
		} else {
			a.write(replacePlan(a.read(), plan))
		}
		if code := a.process(tt.task, string(tt.at)+":1"); code != -1 {
			t.Fatalf("a %s was to end at %s and ended with %d", tt.task, tt.at, code)
		}
		before := a.started()
		a.process("pull", "")
		if tt.task == "push" {
			commit = string(a.pull().Commit)
		}
		if got, want := before+a.started(), "Shop "+commit; got != want || (before != "") != (tt.at == begun) {
			t.Errorf("after a %s that ended at %s %q was started, want %q", tt.task, tt.at, got, want)
		}
		a.process("pull", "")
		if got := a.started(); got != "" {
			t.Errorf("after a %s that ended at %s %q was started again", tt.task, tt.at, got)
		}
	}
}

// A conflict that is settled owes runs to all links of the file, whichever was named, unless
// the file keeps what it has.
func TestASettledConflictOwesRuns(t *testing.T) {
	a, b := clonesThatOwe(t)
	other := a.link
	other.Name = "Other"
	if _, err := a.s.Link(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		how  Resolution
		runs bool
	}{
		{"the side of the repository is taken", Resolution{Side: merge.Theirs}, true},
		{"the side of the file is taken", Resolution{Side: merge.Ours}, false},
		{"the file was edited", Resolution{Edited: true}, true},
	} {
		b.pull()
		b.write(replacePlan(b.read(), "theirs-"+tt.name))
		commit := b.push().Commit
		a.write(replacePlan(a.read(), "ours-"+tt.name))
		if _, err := a.s.Pull(t.Context(), a.link, merge.Options{}); err == nil {
			t.Fatal("there is no conflict")
		}
		if _, err := a.s.Resolve(t.Context(), other, tt.how); err != nil {
			t.Fatal(err)
		}
		want := ""
		if tt.runs {
			want = fmt.Sprintf("Shop %s, Other %[1]s", commit)
		}
		start := func() string {
			if err := a.s.Start(t.Context(), other, startIn(a.runs)); err != nil {
				t.Fatal(err)
			}
			return a.started()
		}
		if got := start(); got != want {
			t.Errorf("%s: %q was started, want %q", tt.name, got, want)
		}
		a.push()
		start()
	}
}
