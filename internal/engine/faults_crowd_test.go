package engine_test

import (
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/platform/local"
)

// crowd starts processes that run the same template in one folder, each when
// the one before it stands in the index, and returns how they end.
func crowd(t *testing.T, dir string, n int, env ...string) []int {
	t.Helper()
	store := newBench(t, dir).store
	ended := make([]chan int, n)
	for i := range n {
		id := fmt.Sprintf("r%02d", i)
		c := victim(dir, append(env, victimRun+"="+id)...)
		ended[i] = make(chan int, 1)
		go func() {
			out, err := c.CombinedOutput()
			var exit *exec.ExitError
			switch {
			case err == nil:
				ended[i] <- 0
			case errors.As(err, &exit) && exit.ExitCode() > 2:
				ended[i] <- exit.ExitCode()
			default:
				t.Errorf("process %d: %v\n%s", i, err, out)
				ended[i] <- -1
			}
		}()
		waited := time.Now()
		for {
			if _, err := store.Find(t.Context(), id); err == nil {
				break
			}
			if len(ended[i]) > 0 {
				break
			}
			if time.Since(waited) > time.Minute {
				t.Fatalf("run %s never came to be", id)
			}
			time.Sleep(2 * time.Millisecond)
		}
	}
	codes := make([]int, n)
	for i := range ended {
		codes[i] = <-ended[i]
	}
	return codes
}

// listed are the runs in the order of their creation.
func (b *bench) listed() []history.Run {
	b.t.Helper()
	runs, err := b.store.List(b.t.Context(), history.Filter{}, engine.Describe)
	if err != nil {
		b.t.Fatal(err)
	}
	slices.Reverse(runs)
	return runs
}

// oneAtATime checks that no run was going on while another one was.
func (b *bench) oneAtATime() {
	b.t.Helper()
	var last time.Time
	for _, r := range b.listed() {
		if r.StartedAt.IsZero() {
			continue // it never began
		}
		if r.StartedAt.Before(last) {
			b.t.Errorf("run %s began at %v, before the one in front of it ended at %v", r.ID, r.StartedAt, last)
		}
		last = r.ConcludedAt
	}
}

func (b *bench) statuses() string {
	var out []string
	for _, r := range b.listed() {
		out = append(out, r.ID+"="+r.Status)
	}
	return strings.Join(out, " ")
}

// crowdSize is how many processes use one state folder; the platform is so slow that
// all of them are there before the first run has ended.
func crowdSize() (n int, slow string) {
	n = engine.Rounds(5, 20)
	return n, fmt.Sprintf("%s=%dms", victimDelay, 400*n)
}

// wantStatuses are the statuses of runs in the order of their creation.
func wantStatuses(n int, status func(i int) engine.State) string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf("r%02d=%s", i, status(i)))
	}
	return strings.Join(out, " ")
}

func TestFaultsManyProcessesQueueInOneFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	n := engine.Rounds(6, 20)
	codes := crowd(t, dir, n, victimPolicy+"=queue", victimDelay+"=20ms")
	b := newBench(t, dir)
	if slices.Max(codes) != 0 || b.statuses() != wantStatuses(n, func(int) engine.State { return engine.StateSuccess }) {
		t.Errorf("the processes ended with %v: %s", codes, b.statuses())
	}
	b.oneAtATime()
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

func TestFaultsOfManyProcessesForbidLetsOneRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	n, _ := crowdSize()
	codes := crowd(t, dir, n, victimPolicy+"=forbid", victimDelay+"=400ms")
	if codes[0] != 0 || slices.ContainsFunc(codes[1:], func(c int) bool { return c != exitForbidden && c != 0 }) || !slices.Contains(codes, exitForbidden) {
		t.Errorf("the processes ended with %v", codes)
	}
	b := newBench(t, dir)
	b.oneAtATime()
	if runs := b.listed(); len(runs) != len(codes)-count(codes, exitForbidden) {
		t.Errorf("the history holds %s", b.statuses())
	}
}

func TestFaultsOfManyProcessesLatestLetsTheNewestWait(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	n, slow := crowdSize()
	codes := crowd(t, dir, n, victimPolicy+"=latest", slow)
	b := newBench(t, dir)
	b.oneAtATime()
	want := wantStatuses(n, func(i int) engine.State {
		if i == 0 || i == n-1 {
			return engine.StateSuccess
		}
		return engine.StateAborted
	})
	if codes[0] != 0 || codes[n-1] != 0 || b.statuses() != want {
		t.Errorf("the processes ended with %v: %s", codes, b.statuses())
	}
}

func TestFaultsOfManyProcessesReplaceLetsTheNewestRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	n, slow := crowdSize()
	codes := crowd(t, dir, n, victimPolicy+"=replace", slow)
	b := newBench(t, dir)
	b.oneAtATime()
	runs := b.listed()
	if codes[n-1] != 0 || runs[n-1].Status != "success" {
		t.Errorf("the processes ended with %v: %s", codes, b.statuses())
	}
	for i, r := range runs[:n-1] {
		if codes[i] != exitAborted || r.Status != "aborted" {
			t.Errorf("run %s is %s, its process ended with %d", r.ID, r.Status, codes[i])
		}
	}
}

