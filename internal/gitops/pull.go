package gitops

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/nf-lsp/nf-lsp/internal/gitops/changes"
	"github.com/nf-lsp/nf-lsp/internal/gitops/git"
	"github.com/nf-lsp/nf-lsp/internal/gitops/merge"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// Outcome says what came of a pull or a push.
type Outcome string

// The outcomes.
const (
	// InSync: both sides have the same.
	InSync Outcome = "in-sync"
	// Updated: the file has what the repository has.
	Updated Outcome = "updated"
	// Merged: the file has the changes of both sides.
	Merged Outcome = "merged"
	// Ahead: the file has changes that the repository does not have.
	Ahead Outcome = "ahead"
	// Behind: the repository has changes that the file does not have.
	Behind Outcome = "behind"
	// Diverged: both have changes, which go together.
	Diverged Outcome = "diverged"
	// Conflicting: both have changes that do not go together.
	Conflicting Outcome = "conflict"
	// New: the repository does not have the file yet; the first push makes it.
	New Outcome = "new"
	// Deleted: the repository had the file, and does not have it any more.
	Deleted Outcome = "deleted"
	// Missing: this machine does not have the file; a pull brings it.
	Missing Outcome = "missing"
	// Pushed: the repository has what the file has.
	Pushed Outcome = "pushed"
)

// Done is what came of a pull or a push.
type Done struct {
	Outcome Outcome
	// Met is true with InSync where both have another text than the one that they agreed on
	// last, if ever: it was committed or pulled with git in a working copy, or a process ended between
	// the change and its note.
	Met bool
	// Commit is the one that the file agrees with now; "" where there is none.
	Commit git.Hash
	// Changes are those that the side which was written has got.
	Changes []changes.Change
	// Backups are the refs in Cache under which what was overwritten is saved.
	Backups []string
	Cache   string
	// Conflicts are why nothing was written.
	Conflicts []merge.Conflict
	// Settled are those that were settled.
	Settled []merge.Conflict
}

// ConflictError says that both sides have changes that do not go together. Neither was
// touched.
type ConflictError struct {
	Link      Link
	Conflicts []merge.Conflict
}

func (e *ConflictError) Error() string {
	return fmt.Sprintf("%s and %s of %s have changes that do not go together; neither was touched: settle them with 'nf-run sync resolve'", e.Link.File, "/"+e.Link.Path.String(), e.Link.URL)
}

// DeletedError says that the file is gone from the repository, and with it what it had.
type DeletedError struct{ Link Link }

func (e *DeletedError) Error() string {
	return fmt.Sprintf("/%s is gone from the branch %s of %s; %s was left as it is: unlink it, or link it again to make it anew with the next push", e.Link.Path, e.Link.Branch, e.Link.URL, e.Link.File)
}

// Pull brings the changes of the repository into the file. Where both sides have changes
// that do not go together the error is a ConflictError, and neither is touched.
func (s *Syncer) Pull(ctx context.Context, l Link, o merge.Options) (Done, error) {
	w, theirs, err := s.beginWith(ctx, l, true)
	if err != nil {
		return Done{}, err
	}
	defer w.unlock()
	return w.pull(ctx, theirs, o, false)
}

