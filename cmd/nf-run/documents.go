package main

import (
	"context"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/runner"
	"github.com/nf-lsp/nf-lsp/internal/platform/local"
)

// storedDocuments is documents for what looks at documents that are there: where there is
// no state folder, the local platform has none, and nothing is made.
func (c *command) storedDocuments(ctx context.Context, target string, rehearsal *engine.Rehearsal) (*session, error) {
	if name, err := readTarget(target); err == nil && !name.hosted && !c.hasState() {
		return c.look(ctx, target)
	}
	return c.documents(ctx, target, rehearsal)
}

// documents is start with a local platform that runs the documents which it stores, in
// this process: what has ended meanwhile is noted. The rehearsal, which may be nil, is what
// the run puts up with that is started next.
func (c *command) documents(ctx context.Context, target string, rehearsal *engine.Rehearsal) (*session, error) {
	s, err := c.start(ctx, target, rehearsal)
	if err != nil {
		return nil, err
	}
	if err := s.runDocuments(ctx); err != nil {
		s.close()
		return nil, exitWith(exitFailed, err)
	}
	if s.runs != nil {
		s.runs.Rehearsal = rehearsal
	}
	return s, nil
}

// runDocuments lets the session's platform run documents, where it is the local one.
func (s *session) runDocuments(ctx context.Context) error {
	embedded, ok := s.target.(*local.Platform)
	if !ok || s.runs != nil {
		return nil
	}
	s.runs = runner.New(*s.engine, embedded, s.front)
	embedded.RunWith(s.runs)
	return embedded.NoteRuns(ctx)
}

// settleDocuments waits for the documents that this process runs, and notes what has
// come of runs that were gone on with.
func (s *session) settleDocuments(ctx context.Context) error {
	if s.runs == nil {
		return nil
	}
	s.runs.Wait()
	return s.target.(*local.Platform).NoteRuns(ctx)
}
