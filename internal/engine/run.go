package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/diskfull"
	"github.com/nf-lsp/nf-lsp/internal/engine/crash"
	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/engine/journal"
	"github.com/nf-lsp/nf-lsp/internal/engine/schedule"
	"github.com/nf-lsp/nf-lsp/internal/engine/seal"
)

// RunOptions say how a run is to go.
type RunOptions struct {
	// Policy replaces what the document says; empty keeps it.
	Policy Policy
	// ID is the run's ID; empty makes one. Who starts a run in another process
	// chooses it, so as to follow it.
	ID string
	// Source is the hash of the template's text as it is now (see [Source]).
	// Where a run that is gone on with began with another, a remark says that it
	// keeps to that.
	Source string
	// Revision is what is known of the version of the document that a new run is of,
	// beside its text.
	Revision Revision
	// Plan is a plan that a new run carries out: it is compared with the program
	// and the world before, and once more after the run has queued.
	Plan *PlanFile
	// Rehearsal is what the run has to put up with; nil for nothing. A run that is
	// resumed keeps its own, one that is retried has only what is given then.
	Rehearsal *Rehearsal
	// Answers settle what became of nodes that are unknown, when a run is
	// resumed.
	Answers []Answer
	// Patience is how long the run is held in this process while it does nothing but
	// wait for people; 0 is for as long as they take, less is not at all. After it the
	// run has the state approval_wait and nobody executes it, until somebody goes on
	// with it.
	Patience time.Duration
	// Traceparent is the span in which a new run is started, as W3C Trace Context
	// writes it. It is recorded, so that a run that is gone on with stays in its
	// trace.
	Traceparent string
	// Accepted, which may be nil, is called when nothing of the program keeps a new run
	// from being made, and before it is. It does not wait.
	Accepted func()
	// Observers are told everything; of a run that is gone on with also what
	// happened before.
	Observers []Observer
}

// A Result is how a run has ended.
type Result struct {
	ID    string
	State State
	// Error is why it has failed; nil where it has not.
	Error *ErrorInfo
	// Unknown names the nodes that need a person's answer, by their refs, or
	// JSON pointers where they have none.
	Unknown []string
	// Undecided names the nodes that wait for people, in the same way, where the run
	// was left to them: its state then is approval_wait, and it has not concluded.
	Undecided []string
}

// A ForbiddenError says that a run did not start because another one of the
// template is going on.
type ForbiddenError struct{ Run history.Run }

// Error implements error.
func (e *ForbiddenError) Error() string {
	if e.Run.Interrupted && e.Run.Status == string(StateApprovalWait) {
		return fmt.Sprintf("run %s of this template waits for an approval: approve, reject or abort it first", e.Run.ID)
	}
	if e.Run.Interrupted {
		return fmt.Sprintf("run %s of this template was interrupted and has not ended: resume or abort it first", e.Run.ID)
	}
	text := fmt.Sprintf("run %s of this template is going on, and its concurrency policy forbids another", e.Run.ID)
	if e.Run.Silent {
		text += fmt.Sprintf("; its process gives no sign of life: see 'nf-run show %s'", e.Run.ID)
	}
	return text
}

// Run executes a program. It returns when the run has ended, with an error only
// where the run could not be started or recorded: a run that fails has a result.
// When ctx is done the run is aborted, which takes as long as what is going on
// needs to end. A program that cannot run is a [*RefusedError], one that must
// not run now a [*ForbiddenError].
func (e *Engine) Run(ctx context.Context, p *Program, opts RunOptions) (Result, error) {
	e.ready(p)
	if opts.Plan != nil {
		if err := e.CheckPlan(ctx, opts.Plan, p); err != nil {
			return Result{}, err
		}
		planned := *p
		planned.Date = opts.Plan.Date
		p = &planned
	} else if problems, err := e.Preflight(ctx, p); err != nil {
		return Result{}, err
	} else if len(problems) > 0 {
		return Result{}, &RefusedError{problems}
	}
	if err := p.Foresee(opts.Rehearsal); err != nil {
		return Result{}, err
	}
	if opts.Accepted != nil {
		opts.Accepted()
	}
	x, err := e.create(ctx, p, opts)
	if err != nil {
		return Result{}, err
	}
	return e.execute(ctx, x, opts.Observers)
}