// pull is given what the repository has. Where the two have never agreed, replace takes
// that; else it is a conflict if the file has something else.
func (w *work) pull(ctx context.Context, theirs version, o merge.Options, replace bool) (Done, error) {
	ours, err := w.local()
	if err != nil {
		return Done{}, err
	}
	if err := w.settleOwed(ctx, ours); err != nil {
		return Done{}, err
	}
	done := Done{Cache: w.repo.Dir(), Commit: theirs.commit}
	base, agreed, err := w.base(ctx)
	switch {
	case err != nil:
		return Done{}, err
	case !theirs.there && agreed:
		return Done{Outcome: Deleted}, &DeletedError{w.link}
	case !theirs.there:
		return Done{Outcome: New}, nil
	}
	inRepository := like(ours.text, theirs.text)
	switch {
	case ours.there && inRepository == theirs.text:
		done.Outcome, done.Met = InSync, theirs.text != base && (agreed || !replace)
		return done, w.meet(ctx, done, ours, theirs)
	case agreed && theirs.text == base && ours.there:
		done.Outcome = Ahead
		return done, w.agree(ctx, theirs)
	}
	result, outcome := theirs.text, Updated
	if ours.there && inRepository != base && (agreed || !replace) {
		r := merge.Merge(base, inRepository, theirs.text, !agreed, o)
		if len(r.Conflicts) > 0 {
			return w.conflict(ctx, theirs, r.Conflicts)
		}
		result, outcome, done.Settled = r.Text, Merged, r.Settled
	}
	if done.Backups, err = w.save(ctx, ours, theirs); err != nil {
		return Done{}, err
	}
	text := like(result, ours.text)
	done.Changes = changes.Between(syntax.Parse(ours.text), syntax.Parse(text))
	var owed []OwedRun
	// A link brings the file here, and where a person takes the file's own side, nothing
	// comes, unless a process has ended that has brought it.
	nothing := replace && !agreed || len(done.Settled) > 0 && text == ours.text && !w.unsure()
	if !nothing {
		if owed, err = w.owes(text, theirs, outcome == Merged); err != nil {
			return Done{}, err
		}
	}
	if err := w.owe(ctx, owed); err != nil {
		return Done{}, err
	}
	if err := w.overwrite(ours, text); err != nil {
		return Done{}, err
	}
	done.Outcome = outcome
	return done, w.agree(ctx, theirs, owed...)
}

// meet notes that both sides have the same.
func (w *work) meet(ctx context.Context, done Done, ours, theirs version) error {
	if !done.Met {
		return w.agree(ctx, theirs)
	}
	owed, err := w.owes(ours.text, theirs, false)
	if err != nil {
		return err
	}
	return w.agree(ctx, theirs, owed...)
}

// conflict notes a conflict. It is shown until it is settled or one side goes back.
func (w *work) conflict(ctx context.Context, theirs version, conflicts []merge.Conflict) (Done, error) {
	if err := w.note(ctx, func(p *placeText) { p.Conflict = theirs.blob }); err != nil {
		return Done{}, err
	}
	return Done{Outcome: Conflicting, Commit: theirs.commit, Conflicts: conflicts}, &ConflictError{w.link, conflicts}
}

// Linked is what came of making a link.
type Linked struct {
	Done
	// Replaced is true where the file on this machine had something else than the
	// repository, which is saved.
	Replaced bool
}

// Link makes a link. Where the repository has the file already, it is fetched, and what
// stood in the file on this machine is saved; else the first push makes it.
func (s *Syncer) Link(ctx context.Context, l Link) (Linked, error) {
	all, err := s.Links(filepath.Dir(l.File))
	if err != nil {
		return Linked{}, err
	}
	for _, o := range all {
		switch {
		case o.Name == l.Name && !sameFile(o.File, l.File):
			return Linked{}, fmt.Errorf("the name %q belongs to the link of %s: give this one another with --name", l.Name, o.File)
		case sameFile(o.File, l.File) && o.place() != l.place():
			return Linked{}, fmt.Errorf("%s is linked to /%s on the branch %s of %s already: unlink it first", l.File, o.Path, o.Branch, o.URL)
		}
	}
	w, theirs, err := s.beginWith(ctx, l, true)
	if err != nil {
		return Linked{}, err
	}
	defer w.unlock()
	ours, err := w.local()
	if err != nil {
		return Linked{}, err
	}
	if !theirs.there && !ours.there {
		return Linked{}, fmt.Errorf("there is neither a file %s nor /%s on the branch %s of %s: nothing to link", l.File, l.Path, l.Branch, l.URL)
	}
	if w.place.Base != "" { // linked again, by another name or to change the link
		if err := s.add(ctx, l); err != nil {
			return Linked{}, err
		}
		done, err := w.pull(ctx, theirs, merge.Options{}, false)
		var deleted *DeletedError
		if errors.As(err, &deleted) { // this is how it is made anew
			err = w.note(ctx, func(p *placeText) { *p = placeText{Runs: p.Runs} })
			done.Outcome = New
		}
		return Linked{Done: done}, err
	}
	if err := s.add(ctx, l); err != nil {
		return Linked{}, err
	}
	done, err := w.pull(ctx, theirs, merge.Options{}, true)
	return Linked{Done: done, Replaced: ours.there && done.Outcome == Updated}, err
}
