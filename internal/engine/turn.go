package engine

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/engine/journal"
)

// turnPoll is how often a queued run looks whether its turn has come.
const turnPoll = 30 * time.Millisecond

// waits tells whether a run with the policy waits for earlier ones.
func (p Policy) waits() bool { return p == Queue || p == Latest || p == Replace }

// Valid tells whether there is such a policy.
func (p Policy) Valid() bool {
	switch p {
	case Allow, Queue, Forbid, Latest, Replace:
		return true
	}
	return false
}

// admit puts a run into the index if its policy allows, and asks those to end
// whose place it takes.
func (e *Engine) admit(ctx context.Context, run history.Run) (history.Run, error) {
	policy := Policy(run.Policy)
	if !policy.Valid() {
		return run, fmt.Errorf("there is no concurrency policy %q: it is one of allow, queue, forbid, latest and replace", run.Policy)
	}
	if policy == Forbid {
		if err := e.settle(ctx, run.Template); err != nil {
			return run, err
		}
	}
	run, err := e.Store.Add(ctx, run, func(earlier []history.Run) error {
		if policy == Forbid && len(earlier) > 0 {
			return &ForbiddenError{earlier[0]}
		}
		return nil
	})
	if err != nil || policy != Latest && policy != Replace {
		return run, err
	}
	earlier, err := e.Store.Before(ctx, run)
	if err != nil {
		return run, err
	}
	for _, r := range earlier {
		if !r.Interrupted && e.displaces(policy, r) {
			q := journal.Request{Kind: requestAbort, Reason: "run " + run.ID + " takes its place", At: e.clock().Now()}
			if err := journal.Ask(e.Store.RunDir(r.ID), q); err != nil {
				return run, err
			}
		}
	}
	return run, nil
}

// settle sets the index right where processes of a template died: a run that had
// ended by then holds nobody up.
func (e *Engine) settle(ctx context.Context, template string) error {
	runs, err := e.Store.Before(ctx, history.Run{Template: template, Seq: math.MaxInt64})
	if err != nil {
		return err
	}
	for _, r := range runs {
		if r.Interrupted {
			e.Store.Settle(ctx, r, Describe)
		}
	}
	return nil
}

// displaces tells whether a new run with the policy ends an earlier one.
func (e *Engine) displaces(policy Policy, earlier history.Run) bool {
	if policy == Replace {
		return true
	}
	return policy == Latest && (earlier.Status == string(StatePending) || earlier.Status == string(StateQueued))
}

// awaitTurn holds the run until no earlier run of its template is left. It
// returns false when the run is not to begin at all. An earlier run whose
// process is gone is gone on with here.
func (x *execution) awaitTurn(ctx context.Context, requests <-chan journal.Request) (bool, error) {
	policy := Policy(x.run.Policy)
	if !policy.waits() {
		return true, nil
	}
	behind, silent := "", false
	for {
		if ctx.Err() != nil {
			x.reason = interrupted
			return false, nil //nolint:nilerr // the run is aborted, which is no failure
		}
		earlier, err := x.engine.Store.Before(context.WithoutCancel(ctx), x.run)
		if err != nil {
			return false, err
		}
		if len(earlier) == 0 {
			return true, nil
		}
		first := earlier[0]
		if first.ID != behind || first.Silent != silent {
			behind, silent = first.ID, first.Silent
			if err := x.queued(ctx, behind, silent); err != nil {
				return false, err
			}
		}
		pause := turnPoll
		if resting := first.Interrupted && !x.engine.displaces(policy, first) && x.engine.rests(ctx, first); resting {
			pause = restPoll
		} else if first.Interrupted {
			aborted, err := x.finishFirst(ctx, first, policy, requests)
			if err != nil {
				return false, fmt.Errorf("run %s of this template was interrupted and cannot be gone on with: %w", first.ID, err)
			}
			if aborted {
				return false, nil
			}
			continue
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		case q := <-requests:
			if x.abortsWaiting(q) {
				return false, nil
			}
		}
	}
}

