package engine_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/crash"
	"github.com/nf-lsp/nf-lsp/internal/engine/history"
)

// TestFaultsCrashPointsWithinLoops kills a run of loops at named points, as the process
// that goes on with it, and compares the platform's log of effects with what the
// template says. What runs once is not done again by the run after that either.
func TestFaultsCrashPointsWithinLoops(t *testing.T) {
	seed := engine.Seed(t)
	const file = "testdata/loops.json"
	points := []crash.Point{crash.CallBefore, crash.CallAfter, crash.PollAfter, crash.KeptNoted, crash.Concluded}
	for i := range engine.Cases(8, 200) {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			rng := engine.Case(seed, i)
			dir := t.TempDir()
			at := func() string { return fmt.Sprintf("NF_CRASH_AT=%s:%d", points[rng.IntN(len(points))], 1+rng.IntN(12)) }
			if dies(t, dir, victimFile+"="+file, victimRun+"=r", at()) {
				// What was asked for when the process died is looked up and mostly found;
				// it may die once more while it does so.
				dies(t, dir, victimFile+"="+file, victimResume+"=r", at())
			}
			b := newBench(t, dir)
			if err := b.store.Adopt(t.Context(), engine.Describe); err != nil {
				t.Fatal(err)
			}
			run, err := b.store.Find(t.Context(), "r")
			switch {
			case err == nil && !run.Concluded():
				if r, err := b.engine.Resume(t.Context(), "r", engine.RunOptions{}); err != nil || r.State != engine.StateSuccess {
					t.Fatalf("resumed: %+v, %+v, %v", r, r.Error, err)
				}
			case err != nil && !errors.Is(err, history.ErrNoRun):
				t.Fatal(err)
			}
			p := program(t, read(t, file), engine.Options{})
			if r, err := b.engine.Run(t.Context(), p, engine.RunOptions{ID: "again"}); err != nil || r.State != engine.StateSuccess {
				t.Fatalf("another run: %+v, %+v, %v", r, r.Error, err)
			}
			effects := b.effects()
			for _, want := range []string{
				"create projects/loops", "create projects/loops/jobs/job-acme", "create projects/loops/jobs/job-globex", "create projects/loops/jobs/job-initech",
				"create projects/loops/secrets/acme-eu", "create projects/loops/secrets/acme-us", "create projects/loops/secrets/globex-eu",
				"create projects/loops/secrets/globex-us", "create projects/loops/secrets/initech-eu", "create projects/loops/secrets/initech-us", "create templates/kept",
			} {
				if n := len(slices.DeleteFunc(slices.Clone(effects), func(e string) bool { return e != want })); n != 1 {
					t.Errorf("%q was done %d times", want, n)
				}
			}
			for _, prefix := range []string{"run projects/loops/jobs/job-acme", "run projects/loops/jobs/job-globex", "run projects/loops/jobs/job-initech", "run repository-copies"} {
				if n := len(slices.DeleteFunc(slices.Clone(effects), func(e string) bool { return !strings.HasPrefix(e, prefix) })); n != 1 {
					t.Errorf("%q was done %d times", prefix, n)
				}
			}
			for _, e := range effects {
				if strings.HasPrefix(e, "update ") {
					t.Errorf("something was updated: %s", e)
				}
			}
			if t.Failed() {
				t.Log(strings.Join(effects, "\n"))
			}
		})
	}
}
