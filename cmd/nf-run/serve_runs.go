package main

import (
	"context"
	"fmt"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/api"
	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/engine/picture"
	"github.com/nf-lsp/nf-lsp/internal/graph"
	"github.com/nf-lsp/nf-lsp/internal/source"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// servedRuns are the runs of a state folder for the page of "serve".
type servedRuns struct {
	command *command
	store   *history.Store
}

func (s servedRuns) List(ctx context.Context, f history.Filter) ([]history.Run, error) {
	return s.store.List(ctx, f, engine.Describe)
}

func (s servedRuns) View(ctx context.Context, id string) (*engine.RunView, error) {
	return engine.View(ctx, s.store, id)
}

func (s servedRuns) Follow(ctx context.Context, id string, after int64, o engine.Observer) error {
	return engine.Follow(ctx, s.store, id, after, o)
}

// Abort ends a run as "nf-run abort" does, on the target that it began on.
func (s servedRuns) Abort(ctx context.Context, id, reason string) error {
	session, run, err := s.command.startFor(ctx, id, inRealTime)
	if err != nil {
		return err
	}
	defer session.close()
	return session.engine.Abort(ctx, run.ID, reason, engine.RunOptions{})
}

// Decide leaves a decision with a run, and sees to it that somebody goes on with it:
// where no process does, one of its own, which a server that ends does not take along.
func (s servedRuns) Decide(ctx context.Context, id string, v engine.Verdict) error {
	if v.By == api.Anonymous {
		v.By = localUser() // who reaches a server without tokens is its user, as far as anybody can tell
	}
	if _, err := engine.Decide(ctx, s.store, id, v); err != nil {
		return err
	}
	if err := s.command.resumeDetached(ctx, s.store, id, patienceFlag{"no"}); err != nil {
		return fmt.Errorf("the decision is kept, but nobody goes on with the run: %w", err)
	}
	return nil
}

// Graph is that of the run's file where it still has the run's nodes, with the
// references between them; else that of the nodes alone.
func (s servedRuns) Graph(_ context.Context, view *engine.RunView) *graph.Graph {
	plain := picture.Of(view)
	if view.File == "" {
		return plain
	}
	text, err := source.Read(view.File, nil)
	if err != nil {
		return plain
	}
	snapshot := analysis.NewSnapshot(syntax.Parse(text), nil, nil)
	if !snapshot.IsTemplate() {
		return plain
	}
	g := graph.Of(snapshot.Doc)
	drawn := make(map[string]*graph.Node, len(g.Nodes))
	for i := range g.Nodes {
		drawn[g.Nodes[i].Path] = &g.Nodes[i]
	}
	for i := range view.Nodes {
		n := &view.Nodes[i]
		if d := drawn[n.Path]; d == nil || d.Kind != n.Kind || d.Ref != n.Ref {
			return plain
		}
	}
	return g
}
