package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/engine/journal"
	"github.com/nf-lsp/nf-lsp/internal/engine/schedule"
	"github.com/nf-lsp/nf-lsp/internal/engine/seal"
	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// An execution is a run that this process owns. Its loop is the only goroutine
// that touches it; calls of the platform run beside it and send their results.
//
// The loop takes what has come in, asks the scheduler what follows, turns that
// into records and calls, and hands the records to the journal. A call is made
// only when the record of its intent is durable, which the journal tells from
// its own goroutine; in the meantime the loop goes on, so that what happens
// while one commit is on its way shares the next. A call that can be repeated
// without doing anything twice is made when its intent is written, at the same
// time as that is brought to the disk: the intent survives the end of this process
// then, and where a loss of power takes it the call is made again. What comes of
// a call is never durable without its intent, since the journal is read up to where
// it fits together. And it is written when what the platform has done is durable: a
// platform that answers before ([platform.Result]) lets the loop go on to the next
// node meanwhile, up to the record of its intent.
type execution struct {
	engine  *Engine
	clock   Clock
	run     history.Run
	program *Program
	owner   *journal.Owner
	box     *seal.Box
	tell    *dispatcher
	prior   *prior
	machine *schedule.Machine
	scope   *scope
	nodes   []nodeRun
	names   []NodeName
	last    map[int]int // of steps of loops: the last copy that has succeeded

	ready    []call // calls that wait for a slot, first[0:] in order
	first    int
	free     int
	inflight int
	results  chan result
	tasks    chan task // to workers that have nothing to do
	alarms   alarms
	hangs    []hang // the earliest first
	broken   chan error
	// pauses are waits for the platform's rate limit, pausedUntil is the end of the
	// last one that was told.
	pauses      chan time.Duration
	pausedUntil time.Time

	entries  []entry
	calls    []call
	after    []func()
	durable  []func() error // what the entries rely on, see [platform.Result]
	reset    []int          // nodes that are to run again
	aborting bool
	reason   string // why the run is aborted
	// stopFirst is the reason of an abort that an earlier owner had begun.
	stopFirst string
	// helping receives when an earlier run has ended that this process goes on with
	// though this run was aborted; nil for none.
	helping <-chan error
	// asked counts the nodes that wait for people. resting says that nothing else goes
	// on, restsSince since when; patience is that of the options.
	asked      int
	resting    bool
	restsSince time.Time
	patience   time.Duration
	// plan is what the run carries out; nil for none, and after it was resumed.
	plan *PlanFile
	// remote is the run that this one mirrors; nil for none.
	remote Remote
	// rehearsal is what the run has to put up with, failures its part by node.
	rehearsal *Rehearsal
	failures  map[int][]foreseen
	// source is the hash of the template's text as it is now; empty for none.
	source  string
	failure *ErrorInfo // of the first node that failed

	// newest is the time of the newest record, slip how far the clock on the wall has
	// been set back since the run began here.
	newest time.Time
	slip   time.Duration

	// callContext ends when calls of the platform are to be given up.
	callContext context.Context
	giveUp      context.CancelFunc
}

// A nodeRun is how a node stands in the execution.
type nodeRun struct {
	attempt int
	base    int // attempts of earlier tries of the run
	lookup  int // first attempt whose effect is not known; 0 is none
	since   time.Time
	turn    int      // of its alarms
	secret  []string // pointers of the secret values of the spec, which outputs mostly repeat
	private []string // texts that are hidden in what the platform says of the node
	wait    *platform.Wait
	action  platform.Action
	due     time.Time // end of the wait
	detail  string
	misses  int           // polls without an answer in a row
	late    *timeoutError // the wait is over, and is being aborted; nil for others
	sleeps  bool
	again   bool   // the next attempt repeats one that was cut off
	answer  string // of a person, to be noted with the next attempt
	// approval is how a node stands that waits for people; nil for others.
	approval *Approval
}

// An entry is a record with the payload that it was made of; nil for records
// that are no events.
type entry struct {
	record  journal.Record
	payload Payload
	node    *NodeName
}

