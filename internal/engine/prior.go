package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine/journal"
	"github.com/nf-lsp/nf-lsp/internal/engine/schedule"
	"github.com/nf-lsp/nf-lsp/internal/engine/seal"
	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// A prior is what the journal knows of a run that is resumed; nil for a new one.
type prior struct {
	program *Program
	created *RunCreated
	at      time.Time // of the creation
	started time.Time
	state   *RunState
	kept    map[string]expr.Value
	// rehearsal is what the run has to put up with; nil for nothing.
	rehearsal *Rehearsal
	nodes     map[int]*priorNode
	last      time.Time // of the newest record
}

// A priorNode is how a node stood when its run was cut off.
type priorNode struct {
	state   State
	attempt int
	base    int // attempts before the last retry of the run
	lookup  int
	since   time.Time // when the attempt that may have had an effect began
	wait    *sealedWait
	due     time.Time
	action  platform.Action
	next    time.Time // when the next attempt is due
	output  *sealedOutput
	err     *ErrorInfo
	answer  *Answer // of a person, when the node is unknown
	// approval is how a node stood that waits for people; nil for others.
	approval *Approval
}

// begun tells whether anything but waiting has happened to the node.
func (p *priorNode) begun() bool { return p != nil && p.state != "" && p.state != StatePending }

func (p *prior) node(i int) *priorNode {
	if p == nil {
		return nil
	}
	return p.nodes[i]
}

// A keptValue is a value that a run has made, as it is sealed.
type keptValue struct {
	Key    string          `json:"key"`
	Value  json.RawMessage `json:"value"`
	Secret bool            `json:"secret,omitempty"`
}

func newPrior() *prior { return &prior{kept: map[string]expr.Value{}, nodes: map[int]*priorNode{}} }

// loadPrior reads the journal that a process has taken over.
func loadPrior(ctx context.Context, o *journal.Owner, box *seal.Box) (*prior, error) {
	p := newPrior()
	err := o.Read(ctx, 0, func(r journal.Record) error { return p.add(r, box) })
	if err != nil {
		return nil, err
	}
	if p.created == nil || p.program == nil {
		return nil, fmt.Errorf("the journal of run %s has no beginning", o.Header().Run)
	}
	return p, nil
}

func unseal(r journal.Record, box *seal.Box, v any) error {
	text, err := box.Open(r.Sealed, label(r))
	if err == nil {
		err = json.Unmarshal(text, v)
	}
	if err != nil {
		return fmt.Errorf("record %d of the journal cannot be read: %w", r.Seq, err)
	}
	return nil
}

func (p *prior) add(r journal.Record, box *seal.Box) error {
	if r.At.After(p.last) {
		p.last = r.At
	}
	if r.Type == typeKept {
		var k keptValue
		if err := unseal(r, box, &k); err != nil {
			return err
		}
		v, err := expr.ParseJSON(k.Value)
		if err != nil {
			return fmt.Errorf("record %d of the journal cannot be read: %w", r.Seq, err)
		}
		if k.Secret {
			v = v.WithSecret()
		}
		p.kept[k.Key] = v
		return nil
	}
	payload, err := payloadOf(r)
	if err != nil {
		return err
	}
	switch e := payload.(type) {
	case *RunCreated:
		p.created, p.at, p.rehearsal = e, r.At, e.Rehearsal
		p.program = &Program{}
		if err := unseal(r, box, p.program); err != nil {
			return err
		}
		if p.program.Format > newestFormat {
			return &journal.VersionError{Path: "the run", Found: p.program.Format, Known: newestFormat}
		}
	case *RunState:
		p.state = e
		if e.State == StateRunning && p.started.IsZero() {
			p.started = r.At
		}
		if e.Resumed {
			p.rehearsal = e.Rehearsal
		}
	case *NodeState:
		n := p.of(r.Node)
		n.state, n.err = e.State, e.Error
		if r.Sealed != nil {
			n.output = &sealedOutput{}
			return unseal(r, box, n.output)
		}
	case *NodeIterations:
		var sealed []sealedRound
		if err := unseal(r, box, &sealed); err != nil {
			return err
		}
		return p.iterations(r.Node, e, sealed)
	case *NodeAttempt:
		if p.program == nil {
			return fmt.Errorf("the journal has no beginning")
		}
		return p.attempt(r, e, box)
	}
	return nil
}

func (p *prior) of(node int) *priorNode {
	n := p.nodes[node]
	if n == nil {
		n = &priorNode{}
		p.nodes[node] = n
	}
	return n
}

