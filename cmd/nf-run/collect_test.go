package main

import (
	"runtime"
	"runtime/debug"
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
	collectLate()
	runtime.GC()
	if got := percent(); got != collectAt {
		t.Skipf("the tests themselves hold too much: %d", got)
	}
	held := make([]byte, little+1)
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
	collectLate()
	if got := percent(); got != before {
		t.Errorf("GOGC is set, and the collector waits for %d %%", got)
	}
}
