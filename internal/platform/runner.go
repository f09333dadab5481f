package platform

import (
	"context"
	"encoding/json"
	"time"
)

// A Runner runs the documents that a target stores: templates, workflows, release
// flows, previews. What stores them knows nothing of nodes and expressions; whoever
// puts the program together gives it a Runner that does.
//
// Implementations are safe for concurrent use.
type Runner interface {
	// Check returns what keeps a document from running, as an [*Error] of status
	// 400 that names the places; nil where nothing does.
	Check(d Document) error
	// Start begins a run and returns when the run is recorded, or refused with an
	// [*Error]. A run with the ID that has begun goes on, if it was interrupted.
	// ended is called when the run has come to its end.
	Start(ctx context.Context, r DocumentRun, ended func(RunState)) error
	// State returns how a run stands, and false for one that is not known.
	State(ctx context.Context, id string) (RunState, bool, error)
	// Nodes returns how the nodes of a run stand, in the order of the document.
	Nodes(ctx context.Context, id string) ([]RunNode, error)
	// Abort asks for the end of a run.
	Abort(ctx context.Context, id, reason string) error
}

// The types of documents, as the catalog calls them.
const (
	TemplateDocument    = "template"
	ReleaseFlowDocument = "releaseFlow"
	PreviewDocument     = "previewEnv"
)

// A Document is what a Runner runs.
type Document struct {
	// Type is one of the types of documents.
	Type string
	// Identity is what the document's queue and history are kept under.
	Identity string
	// ProjectID is the project that the document runs within; empty where it says
	// so itself.
	ProjectID string
	// AnyKind says that nodes of any kind may stand in its spec, whatever its type:
	// which ones workflows and preview blueprints take is documented nowhere.
	AnyKind bool
	// Text is the document.
	Text json.RawMessage
}

// A DocumentRun is a run of a document.
type DocumentRun struct {
	Document
	// ID is the run's, chosen by the target.
	ID string
	// Arguments are laid over those of the document.
	Arguments map[string]any
	// Given is what refs stand for that no node of the document carries, by ref: the
	// commits of its triggers.
	Given map[string]any
	// Teardown runs the document's teardownSpec.
	Teardown bool
	// Version is the number of the document's version that runs; 0 where it is not known.
	Version int
	// Environment tells apart what the document makes more than once: a preview, from
	// others that had its name before. It is empty for other runs.
	Environment string
}

// A RunState is how a run stands, in the API's words.
type RunState struct {
	// Status is such as "pending", "running", "success".
	Status    string `json:"status"`
	Concluded bool   `json:"concluded,omitempty"`
	// Error is why it has failed, for people.
	Error string `json:"error,omitempty"`
	// StartedAt and ConcludedAt are zero before.
	StartedAt   time.Time `json:"startedAt,omitzero"`
	ConcludedAt time.Time `json:"concludedAt,omitzero"`
}

// A RunNode is how a node of a run stands.
type RunNode struct {
	// Path is its JSON pointer in the document.
	Path string
	Ref  string
	// Status is such as "pending", "success"; Code and Error are why it has
	// failed.
	Status string
	Code   int
	Error  string
	// Attempts and MaxAttempts count how often it was tried and may be.
	Attempts, MaxAttempts int
	StartedAt, EndedAt    time.Time
	// Data is its output with secrets masked; nil before there is one.
	Data json.RawMessage
	// Iterations are those of a loop, where they are known; nil for other nodes. In an
	// answer of a platform they have their names only: their nodes are among the others.
	Iterations []RunIteration
}

// A RunIteration is how an iteration of a loop stands.
type RunIteration struct {
	Name string
	// Nodes are the iteration itself, whose path is empty, and its steps, with paths from
	// the iteration on.
	Nodes []RunNode
}
