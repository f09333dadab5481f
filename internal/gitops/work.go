package gitops

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/engine/crash"
	"github.com/nf-lsp/nf-lsp/internal/gitops/git"
	"github.com/nf-lsp/nf-lsp/internal/source"
)

// The points between the steps of a pull and a push, at which a process may end.
const (
	fetched     crash.Point = "sync-fetched"     // the branch was fetched, nothing was done
	saved       crash.Point = "sync-saved"       // both versions are saved, nothing is overwritten
	committed   crash.Point = "sync-committed"   // the commit is made, nobody has it
	pushed      crash.Point = "sync-pushed"      // the repository has the commit, nothing here says so
	noted       crash.Point = "sync-owed"        // it is noted which runs are owed, the file is not replaced
	overwritten crash.Point = "sync-overwritten" // the file is replaced, nothing says that it agrees
	agreed      crash.Point = "sync-agreed"      // it is noted that both sides agree, no run is started
	begun       crash.Point = "sync-started"     // a run is started, nothing says so
)

// Points lists them in the order in which they are passed.
func Points() []crash.Point {
	return []crash.Point{fetched, saved, committed, pushed, noted, overwritten, agreed, begun}
}

// work is what goes on about one link while its cache is locked.
type work struct {
	s      *Syncer
	link   Link
	repo   *git.Repository
	place  placeText
	unlock func()
	// approved are the messages that hooks have left, by the text and the message before.
	approved map[string]string
	// copy is the user's working copy of the repository, and remoteOf what that is called
	// there; nil where there is none, or copyKnown is not set.
	copy      *git.Copy
	remoteOf  git.Remote
	copyKnown bool
}

// begin locks the cache of a link's repository and reads what is known of the link.
func (s *Syncer) begin(ctx context.Context, l Link) (*work, error) {
	unlock, err := s.lock(ctx, l.cache())
	if err != nil {
		return nil, err
	}
	repo, err := s.Git.Open(ctx, filepath.Join(s.Dir, l.cache()+".git"), l.URL)
	if err != nil {
		unlock()
		return nil, err
	}
	f, err := s.load()
	if err != nil {
		unlock()
		return nil, err
	}
	return &work{s: s, link: l, repo: repo, place: *f.place(l), unlock: unlock}, nil
}

// beginWith begins, and reads what the repository has; fetch says whether that is asked for.
func (s *Syncer) beginWith(ctx context.Context, l Link, fetch bool) (*work, version, error) {
	w, err := s.begin(ctx, l)
	if err != nil {
		return nil, version{}, err
	}
	theirs, err := w.remote(ctx, fetch)
	if err != nil {
		w.unlock()
		return nil, version{}, err
	}
	return w, theirs, nil
}

// version is the file as one side has it.
type version struct {
	there  bool
	text   string
	commit git.Hash
	blob   git.Hash
}

// remote fetches the branch and reads the file in it.
func (w *work) remote(ctx context.Context, fetch bool) (version, error) {
	ask := w.repo.Resolve
	if fetch {
		ask = w.repo.Fetch
	}
	tip, err := ask(ctx, w.link.Branch)
	if fetch && err == nil {
		crash.Here(fetched)
	}
	if err != nil || tip == "" {
		return version{}, err
	}
	if w.place.Commit != "" && !w.s.Rewritten {
		follows, known, err := w.repo.Follows(ctx, w.place.Commit, tip)
		if err != nil {
			return version{}, err
		}
		if known && !follows {
			return version{}, &RewrittenError{w.link, w.place.Commit, tip}
		}
	}
	return w.at(ctx, tip)
}

// RewrittenError says that the branch does not go on from the commit that the file comes
// from: somebody has forced a push. Nothing was done.
type RewrittenError struct {
	Link    Link
	Was, Is git.Hash
}

func (e *RewrittenError) Error() string {
	return fmt.Sprintf("the history of the branch %s of %s was rewritten: %s does not follow %s, which %s comes from; nothing was done: look at it, then say --rewritten to go on with what is there", e.Link.Branch, e.Link.URL, e.Is.Short(), e.Was.Short(), e.Link.File)
}

func (w *work) at(ctx context.Context, commit git.Hash) (version, error) {
	v := version{commit: commit}
	file, err := w.repo.File(ctx, commit, w.link.Path)
	var failed *git.Error
	if errors.As(err, &failed) && failed.Reason == git.NoFile {
		return v, nil
	}
	if err != nil {
		return v, err
	}
	v.there, v.blob = true, file.Blob
	v.text, err = w.content(ctx, file.Blob)
	return v, err
}

