package analysis

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// fewNodes is how many nodes one goroutine looks at in a go. To look at one takes
// some microseconds, as starting a goroutine does.
const fewNodes = 32

// localFindings are what the local pass found out about one node.
type localFindings struct {
	notes  []note
	places []typedPlace
}

// localPass looks at the nodes that are due. They do not depend on one another,
// so that of many each processor takes its part: it is half of the work on a
// document that is new, or whose nodes have all come to stand elsewhere.
func (c *checker) localPass() {
	found := make([]localFindings, len(c.due))
	workers := min(runtime.GOMAXPROCS(0), len(c.due)/fewNodes)
	if workers < 2 {
		c.look(found, 0, len(found))
	} else {
		c.lookTogether(found, workers)
	}
	for i, n := range c.due {
		at := c.nodes.At(n.Number)
		f := at.kept()
		f.local, f.places = found[i].notes, found[i].places
		c.keep(n.Number, at, f)
	}
	c.due = c.due[:0]
}

// look runs the local pass on a part of what is due. It changes nothing but the
// findings of that part.
func (c *checker) look(found []localFindings, from, to int) {
	r := reporter{config: c.Config}
	l := localCheck{Snapshot: c.Snapshot, reporter: &r}
	for i := from; i < to; i++ {
		n := c.due[i]
		l.check(n)
		found[i] = localFindings{r.take(n.Value().Range().Start), l.places}
	}
}

// lookTogether is look at all that is due, with several workers. A panic of one
// of them is the caller's.
func (c *checker) lookTogether(found []localFindings, workers int) {
	var (
		next   atomic.Int64
		all    sync.WaitGroup
		failed atomic.Pointer[string]
	)
	work := func() {
		defer func() {
			if r := recover(); r != nil {
				message := fmt.Sprintf("%v\n%s", r, debug.Stack())
				failed.Store(&message)
			}
		}()
		for {
			from := int(next.Add(fewNodes)) - fewNodes
			if from >= len(found) {
				return
			}
			c.look(found, from, min(from+fewNodes, len(found)))
		}
	}
	for range workers - 1 {
		all.Go(work)
	}
	work()
	all.Wait()
	if message := failed.Load(); message != nil {
		panic(*message)
	}
}
