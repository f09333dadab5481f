package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine/journal"
	"github.com/nf-lsp/nf-lsp/internal/engine/schedule"
	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// A Remote is a run of a document that the platform executes itself.
type Remote interface {
	// Begin starts the run unless it has begun, which it finds out where it may
	// have: the first call of a process that has made the run is told that it cannot.
	Begin(ctx context.Context, mayHave bool) error
	// State returns how the run and its nodes stand.
	State(ctx context.Context) (platform.RunState, []platform.RunNode, error)
	// Abort asks for the end of the run.
	Abort(ctx context.Context) error
}

// A RemoteRun says where a [Remote] is found again. The id of the run in the history
// is the other half of that: it travels in the arguments of the remote run.
type RemoteRun struct {
	// Family is what the platform calls documents of the kind, Path the parameters
	// that lead to the document.
	Family string            `json:"family"`
	Path   map[string]string `json:"path"`
	// Run is the platform's id of a run that somebody else has started; empty for
	// one that is started from here.
	Run string `json:"run,omitempty"`
	// Arguments are given to a run that is started from here. They may be secrets.
	Arguments map[string]any `json:"arguments,omitempty"`
	// Request is what else is said when the run is started.
	Request map[string]any `json:"request,omitempty"`
}

// ErrRemote says that a run is executed by the platform, so that only following and
// aborting it is possible here.
var ErrRemote = errors.New("the platform executes this run: it can be followed and aborted, and run again there")

// MirrorProgram makes a program of a document that somebody else executes: its nodes
// as they are shown, and nothing of what they do.
func MirrorProgram(p *Program, at RemoteRun) *Program {
	mirror := &Program{Format: programFormat, Identity: p.Identity, File: p.File, Type: p.Type, Remote: &at, Nodes: make([]Node, len(p.Nodes))}
	if p.Format > mirror.Format {
		mirror.Format = p.Format // of loops
	}
	for i := range p.Nodes {
		n := &p.Nodes[i]
		mirror.Nodes[i] = Node{Path: n.Path, Kind: n.Kind, Ref: n.Ref, Label: n.Label, Parent: n.Parent, Flow: n.Flow, Place: n.Path, Context: -1, Pattern: n.Pattern}
	}
	return mirror
}

// Mirror has the platform execute a run of a program that [MirrorProgram] has made,
// and records what it tells of it, as if the run took place here. Like [Engine.Run]
// it returns when the run has ended, and asks the platform for its end when ctx is
// done. A run whose recording was cut off is gone on with by [Engine.Resume].
func (e *Engine) Mirror(ctx context.Context, p *Program, remote Remote, opts RunOptions) (Result, error) {
	opts.Policy = Allow // the platform has its own queue
	x, err := e.create(ctx, p, opts)
	if err != nil {
		return Result{}, err
	}
	x.remote = remote
	return e.execute(ctx, x, opts.Observers)
}

// The times between two looks at a remote run: short while something happens.
const (
	mirrorSoon = 300 * time.Millisecond
	mirrorLate = 5 * time.Second
)

