package engine_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/crash"
	"github.com/nf-lsp/nf-lsp/internal/engine/history"
)

// What the process that is killed is told.
const (
	victimFolder = "NF_TEST_VICTIM_FOLDER"
	victimRun    = "NF_TEST_VICTIM_RUN"
	victimPolicy = "NF_TEST_VICTIM_POLICY"
	victimResume = "NF_TEST_VICTIM_RESUME"
	victimRetry  = "NF_TEST_VICTIM_RETRY"
	victimKeep   = "NF_TEST_VICTIM_KEEP"  // how many runs are kept; "" is all
	victimDelay  = "NF_TEST_VICTIM_DELAY" // of the work of the platform; "" is none
)

// TestVictim is that process: it runs or resumes a run.
func TestVictim(t *testing.T) {
	dir := os.Getenv(victimFolder)
	if dir == "" {
		t.Skip("this is the process that other tests kill")
	}
	b := newBench(t, dir)
	if delay, err := time.ParseDuration(os.Getenv(victimDelay)); err == nil {
		b.slow(delay)
	}
	if n, err := strconv.Atoi(os.Getenv(victimKeep)); err == nil {
		b.engine.Retention = &history.Retention{Runs: n, Days: history.NoLimit}
	}
	var r engine.Result
	var err error
	if id := os.Getenv(victimResume); id != "" {
		r, err = b.engine.Resume(context.Background(), id, engine.RunOptions{})
	} else if id := os.Getenv(victimRetry); id != "" {
		r, err = b.engine.Retry(context.Background(), id, engine.RunOptions{})
	} else {
		r, err = b.engine.Run(context.Background(), program(t, read(t, "testdata/release.json"), engine.Options{}),
			engine.RunOptions{ID: os.Getenv(victimRun), Policy: engine.Policy(os.Getenv(victimPolicy))})
	}
	var forbidden *engine.ForbiddenError
	switch {
	case errors.As(err, &forbidden):
		os.Exit(exitForbidden)
	case err == nil && r.State == engine.StateAborted:
		os.Exit(exitAborted)
	case err != nil || r.State != engine.StateSuccess:
		t.Fatalf("%+v, %v", r, err)
	}
}

// How a victim ends that was not killed and did not succeed.
const (
	exitForbidden = 91
	exitAborted   = 92
)

func victim(dir string, env ...string) *exec.Cmd {
	c := exec.Command(os.Args[0], "-test.run=^TestVictim$")
	c.Env = append(append(os.Environ(), victimFolder+"="+dir), env...)
	return c
}