// reset forgets what did not succeed and what used its outputs, so that it is
// run again, and returns it. Attempts are counted on, since tokens must not come
// again.
func (p *prior) reset() []int {
	users := map[int][]int{}
	for i := range p.program.Nodes {
		n := &p.program.Nodes[i]
		for _, u := range n.Uses {
			for _, on := range u.On {
				users[on] = append(users[on], i)
			}
		}
		for _, on := range n.later {
			users[on] = append(users[on], i)
		}
	}
	var again []int
	for i, n := range p.nodes {
		if n.state != StateSuccess && n.state != StateSkipped && !p.program.Nodes[i].gone {
			again = append(again, i)
		}
	}
	done := map[int]bool{}
	var out []int
	for len(again) > 0 {
		i := again[len(again)-1]
		again = again[:len(again)-1]
		if done[i] {
			continue
		}
		done[i] = true
		if n := p.nodes[i]; n.begun() {
			p.nodes[i] = &priorNode{state: StatePending, attempt: n.attempt, lookup: n.lookup, since: n.since}
			out = append(out, i)
		}
		for _, user := range users[i] {
			if p.program.Nodes[user].Flow == Loop {
				p.dropIterations(user) // it may go over something else now
				for k := 1; k <= p.program.patterns(user); k++ {
					again = append(again, user+k)
				}
			}
			again = append(again, user)
		}
		if of := p.program.Nodes[i].of; of > 0 {
			again = append(again, of) // which those outside of the loop refer to
		}
		if parent := p.program.Nodes[i].Parent; parent >= 0 {
			again = append(again, parent)
		}
	}
	p.state = nil
	slices.Sort(out)
	return out
}

func (p *prior) attempt(r journal.Record, e *NodeAttempt, box *seal.Box) error {
	if r.Node < 0 || r.Node >= len(p.program.Nodes) {
		return fmt.Errorf("record %d of the journal is about a node that the run does not have", r.Seq)
	}
	n := p.of(r.Node)
	n.state, n.err, n.approval = e.State, e.Error, e.Approval
	if e.Approval != nil && e.Phase != PhaseEnded {
		if e.Phase == PhaseWaiting || e.State == StateWaiting {
			n.due = e.Deadline
		}
		if e.Phase == PhaseWaiting && r.Sealed != nil {
			n.wait, n.action = &sealedWait{}, e.Action
			return unseal(r, box, n.wait)
		}
		return nil
	}
	switch e.Phase {
	case PhaseStarted:
		if !e.Again && e.Lookup == 0 || n.since.IsZero() {
			n.since = r.At
		}
		n.attempt, n.lookup, n.wait = e.Attempt, e.Lookup, nil
		n.base = e.MaxAttempts - p.program.Nodes[r.Node].attempts()
	case PhaseWaiting:
		n.wait, n.due, n.action = &sealedWait{}, e.Deadline, e.Action
		return unseal(r, box, n.wait)
	case PhaseEnded:
		n.wait, n.lookup, n.next = nil, e.Lookup, e.NextAttempt
		if e.State != StateSuccess {
			return nil
		}
		n.output = &sealedOutput{}
		if r.Sealed != nil {
			return unseal(r, box, n.output)
		}
		if e.Output != nil {
			return json.Unmarshal(e.Output, &n.output.Output)
		}
	}
	return nil
}

// restore puts a node where it stood when the run was cut off.
func (x *execution) restore(node int, past *priorNode) {
	n := &x.nodes[node]
	n.attempt, n.base, n.lookup, n.since = max(past.attempt, 1), past.base, past.lookup, past.since
	switch past.state {
	case StateSuccess:
		out := past.output
		if out == nil {
			out = &sealedOutput{}
		}
		v := valueOf(out.Output, out.Secret)
		x.scope.masker.learn(out.Output, out.Secret)
		x.scope.masker.add(valueOf(out.Output, out.Certain))
		x.leave(node, output{value: v, there: true})
		x.machine.Ended(node, schedule.Success)
	case StateSkipped:
		if past.output == nil { // the platform has left it out
			x.scope.outputs[node].skipped = true
			x.machine.Ended(node, schedule.Skipped)
			return
		}
		x.takeDone(node, *past.output) // it has run once
		x.machine.Ended(node, schedule.Success)
	case StateFailure:
		if past.err != nil {
			x.failed(past.err)
		}
		x.machine.Ended(node, schedule.Failure)
	case StateAborted:
		x.machine.Ended(node, schedule.Aborted)
	case StateApprovalWait:
		if past.approval == nil {
			n.again = true
			x.enqueue(call{do: doStart, node: node})
			return
		}
		if !past.due.IsZero() {
			n.due = x.fromWall(past.due)
		}
		if past.wait != nil && past.wait.Wait != nil {
			n.wait, n.secret, n.private, n.action = past.wait.Wait, past.wait.Secret, past.wait.Private, past.action
		}
		x.await(node, past.approval)
	case StateWaiting:
		if past.wait != nil && past.wait.Wait != nil {
			n.wait, n.secret, n.private = past.wait.Wait, past.wait.Secret, past.wait.Private
			n.due, n.action = x.fromWall(past.due), past.action
			x.wake(node, x.now())
			return
		}
		fallthrough
	case StateRetrying:
		n.attempt++
		x.wake(node, x.fromWall(past.next))
	default:
		if past.answer != nil {
			x.answered(node, past.answer)
			return
		}
		// The intent is recorded and what became of it is not, or could not be
		// told: it is repeated or looked up.
		n.again = true
		x.enqueue(call{do: doStart, node: node})
	}
}
