package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine/schedule"
	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// token identifies an attempt to the platform across a crash.
func (x *execution) token(node, attempt int) string {
	return fmt.Sprintf("%s-%d-%d", x.run.ID, node, attempt)
}

// intend resolves a node and records the intent to start it. Where the node
// has no value, or the run is being aborted, it ends the node and returns false.
func (x *execution) intend(c *call, now time.Time) bool {
	n, node := &x.nodes[c.node], &x.program.Nodes[c.node]
	if x.aborting && !n.again {
		x.endUntried(c.node, now)
		return false
	}
	p, err := x.scope.prepare(x.callContext, c.node, x.engine.checker())
	if err == nil && p.unknown {
		err = errors.New("the node holds values that are not known")
	}
	var shown json.RawMessage
	if err == nil {
		shown, err = p.shown(x.scope.masker)
	}
	if err != nil {
		x.failUntried(c.node, err, now)
		return false
	}
	c.req, c.last, n.secret, n.private = p.req, p.last, p.secret, p.confidential.texts
	if n.since.IsZero() || n.lookup == 0 && !n.again {
		n.since = now
	}
	c.req.Since = n.since
	event := &NodeAttempt{
		Phase: PhaseStarted, State: StateRunning, Attempt: n.attempt, MaxAttempts: n.base + node.attempts(),
		Input: shown, Hash: x.box.Hash(p.canonical), Again: n.again, Lookup: n.lookup, Answer: n.answer,
	}
	// An attempt whose effect is not known is looked up under its own token,
	// which later ones share.
	first := n.attempt
	if n.lookup > 0 {
		first = n.lookup
	}
	c.req.Token = x.token(c.node, first)
	c.find = (n.lookup > 0 || n.again) && !x.engine.Platform.Repeatable(c.req)
	if c.find {
		c.req.Taken = x.taken(c.node)
	}
	n.again, n.answer = false, ""
	if node.Kind == kindApproval {
		if x.aborting {
			x.endUntried(c.node, now)
		} else {
			x.ask(c.node, c.req, event, now)
		}
		return false
	}
	if x.aborting {
		if !c.find {
			x.endUntried(c.node, now)
			return false
		}
		c.lookOnly, c.req.Ending = true, true
	}
	c.failure, c.label = x.rehearsed(c.node, n.attempt), node.Label
	x.note(c.node, n.attempt, event, nil, now)
	return true
}

// taken are the identifiers of what other nodes of the kind have started.
func (x *execution) taken(node int) []string {
	var ids []string
	for i := range x.nodes {
		if i == node || x.program.Nodes[i].Kind != x.program.Nodes[node].Kind {
			continue
		}
		if w := x.nodes[i].wait; w != nil {
			ids = append(ids, platform.StartedIDs(w.Base)...)
		}
		if out := x.scope.outputs[i]; out.there && !out.partial {
			for _, name := range platform.StartedMembers {
				if id, ok := out.value.Get(name).AsString(); ok {
					ids = append(ids, id)
				}
			}
		}
	}
	return ids
}

// handle takes the result of a call.
func (x *execution) handle(r result) {
	x.free++
	x.inflight--
	x.hungUp(&r.call)
	now := x.now()
	n := &x.nodes[r.node]
	switch r.do {
	case doAbort:
		switch {
		case r.err != nil:
			x.remark(r.node, "warning", fmt.Sprintf("%s could not be aborted: %v", r.wait.Subject, r.err), now)
		case !r.aborted:
			x.remark(r.node, "info", fmt.Sprintf("%s goes on by itself: the platform cannot abort it", r.wait.Subject), now)
		}
		if late := n.late; late != nil {
			n.late = nil
			x.fail(r.node, late, nil, now)
			return
		}
		x.endAborted(r.node, now)
	case doPoll:
		x.polled(r, now)
	case doStart:
		if r.result.Durable != nil {
			x.durable = append(x.durable, r.result.Durable)
		}
		switch {
		case r.err != nil && r.id != "":
			x.stillUnknown(r.node, r.err, now)
		case r.err != nil:
			x.fail(r.node, r.err, &r, now)
		case r.result.Skipped != "":
			x.leaveOut(r.node, r.result.Skipped, now)
		case r.result.Wait == nil:
			x.succeed(r.node, r.result.Action, r.result.Output, r.result.Secret, now)
		default:
			n.wait, n.action, n.misses = r.result.Wait, r.result.Action, 0
			n.due = now.Add(x.program.Nodes[r.node].timeout(n.wait))
			x.noteWait(r.node, r.result.Output, r.result.Secret, now)
			if x.aborting {
				x.enqueue(call{do: doAbort, node: r.node, wait: *n.wait})
				return
			}
			x.wake(r.node, now)
		}
	}
}

// noteWait records what a node waits for, so that a resumed run goes on there.
func (x *execution) noteWait(node int, out any, secret []string, now time.Time) {
	n := &x.nodes[node]
	x.note(node, n.attempt, &NodeAttempt{
		Phase: PhaseWaiting, State: StateWaiting, Attempt: n.attempt, Action: n.action, Subject: x.scope.masker.hide(n.wait.Subject), Deadline: x.onWall(n.due),
		Output: x.show(out, secret, n.secret),
	}, sealedWait{n.wait, n.secret, n.private}, now)
}

