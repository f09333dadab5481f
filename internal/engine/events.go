package engine

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine/journal"
	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// EventVersion is the version of events as JSON. Members are only ever added
// within a version.
const EventVersion = 1

// An Event is something that has happened in a run, told after it is durable.
// As JSON it is one object: the members of the event and those of its payload.
type Event struct {
	// Seq numbers the records of a run from 1. Some records are no events, so
	// numbers can be left out, but they only grow.
	Seq int64     `json:"seq"`
	At  time.Time `json:"at"`
	Run string    `json:"run"`
	// Node is the node that it happened to; nil for the run as a whole.
	Node    *NodeName `json:"node,omitempty"`
	Payload Payload   `json:"-"`
}

// A NodeName names a node to programs and people.
type NodeName struct {
	Path  string `json:"path"`
	Kind  string `json:"kind"`
	Ref   string `json:"ref,omitempty"`
	Label string `json:"label"`
	// Declared is the path in the document of a node that belongs to an iteration of
	// a loop; its own is made of the loop's path and the number of the iteration.
	Declared string `json:"declared,omitempty"`
}

// A Payload is what an event says: *RunCreated, *RunState, *NodeState,
// *NodeIterations, *NodeAttempt or *Log.
type Payload interface{ eventType() string }

// RunCreated is the first event of a run.
type RunCreated struct {
	Template string `json:"template"`
	File     string `json:"file,omitempty"`
	Target   string `json:"target"`
	Policy   Policy `json:"policy,omitempty"`
	// Program is the hash of what is run.
	Program string `json:"program"`
	// Until is the path of the node that the run stops after; empty for the
	// whole document. Teardown says that it runs the document's teardownSpec.
	Until    string `json:"until,omitempty"`
	Teardown bool   `json:"teardown,omitempty"`
	// Rehearsal is what the run is told to put up with; nil for nothing.
	Rehearsal *Rehearsal `json:"rehearsal,omitempty"`
	// Planned is when the plan was made that the run carries out; zero where it
	// carries out none.
	Planned time.Time `json:"planned,omitzero"`
	// Revision is the version of the document that is run; nil where it is not known.
	Revision *Revision `json:"revision,omitempty"`
	// Traceparent is the span of whoever started the run, as W3C Trace Context
	// writes it; empty for none.
	Traceparent string    `json:"traceparent,omitempty"`
	Nodes       []Outline `json:"nodes"`
}

// An Outline is a node as it stands in the document.
type Outline struct {
	NodeName
	// Parent is the index of the workflow around the node, or -1.
	Parent int  `json:"parent"`
	Flow   Flow `json:"flow,omitempty"`
}

// RunState tells of a run's new state.
type RunState struct {
	State State `json:"state"`
	// Reason says why, for people: who asked for the abort, what is waited for.
	Reason string `json:"reason,omitempty"`
	// Error is why a run has failed.
	Error *ErrorInfo `json:"error,omitempty"`
	// Concluded says that the run has ended for good.
	Concluded bool `json:"concluded,omitempty"`
	// Resumed says that another process goes on with the run, Rehearsal what it
	// is told to put up with from here on; nil for nothing.
	Resumed   bool       `json:"resumed,omitempty"`
	Rehearsal *Rehearsal `json:"rehearsal,omitempty"`
}

// NodeState tells of a node's new state that no attempt has led to: a workflow
// that was entered or has ended, a node that is skipped, that waits for others,
// that fails untried.
type NodeState struct {
	State State `json:"state"`
	// Cause is the path of the node because of which this is so.
	Cause string `json:"cause,omitempty"`
	// Reason says for people why a node is skipped, where no other node and no
	// skipNodeExecution is the cause.
	Reason string `json:"reason,omitempty"`
	// WaitsFor are the paths of the nodes that a pending node waits for.
	WaitsFor []string   `json:"waitsFor,omitempty"`
	Error    *ErrorInfo `json:"error,omitempty"`
}

// A Phase is how far an attempt is.
type Phase string

// The phases of an attempt.
const (
	// PhaseStarted: the intent is recorded, the platform is called next.
	PhaseStarted Phase = "started"
	// PhaseWaiting: the platform has accepted; its work is waited for.
	PhaseWaiting Phase = "waiting"
	// PhaseProgress: the work that is waited for has a new detail.
	PhaseProgress Phase = "progress"
	// PhaseEnded: the attempt is over. In state retrying another one follows.
	PhaseEnded Phase = "ended"
)

