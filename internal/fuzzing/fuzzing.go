// Package fuzzing keeps fuzz targets finding things. It knows nothing of what they look at, and only tests import it.
package fuzzing

import (
	"flag"
	"testing"
)

// KeepMoving keeps a target from standing still. Before it goes on, fuzzing spends up to a minute on making each new input
// smaller. Where the same input is other code the second time, because something is worked out once in a process or goroutines
// take turns as they like, a part that is taken away mostly seems not to matter, and nearly all time goes there. So twenty
// tries are enough. -fuzzminimizetime, where it is given, counts.
func KeepMoving(f *testing.F) {
	f.Helper()
	given := false
	flag.Visit(func(x *flag.Flag) { given = given || x.Name == "test.fuzzminimizetime" })
	if given {
		return
	}
	if err := flag.Set("test.fuzzminimizetime", "20x"); err != nil {
		f.Fatal(err)
	}
}