// remark tells what is worth knowing and changes no state.
func (x *execution) remark(node int, level, message string, now time.Time) {
	attempt := 0
	if node >= 0 {
		attempt = x.nodes[node].attempt
	}
	x.note(node, attempt, &Log{Level: level, Message: x.scope.masker.hide(message)}, nil, now)
}

// polled takes what a poll has learnt.
func (x *execution) polled(r result, now time.Time) {
	n := &x.nodes[r.node]
	switch {
	case x.aborting:
		if r.err == nil && r.progress.Done && r.progress.Skipped != "" {
			x.leaveOut(r.node, r.progress.Skipped, now)
			return
		}
		if r.err == nil && r.progress.Done {
			x.succeed(r.node, n.action, r.progress.Output, r.progress.Secret, now)
			return
		}
		x.enqueue(call{do: doAbort, node: r.node, wait: *n.wait})
	case r.err == nil && r.progress.Done && r.progress.Skipped != "":
		x.leaveOut(r.node, r.progress.Skipped, now)
	case r.err != nil && !pollAgain(r.err):
		x.fail(r.node, r.err, nil, now)
	case r.err == nil && r.progress.Done:
		x.succeed(r.node, n.action, r.progress.Output, r.progress.Secret, now)
	case r.err == nil && r.progress.Ask != "":
		next := r.progress.Next
		n.wait, n.misses = &next, 0
		x.confirm(r.node, r.progress.Ask, now)
	case !now.Before(n.due):
		late := &timeoutError{n.wait, x.program.Nodes[r.node].timeout(n.wait), n.detail}
		if n.wait.Carried == nil {
			x.fail(r.node, late, nil, now)
			return
		}
		// What was made for the node alone does not stay behind.
		n.late = late
		x.enqueue(call{do: doAbort, node: r.node, wait: *n.wait})
	case r.err != nil:
		n.misses++
		x.progress(r.node, "cannot be asked at the moment: "+r.err.Error(), now)
		x.wake(r.node, earlier(now.Add(platform.Backoff(n.misses, firstDelay, longestDelay)), n.due))
	default:
		n.misses = 0
		next := r.progress.Next
		turned := next.Op != n.wait.Op
		if n.wait = &next; turned { // where it stands now cannot be told from where it stood
			x.noteWait(r.node, r.progress.Output, r.progress.Secret, now)
		}
		x.progress(r.node, r.progress.Detail, now)
		x.wake(r.node, earlier(now.Add(max(r.progress.After, time.Millisecond)), n.due))
	}
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// pollAgain tells whether a wait goes on after an error: the platform did not
// answer, or is too busy to.
func pollAgain(err error) bool {
	var outcome *platform.OutcomeError
	if errors.As(err, &outcome) {
		return false
	}
	switch judge(err) {
	case again, lost:
		return true
	}
	return false
}

// progress records where a wait stands when that has changed.
func (x *execution) progress(node int, detail string, now time.Time) {
	n := &x.nodes[node]
	if detail == n.detail {
		return
	}
	n.detail = detail
	x.note(node, n.attempt, &NodeAttempt{Phase: PhaseProgress, State: StateWaiting, Attempt: n.attempt,
		Subject: x.scope.masker.hide(n.wait.Subject), Detail: x.scope.masker.hide(detail)}, nil, now)
}

// A timeoutError says that a wait took too long. It is final: who set a time
// did not mean three times as long.
type timeoutError struct {
	wait    *platform.Wait
	timeout time.Duration
	detail  string
}

// Error implements error.
func (e *timeoutError) Error() string {
	text := fmt.Sprintf("%s did not come to %s within %s", e.wait.Subject, e.wait.Until, e.timeout)
	if e.detail != "" {
		text += " (it is " + e.detail + ")"
	}
	return text
}

// A sealedWait is a wait for resuming.
type sealedWait struct {
	Wait    *platform.Wait `json:"wait"`
	Secret  []string       `json:"secret,omitempty"`
	Private []string       `json:"private,omitempty"`
}

// A sealedOutput is a node's output for resuming.
type sealedOutput struct {
	Output any      `json:"output"`
	Secret []string `json:"secret,omitempty"`
	// Certain are those of Secret that the node was given as secrets; what the
	// platform says of the others is that they may be.
	Certain []string `json:"certain,omitempty"`
}

func (x *execution) succeed(node int, action platform.Action, out any, secret []string, now time.Time) {
	n := &x.nodes[node]
	text, v := x.read(out, secret, n.secret)
	event := &NodeAttempt{Phase: PhaseEnded, State: StateSuccess, Attempt: n.attempt, Action: action, Output: text}
	secret = append(secret, n.secret...)
	hidden := len(secret) > 0
	if !hidden { // what the platform says can hold secrets that it does not name
		plain, err := marshal(out)
		hidden = err != nil || string(plain) != string(text)
	}
	var sealed any
	if hidden {
		sealed = sealedOutput{out, secret, n.secret}
	}
	x.leave(node, output{value: v, there: true})
	if err := x.didOnce(node, sealedOutput{out, secret, n.secret}); err != nil {
		x.remark(node, "warning", notNoted(err), now)
	}
	x.note(node, n.attempt, event, sealed, now)
	x.forget(node)
	x.machine.Ended(node, schedule.Success)
}

// leaveOut ends a node that the platform has left out: it is skipped, as by
// skipNodeExecution, and who refers to its output cannot run.
func (x *execution) leaveOut(node int, why string, now time.Time) {
	n := &x.nodes[node]
	x.scope.outputs[node].skipped = true
	x.note(node, n.attempt, &NodeAttempt{Phase: PhaseEnded, State: StateSkipped, Attempt: n.attempt, Action: platform.ActionSkip, Detail: x.scope.masker.hide(why)}, nil, now)
	x.forget(node)
	x.machine.Ended(node, schedule.Skipped)
}

// show is an output for readers; see read.
func (x *execution) show(out any, secret, certain []string) json.RawMessage {
	text, _ := x.read(out, secret, certain)
	return text
}

// read takes in what the platform has said: as text for readers, and as the value
// that others refer to. Its secrets are known from here on: what the platform says
// may be one and what the node was given as one.
func (x *execution) read(out any, secret, certain []string) (json.RawMessage, expr.Value) {
	if out == nil {
		return nil, valueOf(nil, nil)
	}
	x.scope.masker.learn(out, secret)
	if len(certain) > 0 {
		x.scope.masker.add(valueOf(out, certain))
		secret = append(slices.Clone(secret), certain...)
	}
	v := valueOf(out, secret)
	text, err := marshal(x.scope.masker.hideIn(masked(v, out)))
	if err != nil {
		return nil, v
	}
	return text, v
}

// forget drops what an ended node needs no more.
func (x *execution) forget(node int) {
	n := &x.nodes[node]
	n.wait, n.secret, n.private, n.sleeps, n.detail = nil, nil, nil, false, ""
	if n.approval != nil {
		n.approval = nil
		x.asked--
	}
}

// fail ends an attempt that has failed. started is the start that has failed; nil
// for what was waited for.
func (x *execution) fail(node int, err error, started *result, now time.Time) {
	n, definition := &x.nodes[node], &x.program.Nodes[node]
	event := &NodeAttempt{Phase: PhaseEnded, Attempt: n.attempt, Error: x.scope.masker.explain(err, x.nodes[node].private)}
	what := judge(err)
	// Whether something was done is open after a start without an answer, and
	// stays open until a look-up has told.
	open := started != nil && ((what == lost || what == cut) && !x.engine.Platform.Repeatable(started.req) || started.find && !started.undone)
	switch {
	case !open:
		n.lookup = 0
	case n.lookup == 0:
		n.lookup = n.attempt
	}
	event.Lookup = n.lookup
	if x.aborting && (what == cut || what == again || what == lost) {
		// A retry looks up what an attempt without an answer has done.
		event.State = StateAborted
		x.end(node, event, schedule.Aborted, now)
		return
	}
	more := n.attempt < n.base+definition.attempts()
	switch {
	case what == undecided || open && (what == final || !more):
		event.State = StateUnknown
		x.failed(event.Error)
		x.end(node, event, schedule.Unknown, now)
	case (what == again || what == lost) && more:
		event.State = StateRetrying
		next := now.Add(definition.delay(n.attempt-n.base, x.engine.random()))
		event.NextAttempt = x.onWall(next)
		x.note(node, n.attempt, event, nil, now)
		x.forget(node)
		n.attempt++
		x.wake(node, next)
	default:
		event.State = StateFailure
		x.failed(event.Error)
		x.end(node, event, schedule.Failure, now)
	}
}

// stillUnknown ends an attempt that could not be found by the identifier that a
// person has given.
func (x *execution) stillUnknown(node int, err error, now time.Time) {
	event := &NodeAttempt{Phase: PhaseEnded, State: StateUnknown, Attempt: x.nodes[node].attempt, Error: x.scope.masker.explain(err, x.nodes[node].private)}
	x.failed(event.Error)
	x.end(node, event, schedule.Unknown, now)
}

func (x *execution) end(node int, event *NodeAttempt, s schedule.State, now time.Time) {
	x.note(node, event.Attempt, event, nil, now)
	x.forget(node)
	x.machine.Ended(node, s)
}

// endAborted ends an attempt that the abort of the run has stopped.
func (x *execution) endAborted(node int, now time.Time) {
	x.end(node, &NodeAttempt{Phase: PhaseEnded, State: StateAborted, Attempt: x.nodes[node].attempt}, schedule.Aborted, now)
}

// endUntried ends a node of which no attempt is on its way when the run is
// aborted.
func (x *execution) endUntried(node int, now time.Time) {
	x.note(node, 0, &NodeState{State: StateAborted}, nil, now)
	x.forget(node)
	x.machine.Ended(node, schedule.Aborted)
}
