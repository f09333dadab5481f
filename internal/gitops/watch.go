package gitops

import (
	"context"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/gitops/git"
)

// Watch asks repositories whether the branches of links have moved, and says so. It looks
// whether the files of links were saved, too, where somebody wants to know. Questions are
// what it goes by: events of the file system and words of Git hosts only make it ask earlier.
type Watch struct {
	Syncer *Syncer
	// Links are those that are watched. They are asked for in each round, so links that come
	// and go are seen.
	Links func() ([]Link, error)
	// Every is how long a repository is left alone between two questions; 0 for until it is
	// told of.
	Every time.Duration
	// Moved is called with the links of a branch that has moved since they were last brought
	// together, and not again before it moves once more, unless it fails for a reason that
	// may go away by itself; and with links whose files owe runs. An error is told, and the
	// next question comes later.
	Moved func(ctx context.Context, links []Link) error
	// Saved, which may be nil, is called with the links of a file when it has another content
	// than at the last call, and at the start. It is called again, later each time, while it
	// fails for a reason that may go away by itself.
	Saved func(ctx context.Context, links []Link) error
	// Quiet is how long nobody has written a file before Saved is called.
	Quiet time.Duration
	// Failed is told why a repository could not be asked, or Saved has failed, once for each
	// reason in a row, and when that is tried again.
	Failed func(links []Link, err error, again time.Duration)
	// Sleep waits; nil for the machine's clock.
	Sleep func(ctx context.Context, d time.Duration) error

	mu    sync.Mutex
	told  []func(Link) bool
	woken chan struct{} // made by the first Tell or Run
}

const (
	// longest is how rarely a repository that does not answer is asked.
	longest = 15 * time.Minute
	// idle is how long nothing is looked at where only words of Git hosts count.
	idle = time.Hour
	// repeats is how often a repository is asked again that was told of and has no news, and
	// repeatAfter how much later: what hosts tell may be ahead of what their servers answer.
	repeats     = 2
	repeatAfter = 2 * time.Second
)

// Tell says that there may be news for some links, of which their repositories are asked now.
// It does not wait for that.
func (w *Watch) Tell(of func(Link) bool) {
	w.mu.Lock()
	w.told = append(w.told, of)
	w.mu.Unlock()
	w.wake()
}

func (w *Watch) wake() {
	select {
	case w.wakes() <- struct{}{}:
	default: // it wakes up already
	}
}

func (w *Watch) wakes() chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.woken == nil {
		w.woken = make(chan struct{}, 1)
	}
	return w.woken
}

// heard takes what was told since the last call.
func (w *Watch) heard() []func(Link) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	told := w.told
	w.told = nil
	return told
}

// watched is what is known of one repository between two questions.
type watched struct {
	due      time.Time
	failures int
	said     string              // the last failure that was told
	repeats  int                 // how often it is asked again if it has no news
	handled  map[string]git.Hash // the tip that Moved was last called with, by the place of a link
}

// Run watches until the context ends, or asks each repository once.
func (w *Watch) Run(ctx context.Context, once bool) error {
	repositories := map[string]*watched{}
	var files *saves
	if w.Saved != nil {
		files = watchSaves(w.wake)
		defer files.close()
	}
	for {
		told := w.heard()
		links, err := w.Links()
		if err != nil {
			return err
		}
		groups := map[string][]Link{}
		var order []string
		for _, l := range links {
			key := l.cache()
			if groups[key] == nil {
				order = append(order, key)
			}
			groups[key] = append(groups[key], l)
		}
		now := w.Syncer.now()
		next := now.Add(2 * w.Every) // to see links that are new
		if w.Every == 0 {
			next = now.Add(idle)
		}
		if files != nil && ctx.Err() == nil {
			// Before others' changes come: what was saved is compared with what was there.
			if due := w.lookForSaves(ctx, files, links, once); !due.IsZero() && due.Before(next) {
				next = due
			}
		}
		for _, key := range order {
			r := repositories[key]
			if r == nil {
				r = &watched{handled: map[string]git.Hash{}}
				if w.Every == 0 && !once && !w.Syncer.oweRuns(groups[key]) {
					r.due = now.Add(idle)
				}
				repositories[key] = r
			}
			for _, of := range told {
				if slices.ContainsFunc(groups[key], of) {
					r.due, r.repeats = time.Time{}, repeats
				}
			}
			if !w.Syncer.now().Before(r.due) {
				w.ask(ctx, r, groups[key])
			}
			if r.due.Before(next) {
				next = r.due
			}
		}
		for key := range repositories {
			if groups[key] == nil {
				delete(repositories, key)
			}
		}
		if once || ctx.Err() != nil {
			return ctx.Err()
		}
		if err := w.sleep(ctx, max(next.Sub(w.Syncer.now()), time.Millisecond)); err != nil {
			return err
		}
	}
}