// create makes a run: its journal first, which this process owns from then on,
// then its line in the index.
func (e *Engine) create(ctx context.Context, p *Program, opts RunOptions) (*execution, error) {
	now := e.clock().Now()
	run := history.Run{ID: opts.ID, Template: p.Identity, File: p.File, Target: e.Target, Policy: string(p.Policy), Until: p.Until, Teardown: p.Teardown, Rehearsal: opts.Rehearsal.Unreal(), First: p.First,
		Source: p.Source, Commit: opts.Revision.Commit, Modified: opts.Revision.Modified, Version: opts.Revision.Version,
		Status: string(StatePending), CreatedAt: now.UTC().Truncate(time.Microsecond)}
	if run.ID == "" {
		run.ID = history.NewID(now)
	}
	if !history.ValidID(run.ID) {
		return nil, fmt.Errorf("%q cannot be the ID of a run: it takes letters, digits, hyphens and dots", run.ID)
	}
	if opts.Policy != "" {
		run.Policy = string(opts.Policy)
	}
	if run.Policy == "" {
		run.Policy = string(Allow)
	}
	box, wrapped, err := seal.NewBox(e.Store.Sealer())
	if err != nil {
		return nil, err
	}
	rehearsal := opts.Rehearsal
	if rehearsal != nil {
		rehearsal = rehearsal.shownBy(newScope(p, now).masker)
	}
	created := &RunCreated{Template: run.Template, File: run.File, Target: run.Target, Policy: Policy(run.Policy), Program: p.Hash(),
		Until: p.Until, Teardown: p.Teardown, Rehearsal: rehearsal, Planned: p.Date, Revision: RevisionOf(run), Traceparent: opts.Traceparent, Nodes: p.outline()}
	first := journal.Record{At: run.CreatedAt, Type: typeRunCreated, Node: -1}
	if first.Data, err = marshal(created); err != nil {
		return nil, err
	}
	program, err := marshal(p)
	if err != nil {
		return nil, err
	}
	first.Sealed = box.Seal(program, label(first))
	second := journal.Record{At: run.CreatedAt, Type: typeRunState, Node: -1}
	if second.Data, err = marshal(&RunState{State: StatePending}); err != nil {
		return nil, err
	}
	owner, err := journal.Create(ctx, e.Store.RunDir(run.ID), journal.Header{Run: run.ID, Key: wrapped}, []journal.Record{first, second})
	if err != nil {
		return nil, err
	}
	crash.Here(crash.RunCreated)
	if run, err = e.admit(ctx, run); err != nil {
		_ = owner.Close()
		_ = os.RemoveAll(e.Store.RunDir(run.ID))
		return nil, err
	}
	crash.Here(crash.RunIndexed)
	x := e.newExecution(run, p, owner, box, nil)
	x.plan, x.patience = opts.Plan, opts.Patience
	err = x.rehearse(opts.Rehearsal)
	return x, err
}

// Resume goes on with a run whose process is gone, or that stopped because
// something was not known.
func (e *Engine) Resume(ctx context.Context, id string, opts RunOptions) (Result, error) {
	run, err := FindRun(ctx, e.Store, id)
	if err != nil {
		return Result{}, err
	}
	if run.Concluded() && run.Status != string(StateUnknown) {
		return Result{}, fmt.Errorf("%w: there is nothing to resume", &EndedError{run.ID, run.Status})
	}
	if run.Target != e.Target {
		return Result{}, fmt.Errorf("run %s began on target %s and cannot go on on %s", run.ID, run.Target, e.Target)
	}
	x, done, err := e.takeOver(ctx, run, false)
	if err != nil {
		return Result{}, err
	}
	if done != nil {
		return *done, nil
	}
	if err = x.prior.answer(opts.Answers); err == nil {
		err = x.rehearse(x.prior.rehearsal)
	}
	if err == nil && run.Concluded() {
		err = e.reopen(ctx, run)
	}
	if err != nil {
		_ = x.owner.Close()
		return Result{}, fmt.Errorf("run %s: %w", run.ID, err)
	}
	x.source, x.patience = opts.Source, opts.Patience
	return e.execute(ctx, x, opts.Observers)
}

