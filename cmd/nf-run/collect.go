package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

const (
	// collectAt is how much garbage there may be, in hundredths of what is in use,
	// while that is little: a plan or a run soon ends, and collecting would cost it
	// a tenth of its time.
	collectAt = 400
	// little is the memory in use, in bytes, up to which collectAt counts.
	little = 24 << 20
)

// collectLate lets garbage gather as long as no more than some bytes of memory are in
// use. GOGC, where it is set, counts instead.
func collectLate(little uint64) {
	if os.Getenv("GOGC") != "" {
		return
	}
	before := debug.SetGCPercent(collectAt)
	watchHeap(func(live uint64) bool {
		if live <= little {
			return true
		}
		debug.SetGCPercent(before)
		return false
	})
}

// watchHeap tells after each collection how much memory was in use, in bytes, as long
// as more returns true.
func watchHeap(more func(live uint64) bool) {
	type sentinel struct{ _ *byte } // a pointer keeps it out of the blocks that small values share
	runtime.SetFinalizer(&sentinel{}, func(*sentinel) {
		sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(sample)
		if more(sample[0].Value.Uint64()) {
			watchHeap(more)
		}
	})
}