func (e *Engine) newExecution(run history.Run, p *Program, owner *journal.Owner, box *seal.Box, past *prior) *execution {
	if past == nil {
		p = p.own()
	}
	x := &execution{
		engine: e, clock: past.clock(e.clock()), run: run, program: p, owner: owner, box: box, prior: past,
		machine: schedule.New(p.schedule()), nodes: make([]nodeRun, len(p.Nodes)),
		free: e.slots(), results: make(chan result, e.slots()), tasks: make(chan task), broken: make(chan error, 1), pauses: make(chan time.Duration, 1),
		names: make([]NodeName, len(p.Nodes)),
	}
	for i := range p.Nodes {
		n := &p.Nodes[i]
		x.names[i] = n.named()
	}
	x.newest = run.CreatedAt
	if past != nil && past.last.After(x.newest) {
		x.newest = past.last
	}
	x.scope = newScope(p, run.CreatedAt)
	x.scope.secrets = e.Secrets
	x.scope.keep = x.keep
	return x
}

// loop executes the run to its end, or until it is left to people, which it returns as
// [schedule.Running]. ctx is done when the run is to be aborted.
func (x *execution) loop(ctx context.Context, requests <-chan journal.Request) (schedule.State, error) {
	x.callContext, x.giveUp = context.WithCancel(context.WithoutCancel(ctx))
	defer x.giveUp()
	x.learnAhead(ctx)
	x.machine.Begin()
	if x.stopFirst == "" && ctx.Err() != nil {
		x.stopFirst = interrupted
	}
	if x.stopFirst != "" {
		x.advance(x.now()) // to where the run was cut off, starting nothing
		x.abort(x.stopFirst)
	}
	for {
		x.follow(x.now())
		if x.machine.Done() && x.inflight == 0 {
			return x.machine.Outcome(), nil // what was not handed over yet shares the last commit
		}
		if x.stuck() && x.breakCircle(x.now()) {
			continue
		}
		switch next, err := x.rest(ctx); {
		case next == restOver || err != nil:
			return schedule.Running, err
		case next == restHeard:
			continue
		}
		x.flush()
		var alarm <-chan time.Time
		stop := func() {}
		if at, idle, ok := x.nextTime(); ok {
			alarm, stop = x.clock.Until(at, idle)
		}
		canceled := ctx.Done()
		if x.aborting {
			canceled = nil
		}
		select {
		case r := <-x.results:
			x.handle(r)
			x.drain()
		case <-alarm:
			x.giveUpHanging(x.now())
			x.ring(x.now())
		case by := <-x.pauses:
			x.tellPause(by, x.now())
		case q := <-requests:
			x.serve(q)
		case <-canceled:
			x.abort(interrupted)
		case err := <-x.broken:
			stop()
			x.abandon()
			return 0, err
		}
		stop()
	}
}

// stuck tells whether nothing goes on, and nothing is to come. A program that was
// compiled now never gets there, since nodes that wait for one another are refused;
// one that a journal has kept may be older than that.
func (x *execution) stuck() bool {
	if x.inflight > 0 || x.asked > 0 || x.first < len(x.ready) {
		return false
	}
	_, _, ok := x.nextTime()
	return !ok
}

// breakCircle fails the first of the nodes that wait for one another, if there are any.
func (x *execution) breakCircle(now time.Time) bool {
	for i := range x.program.Nodes {
		if s := x.machine.State(i); s != schedule.Gated && s != schedule.Blocked {
			continue
		}
		var on []string
		for _, w := range x.machine.WaitsFor(i) {
			on = append(on, x.program.Nodes[w].Label)
		}
		x.failUntried(i, fmt.Errorf("%s refers to %s, and they wait for each other: the reference can never resolve", x.program.Nodes[i].Label, strings.Join(on, ", ")), now)
		return true
	}
	return false
}

func (x *execution) now() time.Time { return x.clock.Now() }

// shown is a time as records show it. It never falls behind what they have shown
// before, so that nothing ends before it began though the clock on the wall is set
// back; from there on it goes on at its pace. The loop itself goes by the clock
// that nobody can set.
func (x *execution) shown(now time.Time) time.Time {
	at := x.onWall(now)
	if back := x.newest.Sub(at); back > 0 {
		if back > time.Second { // less is the order in which the loop asks the clock
			x.slip += back
		}
		at = x.newest
	}
	x.newest = at
	return at
}

// onWall is a time to come as records show it.
func (x *execution) onWall(t time.Time) time.Time {
	// The journal keeps microseconds: who is told now is told the same later.
	return t.Add(x.slip).UTC().Truncate(time.Microsecond)
}

// fromWall is a time that records have shown, for the loop: what is left until then
// does not change when the clock on the wall is set.
func (x *execution) fromWall(t time.Time) time.Time {
	now := x.now()
	return now.Add(t.Sub(x.onWall(now)))
}

