package gitops

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine/crash"
	"github.com/nf-lsp/nf-lsp/internal/gitops/changes"
	"github.com/nf-lsp/nf-lsp/internal/gitops/git"
	"github.com/nf-lsp/nf-lsp/internal/gitops/merge"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// PushOptions say how a push is done.
type PushOptions struct {
	// Message is the commit's; empty for one that names the nodes that changed.
	Message string
	Merge   merge.Options
	// Check looks at each text that is to be committed, beside what the merge has looked
	// at; an error keeps it from being pushed.
	Check func(text string) error
	// NoVerify leaves the user's hooks out, as "git commit --no-verify" and "git push --no-verify".
	NoVerify bool
}

// pushAttempts bounds how often a push begins again because the branch has moved.
const pushAttempts = 20

// Push brings the changes of the file into the repository, as one commit that changes
// nothing else. Where the branch has moved, both are merged, and the push begins again;
// it is never forced.
func (s *Syncer) Push(ctx context.Context, l Link, o PushOptions) (Done, error) {
	w, err := s.begin(ctx, l)
	if err != nil {
		return Done{}, err
	}
	defer w.unlock()
	for attempt := 1; ; attempt++ {
		done, err := w.push(ctx, o)
		var failed *git.Error
		if !errors.As(err, &failed) || failed.Reason != git.Moved || attempt == pushAttempts {
			return done, err
		}
		select {
		case <-ctx.Done():
			return done, ctx.Err()
		case <-time.After(time.Duration(rand.IntN(50*attempt)+5) * time.Millisecond):
		}
	}
}

func (w *work) push(ctx context.Context, o PushOptions) (Done, error) {
	theirs, err := w.remote(ctx, true)
	if err != nil {
		return Done{}, err
	}
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
	case !ours.there:
		return Done{Outcome: Missing}, fmt.Errorf("there is no file %s to push: 'nf-run sync pull' brings it", w.link.File)
	case !theirs.there && agreed:
		return Done{Outcome: Deleted}, &DeletedError{w.link}
	}
	text := like(ours.text, theirs.text)
	if !theirs.there {
		// Repositories have line feeds, whatever the system.
		text = like(text, "\n")
	}
	merged := false
	switch {
	case theirs.there && text == theirs.text:
		done.Outcome, done.Met = InSync, theirs.text != base
		return done, w.meet(ctx, done, ours, theirs)
	case agreed && text == base:
		done.Outcome = Behind
		return done, nil
	case theirs.there && !(agreed && theirs.text == base):
		r := merge.Merge(base, text, theirs.text, !agreed, o.Merge)
		if len(r.Conflicts) > 0 {
			return w.conflict(ctx, theirs, r.Conflicts)
		}
		text, merged, done.Settled = r.Text, true, r.Settled
	}
	if o.Check != nil {
		if err := o.Check(text); err != nil {
			return done, err
		}
	}
	done.Changes = changes.Between(syntax.Parse(theirs.text), syntax.Parse(text))
	if text != theirs.text || !theirs.there {
		copied, err := w.copied(ctx)
		if err != nil {
			return done, err
		}
		if err := w.refuseFiltered(ctx, copied, theirs); err != nil {
			return done, err
		}
		who, err := w.s.Git.Identity(ctx, filepath.Dir(w.link.File))
		if err != nil {
			return done, err
		}
		message := o.Message
		if strings.TrimSpace(message) == "" {
			message = w.message(theirs.there, done.Changes)
		}
		if merged { // before hooks, which may do something to the file
			if done.Backups, err = w.save(ctx, ours, theirs); err != nil {
				return done, err
			}
		}
		if !o.NoVerify && copied != nil {
			if message, err = w.approve(ctx, copied, text, message); err != nil {
				return done, err
			}
		}
		commit, err := w.repo.Make(ctx, who, theirs.commit, w.link.Path, []byte(text), message)
		if err != nil {
			return done, err
		}
		crash.Here(committed)
		if !o.NoVerify && copied != nil {
			if err := copied.ApprovePush(ctx, w.repo, w.remoteOf, commit, theirs.commit, w.link.Branch); err != nil {
				return done, err
			}
		}
		// The hooks of the working copy have had their say; where there is none, those that
		// the user has set for all repositories have it at the push.
		if err := w.repo.Push(ctx, commit, w.link.Branch, o.NoVerify || copied != nil); err != nil {
			return done, err
		}
		crash.Here(pushed)
		if theirs, err = w.at(ctx, commit); err != nil {
			return done, err
		}
	}
	owed, err := w.owes(like(text, ours.text), theirs, false)
	if err != nil {
		return done, err
	}
	if merged {
		if len(done.Backups) == 0 { // what there is to commit they have already
			if done.Backups, err = w.save(ctx, ours, theirs); err != nil {
				return done, err
			}
		}
		if err := w.owe(ctx, owed); err != nil {
			return done, err
		}
		if err := w.overwrite(ours, like(text, ours.text)); err != nil {
			return done, err
		}
	}
	done.Outcome, done.Commit = Pushed, theirs.commit
	return done, w.agree(ctx, theirs, owed...)
}