// dies runs a victim and tells whether it was killed.
func dies(t *testing.T, dir string, env ...string) bool {
	t.Helper()
	out, err := victim(dir, env...).CombinedOutput()
	if err == nil {
		return false
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == -1 {
		return true
	}
	t.Fatalf("the victim failed by itself: %v\n%s", err, out)
	return false
}

// finish goes on with run r until it has ended well. Where the run had not come
// to be, it starts another one.
func finish(t *testing.T, dir string) *bench {
	t.Helper()
	b := newBench(t, dir)
	if err := b.store.Adopt(t.Context(), engine.Describe); err != nil {
		t.Fatal(err)
	}
	run, err := b.store.Find(t.Context(), "r")
	switch {
	case errors.Is(err, history.ErrNoRun):
		b.run(program(t, read(t, "testdata/release.json"), engine.Options{}))
		return b
	case err != nil:
		t.Fatal(err)
	case run.Concluded():
		return b
	}
	r, err := b.engine.Resume(t.Context(), "r", engine.RunOptions{})
	if err != nil || r.State != engine.StateSuccess {
		t.Fatalf("resumed: %+v, %v", r, err)
	}
	return b
}

// once checks that everything of the template was done, and done once.
func (b *bench) once() {
	b.t.Helper()
	effects := b.effects()
	count := func(prefix string) (n int) {
		for _, e := range effects {
			if strings.HasPrefix(e, prefix) {
				n++
			}
		}
		return n
	}
	for _, want := range []string{
		"create projects/release", "create projects/release/services/builder", "create projects/release/jobs/migrate", "create projects/release/secrets/settings",
		"run projects/release/services/builder", "run projects/release/jobs/migrate",
	} {
		exact := 0
		for _, e := range effects {
			if e == want {
				exact++
			}
		}
		if strings.HasPrefix(want, "run ") {
			exact = count(want)
		}
		if exact != 1 {
			b.t.Errorf("%q was done %d times: %s", want, exact, strings.Join(effects, ", "))
		}
	}
	if n := count("update "); n > 0 {
		b.t.Errorf("something was updated: %s", strings.Join(effects, ", "))
	}
	runs, err := b.store.List(b.t.Context(), history.Filter{}, engine.Describe)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, r := range runs {
		if r.Status != "success" || r.Interrupted {
			b.t.Errorf("the index says %+v", r)
		}
		for _, n := range b.view(r.ID).Nodes {
			if n.State != engine.StateSuccess {
				b.t.Errorf("%s is %s", n.Label, n.State)
			}
			if len(n.Attempts) > 1 {
				b.t.Errorf("%s took %d attempts", n.Label, len(n.Attempts))
			}
		}
	}
}

// TestEveryCrashPoint kills a run at each pass of each point, goes on with it
// and compares what was done to the platform with what the template says.
func TestEveryCrashPoint(t *testing.T) {
	most := 100
	if testing.Short() {
		most = 1
	}
	for _, point := range crash.Points() {
		t.Run(string(point), func(t *testing.T) {
			t.Parallel()
			switch point {
			case crash.Owned, crash.FindAfter:
				resumedAt(t, point)
				return
			case crash.Reopened:
				retriedAt(t, point)
				return
			case crash.Forgotten, crash.Discarded:
				prunedAt(t, point)
				return
			}
			passed := 0
			for n := 1; n <= most; n++ {
				dir := t.TempDir()
				if !dies(t, dir, victimRun+"=r", fmt.Sprintf("NF_CRASH_AT=%s:%d", point, n)) {
					newBench(t, dir).once()
					break
				}
				passed++
				finish(t, dir).once()
				if t.Failed() {
					t.Fatalf("killed at %s:%d", point, n)
				}
			}
			if passed == 0 {
				t.Error("no run passes this point")
			}
		})
	}
}

// resumedAt kills a run after each call of the platform and kills it again
// while it is resumed.
func resumedAt(t *testing.T, point crash.Point) {
	passed := 0
	for n := 1; n <= 20; n++ {
		dir := t.TempDir()
		if !dies(t, dir, victimRun+"=r", fmt.Sprintf("NF_CRASH_AT=%s:%d", crash.CallAfter, n)) {
			break
		}
		if dies(t, dir, victimResume+"=r", fmt.Sprintf("NF_CRASH_AT=%s:1", point)) {
			passed++
		}
		finish(t, dir).once()
		if t.Failed() {
			t.Fatalf("killed after call %d and at %s", n, point)
		}
		if testing.Short() && passed > 0 {
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

func TestKilledAtAnyMoment(t *testing.T) {
	rounds := 4
	if testing.Short() {
		rounds = 1
	}
	rng := rand.New(rand.NewPCG(uint64(os.Getpid()), 7))
	for range rounds {
		dir := t.TempDir()
		env := victimRun + "=r"
		kills := 0
		for kills < 4 {
			c := victim(dir, env)
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			time.AfterFunc(time.Duration(20+rng.IntN(150))*time.Millisecond, func() { _ = c.Process.Kill() })
			if err := c.Wait(); err == nil {
				break
			}
			kills++
			b := newBench(t, dir)
			if run, err := b.store.Find(t.Context(), "r"); err == nil && run.Concluded() {
				break
			} else if err == nil {
				env = victimResume + "=r"
			}
			_ = b.store.Close()
		}
		finish(t, dir).once()
	}
}

func TestFollowFromAnotherProcess(t *testing.T) {
	dir := t.TempDir()
	c := victim(dir, victimRun+"=r")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	b := newBench(t, dir)
	for range 1000 {
		if _, err := b.store.Find(t.Context(), "r"); err == nil {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	var v engine.RunView
	last := int64(0)
	err := engine.Follow(t.Context(), b.store, "r", 1, engine.ObserverFunc(func(e engine.Event) {
		if e.Seq <= last {
			t.Errorf("event %d after %d", e.Seq, last)
		}
		last = e.Seq
		v.Apply(e)
	}))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err != nil {
		t.Fatal(err)
	}
	if v.Status != engine.StateSuccess || !v.Concluded {
		t.Errorf("followed to %s", v.Status)
	}
	stored := b.view("r")
	for i := range stored.Nodes {
		if stored.Nodes[i].State != v.Nodes[i].State || len(stored.Nodes[i].Attempts) != len(v.Nodes[i].Attempts) {
			t.Errorf("%s: followed %s, stored %s", v.Nodes[i].Label, v.Nodes[i].State, stored.Nodes[i].State)
		}
	}
	tail := 0
	if err := engine.Follow(t.Context(), b.store, "r", stored.Last, engine.ObserverFunc(func(engine.Event) { tail++ })); err != nil || tail != 1 {
		t.Errorf("from the last event on there were %d, %v", tail, err)
	}
}
