//go:build unix

package engine_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/journal"
)

// eventually waits for something to be so.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !so(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it never came to this: %s", what)
		}
	}
}

// A process that is stopped keeps its run, since it may go on; whoever is held up by it
// is told who that is, and goes on with the run when the process was ended.
func TestAStoppedProcessIsNamedToWhomItHoldsUp(t *testing.T) {
	dir := t.TempDir()
	c := victim(dir, victimRun+"=r0", victimPolicy+"=queue", victimDelay+"=1h")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = c.Process.Kill(), c.Wait() })
	b := newBench(t, dir)
	eventually(t, "the first run waits for the platform", func() bool {
		v, err := engine.View(t.Context(), b.store, "r0")
		if err != nil {
			return false
		}
		for i := range v.Nodes {
			if v.Nodes[i].State == engine.StateWaiting {
				return true
			}
		}
		return false
	})
	_, err := b.engine.Resume(t.Context(), "r0", engine.RunOptions{})
	var owned *engine.OwnedError
	if !errors.As(err, &owned) || !errors.Is(err, journal.ErrOwned) || owned.Process.PID != c.Process.Pid || owned.Process.Silent ||
		!strings.Contains(err.Error(), "nf-run show r0 --follow") || strings.Contains(err.Error(), "kill") {
		t.Errorf("resuming what goes on: %v", err)
	}

	if err := c.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	// It has to be silent for a while; that it was is what the time of its lock says.
	lock := filepath.Join(b.store.RunDir("r0"), "lock")
	eventually(t, "the process is silent", func() bool {
		if err := os.Chtimes(lock, time.Now(), time.Now().Add(-time.Hour)); err != nil {
			t.Fatal(err)
		}
		return b.view("r0").Process.Silent
	})
	if runs := b.listed(); len(runs) != 1 || !runs[0].Silent || runs[0].Interrupted {
		t.Errorf("the list says %+v", runs)
	}
	if err := b.engine.Abort(t.Context(), "r0", "tired of it", engine.RunOptions{}); err != nil {
		t.Errorf("asking for the end: %v", err)
	}
	_, err = b.engine.Resume(t.Context(), "r0", engine.RunOptions{})
	if want := fmt.Sprintf("'kill -KILL %d'", c.Process.Pid); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("resuming what is stopped: %v", err)
	}

	p := program(t, read(t, "testdata/release.json"), engine.Options{})
	ended := make(chan error, 1)
	go func() {
		r, err := b.engine.Run(context.Background(), p, engine.RunOptions{ID: "r1", Policy: engine.Queue})
		if err == nil && r.State != engine.StateSuccess {
			err = fmt.Errorf("the run is %s", r.State)
		}
		ended <- err
	}()
	eventually(t, "the second run names the process", func() bool {
		v, err := engine.View(t.Context(), b.store, "r1")
		return err == nil && v.Status == engine.StateQueued && strings.Contains(v.Reason, fmt.Sprintf("process %d on ", c.Process.Pid)) &&
			strings.Contains(v.Reason, "waiting for run r0") && strings.Contains(v.Reason, "kill -CONT")
	})
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if got := b.statuses(); got != "r0=aborted r1=success" {
		t.Errorf("in the end: %s", got)
	}
}
