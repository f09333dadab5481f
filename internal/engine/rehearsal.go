package engine

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// A Rehearsal is what a run is told to put up with, so that people can practise
// an outage. It is recorded with the run and stays with it when it is resumed.
type Rehearsal struct {
	Failures []Failure `json:"failures,omitempty"`
	// Approve says that people approve whatever they are asked to, at once.
	Approve bool `json:"approve,omitempty"`
	// Fast says that the run goes on in virtual time (see [VirtualClock]), Delay
	// how long the work of the platform takes; both are for who makes the engine.
	Fast  bool          `json:"fast,omitempty"`
	Delay time.Duration `json:"delay,omitempty"`
}

// Unreal tells whether a run that puts up with this is none to learn facts from:
// its failures are made up, or its times.
func (r *Rehearsal) Unreal() bool { return r != nil && (r.Fast || len(r.Failures) > 0) }

// A Failure makes attempts of a node go wrong.
type Failure struct {
	// Node is its ref or its JSON pointer.
	Node string `json:"node"`
	// First and Last are the attempts that fail, counted from 1; Last 0 is for
	// ever.
	First int `json:"first"`
	Last  int `json:"last,omitempty"`
	// Mode is how they go wrong; empty is that the platform refuses.
	Mode FailureMode `json:"mode,omitempty"`
	// Status is the HTTP status of the refusal; 0 is 503. Reason is its message.
	Status int    `json:"status,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// A FailureMode is a way to go wrong.
type FailureMode string

// The modes.
const (
	// Refuse: the platform answers with an error, nothing was done.
	Refuse FailureMode = ""
	// Lose: the work is done, the answer is lost.
	Lose FailureMode = "lost"
	// Unsure: nothing is done, and nobody can tell.
	Unsure FailureMode = "unknown"
	// Hang: no answer comes until the call is given up, after its time or because
	// the run is aborted.
	Hang FailureMode = "hang"
)

// failures finds the nodes that failures are meant for.
func (p *Program) failures(list []Failure) (map[int][]Failure, error) {
	out := map[int][]Failure{}
	for _, f := range list {
		i, err := p.Find(f.Node)
		if err != nil {
			return nil, fmt.Errorf("a failure cannot be rehearsed: %w", err)
		}
		if p.Nodes[i].Flow != "" {
			return nil, fmt.Errorf("a failure cannot be rehearsed: %s is a workflow, which fails when one of its steps does", f.Node)
		}
		if p.Nodes[i].Kind == kindApproval && f.Mode != Refuse {
			return nil, fmt.Errorf("a failure cannot be rehearsed: %s waits for people, who can only reject it", f.Node)
		}
		f.Node = p.Nodes[i].Path
		out[i] = append(out[i], f)
	}
	return out, nil
}

// rehearse has the run put up with something.
func (x *execution) rehearse(r *Rehearsal) (err error) {
	if x.rehearsal = r; r != nil {
		x.failures, err = x.program.failures(r.Failures)
	}
	return err
}

// shownBy is the rehearsal for readers: the reasons of its failures are what
// people write, and may hold secrets. A resumed run is told these.
func (r *Rehearsal) shownBy(m *masker) *Rehearsal {
	if r == nil || len(r.Failures) == 0 {
		return r
	}
	out := *r
	out.Failures = append([]Failure(nil), r.Failures...)
	for i := range out.Failures {
		out.Failures[i].Reason = m.hide(out.Failures[i].Reason)
	}
	return &out
}

// rehearsed is the failure that is meant for an attempt; nil where there is none.
func (x *execution) rehearsed(node, attempt int) *Failure {
	for _, f := range x.failures[x.program.declared(node)] {
		if attempt >= f.First && (f.Last == 0 || attempt <= f.Last) {
			return &f
		}
	}
	return nil
}

var errRehearsedLoss = errors.New("the connection was lost before the answer came (rehearsed)")

// strike makes an attempt go wrong. start is what it would have done.
func (f *Failure) strike(ctx context.Context, label string, start func() (platform.Result, error)) (platform.Result, error) {
	switch f.Mode {
	case Lose:
		r, err := start()
		if err == nil && r.Durable != nil {
			err = r.Durable()
		}
		if err != nil {
			return r, err
		}
		return platform.Result{}, errRehearsedLoss
	case Unsure:
		return platform.Result{}, &platform.UndecidedError{Subject: label}
	case Hang:
		<-ctx.Done()
		return platform.Result{}, ctx.Err()
	}
	status, reason := f.Status, f.Reason
	if status == 0 {
		status = http.StatusServiceUnavailable
	}
	if reason == "" {
		reason = http.StatusText(status)
	}
	return platform.Result{}, &platform.Error{Status: status, ID: "rehearsed", Message: reason + " (rehearsed)"}
}

// A VirtualClock stands still while something is going on and jumps to whatever
// is waited for next, so that hours pass in no time and in the right order.
type VirtualClock struct {
	mu  sync.Mutex
	now time.Time
}

// NewVirtualClock returns a virtual clock that begins at a time.
func NewVirtualClock(start time.Time) *VirtualClock {
	return &VirtualClock{now: start.Round(0)} // without the time outside
}

// Now implements Clock.
func (c *VirtualClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Until implements Clock.
func (c *VirtualClock) Until(t time.Time, idle bool) (<-chan time.Time, func()) {
	out := make(chan time.Time, 1)
	if idle {
		c.mu.Lock()
		if t.After(c.now) {
			c.now = t
		}
		out <- c.now
		c.mu.Unlock()
	}
	return out, func() {}
}
