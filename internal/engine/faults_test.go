package engine

import (
	"flag"
	"math/rand/v2"
	"sync"
	"testing"
	"time"
)

// FaultsLong makes the tests named Faults take as long as it takes to trust the
// answer, FaultsSeed draws their cases again:
//
//	go test ./internal/engine -run Faults -timeout 60m -faults.long
//	go test ./internal/engine -run Faults -faults.seed 123
//
// Without them they draw a few other cases each time.
var (
	FaultsLong = flag.Bool("faults.long", false, "let the fault tests run at full length")
	faultsSeed = flag.Uint64("faults.seed", 0, "the seed of the fault tests; 0 draws one")
)

// Rounds is how many cases a fault test draws.
func Rounds(short, long int) int {
	if *FaultsLong {
		return long
	}
	return short
}

var drawnSeed = sync.OnceValue(func() uint64 { return uint64(time.Now().UnixNano()) })

// Seed is what a fault test draws its cases from. It is printed when the test fails.
func Seed(t *testing.T) uint64 {
	t.Helper()
	seed := *faultsSeed
	if seed == 0 {
		seed = drawnSeed()
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("draw this again with -faults.seed %d", seed)
		}
	})
	return seed
}

// Case is the source of one case of a fault test.
func Case(seed uint64, i int) *rand.Rand { return rand.New(rand.NewPCG(seed, uint64(i))) }
