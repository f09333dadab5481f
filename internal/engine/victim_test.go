package engine_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/history"
)

// What the process that is killed is told.
const (
	victimFolder = "NF_TEST_VICTIM_FOLDER"
	victimRun    = "NF_TEST_VICTIM_RUN"
	victimPolicy = "NF_TEST_VICTIM_POLICY"
	victimResume = "NF_TEST_VICTIM_RESUME"
	victimRetry  = "NF_TEST_VICTIM_RETRY"
	victimFile   = "NF_TEST_VICTIM_FILE"  // that is run; "" is testdata/release.json
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
		r, err = b.engine.Run(context.Background(), program(t, read(t, cmp.Or(os.Getenv(victimFile), "testdata/release.json")), engine.Options{}),
			engine.RunOptions{ID: os.Getenv(victimRun), Policy: engine.Policy(os.Getenv(victimPolicy))})
	}
	r, err = b.patient(r, err)
	var forbidden *engine.ForbiddenError
	switch {
	case errors.As(err, &forbidden):
		os.Exit(exitForbidden)
	case err == nil && r.State == engine.StateAborted:
		os.Exit(exitAborted)
	case err != nil || r.State != engine.StateSuccess:
		t.Fatalf("%+v, %+v, %v", r, r.Error, err)
	}
}

// How a victim ends that was not killed and did not succeed.
const (
	exitForbidden = 91
	exitAborted   = 92
)

func victim(dir string, env ...string) *exec.Cmd {
	c := exec.Command(os.Args[0], "-test.run=^TestVictim$")
	if overBadConnection() {
		c.Args = append(c.Args, fmt.Sprintf("-faults.seed=%d", engine.DrawnSeed()))
	}
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
	r, err := b.patient(b.engine.Resume(t.Context(), "r", engine.RunOptions{}))
	if err != nil || r.State != engine.StateSuccess {
		t.Fatalf("resumed: %+v, %+v, %v", r, r.Error, err)
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
			if len(n.Attempts) > attemptsFor(1) {
				b.t.Errorf("%s took %d attempts", n.Label, len(n.Attempts))
			}
		}
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