// message names the nodes that a commit changes.
func (w *work) message(there bool, list []changes.Change) string {
	name := path.Base(w.link.Path.String())
	switch {
	case !there:
		return "Add " + name
	case len(list) == 0:
		return "Lay out " + name + " anew"
	}
	summary := changes.Summary(list)
	message := strings.ToUpper(summary[:1]) + summary[1:] + " in " + name
	if len(message) <= 72 {
		return message
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Change %d nodes in %s\n\n", len(list), name)
	for _, c := range list {
		fmt.Fprintf(&b, "- %s %s\n", c, c.What)
	}
	return b.String()
}

// copied is the user's working copy of the repository that the file lies in; nil where it
// lies in none.
func (w *work) copied(ctx context.Context) (*git.Copy, error) {
	if w.copyKnown {
		return w.copy, nil
	}
	copied, err := w.s.Git.Copy(ctx, filepath.Dir(w.link.File))
	var failed *git.Error
	if errors.As(err, &failed) && (failed.Reason == git.NotFound || failed.Reason == git.Untrusted) {
		w.copyKnown = true
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	remote, of, err := copied.Remote(ctx, w.link.URL)
	if err != nil {
		return nil, err
	}
	w.copyKnown = true
	if of {
		w.copy, w.remoteOf = copied, remote
	}
	return w.copy, nil
}

// refuseFiltered refuses a file of which Git keeps what a filter makes of it: the pointer of
// Git LFS, or something encrypted. Our commits have files as they are.
func (w *work) refuseFiltered(ctx context.Context, copied *git.Copy, theirs version) error {
	filter, err := w.repo.Filter(ctx, theirs.commit, w.link.Path)
	if err == nil && filter == "" && copied != nil { // attributes that nobody has committed yet
		filter, err = copied.Filter(ctx, w.link.Path)
	}
	if err != nil || filter == "" {
		return err
	}
	required, err := w.s.Git.Required(ctx, filepath.Dir(w.link.File), filter)
	if err != nil || !required {
		return err
	}
	return &PersonError{fmt.Errorf("/%s is under filter=%s in .gitattributes of %s: Git would keep what that filter makes of it, and a template has to stand there as it is; take it out of .gitattributes (-filter) and push again; nothing was pushed", w.link.Path, filter, w.link.URL)}
}

// approve runs the hooks that the user's own git would run for the commit, and returns the
// message that they leave.
func (w *work) approve(ctx context.Context, copied *git.Copy, text, message string) (string, error) {
	key := text + "\x00" + message
	if approved, ok := w.approved[key]; ok { // the push has begun again
		return approved, nil
	}
	approved, err := copied.Approve(ctx, w.link.Path, []byte(text), message)
	if err == nil {
		w.approved = map[string]string{key: approved}
	}
	return approved, err
}