func (w *Watch) sleep(ctx context.Context, d time.Duration) error {
	if w.Sleep != nil {
		return w.Sleep(ctx, d)
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-w.wakes():
		return nil
	case <-time.After(d):
		return nil
	}
}

// ask asks one repository, whatever the number of its links, with one request.
func (w *Watch) ask(ctx context.Context, r *watched, links []Link) {
	news, err := w.look(ctx, r, links)
	if ctx.Err() != nil {
		return
	}
	wait := w.Every
	switch {
	case err != nil:
		wait = w.backoff(r.failures)
		r.failures++
	case !news && r.repeats > 0:
		wait = repeatAfter << (repeats - r.repeats)
		r.failures, r.said = 0, ""
		r.repeats--
	default:
		r.failures, r.said, r.repeats = 0, "", 0
		if w.Every == 0 {
			wait = idle
		}
	}
	// Those that began together do not ask together for ever.
	wait += time.Duration(rand.Int64N(int64(wait)/5 + 1))
	r.due = w.Syncer.now().Add(wait)
	if err != nil && err.Error() != r.said {
		r.said = err.Error()
		w.Failed(links, err, wait)
	}
}

// backoff is how long something is left alone that has failed before.
func (w *Watch) backoff(failures int) time.Duration {
	every := w.Every
	if every == 0 {
		every = 30 * time.Second
	}
	return min(every<<min(failures, 10), max(longest, every))
}

// look asks for the tips of branches, and hands on those that have moved; news tells whether
// there were any.
func (w *Watch) look(ctx context.Context, r *watched, links []Link) (news bool, err error) {
	repo, err := w.Syncer.open(ctx, links[0])
	if err != nil {
		return false, err
	}
	branches := map[git.Branch]bool{}
	var names []git.Branch
	for _, l := range links {
		if !branches[l.Branch] {
			branches[l.Branch] = true
			names = append(names, l.Branch)
		}
	}
	tips, err := repo.Tips(ctx, names...)
	if err != nil {
		return false, err
	}
	known, err := w.Syncer.load()
	if err != nil {
		return false, err
	}
	places := map[string][]Link{}
	var order []string
	for _, l := range links {
		if places[l.place()] == nil {
			order = append(order, l.place())
		}
		places[l.place()] = append(places[l.place()], l)
	}
	var failed error
	for _, place := range order {
		group := places[place]
		tip, there := tips[group[0].Branch]
		p := known.place(group[0])
		// A push of ours has left its commit: what comes back of it is no news.
		moved := there && tip != p.Commit || !there && p.Commit != ""
		if seen, ok := r.handled[place]; ok && seen == tip {
			moved = false
		}
		if !moved && !p.isDue() {
			continue
		}
		news = true
		err := w.Moved(ctx, group)
		if err != nil {
			failed = err
		}
		if err == nil || ForPeople(err) {
			r.handled[place] = tip
		}
	}
	return news, failed
}

// PersonError stays until a person does something about it: a watch says it once and does
// not try again by itself.
type PersonError struct{ Err error }

func (e *PersonError) Error() string { return e.Err.Error() }
func (e *PersonError) Unwrap() error { return e.Err }

// ForPeople reports whether an error stays until a person does something about it.
func ForPeople(err error) bool {
	var person *PersonError
	var conflict *ConflictError
	var deleted *DeletedError
	var rewritten *RewrittenError
	var failed *git.Error
	return errors.As(err, &person) || errors.As(err, &conflict) || errors.As(err, &deleted) || errors.As(err, &rewritten) ||
		errors.As(err, &failed) && (failed.Reason == git.Refused || failed.Reason == git.NoIdentity || failed.Reason == git.NoSignature)
}

// open opens the cache of a link's repository, and keeps no lock.
func (s *Syncer) open(ctx context.Context, l Link) (*git.Repository, error) {
	unlock, err := s.lock(ctx, l.cache())
	if err != nil {
		return nil, err
	}
	defer unlock()
	return s.Git.Open(ctx, filepath.Join(s.Dir, l.cache()+".git"), l.URL)
}
