package gitops

import (
	"context"

	"github.com/nf-lsp/nf-lsp/internal/gitops/git"
)

// ChangedFiles fetches the branch of a link and returns the files, from the root of the
// repository, in which a commit differs from an earlier one that it follows. It is nil where
// that is not known: the earlier one is not here, or its history was rewritten.
func (s *Syncer) ChangedFiles(ctx context.Context, l Link, before, after git.Hash) ([]string, error) {
	w, err := s.begin(ctx, l)
	if err != nil {
		return nil, err
	}
	defer w.unlock()
	if _, err := w.repo.Fetch(ctx, l.Branch); err != nil {
		return nil, err
	}
	return w.repo.ChangedFiles(ctx, before, after)
}

// Proposed is what a pull request of the repository of a link changes: see
// [git.Repository.Proposed].
func (s *Syncer) Proposed(ctx context.Context, l Link, branch, into git.Branch, before, head git.Hash) (git.Proposal, error) {
	w, err := s.begin(ctx, l)
	if err != nil {
		return git.Proposal{}, err
	}
	defer w.unlock()
	return w.repo.Proposed(ctx, branch, into, before, head)
}
