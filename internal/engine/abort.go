package engine

import (
	"errors"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine/journal"
)

// DefaultAbortGrace is how long calls of the platform may go on after an abort:
// those that answer in time have a known effect.
const DefaultAbortGrace = 10 * time.Second

// interrupted is why a run is aborted whose process was asked to end.
const interrupted = "it was interrupted"

// requestAbort is the kind of the requests that ask for an abort.
const requestAbort = "abort"

// abort stops the run: nothing starts any more, what is waited for is aborted
// where the platform can, and calls that are on their way are waited for.
func (x *execution) abort(reason string) {
	if x.aborting {
		return
	}
	x.aborting, x.reason = true, reason
	now := x.now()
	x.note(-1, 0, &RunState{State: StateAborting, Reason: reason}, nil, now)
	x.machine.Abort()
	time.AfterFunc(x.engine.abortGrace(), x.giveUp)
	for i := range x.nodes {
		n := &x.nodes[i]
		if n.approval != nil {
			x.endAborted(i, now)
			continue
		}
		if !n.sleeps {
			continue
		}
		n.sleeps = false
		if n.wait != nil {
			x.enqueue(call{do: doAbort, node: i, wait: *n.wait})
		} else {
			x.endUntried(i, now)
		}
	}
	// Calls that wait for a slot to poll abort what they would have polled.
	for k := x.first; k < len(x.ready); k++ {
		if x.ready[k].do == doPoll {
			x.ready[k].do = doAbort
		}
	}
}

// serve does what another process asks for.
func (x *execution) serve(q journal.Request) {
	switch {
	case q.Kind == requestAbort:
		x.abort(q.Reason)
	case isDecision(q):
		x.decide(q)
	}
	x.served(q)
}

// served takes a request away once what came of it is durable. Nothing may come of it
// since it was served before, and what came of it then is on its way to the disk: so
// that is waited for all the same.
func (x *execution) served(q journal.Request) {
	done := func() { _ = x.owner.Done(q) } // what stays is asked for again, harmlessly
	if len(x.entries) > 0 {
		x.after = append(x.after, done)
		return
	}
	x.owner.Append(journal.Addition{Urgent: true, Done: func(err error) {
		if err == nil {
			done()
		}
	}})
}

// dropRequests takes away what was asked of a run that had ended before it could hear
// it: what goes on from there is not meant.
func dropRequests(o *journal.Owner) error {
	requests, err := o.Requests()
	for _, q := range requests {
		err = errors.Join(err, o.Done(q))
	}
	return err
}

// watchRequests passes on what other processes ask for until stop is closed.
func watchRequests(o *journal.Owner, stop <-chan struct{}) <-chan journal.Request {
	out := make(chan journal.Request)
	go func() {
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			requests, err := o.Requests()
			if err != nil {
				requests = nil // a file that is being written; the next look sees it
			}
			for _, q := range requests {
				select {
				case out <- q:
				case <-stop:
					return
				}
			}
			select {
			case <-tick.C:
			case <-stop:
				return
			}
		}
	}()
	return out
}
