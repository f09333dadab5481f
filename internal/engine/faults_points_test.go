package engine_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/crash"
	"github.com/nf-lsp/nf-lsp/internal/engine/history"
)

// TestFaultsEveryCrashPoint kills a run at each named point, goes on with it and
// compares what was done to the platform with what the template says: at one of the
// times that the run passes the point, and at each of them in the long form.
func TestFaultsEveryCrashPoint(t *testing.T) {
	seed := engine.Seed(t)
	for i, point := range crash.Points() {
		t.Run(string(point), func(t *testing.T) {
			t.Parallel()
			rng := engine.Case(seed, i)
			switch point {
			case crash.Owned, crash.FindAfter:
				resumedAt(t, point, rng)
				return
			case crash.Reopened:
				retriedAt(t, point)
				return
			case crash.Forgotten, crash.Discarded:
				prunedAt(t, point)
				return
			}
			// killed tells whether the run passes the point for the n-th time.
			killed := func(n int) bool {
				dir := t.TempDir()
				dead := dies(t, dir, victimRun+"=r", fmt.Sprintf("NF_CRASH_AT=%s:%d", point, n))
				finish(t, dir).once()
				if t.Failed() {
					t.Fatalf("killed at %s:%d", point, n)
				}
				return dead
			}
			if *engine.FaultsLong {
				n := 1
				for killed(n) {
					n++
				}
				if n == 1 {
					t.Error("no run passes this point")
				}
				return
			}
			if n := 1 + rng.IntN(8); !killed(n) && !killed(1) {
				t.Error("no run passes this point")
			}
		})
	}
}

// resumedAt kills a run after calls of the platform and kills it again while it is
// resumed.
func resumedAt(t *testing.T, point crash.Point, rng *rand.Rand) {
	passed, calls := 0, rng.Perm(6)
	if *engine.FaultsLong {
		calls = rng.Perm(20)
	}
	for _, n := range calls {
		n++
		dir := t.TempDir()
		if !dies(t, dir, victimRun+"=r", fmt.Sprintf("NF_CRASH_AT=%s:%d", crash.CallAfter, n)) {
			continue // there are not so many calls
		}
		if dies(t, dir, victimResume+"=r", fmt.Sprintf("NF_CRASH_AT=%s:1", point)) {
			passed++
		}
		finish(t, dir).once()
		if t.Failed() {
			t.Fatalf("killed after call %d and at %s", n, point)
		}
		if passed > 0 && !*engine.FaultsLong {
			break
		}
	}
	if passed == 0 {
		t.Error("no resumed run passes this point")
	}
}

// retriedAt aborts a run that was killed in its first call and kills it again
// while it is retried.
func retriedAt(t *testing.T, point crash.Point) {
	dir := t.TempDir()
	if !dies(t, dir, victimRun+"=r", fmt.Sprintf("NF_CRASH_AT=%s:1", crash.CallBefore)) {
		t.Fatal("it was not killed")
	}
	b := newBench(t, dir)
	if err := b.engine.Abort(t.Context(), "r", "enough", engine.RunOptions{}); err != nil {
		t.Fatal(err)
	}
	_ = b.store.Close()
	if !dies(t, dir, victimRetry+"=r", fmt.Sprintf("NF_CRASH_AT=%s:1", point)) {
		t.Fatal("no retry passes this point")
	}
	// The index says that it goes on, the journal that it has ended: it has.
	b = newBench(t, dir)
	runs, err := b.store.List(t.Context(), history.Filter{}, engine.Describe)
	if err != nil || len(runs) != 1 || runs[0].Status != "aborted" || runs[0].Interrupted || !runs[0].Concluded() {
		t.Fatalf("%+v, %v", runs, err)
	}
	r, err := b.engine.Retry(t.Context(), "r", engine.RunOptions{})
	if err != nil || r.State != engine.StateSuccess {
		t.Fatalf("retried: %+v, %v", r, err)
	}
	made := 0
	for _, e := range b.effects() {
		if strings.HasPrefix(e, "create ") {
			made++
		}
	}
	if made != 4 {
		t.Errorf("the platform did %v", b.effects())
	}
}

// prunedAt kills a run that has ended while it removes the one before it.
func prunedAt(t *testing.T, point crash.Point) {
	dir := t.TempDir()
	if dies(t, dir, victimRun+"=old") {
		t.Fatal("the first run was killed")
	}
	if !dies(t, dir, victimRun+"=r", victimKeep+"=1", fmt.Sprintf("NF_CRASH_AT=%s:1", point)) {
		t.Fatal("no run passes this point")
	}
	b := newBench(t, dir)
	if v := b.view("r"); v.Status != engine.StateSuccess {
		t.Errorf("the run is %s", v.Status)
	}
	// What is listed is whole: the old run is there with its journal, or not at all.
	for _, r := range b.listed() {
		if v := b.view(r.ID); r.Status != "success" || v.Status != engine.StateSuccess || len(v.Nodes) == 0 {
			t.Errorf("%s is listed as %s, its journal says %s", r.ID, r.Status, v.Status)
		}
	}
	if _, err := b.store.Prune(t.Context(), "", history.Retention{Runs: 1, Days: history.NoLimit}, time.Now(), false); err != nil {
		t.Fatal(err)
	}
	if left := b.listed(); len(left) != 1 {
		t.Errorf("%d runs are left", len(left))
	}
	for name, want := range map[string]int{"runs": 1, "trash": 0} {
		if entries, err := os.ReadDir(filepath.Join(b.store.Dir(), name)); err != nil || len(entries) != want {
			t.Errorf("%s holds %d runs, %v", name, len(entries), err)
		}
	}
}
