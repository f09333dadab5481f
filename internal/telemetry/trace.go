package telemetry

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine"
)

// mostEvents is how many events a span has, as the specification limits them:
// https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#span-limits
const mostEvents = 128

// A Tracer makes spans of runs: one for a run from its beginning to its end, in it
// one for each node, workflows around their steps, in these one for each attempt.
// A retry, which goes on with a run that had ended, has a span of its own in the
// same trace.
//
// Identifiers follow from the run's, so that all processes which go on with a run
// agree on them. What a process has told that was killed may so be told twice, as
// the same span.
type Tracer struct {
	out   *exporter
	runs  map[string]*trace
	start time.Time // events from before it are what the journal tells of the past
}

// trace is a run as far as its spans are not finished.
type trace struct {
	run     string
	id      traceID
	parent  spanID // of the run's span
	round   int    // how often the run has ended already
	began   time.Time
	ended   bool
	created *engine.RunCreated
	known   []engine.Outline // of nodes; those that were created and those of iterations
	index   map[string]int
	nodes   []node
	past    []span // finished, and not handed on
}

type node struct {
	began    time.Time
	attempts int
	action   string
	attempt  attempt
}

type attempt struct {
	number  int
	began   time.Time
	events  []event
	dropped int // events
	subject string
}

// Event implements engine.Observer.
func (t *Tracer) Event(e engine.Event) {
	t.take(e)
	if r := t.runs[e.Run]; r != nil && !e.At.Before(t.start) {
		t.handOn(r)
	}
}

func (t *Tracer) handOn(r *trace) {
	for _, s := range r.past {
		t.out.add(s)
	}
	r.past = nil
}

func (t *Tracer) take(e engine.Event) {
	if created, ok := e.Payload.(*engine.RunCreated); ok {
		t.runs[e.Run] = newTrace(e, created)
		return
	}
	r := t.runs[e.Run]
	if r == nil {
		return
	}
	switch p := e.Payload.(type) {
	case *engine.RunState:
		t.run(r, e.At, p)
	case *engine.NodeIterations:
		for _, n := range p.Nodes {
			r.index[n.Path] = len(r.known)
			r.known, r.nodes = append(r.known, n), append(r.nodes, node{})
		}
	case *engine.NodeState:
		if i, ok := r.find(e.Node); ok {
			r.nodes[i].enter(p.State, e.At)
			if p.State.Ended() {
				t.node(r, i, e.At, p.State, p.Error, p.Cause)
			}
		}
	case *engine.NodeAttempt:
		if i, ok := r.find(e.Node); ok {
			t.attempt(r, i, e.At, p)
		}
	}
}

// Close sends what has not been sent, for a second at most.
func (t *Tracer) Close() {
	for _, r := range t.runs {
		t.handOn(r)
	}
	t.out.close()
}

func newTrace(e engine.Event, created *engine.RunCreated) *trace {
	r := &trace{run: e.Run, began: e.At, created: created, known: slices.Clip(created.Nodes), index: make(map[string]int, len(created.Nodes)), nodes: make([]node, len(created.Nodes))}
	for i := range created.Nodes {
		r.index[created.Nodes[i].Path] = i
	}
	if p, ok := parseParent(created.Traceparent); ok {
		r.id, r.parent = p.trace, p.span
	} else {
		id(r.id[:], "trace", e.Run)
	}
	return r
}

func (r *trace) find(n *engine.NodeName) (int, bool) {
	if n == nil {
		return 0, false
	}
	i, ok := r.index[n.Path]
	return i, ok
}

// span begins a span of the run. what names it among those of its round.
func (r *trace) span(name string, kind int, began, ended time.Time, parent spanID, what ...string) span {
	if ended.Before(began) {
		ended = began
	}
	return span{Trace: r.id, ID: r.spanID(what...), Parent: parent, Name: name, Kind: kind, Start: at(began), End: at(ended)}
}

func (r *trace) spanID(what ...string) (out spanID) {
	id(out[:], append([]string{"span", r.run, strconv.Itoa(r.round)}, what...)...)
	return out
}

// run takes the run's new state.
func (t *Tracer) run(r *trace, now time.Time, p *engine.RunState) {
	if r.ended && !p.Concluded {
		// It is gone on with. What was told of it until then was sent by the process
		// that has ended it.
		r.past = nil
		r.round++
		r.ended, r.began = false, now
		for i := range r.nodes {
			r.nodes[i] = node{attempts: r.nodes[i].attempts}
		}
	}
	if !p.Concluded {
		return
	}
	s := r.span("run "+r.created.Template, kindInternal, r.began, now, r.parent, "run")
	s.Attributes = given(
		text("nf.run.id", r.run), text("nf.template", r.created.Template), text("nf.template.file", r.created.File),
		text("nf.target", r.created.Target), text("nf.run.state", string(p.State)), text("nf.run.reason", p.Reason),
		text("nf.run.until", r.created.Until), flag("nf.run.teardown", r.created.Teardown),
		flag("nf.run.rehearsal", r.created.Rehearsal.Unreal()), number("nf.run.retries", r.round))
	s.end(p.State, p.Error)
	r.ended = true
	r.past = append(r.past, s)
}

