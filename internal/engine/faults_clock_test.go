package engine

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"github.com/nf-lsp/nf-lsp/internal/engine/journal"
)

// An adjusted clock is the system's whose time on the wall somebody sets. As in the
// real thing, times go on carrying the monotonic clock, which nobody can set.
type adjusted struct{ seconds atomic.Int64 }

func (c *adjusted) Now() time.Time { return adjust(time.Now(), c.seconds.Load()) }

func (c *adjusted) Until(t time.Time, idle bool) (<-chan time.Time, func()) {
	return systemClock{}.Until(t, idle)
}

// adjust sets the wall clock reading of a time and leaves the monotonic one, which
// no method of a time does: a time with both begins with a word of 34 bits of
// seconds and flag over 30 bits of nanoseconds.
func adjust(t time.Time, seconds int64) time.Time {
	*(*uint64)(unsafe.Pointer(&t)) += uint64(seconds) << 30
	return t
}

func TestAnAdjustedTimeKeepsItsMonotonicReading(t *testing.T) {
	begin := time.Now()
	end := adjust(begin, -3600)
	if end.Sub(begin) != 0 || end.Round(0).Sub(begin.Round(0)) != -time.Hour {
		t.Fatalf("%v became %v: the layout of a time has changed", begin, end)
	}
}

// TestFaultsAClockThatJumps sets the clock forwards and backwards, by up to a year,
// while runs wait, retry and are cut off and resumed: no wait times out early or
// hangs, records are in order, and nothing ends before it began. Waits of a few
// seconds stand in those runs alone that are not cut off: across a cut nobody can
// tell a clock that was set from time that has passed.
func TestFaultsAClockThatJumps(t *testing.T) {
	seed := Seed(t)
	for i := range Cases(4, 60) {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			rng := Case(seed, i)
			seconds := "20"
			if i%2 == 1 {
				seconds = "3000000000"
			}
			g := setUp(t)
			clock := &adjusted{}
			g.engine.Clock = clock
			g.compile(steps(
				node("a", `"fail": 2`),
				parallel(node("b", `"polls": 2, "timeout": `+seconds), job("c", `"lose": 1`), node("d", `"fail": 1, "polls": 2, "timeout": `+seconds)),
				node("e", `"value": "${refs.b.id}${refs.d.id}"`),
			))
			done := make(chan struct{})
			defer close(done)
			go func() {
				jumps := Case(seed, -1-i)
				for {
					select {
					case <-done:
						return
					case <-time.After(time.Duration(20+jumps.IntN(300)) * time.Millisecond):
						far := []int64{1, 60, 3600, 86400, 365 * 86400}[jumps.IntN(5)]
						clock.seconds.Add(jumps.Int64N(2*far+1) - far)
					}
				}
			}()
			began := time.Now()
			var mu sync.Mutex // calls of the platform draw side by side
			draw := func(n int64) int64 {
				mu.Lock()
				defer mu.Unlock()
				return rng.Int64N(n)
			}
			cut := func(string) {
				if i%2 == 1 && draw(6) == 0 {
					fenceOut(t, g.engine.Store.RunDir("r"))
				}
			}
			g.stage.setHook(cut)
			r, err := g.engine.Run(t.Context(), g.program, RunOptions{ID: "r"})
			for n := 0; errors.Is(err, journal.ErrFenced); n++ {
				if n == 3 {
					g.stage.setHook(nil)
				}
				clock.seconds.Add(draw(7200) - 3600)
				r, err = g.engine.Resume(t.Context(), "r", RunOptions{})
			}
			if err != nil || r.State != StateSuccess {
				t.Fatalf("%+v, %+v, %v", r, r.Error, err)
			}
			if took := time.Since(began); took > 40*time.Second {
				t.Errorf("the run took %v", took)
			}
			inOrder(t, g.view("r"))
		})
	}
}

// inOrder checks that all of a run has its times in order.
func inOrder(t *testing.T, v *RunView) {
	t.Helper()
	follows := func(what string, a, b time.Time) {
		t.Helper()
		if a.IsZero() || b.IsZero() || b.Before(a) {
			t.Errorf("%s: from %v to %v", what, a, b)
		}
	}
	follows("the run waits", v.CreatedAt, v.StartedAt)
	follows("the run", v.StartedAt, v.ConcludedAt)
	for _, n := range v.Nodes {
		follows(n.Label, n.StartedAt, n.EndedAt)
		follows(n.Label+" begins", v.StartedAt, n.StartedAt)
		follows(n.Label+" ends", n.EndedAt, v.ConcludedAt)
		last := n.StartedAt
		for _, a := range n.Attempts {
			follows(fmt.Sprintf("attempt %d of %s begins", a.Attempt, n.Label), last, a.StartedAt)
			if !a.EndedAt.IsZero() {
				follows(fmt.Sprintf("attempt %d of %s", a.Attempt, n.Label), a.StartedAt, a.EndedAt)
				last = a.EndedAt
			}
		}
	}
}

func TestAWaitTimesOutByTheTimeThatPasses(t *testing.T) {
	for _, jump := range []int64{-86400, 0, 86400} {
		t.Run(fmt.Sprintf("the clock is set by %d seconds", jump), func(t *testing.T) {
			t.Parallel()
			g := setUp(t)
			clock := &adjusted{}
			g.engine.Clock = clock
			g.compile(steps(node("a", `"polls": 1000, "timeout": 2`)))
			g.stage.setHook(func(what string) {
				if what == "poll a" {
					clock.seconds.Store(jump)
				}
			})
			began := time.Now()
			r, err := g.engine.Run(t.Context(), g.program, RunOptions{ID: "r"})
			if err != nil || r.State != StateFailure {
				t.Fatalf("%+v, %v", r, err)
			}
			if took := time.Since(began); took < 1900*time.Millisecond || took > 20*time.Second {
				t.Errorf("a timeout of two seconds took %v", took)
			}
			inOrder(t, g.view("r"))
		})
	}
}
