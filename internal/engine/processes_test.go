package engine_test

import (
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/history"
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

func TestManyProcessesQueueInOneFolder(t *testing.T) {
	dir := t.TempDir()
	codes := crowd(t, dir, 6, victimPolicy+"=queue", victimDelay+"=20ms")
	b := newBench(t, dir)
	if slices.Max(codes) != 0 || b.statuses() != "r00=success r01=success r02=success r03=success r04=success r05=success" {
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

func TestOfManyProcessesForbidLetsOneRun(t *testing.T) {
	dir := t.TempDir()
	codes := crowd(t, dir, 5, victimPolicy+"=forbid", victimDelay+"=400ms")
	if codes[0] != 0 || slices.ContainsFunc(codes[1:], func(c int) bool { return c != exitForbidden && c != 0 }) || !slices.Contains(codes, exitForbidden) {
		t.Errorf("the processes ended with %v", codes)
	}
	b := newBench(t, dir)
	b.oneAtATime()
	if runs := b.listed(); len(runs) != len(codes)-count(codes, exitForbidden) {
		t.Errorf("the history holds %s", b.statuses())
	}
}

func TestOfManyProcessesLatestLetsTheNewestWait(t *testing.T) {
	dir := t.TempDir()
	codes := crowd(t, dir, 5, victimPolicy+"=latest", victimDelay+"=2s")
	b := newBench(t, dir)
	b.oneAtATime()
	if codes[0] != 0 || codes[4] != 0 || b.statuses() != "r00=success r01=aborted r02=aborted r03=aborted r04=success" {
		t.Errorf("the processes ended with %v: %s", codes, b.statuses())
	}
}

func TestOfManyProcessesReplaceLetsTheNewestRun(t *testing.T) {
	dir := t.TempDir()
	codes := crowd(t, dir, 5, victimPolicy+"=replace", victimDelay+"=2s")
	b := newBench(t, dir)
	b.oneAtATime()
	runs := b.listed()
	if codes[4] != 0 || runs[4].Status != "success" {
		t.Errorf("the processes ended with %v: %s", codes, b.statuses())
	}
	for i, r := range runs[:4] {
		if codes[i] != exitAborted || r.Status != "aborted" {
			t.Errorf("run %s is %s, its process ended with %d", r.ID, r.Status, codes[i])
		}
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
