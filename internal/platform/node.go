package platform

import "time"

// A NodeRequest is one template node with every expression resolved.
type NodeRequest struct {
	// Kind is the node's kind, such as "CombinedService".
	Kind string
	// ProjectID is the project that the node runs in: its own projectId or the
	// one that it inherits. Kinds that need no project ignore it. In a plan it
	// may name a project that an earlier node creates.
	ProjectID string
	// Spec is the node's spec as encoding/json decodes it (map[string]any,
	// []any, string, float64 or json.Number, bool, nil). Previews may hold
	// [Unknown] anywhere in it.
	Spec any
	// Node holds the node's other members, such as "updateMode", "options" and
	// "condition". It may be nil.
	Node map[string]any
	// Documents are JSON pointers, from the node, to documents in it whose
	// expressions are for their own runs; Secret are those, from its spec, of values
	// that are secrets.
	Documents, Secret []string
	// Identity is what the template, or the environment that it makes, is known by.
	Identity string
	// StateKey and StateIsolated are the stateKey and isolateResourcesPerEnvironment of
	// the node that an OpenTofuDestroy names; empty where it names none.
	StateKey      string
	StateIsolated bool
	// Token identifies this attempt across a crash: the same run, node and
	// attempt give the same token.
	Token string
	// Since is when the attempt was recorded. A platform that remembers no
	// tokens is searched for what it started since then.
	Since time.Time
	// Taken are identifiers of what other nodes have started, which such a search
	// does not take for what this one has.
	Taken []string
	// Ending says that the run is being aborted: where a look-up finds nothing, nothing
	// will be started either, and what was prepared for that goes.
	Ending bool
}

// A Result is what starting a node gave.
type Result struct {
	// Action is what was done. It is ActionApply where one request creates or
	// updates and the platform does not say which.
	Action Action
	// Output is what references to the node see, as encoding/json decodes it.
	Output any
	// Secret names the secret values of Output as JSON pointers. A pointer to an
	// object or array makes everything in it secret.
	Secret []string
	// Skipped says why the node is left out, though it was its turn: it has no output
	// then. It is empty for others.
	Skipped string
	// Wait is what must still be polled before the node is done; nil when it is
	// done already. It survives a round trip through JSON.
	Wait *Wait
	// Durable waits until a loss of power does not undo what was done; nil where it
	// would not now. Nothing of the result may be recorded before.
	Durable func() error
}

// A Wait is something that ends without our doing: a service starting, a build
// running. It is data, so that a resumed run goes on polling where it was.
type Wait struct {
	// Subject is what is waited for, for people: `service "web"`.
	Subject string `json:"subject"`
	// Until is the state that ends the wait: "running" or "success".
	Until string `json:"until"`
	// Op and Path are the operation that reads the state.
	Op   string            `json:"op"`
	Path map[string]string `json:"path"`
	// Timeout is the node's own timeoutDuration; zero when it has none.
	Timeout time.Duration `json:"timeout,omitempty"`
	// Base is the node's output so far; what is polled is laid over it.
	Base any `json:"base,omitempty"`
	// Polls counts the polls so far, which makes the suggested delays grow; see
	// [Progress.Next].
	Polls int `json:"polls,omitempty"`
	// Carried says of a node that the platform runs in a template how it stands there;
	// nil for others.
	Carried *Carried `json:"carried,omitempty"`
}

// Carried is how a node stands that the platform runs in a template.
type Carried struct {
	// Kind is the node's.
	Kind string `json:"kind"`
	// Ended says that the node's run has ended, with Output, or with an error: a
	// Refusal or a Failure. What is left to do is to remove its template.
	Ended bool `json:"ended,omitempty"`
	// Skipped says why the platform has left the node out; empty for others.
	Skipped string        `json:"skipped,omitempty"`
	Output  any           `json:"output,omitempty"`
	Refusal *Error        `json:"refusal,omitempty"`
	Failure *OutcomeError `json:"failure,omitempty"`
}

// Progress is the answer to one poll.
type Progress struct {
	// Done says that the wait has ended well. A wait that has ended badly is an
	// error instead.
	Done bool
	// Skipped says of a wait that has ended why the platform has left the node out.
	Skipped string
	// Output is the node's output as it stands, and Secret its secret values.
	Output any
	Secret []string
	// Detail says for people where the thing stands, such as "deploying".
	Detail string
	// Ask, where it is not empty, is what a person has to approve before anything more
	// is done: Next then is the wait to go on with when somebody has.
	Ask string
	// Next is the wait to poll again, After the suggested delay before that.
	Next  Wait
	After time.Duration
}

// An Action is what a node does or would do to the platform.
type Action string

// The actions. ActionApply stands for create or update where that cannot be
// told apart: in a plan because the identifier is known only in the run.
const (
	ActionCreate    Action = "create"
	ActionUpdate    Action = "update"
	ActionUnchanged Action = "unchanged"
	ActionApply     Action = "apply"
	ActionRun       Action = "run"
	ActionWait      Action = "wait"
	ActionRead      Action = "read" // it only holds data for others
	ActionSkip      Action = "skip" // it is left out
)

// A Change is what starting a node would do.
type Change struct {
	Action Action `json:"action"`
	// Resource is the resource that the node makes or changes, such as
	// "projects/shop/services/web". It is empty while its identifier is unknown.
	Resource string `json:"resource,omitempty"`
	// Needs are resources that the node uses and that are not there now: a plan
	// is sound when earlier nodes make them.
	Needs []string `json:"needs,omitempty"`
	// Current and Desired are the resource's specification now and afterwards,
	// in the same shape, fit for a diff. Current is nil for what is created or
	// run. Desired may hold [Unknown].
	Current any `json:"current,omitempty"`
	Desired any `json:"desired,omitempty"`
	// Secret names the secret values of Current and Desired as JSON pointers.
	Secret []string `json:"secret,omitempty"`
	// Output is what is known of the node's output before it runs. Where it
	// leaves out a property, the value is known only after apply.
	Output any `json:"output,omitempty"`
	// OutputSecret names the secret values of Output as JSON pointers.
	OutputSecret []string `json:"outputSecret,omitempty"`
	// Operations are the operations that the node will need, polls not counted.
	Operations []string `json:"operations,omitempty"`
}
