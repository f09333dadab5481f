package gitops

import (
	"context"

	"github.com/nf-lsp/nf-lsp/internal/gitops/changes"
	"github.com/nf-lsp/nf-lsp/internal/gitops/git"
)

// LogEntry is a commit with what it has changed of the template.
type LogEntry struct {
	git.Commit
	Changes []changes.Change
	Runs    []StartedRun
}

// logDepth is how many commits of the branch are looked at for each that is wanted.
const logDepth = 50

// Log lists the commits that have changed a link's file, the newest first, and what each
// of them has changed. A commit that changes only how the file is laid out has no changes.
func (s *Syncer) Log(ctx context.Context, l Link, limit int) ([]LogEntry, error) {
	w, err := s.begin(ctx, l)
	if err != nil {
		return nil, err
	}
	defer w.unlock()
	tip, err := w.repo.Deepen(ctx, l.Branch, limit*logDepth)
	if err != nil || tip == "" {
		return nil, err
	}
	commits, err := w.repo.Log(ctx, tip, l.Path, limit)
	if err != nil {
		return nil, err
	}
	cut, err := w.repo.Shallow(ctx)
	if err != nil {
		return nil, err
	}
	entries := []LogEntry{}
	for _, c := range commits {
		if c.Parent == "" && cut {
			break // what it has changed is behind the end of what was fetched
		}
		now, err := w.at(ctx, c.Hash)
		if err != nil {
			return nil, err
		}
		var was version
		if c.Parent != "" {
			if was, err = w.at(ctx, c.Parent); err != nil {
				return nil, err
			}
		}
		e := LogEntry{Commit: c}
		if e.Changes, err = w.changed(ctx, was, now); err != nil {
			return nil, err
		}
		for _, r := range w.place.Runs {
			if r.Commit == c.Hash {
				e.Runs = append(e.Runs, r)
			}
		}
		entries = append(entries, e)
	}
	return entries, nil
}
