package engine

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/engine/journal"
	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// A RunView is what the journal tells readers of a run: everything but secrets.
type RunView struct {
	ID       string `json:"id"`
	Template string `json:"template"`
	File     string `json:"file,omitempty"`
	Target   string `json:"target"`
	Policy   Policy `json:"policy,omitempty"`
	Program  string `json:"program"`
	// Until is the path of the node that the run stops after; empty for the
	// whole document.
	Until string `json:"until,omitempty"`
	// Teardown runs end what an earlier run has set up.
	Teardown bool `json:"teardown,omitempty"`
	// Rehearsal is what the run is told to put up with; nil for nothing.
	Rehearsal *Rehearsal `json:"rehearsal,omitempty"`
	// Planned is when the plan was made that the run carries out; zero where it
	// carries out none.
	Planned time.Time `json:"planned,omitzero"`
	// Revision is the version of the document that is run; nil where it is not known.
	Revision    *Revision  `json:"revision,omitempty"`
	Status      State      `json:"status"`
	Reason      string     `json:"reason,omitempty"`
	Concluded   bool       `json:"concluded"`
	CreatedAt   time.Time  `json:"createdAt"`
	StartedAt   time.Time  `json:"startedAt,omitzero"`
	ConcludedAt time.Time  `json:"concludedAt,omitzero"`
	Error       *ErrorInfo `json:"error,omitempty"`
	// Interrupted runs have not concluded and nobody executes them, though they do not
	// wait for people.
	Interrupted bool `json:"interrupted,omitempty"`
	// Process is who executes the run; nil for nobody.
	Process *Process   `json:"process,omitempty"`
	Nodes   []NodeView `json:"nodes"`
	// Last is the number of the last record that the view takes in, At its time.
	Last int64     `json:"last"`
	At   time.Time `json:"-"`

	index map[string]int // numbers of nodes by path; nil until somebody asks
	// places are the positions of nodes by their number, -1 for those that are gone;
	// nil while the two are the same.
	places []int
}

// A NodeView is a node in a run.
type NodeView struct {
	Outline
	State     State         `json:"status"`
	Cause     string        `json:"cause,omitempty"`
	Reason    string        `json:"reason,omitempty"`
	WaitsFor  []string      `json:"waitsFor,omitempty"`
	StartedAt time.Time     `json:"startedAt,omitzero"`
	EndedAt   time.Time     `json:"endedAt,omitzero"`
	Error     *ErrorInfo    `json:"error,omitempty"`
	Attempts  []AttemptView `json:"attempts,omitempty"`
}

// Elapsed is how long the node has taken, until now where it goes on; 0 for one
// that has not begun or was skipped.
func (n *NodeView) Elapsed(now time.Time) time.Duration {
	switch {
	case n.StartedAt.IsZero() || n.State == StateSkipped:
		return 0
	case n.EndedAt.IsZero():
		return now.Sub(n.StartedAt)
	}
	return n.EndedAt.Sub(n.StartedAt)
}

// An AttemptView is one attempt to run a node.
type AttemptView struct {
	Attempt     int             `json:"attempt"`
	MaxAttempts int             `json:"maxAttempts,omitempty"`
	State       State           `json:"status"`
	StartedAt   time.Time       `json:"startedAt,omitzero"`
	EndedAt     time.Time       `json:"endedAt,omitzero"`
	Action      platform.Action `json:"action,omitempty"`
	Input       json.RawMessage `json:"input,omitempty"`
	Response    json.RawMessage `json:"response,omitempty"`
	Subject     string          `json:"subject,omitempty"`
	Detail      string          `json:"detail,omitempty"`
	// Deadline is when the wait is given up.
	Deadline    time.Time  `json:"deadline,omitzero"`
	Error       *ErrorInfo `json:"error,omitempty"`
	NextAttempt time.Time  `json:"nextAttempt,omitzero"`
	// Answer is what a person has said of an attempt whose outcome was unknown:
	// "done" of this one, "again" of the one before.
	Answer string `json:"answer,omitempty"`
	// Approval is what people have decided; nil for nodes that ask nobody.
	Approval *Approval `json:"approval,omitempty"`
}