// mirror follows the remote run to its end.
func (x *execution) mirror(ctx context.Context, requests <-chan journal.Request) (schedule.State, error) {
	calls := context.WithoutCancel(ctx)
	seen := make([]mirrored, len(x.program.Nodes))
	byPath := make(map[string]int, len(seen))
	for i := range seen {
		byPath[x.program.Nodes[i].Path] = i
		if past := x.prior.node(i); past != nil {
			seen[i] = mirrored{past.state, past.attempt}
		}
	}
	begun, pause, mayHave := false, mirrorSoon, x.prior != nil
	asked := false // for the end
	if x.stopFirst != "" {
		x.stop(x.stopFirst)
	}
	for {
		before := len(x.entries)
		var state platform.RunState
		var nodes []platform.RunNode
		var err error
		if !begun {
			err = x.remote.Begin(calls, mayHave)
			begun, mayHave = err == nil, true
		}
		if err == nil && x.aborting && !asked {
			if err = x.remote.Abort(calls); err == nil || refusedForGood(err) {
				asked, err = true, nil // a refusal says that it has ended
			}
		}
		if err == nil {
			state, nodes, err = x.remote.State(calls)
		}
		switch {
		case err != nil && refusedForGood(err):
			x.failed(x.scope.masker.explain(err, nil))
			if !begun {
				return schedule.Failure, nil
			}
			return schedule.Unknown, nil
		case err != nil:
			pause = min(2*pause, mirrorLate)
		default:
			for i := range nodes {
				at, known := byPath[nodes[i].Path]
				if !known || x.program.Nodes[at].Pattern && x.program.begun(at) {
					continue // the iterations of a loop stand for what stands in it
				}
				if first := x.iterate(at, &nodes[i]); first > 0 {
					seen = append(seen[:first:first], make([]mirrored, len(x.program.Nodes)-first)...)
					for k := first; k < len(x.program.Nodes); k++ {
						byPath[x.program.Nodes[k].Path] = k
					}
				}
				x.reflect(at, &seen[at], &nodes[i])
			}
		}
		if state.Concluded {
			if state.Error != "" {
				x.failed(&ErrorInfo{Message: x.scope.masker.hide(state.Error)})
			}
			return outcomeOf(State(state.Status)), nil
		}
		if len(x.entries) > before {
			pause = mirrorSoon
		} else if err == nil {
			pause = min(pause*3/2, mirrorLate)
		}
		x.flush()
		canceled := ctx.Done()
		if x.aborting {
			canceled = nil
		}
		select {
		case <-time.After(pause):
		case q := <-requests:
			if q.Kind == requestAbort {
				x.stop(q.Reason)
			}
			x.served(q)
		case <-canceled:
			x.stop(interrupted)
		case err := <-x.broken:
			return 0, err
		}
	}
}

// iterate records the iterations of a loop that the platform tells of, once, and returns
// the index of the first of their nodes; 0 where there is nothing new.
func (x *execution) iterate(loop int, n *platform.RunNode) int {
	if x.program.Nodes[loop].Flow != Loop || len(n.Iterations) == 0 {
		return 0
	}
	if _, done := x.program.unfolded[loop]; done {
		return 0
	}
	rounds, event, sealed := roundsOf(n)
	first, err := x.program.unfold(loop, rounds)
	if err != nil {
		return 0 // more than can be shown
	}
	event.First, event.Nodes = first, x.program.outlineFrom(first)
	x.grow(first)
	x.note(loop, 0, event, sealed, x.now())
	x.machine.Extend(x.program.scheduled(first))
	return first
}

// roundsOf are the iterations of a loop that the platform tells of: their names, not
// their data.
func roundsOf(n *platform.RunNode) ([]round, *NodeIterations, []sealedRound) {
	rounds, event, sealed := make([]round, len(n.Iterations)), &NodeIterations{Iterations: make([]IterationData, len(n.Iterations))}, make([]sealedRound, len(n.Iterations))
	for i, it := range n.Iterations {
		rounds[i].name, event.Iterations[i].Name, sealed[i].Name = it.Name, it.Name, it.Name
	}
	return rounds, event, sealed
}

// stop notes that the end of the remote run is asked for.
func (x *execution) stop(reason string) {
	if x.aborting {
		return
	}
	x.aborting, x.reason = true, reason
	x.note(-1, 0, &RunState{State: StateAborting, Reason: reason}, nil, x.now())
}

// refusedForGood tells whether asking again is of no use.
func refusedForGood(err error) bool {
	status := platform.StatusOf(err)
	return status >= 400 && status < 500 && status != 408 && status != 429
}

func outcomeOf(s State) schedule.State {
	switch s {
	case StateSuccess:
		return schedule.Success
	case StateSkipped:
		return schedule.Skipped
	case StateFailure:
		return schedule.Failure
	case StateAborted:
		return schedule.Aborted
	}
	return schedule.Unknown
}

// mirrored is what was last recorded of a remote node.
type mirrored struct {
	state   State
	attempt int
}

