package engine

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine/schedule"
	"github.com/nf-lsp/nf-lsp/internal/expr"
)

// An Answer is what a person says of a node whose outcome is unknown.
type Answer struct {
	// Node is its ref or its JSON pointer.
	Node string
	// Done says that the node did its work; else it did not, and is tried again.
	Done bool
	// ID is the identifier of what the work has made, such as a build's. With
	// one the platform is asked for the output, and waited for where the node
	// waits; without one the node has succeeded and has no output.
	ID string
}

// What the journal calls an answer.
const (
	answerDone  = "done"
	answerAgain = "again"
)

// An UnknownError says that a run stands still because nobody but a person can
// tell what some nodes did.
type UnknownError struct {
	Run string
	// Nodes are their refs, or JSON pointers where they have none.
	Nodes []string
}

// Error implements error.
func (e *UnknownError) Error() string {
	return fmt.Sprintf("run %s needs a person: it is not known what became of %s", e.Run, strings.Join(e.Nodes, ", "))
}

// unknown lists the nodes whose outcome is not known.
func (p *prior) unknown() []string {
	var out []string
	for i := range p.program.Nodes {
		if n := p.nodes[i]; n == nil || n.state != StateUnknown || p.program.Nodes[i].Flow != "" {
			continue
		}
		out = append(out, p.program.Nodes[i].name())
	}
	return out
}

// name is how people name the node: by its ref, or its JSON pointer.
func (n *Node) name() string { return cmp.Or(n.Ref, n.Path) }

// answer takes down what a person says. It is an error to speak of nodes that
// there is no question about, or to leave out an identifier without which other
// nodes could not go on.
func (p *prior) answer(answers []Answer) error {
	for _, a := range answers {
		i, err := p.program.Find(a.Node)
		if err != nil {
			return err
		}
		n := p.nodes[i]
		switch {
		case n == nil || n.state != StateUnknown || p.program.Nodes[i].Flow != "":
			state := StatePending
			if n != nil && n.state != "" {
				state = n.state
			}
			return fmt.Errorf("what became of %s is known, it is %s: only a node that is unknown takes an answer", a.Node, state)
		case n.answer != nil:
			return fmt.Errorf("there are two answers for %s", a.Node)
		}
		if user := p.user(i); a.Done && a.ID == "" && user != "" {
			return fmt.Errorf("%s refers to the output of %s: give the identifier of what that has made as well", user, a.Node)
		}
		n.answer = &a
	}
	return nil
}

// user is a node that refers to a node's output and has still to run.
func (p *prior) user(node int) string {
	for i := range p.program.Nodes {
		for _, u := range p.program.Nodes[i].Uses {
			for _, on := range u.On {
				if on == node && !u.Soft && !p.nodes[i].begun() {
					return p.program.Nodes[i].Label
				}
			}
		}
	}
	return ""
}

// answered goes on with a node as a person said.
func (x *execution) answered(node int, a *Answer) {
	n, now := &x.nodes[node], x.now()
	switch {
	case !a.Done:
		// Attempts that may have had an effect are not looked up any more, and
		// those to come have tokens of their own.
		n.base, n.lookup = n.attempt, 0
		n.attempt++
		n.answer = answerAgain
		x.enqueue(call{do: doStart, node: node})
	case a.ID != "":
		n.again = true
		n.answer = answerDone
		x.enqueue(call{do: doStart, node: node, id: a.ID})
	default:
		x.endDone(node, now)
	}
}

// endDone ends a node that a person says has done its work.
func (x *execution) endDone(node int, now time.Time) {
	out := map[string]any{}
	x.leave(node, output{value: expr.Object(), there: true})
	if err := x.didOnce(node, sealedOutput{Output: out}); err != nil {
		x.remark(node, "warning", notNoted(err), now)
	}
	event := &NodeAttempt{Phase: PhaseEnded, State: StateSuccess, Attempt: x.nodes[node].attempt, Answer: answerDone, Output: x.show(out, nil, nil)}
	x.end(node, event, schedule.Success, now)
}