// NodeAttempt tells how an attempt to run a node goes.
type NodeAttempt struct {
	Phase       Phase `json:"phase"`
	State       State `json:"state"`
	Attempt     int   `json:"attempt"`
	MaxAttempts int   `json:"maxAttempts,omitempty"`
	// Input is the resolved node with secrets masked, Hash its keyed hash.
	Input json.RawMessage `json:"input,omitempty"`
	Hash  string          `json:"hash,omitempty"`
	// Again says that an attempt which an interruption cut off is repeated, or
	// that what became of it is looked up.
	Again bool `json:"again,omitempty"`
	// Lookup is the first attempt that may have had an effect which must be
	// looked up before the work is done again; 0 when there is none.
	Lookup int `json:"lookup,omitempty"`
	// Answer is what a person has said of the attempt before, whose outcome was
	// unknown: "done" or "again".
	Answer string `json:"answer,omitempty"`
	// Action is what the platform did; Output its answer, masked; Subject what
	// is waited for and Detail how it stands.
	Action  platform.Action `json:"action,omitempty"`
	Output  json.RawMessage `json:"output,omitempty"`
	Subject string          `json:"subject,omitempty"`
	Detail  string          `json:"detail,omitempty"`
	// Deadline is when the wait is given up.
	Deadline time.Time  `json:"deadline,omitzero"`
	Error    *ErrorInfo `json:"error,omitempty"`
	// NextAttempt is when a retrying node is tried again.
	NextAttempt time.Time `json:"nextAttempt,omitzero"`
	// Approval is how a node that waits for people stands; nil for others.
	Approval *Approval `json:"approval,omitempty"`
}

// Log is a remark of the engine.
type Log struct {
	Level   string `json:"level"`
	Message string `json:"message"`
}

// An ErrorInfo is an error for readers, without secrets.
type ErrorInfo struct {
	// Code is the HTTP status of the platform's refusal, 0 for other errors.
	Code    int            `json:"code,omitempty"`
	ID      string         `json:"id,omitempty"`
	Message string         `json:"message"`
	Details map[string]any `json:"details,omitempty"`
	// Property is the JSON pointer of the property that it is about, from the node.
	Property string `json:"property,omitempty"`
}

const (
	typeRunCreated  = "run.created"
	typeRunState    = "run.state"
	typeNodeState   = "node.state"
	typeNodeAttempt = "node.attempt"
	// typeNodeIterations records tell of a loop's nodes.
	typeNodeIterations = "node.iterations"
	typeLog            = "log"
	// typeKept records are no events: they hold a value that the run has made.
	typeKept = "value.kept"
)

func (*RunCreated) eventType() string  { return typeRunCreated }
func (*RunState) eventType() string    { return typeRunState }
func (*NodeState) eventType() string   { return typeNodeState }
func (*NodeAttempt) eventType() string { return typeNodeAttempt }
func (*Log) eventType() string         { return typeLog }

func (*NodeIterations) eventType() string { return typeNodeIterations }

// Type is the event's type, such as "node.attempt".
func (e Event) Type() string { return e.Payload.eventType() }

// MarshalJSON implements json.Marshaler.
func (e Event) MarshalJSON() ([]byte, error) {
	type plainEvent Event
	head, err := json.Marshal(struct {
		V    int    `json:"v"`
		Type string `json:"type"`
		plainEvent
	}{EventVersion, e.Type(), plainEvent(e)})
	if err != nil {
		return nil, err
	}
	body, err := marshal(e.Payload)
	if err != nil || bytes.Equal(body, []byte("{}")) {
		return head, err
	}
	return append(append(head[:len(head)-1], ','), body[1:]...), nil
}

// payloadOf reads a record's payload; nil for records that are no events, and
// for types that a later version has added.
func payloadOf(r journal.Record) (Payload, error) {
	var p Payload
	switch r.Type {
	case typeRunCreated:
		p = &RunCreated{}
	case typeRunState:
		p = &RunState{}
	case typeNodeState:
		p = &NodeState{}
	case typeNodeAttempt:
		p = &NodeAttempt{}
	case typeNodeIterations:
		p = &NodeIterations{}
	case typeLog:
		p = &Log{}
	default:
		return nil, nil
	}
	if err := json.Unmarshal(r.Data, p); err != nil {
		return nil, fmt.Errorf("record %d of the journal cannot be read: %w", r.Seq, err)
	}
	return p, nil
}

// An Observer is told what happens in a run, in order, from one goroutine. The
// run does not wait for it, but concludes only when it was told everything.
type Observer interface{ Event(Event) }

// A BatchObserver takes together what happened together, so that it can write all of it
// at once. What it is told of in this way it is not told of by Event.
type BatchObserver interface {
	Observer
	Events([]Event)
}

// ObserverFunc makes a function an Observer.
type ObserverFunc func(Event)

// Event implements Observer.
func (f ObserverFunc) Event(e Event) { f(e) }

// outline lists the program's nodes.
func (p *Program) outline() []Outline { return p.outlineFrom(0) }

// outlineFrom lists them from one on.
func (p *Program) outlineFrom(first int) []Outline {
	out := make([]Outline, len(p.Nodes)-first)
	for i := range out {
		n := &p.Nodes[first+i]
		out[i] = Outline{n.named(), n.Parent, n.Flow}
	}
	return out
}
