package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"
)

// programFormat is the version of Program as JSON.
const programFormat = 1

// newestFormat is the newest that is known here.
const newestFormat = loopFormat

// A Program is a document made ready to run. It is pure data and stable as
// JSON. It holds the arguments with their values, so it is a secret as a whole.
type Program struct {
	Format int `json:"format"`
	// Identity is what queues, kept secrets and history know the template by.
	Identity string `json:"identity"`
	// File is where it was read from, for people; it may be empty.
	File string `json:"file,omitempty"`
	// Source is the hash of the document's text (see [Source]).
	Source string `json:"source,omitempty"`
	// Type is the document's type: "template", "releaseFlow" or "previewEnv".
	Type string `json:"type"`
	// Policy is what the document says about runs at the same time; empty is
	// allow.
	Policy    Policy     `json:"policy,omitempty"`
	Arguments []Argument `json:"arguments,omitempty"`
	// First says that arguments have values that count only in the first run of
	// the template.
	First bool `json:"first,omitempty"`
	// Date is what expressions take for now: when the plan was made that the run
	// carries out. Zero is the time of the run.
	Date time.Time `json:"date,omitzero"`
	// Until is the path of the node that the run stops after; empty for the
	// whole document. Nodes then holds that node and what it needs.
	Until string `json:"until,omitempty"`
	// Environment tells apart what a template makes more than once, such as previews;
	// empty for others.
	Environment string `json:"environment,omitempty"`
	// Teardown programs end what a run has set up; Inherited are the outputs
	// of that run.
	Teardown  bool        `json:"teardown,omitempty"`
	Inherited []Inherited `json:"inherited,omitempty"`
	// Remote, where it is not nil, says that the platform executes the run; Nodes
	// then are as they are shown only.
	Remote *RemoteRun `json:"remote,omitempty"`
	// Contexts are the project contexts that nodes inherit.
	Contexts []Context `json:"contexts,omitempty"`
	// Nodes holds workflows before their steps, in file order.
	Nodes []Node `json:"nodes"`

	warnings []Problem
	// unfolded are the nodes of the iterations of each loop that has begun, from the
	// first to the one after the last; copies is how many there ever were.
	unfolded map[int][2]int
	copies   int
}

// Warnings are what is odd about what the program was made of and does not keep
// it from running.
func (p *Program) Warnings() []Problem { return p.warnings }

// An Argument is a name that `args.NAME` may use, with the value that it has
// in this run.
type Argument struct {
	Name string `json:"name"`
	// Value is JSON. Its strings may hold expressions, unless it is Literal.
	Value   json.RawMessage `json:"value"`
	Literal bool            `json:"literal,omitempty"`
	// Type is the declared type, which the value is brought into; it may be
	// empty.
	Type   string `json:"type,omitempty"`
	Secret bool   `json:"secret,omitempty"`
	// Uses are the outputs that the value refers to.
	Uses []Use `json:"uses,omitempty"`

	from Origin // where the value comes from; known only where it was compiled
}

// A Context is a place that gives nodes their project.
type Context struct {
	// Value is the JSON of the project's identifier; it may hold expressions.
	Value json.RawMessage `json:"value,omitempty"`
	// Place names the value, for kept values and messages.
	Place string `json:"place,omitempty"`
	// Node is the node that creates the project, where Value is empty; in a
	// teardown, Inherited is the name under which the run before has left it.
	Node      int    `json:"node,omitempty"`
	Inherited string `json:"inherited,omitempty"`
}