// Apply takes an event in. Events come in the order of their numbers. Those of
// other runs than the first are left out: a run in a queue goes on with what is
// in front of it.
func (v *RunView) Apply(e Event) {
	if v.ID != "" && v.ID != e.Run {
		return
	}
	node := -1
	if e.Node != nil {
		if v.index == nil {
			v.number()
		}
		if i, ok := v.index[e.Node.Path]; ok {
			node = v.place(i)
		}
	}
	v.apply(e.Seq, e.At, e.Run, node, e.Payload)
}

// Position returns where the node with a path stands among Nodes, -1 where there is
// none.
func (v *RunView) Position(path string) int {
	if v.index != nil {
		if i, ok := v.index[path]; ok {
			return v.place(i)
		}
		return -1
	}
	return slices.IndexFunc(v.Nodes, func(n NodeView) bool { return n.Path == path })
}

func (v *RunView) apply(seq int64, at time.Time, run string, node int, payload Payload) {
	v.Last, v.At = seq, at
	switch p := payload.(type) {
	case *RunCreated:
		v.ID, v.CreatedAt = run, at
		v.Template, v.File, v.Target, v.Policy, v.Program = p.Template, p.File, p.Target, p.Policy, p.Program
		v.Until, v.Teardown, v.Rehearsal, v.Planned, v.Revision = p.Until, p.Teardown, p.Rehearsal, p.Planned, p.Revision
		v.Nodes = make([]NodeView, len(p.Nodes))
		for i, n := range p.Nodes {
			v.Nodes[i] = NodeView{Outline: n, State: StatePending}
		}
		v.index, v.places = nil, nil
	case *RunState:
		v.Status, v.Reason, v.Error, v.Concluded = p.State, p.Reason, p.Error, p.Concluded
		v.ConcludedAt = time.Time{}
		if p.Concluded {
			v.ConcludedAt = at
		}
		if p.State == StateRunning && v.StartedAt.IsZero() {
			v.StartedAt = at
		}
		if p.Resumed {
			v.Rehearsal = p.Rehearsal
		}
	case *NodeIterations:
		if node >= 0 && node < len(v.Nodes) {
			v.unfold(node, p)
		}
	case *NodeState:
		if node >= 0 && node < len(v.Nodes) {
			v.Nodes[node].changed(at, p)
		}
	case *NodeAttempt:
		if node >= 0 && node < len(v.Nodes) {
			v.Nodes[node].attempted(at, p)
		}
	}
}

// place is the position of the node with a number; -1 for none.
func (v *RunView) place(number int) int {
	switch {
	case v.places == nil:
		return number
	case number < 0 || number >= len(v.places):
		return -1
	}
	return v.places[number]
}

// unfold puts the nodes of a loop's iterations in the place of what stood in it.
func (v *RunView) unfold(loop int, p *NodeIterations) {
	if v.places == nil {
		v.places = make([]int, len(v.Nodes))
		for i := range v.places {
			v.places[i] = i
		}
	}
	end := loop + 1
	for end < len(v.Nodes) && v.Nodes[end].Parent >= loop {
		end++
	}
	added := make([]NodeView, len(p.Nodes))
	for i, n := range p.Nodes {
		if n.Parent >= p.First {
			n.Parent += loop + 1 - p.First
		} else {
			n.Parent = loop
		}
		added[i] = NodeView{Outline: n, State: StatePending}
	}
	shift := len(added) - (end - loop - 1)
	for i := end; i < len(v.Nodes); i++ {
		if v.Nodes[i].Parent >= end {
			v.Nodes[i].Parent += shift
		}
	}
	for i, at := range v.places {
		switch {
		case at >= end:
			v.places[i] += shift
		case at > loop:
			v.places[i] = -1
		}
	}
	for i := range added {
		if v.index != nil {
			v.index[added[i].Path] = len(v.places)
		}
		v.places = append(v.places, loop+1+i)
	}
	v.Nodes = slices.Replace(v.Nodes, loop+1, end, added...)
}

