package engine

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

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