// A Node is a workflow or a step.
type Node struct {
	// Path is the JSON pointer of the node in the document: its identity in
	// the run. The project of a document that has one is at "/project".
	Path string `json:"path"`
	Kind string `json:"kind"`
	Ref  string `json:"ref,omitempty"`
	// Label names the node to people.
	Label string `json:"label"`
	// Parent is the index of the workflow around the node, or -1.
	Parent int  `json:"parent"`
	Flow   Flow `json:"flow,omitempty"`
	// Spec is the spec as written; of workflows it is left out.
	Spec json.RawMessage `json:"spec,omitempty"`
	// Rest holds the members beside kind, ref, spec and skipNodeExecution.
	Rest json.RawMessage `json:"rest,omitempty"`
	// Iterations is what a loop goes over, as written.
	Iterations json.RawMessage `json:"iterations,omitempty"`
	// Pattern nodes stand in a loop. They are never run: each iteration has copies of
	// them. They follow their loop without a gap.
	Pattern bool `json:"pattern,omitempty"`
	// Declared is the path of the node in the document, where Path is that of a copy.
	Declared string `json:"declared,omitempty"`
	// Skip is skipNodeExecution as written.
	Skip json.RawMessage `json:"skip,omitempty"`
	// Once is runNodeOnce as written.
	Once json.RawMessage `json:"once,omitempty"`
	// Place is what kept values of the node are kept under: the ref, where it
	// is the only one of that name, so that they survive a move, else the path.
	Place string `json:"place"`
	// Nested are pointers, from the node, to documents in it whose expressions
	// are left alone save those under `template.`. Opaque are documents in
	// those again, in which nothing is touched.
	Nested []string `json:"nested,omitempty"`
	Opaque []string `json:"opaque,omitempty"`
	// Context is the index of the context that the node inherits, or -1.
	Context int `json:"context"`
	// Project says that the node acts within a project.
	Project bool `json:"project,omitempty"`
	// MaxAttempts and BackoffSeconds are the node's settings; 0 where it has
	// none.
	MaxAttempts    int `json:"maxAttempts,omitempty"`
	BackoffSeconds int `json:"backoffSeconds,omitempty"`
	// Destroys are the stateKey and isolateResourcesPerEnvironment, as written, of the node
	// whose infrastructure an OpenTofuDestroy takes away, or those of all that it can name
	// where only a run can tell, by ref under `refs`; nil for other nodes.
	Destroys json.RawMessage `json:"destroys,omitempty"`
	// Allowed are codes of problems with the schema that are left to the
	// platform; see Checker.
	Allowed []string `json:"allowed,omitempty"`
	// Uses are the outputs that the node refers to, arguments followed.
	Uses []Use `json:"uses,omitempty"`
	// Never are nodes whose output this node cannot see, because it would have
	// to wait for itself; inside of calls that is undefined.
	Never []int `json:"never,omitempty"`
	// Later are steps of a loop that come after this one in it. What they have left
	// in the iteration before is seen.
	Later []int `json:"later,omitempty"`

	of    int        // the pattern that the node is a copy of; 0 for none
	round *iteration // that the node is in; nil outside of loops
	later map[int]int
	gone  bool // the loop has other iterations by now
}

// named is what events call the node.
func (n *Node) named() NodeName {
	return NodeName{Path: n.Path, Kind: n.Kind, Ref: n.Ref, Label: n.Label, Declared: n.Declared}
}

// A Use is a reference to the output of other nodes.
type Use struct {
	// Ref is the name, On the nodes that carry it: of several, the last that
	// has succeeded is meant.
	Ref string `json:"ref"`
	On  []int  `json:"on"`
	// Soft uses stand inside of a call: an output that is not there is
	// undefined in it.
	Soft bool `json:"soft,omitempty"`
	// Gate uses decide whether the node is skipped.
	Gate bool `json:"gate,omitempty"`
}

// A Flow is the order in which a workflow runs its steps; empty for other nodes.
type Flow string

// The flows.
const (
	Sequential Flow = "sequential"
	Parallel   Flow = "parallel"
	// Loop runs its steps once for each of its iterations, one after the other.
	Loop Flow = "loop"
)

// Source is the hash of a document's text. It tells versions of a file apart and
// is no place for secrets: who knows the rest of the text can try out what is
// missing, so it is kept sealed, or hashed again with a key.
func Source(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// Hash identifies what the program does: its nodes and arguments, but for what is
// secret in them, which nobody can try out by it. Programs of one file and the
// same arguments have one hash.
func (p *Program) Hash() string {
	q := *p
	q.File, q.Source, q.Date, q.Inherited, q.Arguments = "", "", time.Time{}, nil, slices.Clone(p.Arguments)
	for i := range q.Arguments {
		if a := &q.Arguments[i]; a.Secret {
			a.Value = nil
		}
	}
	text, err := json.Marshal(q)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}
