package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/engine/journal"
	"github.com/nf-lsp/nf-lsp/internal/engine/schedule"
	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// kindApproval is the kind of nodes that wait for people. They are the engine's own:
// no operation of the platform gives an approval.
const kindApproval = "Approval"

// An Approval is how a node that waits for people stands.
type Approval struct {
	// Needed is how many people have to approve.
	Needed int `json:"needed"`
	// Given are the approvals so far, at most one of each person, in the order in
	// which they came.
	Given []Decision `json:"given,omitempty"`
	// Rejected is the decision against it that has ended the node; nil for none.
	Rejected *Decision `json:"rejected,omitempty"`
}

// A Decision is what a person has said.
type Decision struct {
	// By is who: the user of the operating system, or the name of a token.
	By string    `json:"by"`
	At time.Time `json:"at"`
	// Reason is what they have said about it; it may be empty.
	Reason string `json:"reason,omitempty"`
}

// Missing is how many more people have to approve.
func (a *Approval) Missing() int { return max(0, a.Needed-len(a.Given)) }

// By names who has approved, in order.
func (a *Approval) By() []string {
	names := make([]string, len(a.Given))
	for i, d := range a.Given {
		names[i] = d.By
	}
	return names
}

func (a *Approval) has(by string) bool {
	return slices.ContainsFunc(a.Given, func(d Decision) bool { return d.By == by })
}

// asShown is the approval as a record holds it, which no later decision changes.
func (a *Approval) asShown() *Approval {
	out := *a
	out.Given = slices.Clone(a.Given)
	return &out
}

// The kinds of the requests that tell a run what a person has decided.
const (
	requestApprove = "approve"
	requestReject  = "reject"
)

// byRehearsal is who approves where a rehearsal says that people do.
const byRehearsal = "rehearsal"

// ask has a node wait for people. started is the record of its intent.
func (x *execution) ask(node int, req platform.NodeRequest, started *NodeAttempt, now time.Time) {
	n := &x.nodes[node]
	amount, _ := jsonvalue.Number(req.Spec, "amount")
	a := &Approval{Needed: max(0, int(amount))}
	x.note(node, n.attempt, started, nil, now)
	n.due = time.Time{}
	if seconds, _ := jsonvalue.Number(req.Node, "timeoutDuration"); seconds > 0 {
		n.due = now.Add(time.Duration(seconds * float64(time.Second)))
	}
	if x.rehearsal != nil && x.rehearsal.Approve {
		for len(a.Given) < a.Needed {
			a.Given = append(a.Given, Decision{By: byRehearsal, At: x.onWall(now)})
		}
	}
	x.await(node, a)
	waiting := &NodeAttempt{Phase: PhaseWaiting, State: StateApprovalWait, Attempt: n.attempt, Action: platform.ActionWait,
		Subject: people(a.Needed), Approval: a.asShown()}
	if !n.due.IsZero() {
		waiting.Deadline = x.onWall(n.due)
	}
	x.note(node, n.attempt, waiting, nil, now)
	switch f := x.rehearsed(node, n.attempt); {
	case f != nil:
		x.reject(node, Decision{By: byRehearsal, At: x.onWall(now), Reason: x.scope.masker.hide(f.Reason)}, now)
	case a.Missing() == 0:
		x.approved(node, now)
	}
}

// confirm has a node that is under way wait for a person, who is told what comes next.
func (x *execution) confirm(node int, what string, now time.Time) {
	n := &x.nodes[node]
	a := &Approval{Needed: 1}
	if x.rehearsal != nil && x.rehearsal.Approve {
		a.Given = []Decision{{By: byRehearsal, At: x.onWall(now)}}
	}
	n.due, n.detail = time.Time{}, what
	x.await(node, a)
	x.note(node, n.attempt, &NodeAttempt{Phase: PhaseWaiting, State: StateApprovalWait, Attempt: n.attempt, Action: n.action,
		Subject: x.scope.masker.hide(n.wait.Subject), Detail: x.scope.masker.hide(what), Approval: a.asShown()}, sealedWait{n.wait, n.secret, n.private}, now)
	if a.Missing() == 0 {
		x.approved(node, now)
	}
}

