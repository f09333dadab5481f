package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
)

// percent is what the collector goes by at the moment.
func percent() int {
	now := debug.SetGCPercent(-1)
	debug.SetGCPercent(now)
	return now
}

func TestGarbageGathersOnlyWhileLittleIsInUse(t *testing.T) {
	t.Setenv("GOGC", "")
	before := percent()
	t.Cleanup(func() { debug.SetGCPercent(before) })
	const more = 8 << 20
	runtime.GC()
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample) // what the tests themselves hold
	collectLate(sample[0].Value.Uint64() + more)
	if got := percent(); got != collectAt {
		t.Fatalf("with little in use the collector waits for %d %%", got)
	}
	held := make([]byte, 2*more)
	for range 100 { // finalizers run when they like
		runtime.GC()
		runtime.Gosched()
		if percent() == before {
			break
		}
	}
	runtime.KeepAlive(held)
	if got := percent(); got != before {
		t.Errorf("with much in use the collector still waits for %d %%", got)
	}
}

func TestGOGCCounts(t *testing.T) {
	t.Setenv("GOGC", "50")
	before := percent()
	collectLate(little)
	if got := percent(); got != before {
		t.Errorf("GOGC is set, and the collector waits for %d %%", got)
	}
}