// drain takes all results that have come in, so that what follows from them
// shares a commit.
func (x *execution) drain() {
	for {
		select {
		case r := <-x.results:
			x.handle(r)
		default:
			return
		}
	}
}

// abandon gives up after the journal failed: nothing more can be recorded, so
// nothing more may be done.
func (x *execution) abandon() {
	x.giveUp()
	for x.inflight > 0 {
		<-x.results
		x.inflight--
	}
}

// follow asks the scheduler what comes next and fills free slots until neither
// leads any further.
func (x *execution) follow(now time.Time) {
	for {
		x.advance(now)
		if !x.fill(now) {
			return
		}
	}
}

// advance takes the scheduler's steps until it has none.
func (x *execution) advance(now time.Time) {
	for {
		s, ok := x.machine.Next()
		if !ok {
			return
		}
		x.step(s, now)
	}
}

func (x *execution) step(s schedule.Step, now time.Time) {
	n := &x.program.Nodes[s.Node]
	past := x.prior.node(s.Node)
	switch s.Verb {
	case schedule.Decide:
		if past.begun() {
			x.machine.Decided(s.Node, past.state == StateSkipped && past.output == nil)
			return
		}
		skip, _, err := x.scope.skip(x.callContext, s.Node)
		if err != nil {
			x.failUntried(s.Node, err, now)
			return
		}
		x.machine.Decided(s.Node, skip)
	case schedule.Waits:
		if past == nil {
			x.note(s.Node, 0, &NodeState{State: StatePending, WaitsFor: x.paths(x.machine.WaitsFor(s.Node))}, nil, now)
		}
	case schedule.Start:
		switch {
		case n.Flow == Loop:
			x.loopStarted(s.Node, past, now)
		case n.Flow != "":
			if past == nil || past.state == StatePending {
				x.note(s.Node, 0, &NodeState{State: StateRunning}, nil, now)
			}
			x.machine.Entered(s.Node)
		case past.begun():
			x.restore(s.Node, past)
		default:
			run := &x.nodes[s.Node]
			if past != nil {
				run.base, run.lookup, run.since = past.attempt, past.lookup, past.since
			}
			if x.skipDone(s.Node, now) {
				return
			}
			run.attempt = run.base + 1
			x.enqueue(call{do: doStart, node: s.Node})
		}
	case schedule.Settled:
		x.settled(s, past, now)
	}
}

// settled takes note of a node that ended without being run.
func (x *execution) settled(s schedule.Step, past *priorNode, now time.Time) {
	state := stateOf(s.State)
	if x.program.Nodes[s.Node].Pattern && x.program.begun(s.Node) {
		x.summarize(s)
		return
	}
	if x.program.Nodes[s.Node].Flow == Loop && state == StateSuccess {
		x.loopEnded(s.Node)
	}
	if state == StateSkipped {
		x.scope.outputs[s.Node].skipped = true
	}
	if state == StatePending || past != nil && past.state == state {
		return
	}
	event := &NodeState{State: state}
	if s.Cause >= 0 {
		event.Cause = x.program.Nodes[s.Cause].Path
		if state == StateFailure {
			event.Error = &ErrorInfo{Message: x.whyUntried(s.Cause)}
			x.failed(event.Error)
		}
	}
	x.note(s.Node, 0, event, nil, now)
}

// whyUntried says why a node that refers to the cause could not run.
func (x *execution) whyUntried(cause int) string {
	label := x.program.Nodes[cause].Label
	switch x.machine.State(cause) {
	case schedule.Skipped:
		return fmt.Sprintf("it refers to %s, which was skipped and so has no output", label)
	case schedule.Unreached:
		return fmt.Sprintf("it refers to %s, which was not reached because of a failure before it", label)
	}
	return fmt.Sprintf("it refers to %s, which failed", label)
}

func (x *execution) failUntried(node int, err error, now time.Time) {
	info := x.scope.masker.explain(err, x.nodes[node].private)
	x.failed(info)
	x.note(node, 0, &NodeState{State: StateFailure, Error: info}, nil, now)
	x.machine.Ended(node, schedule.Failure)
}

func (x *execution) failed(info *ErrorInfo) {
	if x.failure == nil {
		x.failure = info
	}
}

func (x *execution) paths(nodes []int) []string {
	out := make([]string, len(nodes))
	for i, n := range nodes {
		out[i] = x.program.Nodes[n].Path
	}
	return out
}

