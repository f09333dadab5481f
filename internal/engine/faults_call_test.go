package engine

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// A lateFinder loses the first start, and its first look-up does not answer before
// it is released.
type lateFinder struct {
	*stage
	starts, finds atomic.Int32
	release       chan struct{}
	started       chan struct{}
}

// Start implements Platform.
func (p *lateFinder) Start(ctx context.Context, req platform.NodeRequest) (platform.Result, error) {
	if p.starts.Add(1) == 1 {
		return platform.Result{}, errors.New("the connection broke")
	}
	p.started <- struct{}{}
	return p.stage.Start(context.WithoutCancel(ctx), req)
}

// Find implements Platform.
func (p *lateFinder) Find(ctx context.Context, req platform.NodeRequest) (platform.Result, bool, error) {
	r, found, err := p.stage.Find(ctx, req)
	if p.finds.Add(1) == 1 {
		<-p.release
	}
	return r, found, err
}

func TestACallThatTakesTooLongIsGivenUp(t *testing.T) {
	t.Run("what is repeatable is tried again", func(t *testing.T) {
		t.Parallel()
		g := setUp(t)
		g.engine.CallTimeout = 50 * time.Millisecond
		g.compile(steps(node("a", `"hold": true`)))
		r, err := g.engine.Run(t.Context(), g.program, RunOptions{ID: "r"})
		if err != nil || r.State != StateFailure {
			t.Fatalf("%+v, %v", r, err)
		}
		n := g.view("r").Nodes[1]
		if len(n.Attempts) != 3 || n.Error == nil || !strings.Contains(n.Error.Message, "no answer came within 50ms") {
			t.Errorf("after %d attempts: %+v", len(n.Attempts), n.Error)
		}
	})
	t.Run("a target that does not listen holds nothing up, and is not heard later", func(t *testing.T) {
		t.Parallel()
		g := setUp(t)
		g.engine.CallTimeout = 50 * time.Millisecond
		g.compile(steps(node("a", `"value": "1"`), node("b", `"value": "${refs.a.id}"`)))
		var calls atomic.Int32
		late, gone := make(chan struct{}), make(chan struct{})
		g.stage.setHook(func(what string) {
			if what == "start a" && calls.Add(1) == 1 {
				<-late
				defer close(gone)
			}
		})
		r, err := g.engine.Run(t.Context(), g.program, RunOptions{ID: "r"})
		close(late)
		<-gone
		if err != nil || r.State != StateSuccess || calls.Load() != 2 {
			t.Fatalf("%+v, %v, %d calls", r, err, calls.Load())
		}
	})
	t.Run("a look-up that comes too late starts nothing", func(t *testing.T) {
		t.Parallel()
		g := setUp(t)
		g.engine.CallTimeout = 50 * time.Millisecond
		p := &lateFinder{stage: g.stage, release: make(chan struct{}), started: make(chan struct{}, 10)}
		g.engine.Platform = p
		g.compile(steps(job("a", ""))).run()
		<-p.started // by the attempt that was looked up in time
		close(p.release)
		select {
		case <-p.started:
			t.Error("the look-up that was given up has started the work once more")
		case <-time.After(300 * time.Millisecond):
		}
		if g.err != nil || g.result.State != StateSuccess {
			t.Errorf("%+v, %+v, %v", g.result, g.result.Error, g.err)
		}
	})
	t.Run("what cannot be repeated is looked up", func(t *testing.T) {
		t.Parallel()
		g := setUp(t)
		g.engine.CallTimeout = 50 * time.Millisecond
		g.stage.undecide = true
		g.compile(steps(job("a", `"hold": true`)))
		r, err := g.engine.Run(t.Context(), g.program, RunOptions{ID: "r"})
		if err != nil || r.State != StateUnknown {
			t.Fatalf("%+v, %v", r, err)
		}
	})
}