// confirmed goes on with a node that a person has approved.
func (x *execution) confirmed(node int, now time.Time) {
	n := &x.nodes[node]
	a := n.approval.asShown()
	n.approval, n.sleeps, n.detail = nil, false, ""
	x.asked--
	n.due = now.Add(x.program.Nodes[node].timeout(n.wait))
	x.note(node, n.attempt, &NodeAttempt{Phase: PhaseProgress, State: StateWaiting, Attempt: n.attempt, Subject: x.scope.masker.hide(n.wait.Subject),
		Deadline: x.onWall(n.due), Approval: a}, nil, now)
	x.wake(node, now)
}

// people says whose approval is waited for.
func people(needed int) string {
	if needed == 1 {
		return "the approval of a person"
	}
	return fmt.Sprintf("the approval of %d people", needed)
}

// await takes down that a node waits for people.
func (x *execution) await(node int, a *Approval) {
	n := &x.nodes[node]
	n.approval = a
	x.asked++
	if !n.due.IsZero() {
		x.wake(node, n.due)
	}
}

// decide takes what a person has said of a node. What does not fit how the node
// stands is passed over: who says it has looked at that before, so it was said twice,
// or too late.
func (x *execution) decide(q journal.Request) {
	node := slices.IndexFunc(x.program.Nodes, func(n Node) bool { return n.Path == q.Node })
	if node < 0 {
		return
	}
	n, now := &x.nodes[node], x.now()
	if n.approval == nil || q.Attempt != n.attempt || !n.due.IsZero() && q.At.After(x.onWall(n.due)) {
		return
	}
	d := Decision{By: q.By, At: q.At.UTC().Truncate(time.Microsecond), Reason: x.scope.masker.hide(q.Reason)}
	if q.Kind == requestReject {
		x.reject(node, d, now)
		return
	}
	if n.approval.has(d.By) {
		return
	}
	n.approval.Given = append(n.approval.Given, d)
	if n.approval.Missing() > 0 {
		x.note(node, n.attempt, &NodeAttempt{Phase: PhaseProgress, State: StateApprovalWait, Attempt: n.attempt, Subject: people(n.approval.Needed),
			Approval: n.approval.asShown()}, nil, now)
		return
	}
	x.approved(node, now)
}

// approved ends a node that enough people have approved, or goes on with what they
// have approved.
func (x *execution) approved(node int, now time.Time) {
	n := &x.nodes[node]
	if n.wait != nil {
		x.confirmed(node, now)
		return
	}
	x.leave(node, output{value: expr.Object(), there: true})
	x.end(node, &NodeAttempt{Phase: PhaseEnded, State: StateSuccess, Attempt: n.attempt, Action: platform.ActionWait, Output: []byte("{}"),
		Approval: n.approval.asShown()}, schedule.Success, now)
}

// reject ends a node that somebody is against. It is not tried again: who says no
// does not mean to be asked three times.
func (x *execution) reject(node int, d Decision, now time.Time) {
	a := x.nodes[node].approval.asShown()
	a.Rejected = &d
	message := "it was rejected by " + d.By
	if d.Reason != "" {
		message += ": " + d.Reason
	}
	x.denied(node, a, message, now)
}

func (x *execution) denied(node int, a *Approval, message string, now time.Time) {
	event := &NodeAttempt{Phase: PhaseEnded, State: StateFailure, Attempt: x.nodes[node].attempt, Error: &ErrorInfo{Message: message}, Approval: a}
	x.failed(event.Error)
	x.end(node, event, schedule.Failure, now)
}

// late ends a node whose people have not decided in time. Decisions count that were
// made in time, though nobody executed the run to take them.
func (x *execution) late(node int, now time.Time) {
	n := &x.nodes[node]
	if requests, err := x.owner.Requests(); err == nil {
		for _, q := range requests {
			if isDecision(q) && q.Node == x.program.Nodes[node].Path && n.approval != nil {
				x.decide(q)
			}
		}
	}
	if n.approval == nil {
		return
	}
	message := "nobody has decided in time"
	if len(n.approval.Given) > 0 {
		message = fmt.Sprintf("only %d of %d people have approved in time", len(n.approval.Given), n.approval.Needed)
	}
	x.denied(node, n.approval.asShown(), message, now)
}

func isDecision(q journal.Request) bool { return q.Kind == requestApprove || q.Kind == requestReject }