// content reads a blob that is a template.
func (w *work) content(ctx context.Context, blob git.Hash) (string, error) {
	text, err := w.repo.Blob(ctx, blob)
	switch {
	case err != nil:
		return "", err
	case len(text) > source.MaxSize:
		return "", fmt.Errorf("%s in %s has %d MB and is no template", w.link.Path, w.link.URL, len(text)>>20)
	case strings.HasPrefix(string(text), "version https://git-lfs.github.com/"):
		return "", fmt.Errorf("%s in %s is kept by Git LFS: take it out of .gitattributes (git lfs untrack) and commit the file itself", w.link.Path, w.link.URL)
	case strings.ContainsRune(string(text), 0):
		return "", fmt.Errorf("%s in %s is no text", w.link.Path, w.link.URL)
	}
	return string(text), nil
}

// base returns what both had when they last agreed; ok is false where they never did.
func (w *work) base(ctx context.Context) (text string, ok bool, err error) {
	if w.place.Base == "" {
		return "", false, nil
	}
	text, err = w.content(ctx, w.place.Base)
	return text, err == nil, err
}

// local reads the file on this machine.
func (w *work) local() (version, error) {
	_, err := os.Lstat(w.link.File)
	if errors.Is(err, fs.ErrNotExist) {
		return version{}, nil
	}
	text, err := source.Read(w.link.File, nil)
	if err != nil && !errors.Is(err, source.ErrEmpty) {
		return version{}, err
	}
	return version{there: true, text: text}, nil
}

// ends are the line ends of a text.
type ends int

const (
	none ends = iota
	lf
	crlf
	mixed
)

func endsOf(text string) ends {
	all, pairs := strings.Count(text, "\n"), strings.Count(text, "\r\n")
	switch {
	case all == 0:
		return none
	case pairs == 0:
		return lf
	case pairs == all:
		return crlf
	}
	return mixed
}

// like gives a text the line ends of another one, where each of them has one kind of its
// own: a file that Windows has written is not changed in all of its lines because of that.
func like(text, model string) string {
	switch from, to := endsOf(text), endsOf(model); {
	case from == crlf && to == lf:
		return strings.ReplaceAll(text, "\r\n", "\n")
	case from == lf && to == crlf:
		return strings.ReplaceAll(text, "\n", "\r\n")
	}
	return text
}

// save keeps both versions before anything is overwritten, and returns the names of the
// backups, as Backups has them. The refs are in the cache alone: nothing pushes them.
func (w *work) save(ctx context.Context, ours, theirs version) ([]string, error) {
	at := w.s.now().UTC().Format(backupTime)
	var names []string
	for _, side := range []struct {
		name string
		v    version
	}{{"ours", ours}, {"theirs", theirs}} {
		if !side.v.there {
			continue
		}
		blob, suffix := side.v.blob, ""
		if blob == "" {
			content := []byte(side.v.text)
			var err error
			if holdsSecrets(side.v.text) {
				if content, err = w.s.seal(content); err != nil {
					return nil, fmt.Errorf("the %s version holds secrets and could not be encrypted, so nothing was overwritten: %w", side.name, err)
				}
				suffix = sealedSuffix
			}
			if blob, err = w.repo.Save(ctx, content); err != nil {
				return nil, err
			}
		}
		name := backupFolder + w.link.place() + "/" + at + "-" + side.name + suffix
		if err := w.repo.Keep(ctx, name, blob); err != nil {
			return nil, fmt.Errorf("the %s version could not be saved, so nothing was overwritten: %w", side.name, err)
		}
		names = append(names, "refs/nf/"+name)
	}
	crash.Here(saved)
	return names, nil
}

// overwrite replaces the file on this machine, if it still is what was read.
func (w *work) overwrite(old version, text string) error {
	if old.there && old.text == text {
		return nil
	}
	var err error
	if old.there {
		err = source.Replace(w.link.File, old.text, text)
	} else if err = os.MkdirAll(filepath.Dir(w.link.File), 0o755); err == nil {
		err = source.Write(w.link.File, text)
	}
	if err == nil {
		crash.Here(overwritten)
	}
	return err
}

// agree notes that both sides come from a version now, and which runs that owes.
func (w *work) agree(ctx context.Context, v version, owed ...OwedRun) error {
	if v.blob == w.place.Base && w.place.Conflict == "" && v.commit == w.place.Commit && len(owed) == 0 && !w.unsure() {
		return nil
	}
	// Before it is noted, so that what is noted is there.
	if err := w.repo.Point(ctx, "base/"+w.link.place(), v.blob); err != nil {
		return err
	}
	if err := w.repo.Point(ctx, "commit/"+w.link.place(), v.commit); err != nil {
		return err
	}
	err := w.note(ctx, func(p *placeText) {
		p.Base, p.Commit, p.At, p.Conflict = v.blob, v.commit, w.s.now().UTC(), ""
		p.due(owed)
	})
	if err == nil {
		crash.Here(agreed)
	}
	return err
}

func (w *work) note(ctx context.Context, change func(*placeText)) error {
	return w.s.change(ctx, func(f *stored) error {
		p := f.place(w.link)
		change(p)
		w.place = *p
		return nil
	})
}
