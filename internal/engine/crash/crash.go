// Package crash lets a process be killed at a named point, so that tests can
// prove that a run survives it.
//
// NF_CRASH_AT=<point>:<n> kills the process, as kill -9 would, when it passes
// the point for the n-th time. Without it, a point costs one comparison. The
// package knows nothing of what stands around its points.
package crash

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// A Point is a place in the engine between two persists.
type Point string

// The points, in the order in which a run passes them.
const (
	// RunCreated: the journal of a new run exists, the index does not know it.
	RunCreated Point = "run-created"
	// RunIndexed: the index knows the run, nothing has begun.
	RunIndexed Point = "run-indexed"
	// Owned: the process has taken a run over and noted its fencing number.
	Owned Point = "owned"
	// Reopened: the index says that a run which had ended goes on again, its
	// journal does not.
	Reopened Point = "reopened"
	// Forgotten: the index has lost a run that is being removed, its folder is
	// still there.
	Forgotten Point = "forgotten"
	// Discarded: the folder of a run that is being removed is in the trash.
	Discarded Point = "discarded"
	// KeptNoted: a value that is kept over runs is stored, the run's journal
	// does not have it yet.
	KeptNoted Point = "kept-noted"
	// CommitBefore: records are about to be committed.
	CommitBefore Point = "commit-before"
	// CommitWritten: records are with the operating system, which was not asked to
	// bring them to the disk.
	CommitWritten Point = "commit-written"
	// CommitAfter: records are durable, nobody was told of the outcomes.
	CommitAfter Point = "commit-after"
	// CallBefore: an intent is recorded, the platform was not called.
	CallBefore Point = "call-before"
	// CallAfter: the platform has answered, the outcome is not recorded.
	CallAfter Point = "call-after"
	// FindAfter: an earlier action was looked up, the outcome is not recorded.
	FindAfter Point = "find-after"
	// PollAfter: a wait was polled, what was learnt is not recorded.
	PollAfter Point = "poll-after"
	// Concluded: the journal says that the run has ended, the index does not.
	Concluded Point = "concluded"
)

// Sync is what the names of points begin with that stand outside of runs, where files
// are brought together with repositories. Those who have them list them.
const Sync = "sync-"

// Points lists all points of runs.
func Points() []Point {
	return []Point{RunCreated, RunIndexed, Owned, Reopened, KeptNoted, CommitBefore, CommitWritten, CommitAfter, CallBefore, CallAfter, FindAfter, PollAfter, Concluded, Forgotten, Discarded}
}

type plan struct {
	point Point
	left  atomic.Int64
}

var armed = sync.OnceValue(func() *plan { return parse(os.Getenv("NF_CRASH_AT")) })

// parse reads "point" or "point:n"; anything else arms nothing.
func parse(s string) *plan {
	if s == "" {
		return nil
	}
	name, count, _ := strings.Cut(s, ":")
	if !slices.Contains(Points(), Point(name)) && !strings.HasPrefix(name, Sync) {
		return nil
	}
	n := int64(1)
	if count != "" {
		var err error
		if n, err = strconv.ParseInt(count, 10, 64); err != nil || n < 1 {
			return nil
		}
	}
	p := &plan{point: Point(name)}
	p.left.Store(n)
	return p
}

// Here is the place of a point in the code.
func Here(p Point) {
	if a := armed(); a != nil && a.passes(p) {
		die()
	}
}

func (a *plan) passes(p Point) bool { return a.point == p && a.left.Add(-1) == 0 }