// Retry runs the nodes of an ended run again that did not succeed, and those
// that use their outputs. What has succeeded stays as it is, and so does the
// program: a retry does not look at the template's file. Nodes whose outcome is
// unknown are an [*UnknownError]: a person answers for them first.
func (e *Engine) Retry(ctx context.Context, id string, opts RunOptions) (Result, error) {
	run, err := FindRun(ctx, e.Store, id)
	if err != nil {
		return Result{}, err
	}
	if run.Interrupted {
		run = e.Store.Settle(ctx, run, Describe)
	}
	switch {
	case run.Status == string(StateSuccess):
		return Result{}, fmt.Errorf("run %s has succeeded: there is nothing to retry", run.ID)
	case run.Status == string(StateApprovalWait):
		return Result{}, fmt.Errorf("run %s waits for an approval and has not ended: approve, reject or abort it first", run.ID)
	case run.Interrupted:
		return Result{}, fmt.Errorf("run %s was interrupted and has not ended: resume it first", run.ID)
	case !run.Concluded():
		return Result{}, fmt.Errorf("run %s is going on: it can be retried when it has ended", run.ID)
	case run.Target != e.Target:
		return Result{}, fmt.Errorf("run %s began on target %s and cannot be retried on %s", run.ID, run.Target, e.Target)
	}
	x, _, err := e.takeOver(ctx, run, true)
	if err != nil {
		return Result{}, err
	}
	if names := x.prior.unknown(); len(names) > 0 {
		err = &UnknownError{run.ID, names}
	} else if err = x.rehearse(opts.Rehearsal); err == nil {
		run.Rehearsal = run.Rehearsal || opts.Rehearsal.Unreal()
		err = e.reopen(ctx, run)
	}
	if err == nil {
		x.reset = x.prior.reset()
		x.machine = schedule.New(x.program.schedule()) // iterations may be gone
	}
	if err != nil {
		_ = x.owner.Close()
		return Result{}, err
	}
	x.source, x.patience = opts.Source, opts.Patience
	return e.execute(ctx, x, opts.Observers)
}

// reopen puts a run that had ended back among those that go on, if its policy
// allows: a run that goes on again cannot queue, for its place is before all that
// came after it.
func (e *Engine) reopen(ctx context.Context, run history.Run) error {
	if err := e.settle(ctx, run.Template); err != nil {
		return err
	}
	err := e.Store.Reopen(ctx, run, func(others []history.Run) error {
		if Policy(run.Policy) != Allow && len(others) > 0 {
			return &ForbiddenError{others[0]}
		}
		return nil
	})
	if err == nil {
		crash.Here(crash.Reopened)
	}
	return err
}