// number makes the index.
func (v *RunView) number() {
	v.index = make(map[string]int, len(v.Nodes))
	if v.places == nil {
		for i := range v.Nodes {
			v.index[v.Nodes[i].Path] = i
		}
		return
	}
	for number, at := range v.places {
		if at >= 0 {
			v.index[v.Nodes[at].Path] = number
		}
	}
}

func (n *NodeView) enter(s State, at time.Time) {
	n.State = s
	if n.StartedAt.IsZero() && s != StatePending {
		n.StartedAt = at
	}
	n.EndedAt = time.Time{}
	if s.Ended() {
		n.EndedAt = at
	}
}

func (n *NodeView) changed(at time.Time, p *NodeState) {
	n.enter(p.State, at)
	n.Cause, n.Reason, n.WaitsFor, n.Error = p.Cause, p.Reason, p.WaitsFor, p.Error
}

func (n *NodeView) attempted(at time.Time, p *NodeAttempt) {
	n.enter(p.State, at)
	n.WaitsFor, n.Error = nil, p.Error
	last := len(n.Attempts) - 1
	if last < 0 || n.Attempts[last].Attempt != p.Attempt {
		n.Attempts = append(n.Attempts, AttemptView{Attempt: p.Attempt, StartedAt: at})
		last++
	}
	a := &n.Attempts[last]
	a.State = p.State
	if p.Approval != nil {
		a.Approval = p.Approval
	}
	if p.Answer != "" {
		a.Answer = p.Answer
	}
	switch p.Phase {
	case PhaseStarted:
		a.MaxAttempts, a.Input, a.Error, a.EndedAt = p.MaxAttempts, p.Input, nil, time.Time{}
	case PhaseWaiting, PhaseProgress:
		a.Subject, a.Detail = p.Subject, p.Detail
		if p.Phase == PhaseWaiting {
			a.Action, a.Response, a.Deadline = p.Action, p.Output, p.Deadline
		}
	case PhaseEnded:
		a.EndedAt, a.Error, a.NextAttempt = at, p.Error, p.NextAttempt
		switch p.State {
		case StateSuccess:
			a.Action, a.Response = p.Action, p.Output
		case StateSkipped: // the platform has left it out
			a.Action, n.Reason = p.Action, p.Detail
		}
	}
}

// Find returns the node with a name: its JSON pointer, or its ref where no other
// node has the same.
func (v *RunView) Find(name string) (*NodeView, error) {
	i, err := findNode(len(v.Nodes), func(i int) (path, ref, label string) {
		return v.Nodes[i].Path, v.Nodes[i].Ref, v.Nodes[i].Label
	}, name)
	if err != nil {
		return nil, err
	}
	return &v.Nodes[i], nil
}

// Unknown names the nodes that need a person's answer, as [Result] does.
func (v *RunView) Unknown() []string {
	var out []string
	for i := range v.Nodes {
		if n := &v.Nodes[i]; n.Flow == "" && n.State == StateUnknown {
			out = append(out, n.name())
		}
	}
	return out
}

// name is how people name the node: by its ref, or its JSON pointer.
func (n *NodeView) name() string { return cmp.Or(n.Ref, n.Path) }

// FindRun looks a run up, also one that the index does not know because its
// process died in between.
func FindRun(ctx context.Context, store *history.Store, id string) (history.Run, error) {
	run, err := store.Find(ctx, id)
	if errors.Is(err, history.ErrNoRun) && store.Adopt(ctx, Describe) == nil {
		run, err = store.Find(ctx, id)
	}
	return run, err
}

// RehearsalOf reads from a run's journal what it has to put up with; nil for
// nothing.
func RehearsalOf(ctx context.Context, store *history.Store, id string) (*Rehearsal, error) {
	r, err := journal.Open(ctx, store.RunDir(id))
	if errors.Is(err, journal.ErrNone) {
		return nil, nil // it never began
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }()
	var v RunView
	err = r.Read(ctx, 0, func(rec journal.Record) error {
		if rec.Type != typeRunCreated && rec.Type != typeRunState {
			return nil
		}
		p, err := payloadOf(rec)
		if err == nil {
			v.apply(rec.Seq, rec.At, id, -1, p)
		}
		return err
	})
	return v.Rehearsal, err
}

