package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine/crash"
	"github.com/nf-lsp/nf-lsp/internal/platform"
)

type verb uint8

const (
	doStart verb = iota
	doPoll
	doAbort
)

// A call is a call of the platform.
type call struct {
	do   verb
	node int
	req  platform.NodeRequest
	// find says to look for what an earlier attempt with the token has done.
	find bool
	// lookOnly says to do nothing where that finds nothing.
	lookOnly bool
	// id is what a person says that an earlier attempt has made.
	id string
	// last is a second opinion on the request, which can keep it from leaving; nil
	// for none. refused is what it has said.
	last    func() error
	refused error
	// failure is rehearsed; nil for none. label is what its message calls the node.
	failure *Failure
	label   string
	// over ends a call that hangs in virtual time; nil for others.
	over chan struct{}
	wait platform.Wait
}

type result struct {
	call
	result   platform.Result
	progress platform.Progress
	aborted  bool // the platform has ended what was waited for
	undone   bool // a look-up has told that nothing was started
	err      error
}

// A task is a call with the gate in front of it; nil for none.
type task struct {
	call
	gate *gate
}

// start has a worker make a call: one that has nothing to do, or a new one. Workers
// stay until the run ends, since a goroutine that begins anew has its stack copied
// several times before it is as deep as a target and its database need.
func (x *execution) start(c call, g *gate) {
	select {
	case x.tasks <- task{c, g}:
	default:
		go x.work(task{c, g})
	}
}

func (x *execution) work(t task) {
	for {
		x.do(t.call, t.gate)
		select {
		case t = <-x.tasks:
		case <-x.callContext.Done():
			return
		}
	}
}

// do makes a call. It runs in the goroutine of a worker. Its result comes when the
// call returns, or soon after the call was to be over: a target that does not
// listen holds nothing up, and what it says later is not heard. Waiting for the
// platform's rate limit does not count.
//
// What can be found out before the call may be made is found out in the meantime.
func (x *execution) do(c call, g *gate) {
	if g != nil {
		if !c.find {
			c.hear()
		}
		if <-g.decided; g.err != nil {
			x.results <- result{call: c, err: g.err}
			return
		}
	}
	limit := x.engine.callTimeout()
	ctx, cancel := context.WithCancelCause(x.callContext)
	defer cancel(nil)
	end := &deadline{at: time.Now().Add(limit)}
	end.timer = time.AfterFunc(limit, func() { cancel(context.DeadlineExceeded) })
	defer end.timer.Stop()
	ctx = platform.WithPause(ctx, func(by time.Duration) {
		end.postpone(by)
		x.paused(by)
	})
	var once sync.Once
	tell := func(r result) {
		if r.err != nil && x.callContext.Err() == nil && errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
			r.err = &noAnswerError{limit}
		}
		once.Do(func() { x.results <- r })
	}
	stop := context.AfterFunc(ctx, func() {
		time.AfterFunc(hearing, func() { tell(result{call: c, err: ctx.Err()}) })
	})
	defer stop()
	r := result{call: c}
	defer func() {
		if p := recover(); p != nil {
			r.err = &panicError{p}
		}
		tell(r)
	}()
	x.call(ctx, c, &r)
	if r.result.Durable != nil {
		tell(r)
		_ = r.result.Durable() // who records it asks again
	}
}

// hear asks for the second opinion on the request, once.
func (c *call) hear() {
	if c.last == nil {
		return
	}
	defer func() {
		if p := recover(); p != nil {
			c.refused = &panicError{p}
		}
	}()
	last := c.last
	c.last = nil
	if err := last(); err != nil {
		c.refused = &InvalidError{[]string{err.Error()}}
	}
}

// A deadline ends a call.
type deadline struct {
	mu    sync.Mutex
	at    time.Time
	timer *time.Timer
}

// postpone puts the end off.
func (d *deadline) postpone(by time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.at = d.at.Add(by)
	d.timer.Reset(time.Until(d.at))
}

// hearing is how long a call that is to be over may take to say so.
const hearing = time.Second

// A noAnswerError says that a call took too long. What it has done is not known.
type noAnswerError struct{ after time.Duration }

// Error implements error.
func (e *noAnswerError) Error() string { return fmt.Sprintf("no answer came within %s", e.after) }

// call does what the call asks for.
func (x *execution) call(ctx context.Context, c call, r *result) {
	switch c.do {
	case doStart:
		crash.Here(crash.CallBefore)
		if c.id != "" {
			r.result, r.err = x.engine.Platform.FindByID(ctx, c.req, c.id)
			crash.Here(crash.FindAfter)
			return
		}
		if c.find {
			var found bool
			r.result, found, r.err = x.engine.Platform.Find(ctx, c.req)
			crash.Here(crash.FindAfter)
			r.undone = !found && r.err == nil
			if r.undone && c.lookOnly {
				r.err = context.Canceled
			}
			if r.err == nil && ctx.Err() != nil {
				// The look-up came back when nobody waited for it any more: the call is over,
				// and another one may be on its way.
				r.err = ctx.Err()
			}
			if found || r.err != nil {
				return
			}
		}
		if c.hear(); c.refused != nil {
			r.err = c.refused
			return
		}
		switch {
		case c.over != nil:
			select {
			case <-c.over:
				r.err = &noAnswerError{x.engine.callTimeout()}
			case <-ctx.Done():
				r.err = ctx.Err()
			}
		case c.failure != nil:
			r.result, r.err = c.failure.strike(ctx, c.label, func() (platform.Result, error) {
				return x.engine.Platform.Start(ctx, c.req)
			})
		default:
			r.result, r.err = x.engine.Platform.Start(ctx, c.req)
		}
		crash.Here(crash.CallAfter)
	case doPoll:
		r.progress, r.err = x.engine.Platform.Poll(ctx, c.wait)
		crash.Here(crash.PollAfter)
	case doAbort:
		r.aborted, r.err = x.engine.Platform.Abort(ctx, c.wait)
	}
}

// A panicError is a mistake in a driver or target. It costs the node only.
type panicError struct{ value any }

// Error implements error.
func (e *panicError) Error() string { return fmt.Sprintf("internal error: %v", e.value) }
