package engine

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
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
	// Node is its ref or its JSON pointer. Of a step of a loop either may be that of one
	// iteration, as runs show it: `settings[acme]`, and `settings[eu][acme]` in a loop in a
	// loop, where `settings[eu]` is all of `eu`; without, all iterations are meant.
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

// A foreseen failure is one whose node was found.
type foreseen struct {
	Failure
	// iterations are the names, or with byNumber the numbers, of the iterations that are
	// meant, the outermost first; none for all.
	iterations []string
	byNumber   bool
}

// meant tells whether the failure is one of a node in a round of a loop, nil for none.
func (f *foreseen) meant(it *iteration) bool {
	var around []*iteration
	for ; it != nil; it = it.outer {
		around = append(around, it)
	}
	if len(f.iterations) > len(around) {
		return false
	}
	slices.Reverse(around)
	for i, name := range f.iterations {
		if f.byNumber && name != strconv.Itoa(around[i].index) || !f.byNumber && name != around[i].name {
			return false
		}
	}
	return true
}

// Foresee checks that what is rehearsed can be: that the nodes are there which are to
// fail. The rehearsal may be nil.
func (p *Program) Foresee(r *Rehearsal) error {
	if r == nil {
		return nil
	}
	_, err := p.failures(r.Failures)
	return err
}

// iterationIn takes the iterations out of a name or a pointer as runs show it.
func iterationIn(name string) (declared string, iterations []string, byNumber bool) {
	if !strings.HasPrefix(name, "/") {
		declared = name
		for strings.HasSuffix(declared, "]") {
			open := strings.LastIndexByte(declared, '[')
			if open <= 0 {
				return name, nil, false
			}
			iterations = append(iterations, declared[open+1:len(declared)-1])
			declared = declared[:open]
		}
		slices.Reverse(iterations)
		return declared, iterations, false
	}
	steps := strings.Split(name, "/")
	var kept []string
	for i := 0; i < len(steps); i++ {
		if steps[i] == "iterations" && i+2 < len(steps) && steps[i+2] == "steps" {
			iterations = append(iterations, steps[i+1])
			i++
			continue
		}
		kept = append(kept, steps[i])
	}
	return strings.Join(kept, "/"), iterations, true
}

// find is Find for nodes of the document alone, whatever iterations there are.
func (p *Program) find(name string) (int, error) {
	return findNode(len(p.Nodes), func(i int) (path, ref, label string) {
		n := &p.Nodes[i]
		if n.of > 0 || n.round != nil {
			return n.Path, "", ""
		}
		return n.Path, n.Ref, n.Label
	}, name)
}

// depth counts the loops around a node.
func (p *Program) depth(node int) (n int) {
	for i := p.Nodes[node].Parent; i >= 0; i = p.Nodes[i].Parent {
		if p.Nodes[i].Flow == Loop {
			n++
		}
	}
	return n
}

// failures finds the nodes that failures are meant for.
func (p *Program) failures(list []Failure) (map[int][]foreseen, error) {
	out := map[int][]foreseen{}
	for _, f := range list {
		named := foreseen{Failure: f}
		i, err := p.find(f.Node)
		if declared, iterations, byNumber := iterationIn(f.Node); len(iterations) > 0 && (err != nil || p.Nodes[i].round != nil || p.Nodes[i].of > 0) {
			named.iterations, named.byNumber = iterations, byNumber
			if i, err = p.find(declared); err == nil && len(iterations) > p.depth(i) {
				err = fmt.Errorf("%s names an iteration, and %s stands in %s", f.Node, declared, loopsIn(p.depth(i)))
			}
		}
		if err != nil {
			return nil, fmt.Errorf("a failure cannot be rehearsed: %w", err)
		}
		if p.Nodes[i].Flow != "" {
			return nil, fmt.Errorf("a failure cannot be rehearsed: %s is a workflow, which fails when one of its steps does", f.Node)
		}
		if p.Nodes[i].Kind == kindApproval && f.Mode != Refuse {
			return nil, fmt.Errorf("a failure cannot be rehearsed: %s waits for people, who can only reject it", f.Node)
		}
		out[i] = append(out[i], named)
	}
	return out, nil
}

func loopsIn(n int) string {
	switch n {
	case 0:
		return "no loop"
	case 1:
		return "one loop"
	}
	return fmt.Sprintf("%d loops", n)
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
		if attempt >= f.First && (f.Last == 0 || attempt <= f.Last) && f.meant(x.program.Nodes[node].round) {
			return &f.Failure
		}
	}
	return nil
}

// warnOfIterations says which failures will not happen, since a loop that has just begun
// has no iteration of the name.
func (x *execution) warnOfIterations(loop int, list []round, now time.Time) {
	at := x.program.depth(loop)
	declared := x.program.declared(loop)
	for node, failures := range x.failures {
		if !x.program.stands(node, declared) {
			continue
		}
		for _, f := range failures {
			if len(f.iterations) <= at || !f.outside(at).meant(x.program.Nodes[loop].round) {
				continue
			}
			there := slices.ContainsFunc(list, func(r round) bool { return r.name == f.iterations[at] })
			if f.byNumber {
				number, err := strconv.Atoi(f.iterations[at])
				there = err == nil && number >= 0 && number < len(list)
			}
			if !there {
				x.remark(loop, "warning", fmt.Sprintf("the failure of %s does not happen: %s has no iteration %q", f.Node, x.program.Nodes[loop].Label, f.iterations[at]), now)
			}
		}
	}
}

// outside is the failure as far as the outermost loops tell.
func (f foreseen) outside(loops int) *foreseen {
	f.iterations = f.iterations[:loops]
	return &f
}

// stands tells whether a node stands in another one.
func (p *Program) stands(node, in int) bool {
	for i := p.Nodes[node].Parent; i >= 0; i = p.Nodes[i].Parent {
		if i == in {
			return true
		}
	}
	return false
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
