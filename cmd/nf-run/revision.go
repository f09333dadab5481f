package main

import (
	"context"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/gitops/git"
)

// revisionOf finds out of which commit the text of a template is: the one that it was
// brought from, else the one that its working copy has checked out. Git is asked while
// other things are made ready; who calls what is returned waits for its answer. Where
// there is no Git, or no repository, nothing is known.
func (c *command) revisionOf(ctx context.Context, d *document, given string) func() engine.Revision {
	if given != "" || d.path == "-" {
		return func() engine.Revision { return engine.ParseCommit(given) }
	}
	found := make(chan engine.Revision, 1)
	go func() {
		var r engine.Revision
		if at, ok := (&git.Program{}).Standing(ctx, abs(d.path), d.snapshot.Tree.Source()); ok {
			r.Commit, r.Modified = string(at.Commit), at.Modified
		}
		found <- r
	}()
	var known *engine.Revision
	return func() engine.Revision {
		if known == nil {
			r := <-found
			known = &r
		}
		return *known
	}
}