// onlyPeople tells whether nothing goes on any more but waiting for people.
func (x *execution) onlyPeople() bool {
	if x.asked == 0 || x.inflight > 0 || x.aborting || x.first < len(x.ready) {
		return false
	}
	for i := range x.nodes {
		if n := &x.nodes[i]; n.sleeps && n.approval == nil {
			return false
		}
	}
	return true
}

// A rest is what is to be done with a run in which nothing may go on but waiting.
type rest uint8

const (
	restOn    rest = iota // wait for what comes
	restHeard             // something was asked for: see what follows from it
	restOver              // give the run up, to be gone on with when people have decided
)

// rest records whether the run as a whole waits for people, where that has changed,
// and tells what is to be done with it.
func (x *execution) rest(ctx context.Context) (rest, error) {
	resting, now := x.onlyPeople(), x.now()
	if resting != x.resting {
		state := &RunState{State: StateRunning}
		if x.resting = resting; resting {
			x.restsSince = now
			state = &RunState{State: StateApprovalWait, Reason: "waits for people to decide on " + strings.Join(x.undecided(), ", ")}
		}
		x.run.Status = string(state.State)
		x.note(-1, 0, state, nil, now)
		if err := x.engine.Store.Update(context.WithoutCancel(ctx), x.run); err != nil {
			return restOn, err
		}
	}
	if !resting || x.patience == 0 || now.Before(x.restsSince.Add(x.patience)) {
		return restOn, nil
	}
	if at, ok := x.nextAlarm(); ok && !at.After(now) {
		return restOn, nil // their time is over, which is about to be told
	}
	// What people have left is taken before the run is given up.
	requests, err := x.owner.Requests()
	if len(requests) == 0 || err != nil {
		return restOver, err
	}
	for _, q := range requests {
		x.serve(q)
	}
	return restHeard, x.settleDown() // they are gone when it returns
}

// undecided names the nodes that wait for people.
func (x *execution) undecided() []string {
	var nodes []NodeName
	var waiting []int
	for i := range x.nodes {
		n := &x.program.Nodes[i]
		nodes = append(nodes, NodeName{Path: n.Path, Ref: n.Ref})
		if x.nodes[i].approval != nil {
			waiting = append(waiting, i)
		}
	}
	return calls(waiting, nodes)
}

// calls names some of the nodes so that each name means one: by their refs, or JSON
// pointers where there is none or several have it, as in the iterations of a loop.
func calls(some []int, nodes []NodeName) []string {
	refs := map[string]int{}
	for i := range nodes {
		refs[nodes[i].Ref]++
	}
	var out []string
	for _, i := range some {
		if n := &nodes[i]; n.Ref != "" && refs[n.Ref] == 1 {
			out = append(out, n.Ref)
		} else {
			out = append(out, n.Path)
		}
	}
	return out
}

// leaveToPeople gives up a run that waits for people, once all of it is durable.
func (x *execution) leaveToPeople() (Result, error) {
	result := Result{ID: x.run.ID, State: StateApprovalWait, Undecided: x.undecided()}
	return result, x.settleDown()
}

// Undecided names the nodes that wait for people, as [Result] does.
func (v *RunView) Undecided() []string {
	var nodes []NodeName
	var waiting []int
	for i := range v.Nodes {
		n := &v.Nodes[i]
		nodes = append(nodes, n.NodeName)
		if n.waits() {
			waiting = append(waiting, i)
		}
	}
	return calls(waiting, nodes)
}

// waits tells whether the node waits for people who can decide here.
func (n *NodeView) waits() bool { return n.State == StateApprovalWait && n.Approval() != nil }

// Approval is what people have decided on the node in its last attempt; nil for
// nodes that ask nobody.
func (n *NodeView) Approval() *Approval {
	if last := len(n.Attempts) - 1; last >= 0 {
		return n.Attempts[last].Approval
	}
	return nil
}

// A Verdict is what a person decides on a node.
type Verdict struct {
	// Node is its ref, its JSON pointer or its name; empty means the only one that
	// waits.
	Node string
	// Reject ends the node; else it is approved.
	Reject bool
	Decision
}

// An UndecidableError says why a decision cannot be taken.
type UndecidableError struct{ Message string }

// Error implements error.
func (e *UndecidableError) Error() string { return e.Message }