// takeOver becomes the owner of a run and reads its journal. Where that says
// that the run has ended after all, the index is set right and done is its end;
// a run that is retried goes on all the same.
func (e *Engine) takeOver(ctx context.Context, run history.Run, retry bool) (x *execution, done *Result, err error) {
	owner, err := journal.Take(ctx, e.Store.RunDir(run.ID))
	if errors.Is(err, journal.ErrOwned) {
		if by := holder(ctx, e.Store.RunDir(run.ID)); by != nil {
			return nil, nil, &OwnedError{run.ID, by}
		}
	}
	if err != nil {
		return nil, nil, fmt.Errorf("run %s: %w", run.ID, err)
	}
	crash.Here(crash.Owned)
	defer func() {
		if x == nil {
			_ = owner.Close()
		}
	}()
	box, err := seal.OpenBox(e.Store.Sealer(), owner.Header().Key)
	if err != nil {
		return nil, nil, fmt.Errorf("run %s cannot be resumed: %w", run.ID, err)
	}
	past, err := loadPrior(ctx, owner, box)
	if err != nil {
		return nil, nil, err
	}
	run.CreatedAt, run.StartedAt = past.at, past.started
	if !retry && past.state != nil && past.state.Concluded && past.state.State != StateUnknown {
		e.Store.Settle(ctx, run, Describe)
		return nil, &Result{ID: run.ID, State: past.state.State, Error: past.state.Error}, nil
	}
	if past.state != nil && past.state.Concluded {
		if err := dropRequests(owner); err != nil {
			return nil, nil, err
		}
	}
	x = e.newExecution(run, past.program, owner, box, past)
	if at := past.program.Remote; at != nil {
		if retry || e.Remotes == nil {
			x = nil
			return nil, nil, fmt.Errorf("run %s: %w", run.ID, ErrRemote)
		}
		if x.remote, err = e.Remotes(*at, run.ID); err != nil {
			x = nil
			return nil, nil, fmt.Errorf("run %s: %w", run.ID, err)
		}
	}
	for _, v := range past.kept {
		x.scope.masker.add(v)
	}
	if !retry && past.state != nil && past.state.State == StateAborting {
		x.stopFirst = past.state.Reason
	}
	return x, nil, nil
}

// execute waits for the turn of a run that this process owns, runs it and
// concludes it.
func (e *Engine) execute(ctx context.Context, x *execution, observers []Observer) (Result, error) {
	tell := newDispatcher(observers)
	defer tell.close()
	return e.executeBeside(ctx, x, tell)
}

// executeBeside executes a run whose observers may be told of other runs too: all
// goes through the one dispatcher, since an observer takes one event at a time.
func (e *Engine) executeBeside(ctx context.Context, x *execution, tell *dispatcher) (result Result, err error) {
	x.tell = tell
	defer func() {
		if x.helping == nil {
			return
		}
		if helped := <-x.helping; err == nil {
			err = helped
		}
	}()
	stop := make(chan struct{})
	defer func() {
		close(stop)
		closed := x.owner.Close()
		if err == nil {
			err = closed
		}
		err = x.whenThereIsRoom(err)
		x.engine.tidy(ctx, x.run.Template)
	}()
	if err := x.publishPast(ctx); err != nil {
		return Result{}, err
	}
	requests := watchRequests(x.owner, stop)
	result.ID = x.run.ID
	turn := true
	if x.stopFirst == "" {
		if turn, err = x.awaitTurn(ctx, requests); err != nil {
			return result, err
		}
	}
	outcome := schedule.Aborted
	if turn && x.stopFirst == "" {
		if why := x.outdated(ctx); why != nil {
			x.failure = why
			return x.conclude(ctx, schedule.Failure)
		}
	}
	if turn {
		if err := x.begin(ctx); err != nil {
			return result, err
		}
		proceed := x.loop
		if x.remote != nil {
			proceed = x.mirror
		}
		if outcome, err = proceed(ctx, requests); err != nil {
			return result, err
		}
		if outcome == schedule.Running {
			return x.leaveToPeople()
		}
	}
	return x.conclude(ctx, outcome)
}

// whenThereIsRoom says of a run that a full disk has stopped how it goes on.
func (x *execution) whenThereIsRoom(err error) error {
	var full *diskfull.Error
	if !errors.As(err, &full) {
		return err
	}
	return fmt.Errorf("run %s has stopped: %w; resume it when there is room", x.run.ID, err)
}

