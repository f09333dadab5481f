package gitops

import (
	"context"
	"fmt"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/gitops/merge"
)

// Resolution says how a conflict is settled.
type Resolution struct {
	// Side is taken at all conflicts that Sides does not name, by the ID or the node.
	Side  merge.Side
	Sides map[string]merge.Side
	// Edited takes the file as it is: somebody has put together what both have.
	Edited bool
	Merge  merge.Options
}

// Resolve settles the conflicts between a file and the repository. The file has both
// sides' changes then, and is pushed like any other change.
func (s *Syncer) Resolve(ctx context.Context, l Link, r Resolution) (Done, error) {
	w, theirs, err := s.beginWith(ctx, l, true)
	if err != nil {
		return Done{}, err
	}
	defer w.unlock()
	if r.Edited {
		if !theirs.there {
			return Done{Outcome: Deleted}, &DeletedError{l}
		}
		ours, err := w.local()
		if err != nil {
			return Done{}, err
		}
		done := Done{Outcome: Merged, Cache: w.repo.Dir(), Commit: theirs.commit}
		if done.Backups, err = w.save(ctx, version{}, theirs); err != nil {
			return Done{}, err
		}
		owed, err := w.owes(ours.text, theirs, true)
		if err != nil {
			return Done{}, err
		}
		return done, w.agree(ctx, theirs, owed...)
	}
	used := map[string]bool{}
	o := r.Merge
	o.Choose = func(c merge.Conflict) merge.Side {
		node, _, _ := strings.Cut(c.Node, " (")
		for _, name := range []string{c.ID, c.Node, node} {
			if side, ok := r.Sides[name]; ok && name != "" {
				used[name] = true
				return side
			}
		}
		return r.Side
	}
	done, err := w.pull(ctx, theirs, o, false)
	for name := range r.Sides {
		if !used[name] && err == nil {
			return done, fmt.Errorf("there was no conflict at %s", name)
		}
	}
	return done, err
}
