package engine

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"iter"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine/history"
)

// FaultsLong makes the tests named Faults take as long as it takes to trust the
// answer, FaultsSeed draws their cases again:
//
//	go test ./internal/engine -run Faults -timeout 60m -faults.long
//	go test ./internal/engine -run Faults -faults.seed 123
//
// Without them they draw a few other cases each time. A long test of cases that have
// nothing to do with each other can be run in parts, which are those of one seed:
//
//	go test ./internal/engine -run FaultsKills -faults.long -faults.seed 123 -faults.from 100 -faults.to 200
var (
	FaultsLong = flag.Bool("faults.long", false, "let the fault tests run at full length")
	faultsSeed = flag.Uint64("faults.seed", 0, "the seed of the fault tests; 0 draws one")
	faultsFrom = flag.Int("faults.from", 0, "the first case of a fault test that is run")
	faultsTo   = flag.Int("faults.to", 0, "the first case of a fault test that is not run any more; 0 runs them to the end")
)

// Rounds is how many cases a fault test draws.
func Rounds(short, long int) int {
	if *FaultsLong {
		return long
	}
	return short
}

// Cases are the numbers of the cases that a fault test draws: all of them, or the part
// that is asked for.
func Cases(short, long int) iter.Seq[int] {
	end := Rounds(short, long)
	if *faultsTo > 0 {
		end = min(end, *faultsTo)
	}
	return func(yield func(int) bool) {
		for i := *faultsFrom; i < end; i++ {
			if !yield(i) {
				return
			}
		}
	}
}

// SameCases are the flags with which another process draws the cases of this one.
func SameCases(seed uint64) []string {
	return []string{fmt.Sprintf("-faults.seed=%d", seed), fmt.Sprintf("-faults.long=%t", *FaultsLong),
		fmt.Sprintf("-faults.from=%d", *faultsFrom), fmt.Sprintf("-faults.to=%d", *faultsTo)}
}

var drawnSeed = sync.OnceValue(func() uint64 { return uint64(time.Now().UnixNano()) })

// DrawnSeed is what the fault tests of this process draw their cases from.
func DrawnSeed() uint64 {
	if *faultsSeed != 0 {
		return *faultsSeed
	}
	return drawnSeed()
}

// Seed is what a fault test draws its cases from. It is printed when the test fails.
func Seed(t testing.TB) uint64 {
	t.Helper()
	seed := DrawnSeed()
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("draw this again with -faults.seed %d", seed)
		}
	})
	return seed
}

// Case is the source of one case of a fault test.
func Case(seed uint64, i int) *rand.Rand { return rand.New(rand.NewPCG(seed, uint64(i))) }

// People decide on whatever a run waits for people to decide on, as soon as it does:
// each of them once, whoever executes the run by then, so that a decision that got lost
// leaves the run waiting. Where they are against a node one of them rejects it, after
// another one has approved it if there are several. They go home when stop is called.
func People(t testing.TB, store *history.Store, id string, against func(*NodeView) bool) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var home sync.WaitGroup
	home.Go(func() {
		said := map[string]bool{}
		for ctx.Err() == nil {
			if v, err := View(ctx, store, id); err == nil { // there may be no run yet
				for i := range v.Nodes {
					if n := &v.Nodes[i]; n.waits() && !said[n.Path] {
						said[n.Path] = true
						if err := decideAll(ctx, store, id, n, against(n)); err != nil && ctx.Err() == nil {
							t.Errorf("nobody could decide on %s: %v", n.Label, err)
						}
					}
				}
			}
			select {
			case <-ctx.Done():
			case <-time.After(10 * time.Millisecond):
			}
		}
	})
	return func() { cancel(); home.Wait() }
}

func decideAll(ctx context.Context, store *history.Store, id string, n *NodeView, against bool) error {
	needed := n.Approval().Needed
	for k := range needed {
		verdict := Verdict{Node: n.Path, Reject: against && k == needed-1, Decision: Decision{By: fmt.Sprintf("person-%d", k), At: time.Now()}}
		_, err := Decide(ctx, store, id, verdict)
		if late := (*UndecidableError)(nil); errors.As(err, &late) {
			// Somebody else has said so before, or a process that was killed has left what
			// people said to it. Were neither true the run would wait for ever.
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}