// TestFaultsProcessesOfAllPoliciesAreKilled starts processes of all policies in one
// folder, at random times, and kills some of them. Whoever comes last in the queue
// brings to an end what they have left: no run is lost, none that has to be alone
// has company, and no work of a run is done twice.
func TestFaultsProcessesOfAllPoliciesAreKilled(t *testing.T) {
	seed := engine.Seed(t)
	for i := range engine.Cases(2, 40) {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			rng := engine.Case(seed, i)
			dir := t.TempDir()
			var crowd sync.WaitGroup
			for k := range engine.Rounds(6, 20) {
				policy := []engine.Policy{engine.Allow, engine.Queue, engine.Queue, engine.Forbid, engine.Latest, engine.Replace}[rng.IntN(6)]
				c := victim(dir, fmt.Sprintf("%s=r%02d", victimRun, k), fmt.Sprintf("%s=%s", victimPolicy, policy), victimDelay+"=30ms")
				var out strings.Builder
				c.Stdout, c.Stderr = &out, &out
				start, kill := time.Duration(rng.IntN(400))*time.Millisecond, time.Duration(rng.IntN(500))*time.Millisecond
				if rng.IntN(2) == 0 {
					kill = time.Hour
				}
				crowd.Go(func() {
					time.Sleep(start)
					if err := c.Start(); err != nil {
						t.Error(err)
						return
					}
					timer := time.AfterFunc(kill, func() { _ = c.Process.Kill() })
					err := c.Wait()
					timer.Stop()
					if code := c.ProcessState.ExitCode(); err != nil && code != -1 && code != exitForbidden && code != exitAborted {
						t.Errorf("the process of r%02d, %s, ended with %d:\n%s", k, policy, code, &out)
					}
				})
			}
			crowd.Wait()
			b := newBench(t, dir)
			if err := b.store.Adopt(t.Context(), engine.Describe); err != nil {
				t.Fatal(err)
			}
			if out, err := victim(dir, victimRun+"=last", victimPolicy+"=queue").CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			b.aloneWhereTheyHaveToBe()
			b.decided()
			b.allEnded()
			b.noWorkTwice()
			if t.Failed() {
				t.Log(b.statuses())
			}
		})
	}
}

// decided goes on with the runs that wait for people, since over the API nobody can tell
// whether a process that was killed has started something: no token of an attempt goes
// over it, and what others start looks the same.
func (b *bench) decided() {
	b.t.Helper()
	for _, r := range b.listed() {
		if !overBadConnection() || r.Status != string(engine.StateUnknown) {
			continue
		}
		if done, err := b.patient(b.engine.Resume(b.t.Context(), r.ID, engine.RunOptions{})); err != nil {
			b.t.Errorf("run %s, %s, goes on as %+v, %v", r.ID, r.Policy, done, err)
		}
	}
}

// allEnded checks that each run has ended, well where nobody took its place.
func (b *bench) allEnded() {
	b.t.Helper()
	for _, r := range b.listed() {
		if !r.Concluded() || r.Status != string(engine.StateSuccess) && r.Status != string(engine.StateAborted) {
			b.t.Errorf("run %s, %s, is %s", r.ID, r.Policy, r.Status)
		}
	}
}

// aloneWhereTheyHaveToBe checks that all that came before a run had ended when it
// began, unless its policy allows company.
func (b *bench) aloneWhereTheyHaveToBe() {
	b.t.Helper()
	runs := b.listed()
	for i, r := range runs {
		if r.Policy == string(engine.Allow) || r.StartedAt.IsZero() {
			continue
		}
		for _, before := range runs[:i] {
			if before.ConcludedAt.After(r.StartedAt) {
				b.t.Errorf("run %s, %s, began at %v, before run %s had ended at %v", r.ID, r.Policy, r.StartedAt, before.ID, before.ConcludedAt)
			}
		}
	}
}

// noWorkTwice checks that what was made is made once, and that what runs each time
// ran once for each attempt of a node.
func (b *bench) noWorkTwice() {
	b.t.Helper()
	log, err := b.platform.Effects(b.t.Context(), 0)
	if err != nil {
		b.t.Fatal(err)
	}
	made, ran, runs := map[string]int{}, map[string]int{}, 0
	for _, e := range log {
		switch e.Change {
		case local.Created:
			made[e.Resource]++
		case local.Ran:
			runs++
			if overBadConnection() {
				continue // no token of an attempt goes over the API
			}
			if e.Token == "" {
				b.t.Errorf("%s ran without a token", e.Resource)
			}
			ran[e.Token]++
		}
	}
	for what, n := range made {
		if n > 1 {
			b.t.Errorf("%s was made %d times", what, n)
		}
	}
	for token, n := range ran {
		if n > 1 {
			b.t.Errorf("the work of attempt %s was done %d times", token, n)
		}
	}
	successes, attempts := 0, 0
	for _, r := range b.listed() {
		if r.Status == string(engine.StateSuccess) {
			successes++
		}
		for _, n := range b.view(r.ID).Nodes {
			if n.Kind == "Build" || n.Kind == "JobRun" {
				attempts += len(n.Attempts)
			}
		}
	}
	if runs < 2*successes || runs > attempts {
		b.t.Errorf("%d runs have succeeded with %d builds and job runs, in %d attempts", successes, runs, attempts)
	}
}

// A queue whose processes are killed one after the other loses no run: whoever
// comes next goes on with what they left, in order.
func TestAQueueSurvivesTheDeathOfItsProcesses(t *testing.T) {
	dir := t.TempDir()
	for i, at := range []string{"call-after:2", "run-indexed:1", "call-before:4"} {
		if !dies(t, dir, fmt.Sprintf("%s=r%d", victimRun, i), victimPolicy+"=queue", "NF_CRASH_AT="+at) {
			t.Fatalf("process %d was not killed", i)
		}
	}
	c := victim(dir, victimRun+"=r3", victimPolicy+"=queue")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	b := newBench(t, dir)
	if got := b.statuses(); got != "r0=success r1=success r2=success r3=success" {
		t.Errorf("the queue: %s", got)
	}
	b.oneAtATime()
}

func count(codes []int, code int) (n int) {
	for _, c := range codes {
		if c == code {
			n++
		}
	}
	return n
}