// outdated tells why the plan that the run carries out does not fit any more,
// after a time in a queue; nil where it fits, or where there is none.
func (x *execution) outdated(ctx context.Context) *ErrorInfo {
	switch {
	case x.program.Date.IsZero() || x.prior != nil && !x.prior.started.IsZero():
		return nil
	case x.plan == nil:
		return &ErrorInfo{Message: "it was to carry out a plan, and its process was gone before it began: carry the plan out again"}
	case !Policy(x.run.Policy).waits():
		return nil // it was looked at a moment ago
	}
	if err := x.engine.CheckPlan(ctx, x.plan, x.program); err != nil {
		return x.scope.masker.explain(err, nil)
	}
	return nil
}

// tidy removes old runs of a template. What cannot be removed is tried again after
// the next run: no run fails for it.
func (e *Engine) tidy(ctx context.Context, template string) {
	if e.Retention != nil {
		_, _ = e.Store.Prune(context.WithoutCancel(ctx), template, *e.Retention, time.Now(), false)
	}
}

// publishPast tells the observers what is in the journal already.
func (x *execution) publishPast(ctx context.Context) error {
	if len(x.tell.observers) == 0 {
		return nil
	}
	return x.owner.Read(context.WithoutCancel(ctx), 0, func(r journal.Record) error {
		p, err := payloadOf(r)
		if err == nil {
			x.publish([]entry{{r, p, x.nameOf(r.Node)}}, []journal.Record{r})
		}
		return err
	})
}

// begin records that the run is running.
func (x *execution) begin(ctx context.Context) error {
	now := x.now()
	resumed := x.prior != nil && !x.prior.started.IsZero()
	if x.run.StartedAt.IsZero() {
		x.run.StartedAt = x.shown(now)
	}
	x.run.Status, x.run.ConcludedAt, x.run.Error = string(StateRunning), time.Time{}, ""
	state := &RunState{State: StateRunning, Resumed: resumed}
	if resumed {
		state.Rehearsal = x.rehearsal.shownBy(x.scope.masker)
	}
	x.note(-1, 0, state, nil, now)
	if x.source != "" && x.program.Source != "" && x.source != x.program.Source {
		x.remark(-1, "warning", "the template has changed since the run began: it goes on as it was then; a new run takes the changes in", now)
	}
	for _, i := range x.reset {
		x.note(i, 0, &NodeState{State: StatePending}, nil, now)
	}
	return x.engine.Store.Update(context.WithoutCancel(ctx), x.run)
}

// conclude records how the run has ended, in the journal and then in the index.
func (x *execution) conclude(ctx context.Context, outcome schedule.State) (Result, error) {
	state := &RunState{State: stateOf(outcome), Reason: x.reason, Concluded: true}
	if state.State == StateFailure || state.State == StateUnknown {
		state.Error = x.failure
	}
	result := Result{ID: x.run.ID, State: state.State, Error: state.Error}
	for i := range x.program.Nodes {
		if n := &x.program.Nodes[i]; n.Flow == "" && x.machine.State(i) == schedule.Unknown {
			result.Unknown = append(result.Unknown, n.name())
		}
	}
	now := x.now()
	x.note(-1, 0, state, nil, now)
	if err := x.settleDown(); err != nil {
		return result, err
	}
	crash.Here(crash.Concluded)
	if outcome == schedule.Success {
		if err := x.forgetOnce(ctx); err != nil {
			return result, err
		}
	}
	x.run.Status, x.run.ConcludedAt = string(state.State), x.newest
	if state.Error != nil {
		x.run.Error = state.Error.Message
	}
	return result, x.engine.Store.Update(context.WithoutCancel(ctx), x.run)
}

// settleDown hands over what is left of the records and returns when they are durable.
func (x *execution) settleDown() error {
	if len(x.entries) == 0 {
		done := make(chan error, 1)
		x.owner.Append(journal.Addition{Done: func(err error) { done <- err }, Urgent: true})
		return <-done
	}
	durable := make(chan struct{})
	x.after = append(x.after, func() { close(durable) })
	x.flush()
	select {
	case <-durable:
		return nil
	case err := <-x.broken:
		return err
	}
}
