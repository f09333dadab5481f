package engine

import (
	"context"
	"encoding/json"
	"fmt"
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
	nodes   map[int]*priorNode
}

// A priorNode is how a node stood when its run was cut off.
type priorNode struct {
	state   State
	attempt int
	lookup  int
	since   time.Time // when the attempt that may have had an effect began
	wait    *sealedWait
	due     time.Time
	action  platform.Action
	next    time.Time // when the next attempt is due
	output  *sealedOutput
	err     *ErrorInfo
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

// loadPrior reads the journal that a process has taken over.
func loadPrior(ctx context.Context, o *journal.Owner, box *seal.Box) (*prior, error) {
	p := &prior{kept: map[string]expr.Value{}, nodes: map[int]*priorNode{}}
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
		p.created, p.at = e, r.At
		p.program = &Program{}
		if err := unseal(r, box, p.program); err != nil {
			return err
		}
		if p.program.Format > programFormat {
			return &journal.VersionError{Path: "the run", Found: p.program.Format, Known: programFormat}
		}
	case *RunState:
		p.state = e
		if e.State == StateRunning && p.started.IsZero() {
			p.started = r.At
		}
	case *NodeState:
		n := p.of(r.Node)
		n.state, n.err = e.State, e.Error
	case *NodeAttempt:
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

func (p *prior) attempt(r journal.Record, e *NodeAttempt, box *seal.Box) error {
	n := p.of(r.Node)
	n.state, n.err = e.State, e.Error
	switch e.Phase {
	case PhaseStarted:
		if !e.Again && e.Lookup == 0 || n.since.IsZero() {
			n.since = r.At
		}
		n.attempt, n.lookup, n.wait = e.Attempt, e.Lookup, nil
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
	n.attempt, n.lookup, n.since = max(past.attempt, 1), past.lookup, past.since
	switch past.state {
	case StateSuccess:
		out := past.output
		if out == nil {
			out = &sealedOutput{}
		}
		v := valueOf(out.Output, out.Secret)
		x.scope.masker.add(v)
		x.scope.outputs[node] = output{value: v, there: true}
		x.machine.Ended(node, schedule.Success)
	case StateFailure:
		if past.err != nil {
			x.failed(past.err)
		}
		x.machine.Ended(node, schedule.Failure)
	case StateAborted:
		x.machine.Ended(node, schedule.Aborted)
	case StateWaiting:
		if past.wait != nil && past.wait.Wait != nil {
			n.wait, n.secret, n.due, n.action = past.wait.Wait, past.wait.Secret, past.due, past.action
			x.wake(node, x.engine.clock().Now())
			return
		}
		fallthrough
	case StateRetrying:
		n.attempt++
		x.wake(node, past.next)
	default:
		// The intent is recorded and what became of it is not, or could not be
		// told: it is repeated or looked up.
		n.again = true
		x.enqueue(call{do: doStart, node: node})
	}
}