func undecidable(format string, args ...any) error {
	return &UndecidableError{fmt.Sprintf(format, args...)}
}

// Decide leaves what a person decides with a run, for whoever executes it now or
// later, and returns the node that it is about. When it returns without an error the
// decision survives. A node that does not wait for people is an [*UndecidableError].
func Decide(ctx context.Context, store *history.Store, id string, d Verdict) (*NodeView, error) {
	view, err := View(ctx, store, id)
	if err != nil {
		return nil, err
	}
	n, err := view.decidable(d.Node)
	if err != nil {
		return nil, err
	}
	if d.By == "" {
		return nil, errors.New("a decision needs the name of a person")
	}
	q := journal.Request{Kind: requestApprove, Node: n.Path, Attempt: n.Attempts[len(n.Attempts)-1].Attempt, By: d.By, Reason: d.Reason, At: d.At}
	if d.Reject {
		q.Kind = requestReject
	}
	return n, journal.Ask(store.RunDir(view.ID), q)
}

// decidable finds the node that a person decides on.
func (v *RunView) decidable(name string) (*NodeView, error) {
	if v.Concluded {
		return nil, undecidable("run %s has ended already (%s)", v.ID, v.Status)
	}
	waiting := v.Undecided()
	if name == "" {
		switch len(waiting) {
		case 0:
			return nil, undecidable("no node of run %s waits for an approval", v.ID)
		case 1:
			return v.Find(waiting[0])
		}
		return nil, undecidable("several nodes of run %s wait for an approval, name one: %s", v.ID, strings.Join(waiting, ", "))
	}
	var one *NodeView // of several nodes with the ref, the one that waits is meant
	for i := range v.Nodes {
		if n := &v.Nodes[i]; n.waits() && (n.Ref == name || n.Path == name) {
			if one != nil {
				one = nil
				break
			}
			one = n
		}
	}
	if one != nil {
		return one, nil
	}
	n, err := v.Find(name)
	switch {
	case err != nil:
		return nil, undecidable("run %s: %v", v.ID, err)
	case n.waits():
		return n, nil
	case n.Kind != kindApproval && n.Approval() == nil:
		return nil, undecidable("%s of run %s is no Approval but a node of kind %s", name, v.ID, n.Kind)
	case n.State == StateApprovalWait:
		return nil, undecidable("the platform executes run %s: %s is approved there", v.ID, name)
	}
	return nil, undecidable("%s of run %s does not wait for an approval: it is %s", name, v.ID, n.State)
}

// takenPoll is how often is looked whether a decision was taken.
const takenPoll = 20 * time.Millisecond

// Decided goes on with a run that a decision was left with (see [Decide]), as
// [Engine.Resume] does. Where another process executes the run, elsewhere is true,
// and Decided returns when that has taken all decisions.
func (e *Engine) Decided(ctx context.Context, id string, opts RunOptions) (result Result, elsewhere bool, err error) {
	run, err := FindRun(ctx, e.Store, id)
	if err != nil {
		return Result{}, false, err
	}
	for {
		result, err = e.Resume(ctx, run.ID, opts)
		if ended := (*EndedError)(nil); errors.As(err, &ended) {
			return Result{ID: run.ID}, true, nil // whoever has taken the decision was quick
		}
		if !errors.Is(err, journal.ErrOwned) {
			return result, false, err
		}
		open, err := journal.Asked(e.Store.RunDir(run.ID))
		if err != nil || !open {
			return Result{ID: run.ID}, true, err
		}
		select {
		case <-time.After(takenPoll):
		case <-ctx.Done():
			return Result{ID: run.ID}, true, ctx.Err()
		}
	}
}

// restPoll is how often a run in a queue looks at one in front of it that waits for
// people.
const restPoll = 250 * time.Millisecond

// rests tells of an unconcluded run that nobody executes whether there is nothing to
// go on with: it waits for people who have not decided.
func (e *Engine) rests(ctx context.Context, run history.Run) bool {
	if run.Status != string(StateApprovalWait) {
		return false
	}
	if open, err := journal.Asked(e.Store.RunDir(run.ID)); err != nil || open {
		return false
	}
	// The index may be behind the journal after a loss of power.
	run = e.Store.Settle(ctx, run, Describe)
	return run.Interrupted && run.Status == string(StateApprovalWait)
}