func (n *node) enter(s engine.State, now time.Time) {
	if n.began.IsZero() && s != engine.StatePending {
		n.began = now
	}
}

// node finishes the span of a node.
func (t *Tracer) node(r *trace, i int, now time.Time, state engine.State, failure *engine.ErrorInfo, cause string) {
	n, outline := &r.nodes[i], &r.known[i]
	parent := r.spanID("run")
	if outline.Parent >= 0 {
		parent = r.spanID("node", r.known[outline.Parent].Path)
	}
	s := r.span(cmp.Or(outline.Label, outline.Kind), kindInternal, n.began, now, parent, "node", outline.Path)
	s.Attributes = given(
		text("nf.run.id", r.run), text("nf.node.kind", outline.Kind), text("nf.node.ref", outline.Ref), text("nf.node.path", outline.Path),
		text("nf.node.flow", string(outline.Flow)), text("nf.node.state", string(state)), text("nf.node.action", n.action), text("nf.node.cause", cause))
	if outline.Flow == "" {
		s.Attributes = append(s.Attributes, number("nf.node.attempts", n.attempts), number("nf.node.retries", max(0, n.attempts-1)))
	}
	s.end(state, failure)
	r.past = append(r.past, s)
}

// attempt takes a step of an attempt.
func (t *Tracer) attempt(r *trace, i int, now time.Time, p *engine.NodeAttempt) {
	n, outline := &r.nodes[i], &r.known[i]
	n.enter(p.State, now)
	a := &n.attempt
	if a.number != p.Attempt || a.began.IsZero() {
		*a = attempt{number: p.Attempt, began: now}
		n.attempts = max(n.attempts, p.Attempt)
	}
	if p.Action != "" {
		n.action = string(p.Action)
	}
	a.subject = cmp.Or(p.Subject, a.subject)
	switch p.Phase {
	case engine.PhaseWaiting, engine.PhaseProgress:
		if len(a.events) == mostEvents {
			a.dropped++
			return
		}
		a.events = append(a.events, event{at(now), string(p.Phase), given(text("nf.wait.subject", p.Subject), text("nf.wait.detail", p.Detail))})
		return
	case engine.PhaseStarted:
		return
	}
	s := r.span("attempt "+strconv.Itoa(p.Attempt), kindClient, a.began, now, r.spanID("node", outline.Path), "attempt", outline.Path, strconv.Itoa(p.Attempt))
	s.Attributes = given(
		text("nf.run.id", r.run), text("nf.node.kind", outline.Kind), text("nf.node.ref", outline.Ref), text("nf.node.path", outline.Path),
		number("nf.attempt", p.Attempt), text("nf.attempt.state", string(p.State)), text("nf.attempt.action", string(p.Action)), text("nf.wait.subject", a.subject))
	if p.Error != nil && p.Error.Code != 0 {
		s.Attributes = append(s.Attributes, number("http.response.status_code", p.Error.Code))
	}
	if !p.NextAttempt.IsZero() {
		s.Attributes = append(s.Attributes, text("nf.attempt.next", p.NextAttempt.UTC().Format(time.RFC3339Nano)))
	}
	s.Events, s.Dropped = a.events, a.dropped
	s.end(p.State, p.Error)
	*a = attempt{}
	r.past = append(r.past, s)
	if p.State.Ended() {
		t.node(r, i, now, p.State, p.Error, "")
	}
}

// end gives a span its status: an error where something has gone wrong, nothing
// where nothing has come of it. The type of an error is the platform's status or
// word for it, or else the state that it led to.
func (s *span) end(state engine.State, failure *engine.ErrorInfo) {
	switch state {
	case engine.StateSuccess:
		s.Status = &status{Code: codeOK}
		return
	case engine.StateSkipped:
		return
	}
	kind := string(state)
	s.Status = &status{Code: codeError, Message: kind}
	if failure != nil {
		s.Status.Message = failure.Message
		if failure.Code != 0 {
			kind = strconv.Itoa(failure.Code)
		}
		kind = cmp.Or(failure.ID, kind)
	}
	s.Attributes = append(s.Attributes, text("error.type", kind))
}
