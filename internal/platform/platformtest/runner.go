package platformtest

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// A Runner is a [platform.Runner] for tests of what stores documents: it runs none of
// their nodes. A run succeeds at once; one with the argument "hold" goes on until it
// is aborted.
type Runner struct {
	mu   sync.Mutex
	runs map[string]*heldRun
}

type heldRun struct {
	state platform.RunState
	nodes []platform.RunNode
	ended func(platform.RunState)
}

// NewRunner returns a runner that knows no runs.
func NewRunner() *Runner { return &Runner{runs: map[string]*heldRun{}} }

// Check implements [platform.Runner]: a document whose spec is of the kind Nonsense
// is refused.
func (r *Runner) Check(d platform.Document) error {
	var document struct{ Spec struct{ Kind string } }
	if err := json.Unmarshal(d.Text, &document); err != nil {
		return err
	}
	if document.Spec.Kind == "Nonsense" {
		return platform.Invalid("spec.kind", "is Nonsense")
	}
	return nil
}

// Start implements [platform.Runner].
func (r *Runner) Start(_ context.Context, run platform.DocumentRun, ended func(platform.RunState)) error {
	now := time.Now()
	h := &heldRun{platform.RunState{Status: "running", StartedAt: now}, nodesOf(run), ended}
	if run.Arguments["hold"] == nil {
		h.state = platform.RunState{Status: "success", Concluded: true, StartedAt: now, ConcludedAt: now}
	}
	r.mu.Lock()
	r.runs[run.ID] = h
	r.mu.Unlock()
	if h.state.Concluded {
		ended(h.state)
	}
	return nil
}

// State implements [platform.Runner].
func (r *Runner) State(_ context.Context, id string) (platform.RunState, bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	h := r.runs[id]
	if h == nil {
		return platform.RunState{}, false, nil
	}
	return h.state, true, nil
}

// Nodes implements [platform.Runner].
func (r *Runner) Nodes(_ context.Context, id string) ([]platform.RunNode, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if h := r.runs[id]; h != nil {
		return h.nodes, nil
	}
	return nil, nil
}

// nodesOf are the root of a document and the images that it releases, all successful.
func nodesOf(run platform.DocumentRun) []platform.RunNode {
	nodes := []platform.RunNode{{Path: "/spec", Ref: "flow", Status: "success", Attempts: 1, MaxAttempts: 3, Data: json.RawMessage(`{"id": "made"}`)}}
	var document map[string]any
	if json.Unmarshal(run.Text, &document) != nil {
		return nodes
	}
	for i, step := range jsonvalue.List(document, "spec.spec.steps") {
		if origin := jsonvalue.Object(step, "spec.origin"); jsonvalue.String(step, "kind") == "Release" && origin != nil {
			data, _ := json.Marshal(map[string]any{"id": jsonvalue.Get(step, "spec.target.id"), "type": jsonvalue.Get(step, "spec.target.type"),
				"deployment": map[string]any{"external": origin}})
			nodes = append(nodes, platform.RunNode{Path: fmt.Sprintf("/spec/spec/steps/%d", i), Status: "success", Attempts: 1, MaxAttempts: 3, Data: data})
		}
	}
	return nodes
}

// Abort implements [platform.Runner].
func (r *Runner) Abort(_ context.Context, id, _ string) error {
	r.mu.Lock()
	h := r.runs[id]
	h.state.Status, h.state.Concluded, h.state.ConcludedAt = "aborted", true, time.Now()
	r.mu.Unlock()
	h.ended(h.state)
	return nil
}