func (x *execution) enqueue(c call) { x.ready = append(x.ready, c) }

// fill hands out free slots. It tells whether the scheduler has to be asked
// again, because a node ended without a call.
func (x *execution) fill(now time.Time) bool {
	for x.free > 0 && x.first < len(x.ready) {
		c := x.ready[x.first]
		x.ready[x.first] = call{}
		if x.first++; x.first == len(x.ready) {
			x.ready, x.first = x.ready[:0], 0
		}
		if c.do == doStart && !x.intend(&c, now) {
			return true
		}
		x.free--
		x.inflight++
		x.hang(&c, now)
		x.calls = append(x.calls, c)
	}
	return false
}

// flush hands the records to the journal and, once they are durable, makes the
// calls that they announce and tells the observers. Records wait until what they
// rely on is durable, so that the platform and the journal can be made durable by
// turns while the loop goes on.
func (x *execution) flush() {
	entries, calls, after := x.entries, x.calls, x.after
	x.entries, x.calls, x.after = nil, nil, nil
	if len(entries) == 0 {
		for _, c := range calls {
			x.start(c, nil)
		}
		return
	}
	records := make([]journal.Record, len(entries))
	kept := false
	for i := range entries {
		records[i] = entries[i].record
		kept = kept || records[i].Type == typeKept
	}
	// What is repeated has to be the same: a value that was just made is durable
	// before it is used.
	early, late, waited := newGate(), newGate(), false
	for _, c := range calls {
		if !kept && x.repeatable(c) {
			x.start(c, early)
		} else {
			x.start(c, late)
			waited = true
		}
	}
	durable := x.durable
	x.durable = nil
	ready := func() error {
		for _, wait := range durable {
			if err := wait(); err != nil {
				return err
			}
		}
		return nil
	}
	x.owner.Append(journal.Addition{Records: records, Ready: ready, Written: early.open, Urgent: waited || len(after) > 0, Done: func(err error) {
		if err != nil {
			select {
			case x.broken <- err:
			default:
			}
			early.shut(err)
			late.shut(err)
			return
		}
		x.publish(entries, records)
		late.open()
		for _, f := range after {
			f()
		}
	}})
}

// repeatable tells whether a call that was made, and of which nothing is known,
// can be made again.
func (x *execution) repeatable(c call) bool {
	return c.do == doPoll || c.do == doStart && !c.find && c.id == "" && x.engine.Platform.Repeatable(c.req)
}

// A gate holds calls back that were begun, until they may be made or must not be.
// One goroutine opens or shuts it, whichever comes first.
type gate struct {
	decided chan struct{}
	err     error // why no call may be made; set before decided is closed
	done    bool
}

func newGate() *gate { return &gate{decided: make(chan struct{})} }

func (g *gate) open() { g.shut(nil) }

func (g *gate) shut(err error) {
	if !g.done {
		g.done, g.err = true, err
		close(g.decided)
	}
}

func (x *execution) publish(entries []entry, records []journal.Record) {
	events := make([]Event, 0, len(entries))
	for i := range entries {
		if entries[i].payload == nil {
			continue
		}
		e := Event{Seq: records[i].Seq, At: records[i].At, Run: x.run.ID, Payload: entries[i].payload}
		e.Node = entries[i].node
		events = append(events, e)
	}
	x.tell.push(events...)
}

// note adds a record. sealed is what resuming needs beside the payload; it is
// encrypted.
func (x *execution) note(node, attempt int, p Payload, sealed any, now time.Time) {
	r := journal.Record{At: x.shown(now), Type: p.eventType(), Node: node, Attempt: attempt}
	data, err := marshal(p)
	if err == nil && sealed != nil {
		var text []byte
		if text, err = json.Marshal(sealed); err == nil {
			r.Sealed = x.box.Seal(text, label(r))
		}
	}
	if err != nil { // values come from JSON: this cannot happen, and must not pass unseen
		select {
		case x.broken <- fmt.Errorf("a record of the run cannot be written: %w", err):
		default:
		}
		return
	}
	r.Data = data
	x.entries = append(x.entries, entry{r, p, x.nameOf(node)})
}

// nameOf is what events call a node; nil for the run as a whole.
func (x *execution) nameOf(node int) *NodeName {
	if node < 0 {
		return nil
	}
	name := x.names[node]
	return &name
}

// label binds a sealed value to its record.
func label(r journal.Record) string { return fmt.Sprintf("%s %d %d", r.Type, r.Node, r.Attempt) }