// reflect records what is new of a node.
func (x *execution) reflect(node int, seen *mirrored, n *platform.RunNode) {
	state := State(n.Status)
	attempt := max(n.Attempts, seen.attempt)
	if state == "" || state == StatePending || state == seen.state && attempt == seen.attempt {
		return
	}
	now := x.now()
	var problem *ErrorInfo
	if n.Error != "" {
		problem = &ErrorInfo{Code: n.Code, Message: x.scope.masker.hide(n.Error)}
	}
	if state == StateFailure && problem != nil {
		x.failed(problem)
	}
	definition := &x.program.Nodes[node]
	if definition.Flow != "" || state == StateSkipped || state == StateAborted && attempt == 0 {
		x.note(node, 0, &NodeState{State: state, Error: problem}, nil, now)
		*seen = mirrored{state, attempt}
		return
	}
	attempt = max(attempt, 1)
	if attempt > seen.attempt || seen.state.Ended() && !state.Ended() {
		x.note(node, attempt, &NodeAttempt{Phase: PhaseStarted, State: StateRunning, Attempt: attempt, MaxAttempts: n.MaxAttempts}, nil, now)
	}
	switch {
	case state == StateSuccess:
		x.note(node, attempt, &NodeAttempt{Phase: PhaseEnded, State: state, Attempt: attempt, Output: x.remoteOutput(definition.Kind, n)}, nil, now)
	case state.Ended() || state == StateRetrying:
		x.note(node, attempt, &NodeAttempt{Phase: PhaseEnded, State: state, Attempt: attempt, Error: problem}, nil, now)
	case state != StateRunning:
		x.note(node, attempt, &NodeAttempt{Phase: PhaseProgress, State: state, Attempt: attempt, Subject: fmt.Sprintf("%s on the platform", definition.Label)}, nil, now)
	}
	*seen = mirrored{state, attempt}
}

// remoteOutput is a node's output for readers, as far as the platform shows it.
func (x *execution) remoteOutput(kind string, n *platform.RunNode) []byte {
	var output map[string]any
	if n.Data == nil || json.Unmarshal(n.Data, &output) != nil {
		return nil
	}
	return x.show(output, platform.OutputSecrets(kind, output), nil)
}

// RemoteView is how a run of the platform stands that is not followed: nodes as they
// are, with their last attempts.
func RemoteView(p *Program, id, target string, state platform.RunState, nodes []platform.RunNode) *RunView {
	v := &RunView{ID: id, Template: p.Identity, File: p.File, Target: target, Status: State(state.Status), Concluded: state.Concluded,
		CreatedAt: state.StartedAt, StartedAt: state.StartedAt, ConcludedAt: state.ConcludedAt}
	if state.Error != "" {
		v.Error = &ErrorInfo{Message: state.Error}
	}
	for _, o := range p.outline() {
		v.Nodes = append(v.Nodes, NodeView{Outline: o, State: StatePending})
	}
	p = p.own() // loops unfold
	for i := range nodes {
		n := &nodes[i]
		at := v.Position(n.Path)
		if at >= 0 && v.Nodes[at].Flow == Loop && len(n.Iterations) > 0 {
			loop := slices.IndexFunc(p.Nodes, func(known Node) bool { return known.Path == n.Path })
			rounds, event, _ := roundsOf(n)
			if first, err := p.unfold(loop, rounds); err == nil {
				event.First, event.Nodes = first, p.outlineFrom(first)
				v.unfold(at, event)
			}
		}
		if at < 0 || n.Status == "" {
			continue
		}
		view := &v.Nodes[at]
		view.State, view.StartedAt, view.EndedAt = State(n.Status), n.StartedAt, n.EndedAt
		if n.Error != "" {
			view.Error = &ErrorInfo{Code: n.Code, Message: n.Error}
		}
		if view.Flow != "" || n.Attempts == 0 {
			continue
		}
		attempt := AttemptView{Attempt: n.Attempts, MaxAttempts: n.MaxAttempts, State: view.State, StartedAt: n.StartedAt, EndedAt: n.EndedAt, Error: view.Error}
		var output map[string]any
		if n.Data != nil && json.Unmarshal(n.Data, &output) == nil {
			attempt.Response, _ = marshal(masked(valueOf(output, platform.OutputSecrets(view.Kind, output)), output))
		}
		view.Attempts = []AttemptView{attempt}
	}
	return v
}
