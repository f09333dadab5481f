package gitops

import (
	"context"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/gitops/changes"
	"github.com/nf-lsp/nf-lsp/internal/gitops/git"
	"github.com/nf-lsp/nf-lsp/internal/gitops/merge"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// Status is how a file and its other half stand to one another.
type Status struct {
	Outcome Outcome
	// Commit is the tip of the branch, Base the commit that both last agreed on.
	Commit, Base git.Hash
	At           time.Time
	// Ours and Theirs are what each side has changed since.
	Ours, Theirs []changes.Change
	Conflicts    []merge.Conflict
	Runs         []StartedRun
	// Owed are the runs that could not be started yet.
	Owed []OwedRun
	// BaseText is what both had when they last agreed, TheirText what the repository has;
	// nil where there is no such version.
	BaseText, TheirText *string
}

// Status compares a file with the repository. It changes neither. Offline, it goes by what
// was fetched last.
func (s *Syncer) Status(ctx context.Context, l Link, offline bool, o merge.Options) (Status, error) {
	w, theirs, err := s.beginWith(ctx, l, !offline)
	if err != nil {
		return Status{}, err
	}
	defer w.unlock()
	ours, err := w.local()
	if err != nil {
		return Status{}, err
	}
	base, agreed, err := w.base(ctx)
	if err != nil {
		return Status{}, err
	}
	st := Status{Commit: theirs.commit, Base: w.place.Commit, At: w.place.At, Runs: w.place.Runs}
	for _, o := range w.place.Owed {
		if o.Due {
			st.Owed = append(st.Owed, o)
		}
	}
	text := like(ours.text, theirs.text)
	if theirs.there {
		st.TheirText = &theirs.text
	}
	if agreed {
		st.BaseText = &base
		if ours.there {
			if st.Ours, err = w.changedHere(ctx, base, text); err != nil {
				return Status{}, err
			}
		}
		if theirs.there {
			if st.Theirs, err = w.changed(ctx, version{text: base, blob: w.place.Base}, theirs); err != nil {
				return Status{}, err
			}
		}
	}
	switch {
	case !theirs.there && agreed:
		st.Outcome = Deleted
	case !theirs.there:
		st.Outcome = New
	case !ours.there:
		st.Outcome = Missing
	case text == theirs.text:
		st.Outcome = InSync
	case agreed && theirs.text == base:
		st.Outcome = Ahead
	case agreed && text == base:
		st.Outcome = Behind
	default:
		r := merge.Merge(base, text, theirs.text, !agreed, o)
		st.Outcome, st.Conflicts = Diverged, r.Conflicts
		if len(r.Conflicts) > 0 {
			st.Outcome = Conflicting
		}
	}
	return st, nil
}

// changed lists what a version has changed since another: what the hunks of their diff
// touch, and means something else.
func (w *work) changed(ctx context.Context, older, newer version) ([]changes.Change, error) {
	before, after := syntax.Parse(older.text), syntax.Parse(newer.text)
	if older.blob == "" || newer.blob == "" {
		return changes.Between(before, after), nil
	}
	unified, err := w.repo.Diff(ctx, older.blob, newer.blob)
	if err != nil {
		return nil, err
	}
	return changes.FromDiff(before, after, unified)
}

// changedHere is changed for the file on this machine, whose text is given with the line
// ends of the older one.
func (w *work) changedHere(ctx context.Context, older, text string) ([]changes.Change, error) {
	if older == text {
		return nil, nil
	}
	unified, err := w.s.Git.DiffFile(ctx, older, w.link.File)
	if err != nil {
		return nil, err
	}
	return changes.FromDiff(syntax.Parse(older), syntax.Parse(text), unified)
}