// View reads a run from its journal. It needs no key.
func View(ctx context.Context, store *history.Store, id string) (*RunView, error) {
	run, err := FindRun(ctx, store, id)
	if err != nil {
		return nil, err
	}
	v, err := readView(ctx, run.ID, store.RunDir(run.ID))
	if errors.Is(err, journal.ErrNone) {
		// Its process died before anything was done.
		run = store.Settle(ctx, run, Describe)
		return &RunView{ID: run.ID, Template: run.Template, File: run.File, Target: run.Target, Policy: Policy(run.Policy), Until: run.Until, Teardown: run.Teardown,
			Status: State(run.Status), Concluded: run.Concluded(), CreatedAt: run.CreatedAt, ConcludedAt: run.ConcludedAt}, nil
	}
	return v, err
}

func readView(ctx context.Context, id, dir string) (*RunView, error) {
	alive := journal.Alive(dir)
	r, err := journal.Open(ctx, dir)
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }()
	v := &RunView{}
	err = r.Read(ctx, 0, func(rec journal.Record) error {
		p, err := payloadOf(rec)
		if err == nil {
			v.apply(rec.Seq, rec.At, id, v.place(rec.Node), p)
		}
		return err
	})
	v.Interrupted = !v.Concluded && !alive && v.Status != StateApprovalWait
	if err == nil && alive && !v.Concluded {
		v.Process, err = processOf(ctx, r)
	}
	return v, err
}

// Describe is the history.Describer of this engine's journals.
func Describe(ctx context.Context, id, dir string) (history.Run, error) {
	v, err := readView(ctx, id, dir)
	if err != nil {
		return history.Run{}, err
	}
	r := history.Run{ID: id, Template: v.Template, File: v.File, Target: v.Target, Policy: string(v.Policy), Until: v.Until, Teardown: v.Teardown, Rehearsal: v.Rehearsal.Unreal(), Status: string(v.Status),
		CreatedAt: v.CreatedAt, StartedAt: v.StartedAt, ConcludedAt: v.ConcludedAt}
	if v.Revision != nil {
		r.Source, r.Commit, r.Modified, r.Version = v.Revision.Source, v.Revision.Commit, v.Revision.Modified, v.Revision.Version
	}
	if v.Error != nil {
		r.Error = v.Error.Message
	}
	return r, nil
}

// errConcluded ends a Follow well.
var errConcluded = errors.New("the run has concluded")

// Follow tells an observer of a run's events from seq on, those to come
// included, until the run has concluded, or waits for people while nobody executes
// it. It ends with journal.ErrAbandoned when the process that executes the run is gone.
func Follow(ctx context.Context, store *history.Store, id string, seq int64, o Observer) error {
	run, err := FindRun(ctx, store, id)
	if err != nil {
		return err
	}
	r, err := journal.Open(ctx, store.RunDir(run.ID))
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	last, err := r.Last(ctx)
	if err != nil {
		return err
	}
	var names []NodeName
	concluded, resting := false, false
	err = r.Follow(ctx, 1, func(rec journal.Record) error {
		p, err := payloadOf(rec)
		if err != nil || p == nil {
			return err
		}
		if c, ok := p.(*RunCreated); ok {
			for _, n := range c.Nodes {
				names = append(names, n.NodeName)
			}
		}
		if rec.Seq >= seq {
			e := Event{Seq: rec.Seq, At: rec.At, Run: run.ID, Payload: p}
			if rec.Node >= 0 && rec.Node < len(names) {
				name := names[rec.Node]
				e.Node = &name
			}
			o.Event(e)
		}
		if c, ok := p.(*NodeIterations); ok {
			for _, n := range c.Nodes {
				names = append(names, n.NodeName)
			}
		}
		if s, ok := p.(*RunState); ok {
			concluded, resting = s.Concluded, s.State == StateApprovalWait
			if concluded && rec.Seq >= last { // before that, the run was gone on with
				return errConcluded
			}
		}
		return nil
	})
	if errors.Is(err, errConcluded) || (concluded || resting) && errors.Is(err, journal.ErrAbandoned) {
		return nil
	}
	return err
}