// abortsWaiting takes a request, and tells whether it ends a run that has not begun.
func (x *execution) abortsWaiting(q journal.Request) bool {
	if q.Kind != requestAbort {
		return false
	}
	x.reason = q.Reason
	x.after = append(x.after, func() { _ = x.owner.Done(q) })
	return true
}

// finishFirst goes on with the run in front of this one, whose process is gone. It
// tells whether this one was aborted in the meantime: then the other one goes on, and
// the process waits for it (see helping).
func (x *execution) finishFirst(ctx context.Context, first history.Run, policy Policy, requests <-chan journal.Request) (aborted bool, err error) {
	finished := make(chan error, 1)
	go func() { finished <- x.engine.finish(ctx, first, policy, x.tell) }()
	for {
		select {
		case err := <-finished:
			return false, err
		case q := <-requests:
			if x.abortsWaiting(q) {
				x.helping = finished
				return true, nil
			}
		}
	}
}

// queued records what the run waits for, and who holds it up where that is silent.
func (x *execution) queued(ctx context.Context, behind string, silent bool) error {
	reason := "waiting for run " + behind
	if silent {
		if by := holder(ctx, x.engine.Store.RunDir(behind)); by != nil && by.Silent {
			reason += fmt.Sprintf(", which %s is executing; %s", by, by.Silence())
		}
	}
	x.note(-1, 0, &RunState{State: StateQueued, Reason: reason}, nil, x.now())
	x.flush()
	if x.run.Status == string(StateQueued) {
		return nil
	}
	x.run.Status = string(StateQueued)
	return x.engine.Store.Update(context.WithoutCancel(ctx), x.run)
}

// finish goes on with an earlier run whose process is gone or, where the policy
// says so, ends it.
func (e *Engine) finish(ctx context.Context, run history.Run, policy Policy, tell *dispatcher) error {
	if run = e.Store.Settle(ctx, run, Describe); run.Concluded() {
		return nil
	}
	if run.Target != e.Target {
		return fmt.Errorf("it began on target %s", run.Target)
	}
	x, done, err := e.takeOver(ctx, run, false)
	if errors.Is(err, journal.ErrOwned) {
		return nil // somebody else goes on with it
	}
	if err != nil || done != nil {
		return err
	}
	if err := x.rehearse(x.prior.rehearsal); err != nil {
		_ = x.owner.Close()
		return err
	}
	if e.displaces(policy, run) && x.stopFirst == "" {
		x.stopFirst = "another run takes its place"
	}
	x.patience = -1 // whoever waits for it looks after it
	_, err = e.executeBeside(ctx, x, tell)
	return err
}

// Abort asks for the end of a run. Where a process executes it, that process
// does it in its own time; where none does, the run is ended here.
func (e *Engine) Abort(ctx context.Context, id, reason string, opts RunOptions) error {
	run, err := FindRun(ctx, e.Store, id)
	if err != nil {
		return err
	}
	if run.Interrupted {
		run = e.Store.Settle(ctx, run, Describe)
	}
	if run.Concluded() {
		return &EndedError{run.ID, run.Status}
	}
	x, done, err := e.takeOver(ctx, run, false)
	switch {
	case errors.Is(err, journal.ErrOwned):
		return journal.Ask(e.Store.RunDir(run.ID), journal.Request{Kind: requestAbort, Reason: reason, At: e.clock().Now()})
	case err != nil || done != nil:
		return err
	}
	x.stopFirst = reason
	_, err = e.execute(ctx, x, opts.Observers)
	return err
}

// An EndedError says that a run that was to be aborted or resumed had ended.
type EndedError struct{ Run, Status string }

// Error implements error.
func (e *EndedError) Error() string {
	return fmt.Sprintf("run %s has ended already (%s)", e.Run, e.Status)
}
