package gitops

import (
	"context"
	"errors"
	"maps"
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
	// Failed is told why a repository could not be asked, Moved or Saved has failed, or, with
	// no links, Links, once for each reason of a file or repository in a row, and when that
	// is tried again.
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
	// answerWithin is how long a host may take to say what its branches are.
	answerWithin = 30 * time.Second
	// atOnce is how many repositories are asked at the same time.
	atOnce = 8
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
	said     map[string]string   // the failures that were told last: of the repository, and by the place of a link
	repeats  int                 // how often it is asked again if it has no news
	handled  map[string]git.Hash // the tip that Moved was last called with, by the place of a link
}

// Run watches until the context ends, or asks each repository once.
func (w *Watch) Run(ctx context.Context, once bool) error {
	repositories := map[string]*watched{}
	var links []Link
	var unread string // why links could not be read when that was told last
	var files *saves
	if w.Saved != nil {
		files = watchSaves(w.wake)
		defer files.close()
	}
	for {
		told := w.heard()
		now := w.Syncer.now()
		next := now.Add(2 * w.Every) // to see links that are new
		if w.Every == 0 {
			next = now.Add(idle)
		}
		switch read, err := w.Links(); {
		case err == nil:
			links, unread = read, ""
		case once:
			return err
		default: // those that were there are watched on
			wait := w.backoff(0)
			if next.After(now.Add(wait)) {
				next = now.Add(wait)
			}
			if err.Error() != unread {
				unread = err.Error()
				w.Failed(nil, err, wait)
			}
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
		if files != nil && ctx.Err() == nil {
			// Before others' changes come: what was saved is compared with what was there.
			if due := w.lookForSaves(ctx, files, links, once); !due.IsZero() && due.Before(next) {
				next = due
			}
		}
		var due []*watched
		asked := map[*watched][]Link{}
		for _, key := range order {
			r := repositories[key]
			if r == nil {
				r = &watched{handled: map[string]git.Hash{}, said: map[string]string{}}
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
				due = append(due, r)
				asked[r] = groups[key]
			}
		}
		w.ask(ctx, due, asked)
		for _, key := range order {
			if r := repositories[key]; r.due.Before(next) {
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

// answer is what a repository has said.
type answer struct {
	of   *watched
	tips map[git.Branch]git.Hash
	err  error
}

// ask asks repositories, whatever the number of their links with one request each, and acts
// on each as soon as it has answered: one that hangs keeps no other waiting.
func (w *Watch) ask(ctx context.Context, due []*watched, links map[*watched][]Link) {
	if len(due) == 0 {
		return
	}
	brief := w.Syncer.brief()
	answers := make(chan answer, len(due))
	room := make(chan struct{}, atOnce)
	for _, r := range due {
		go func() {
			room <- struct{}{}
			defer func() { <-room }()
			tips, err := brief.tips(ctx, links[r])
			answers <- answer{r, tips, err}
		}()
	}
	for range due {
		a := <-answers
		if ctx.Err() == nil {
			w.heed(ctx, a, links[a.of])
		}
	}
}

// brief is a syncer that gives a host up soon.
func (s *Syncer) brief() *Syncer {
	within := answerWithin
	if s.Git.Network > 0 {
		within = min(within, s.Git.Network)
	}
	return s.Within(within)
}

// Within is a syncer of the same links that ends a command of git which takes longer with a
// host or a hook.
func (s *Syncer) Within(limit time.Duration) *Syncer {
	bounded, program := *s, *s.Git
	program.Network = limit
	bounded.Git = &program
	return &bounded
}

// Reach asks the host of a link whether it answers, and does not wait for it as long as for
// work.
func (s *Syncer) Reach(ctx context.Context, l Link) error {
	_, err := s.brief().tips(ctx, []Link{l})
	return err
}

// heed acts on what a repository has said, and decides when it is asked again.
func (w *Watch) heed(ctx context.Context, a answer, links []Link) {
	r, err, news := a.of, a.err, false
	failed := map[string]error{}
	of := map[string][]Link{"": links}
	if err == nil {
		delete(r.said, "")
		news, err = w.look(ctx, r, links, a.tips, func(place string, group []Link, err error) {
			failed[place], of[place] = err, group
		})
	}
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		failed[""] = err
	}
	wait := w.Every
	switch {
	case len(failed) > 0:
		wait = w.backoff(r.failures)
		r.failures++
	case !news && r.repeats > 0:
		wait = repeatAfter << (repeats - r.repeats)
		r.failures = 0
		r.repeats--
	default:
		r.failures, r.repeats = 0, 0
		if w.Every == 0 {
			wait = idle
		}
	}
	// Those that began together do not ask together for ever.
	wait += time.Duration(rand.Int64N(int64(wait)*2/5+1)) - wait/5
	r.due = w.Syncer.now().Add(wait)
	for _, place := range slices.Sorted(maps.Keys(failed)) {
		if err := failed[place]; err.Error() != r.said[place] {
			r.said[place] = err.Error()
			w.Failed(of[place], err, wait)
		}
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

// tips asks a repository for the commits of the branches of its links.
func (s *Syncer) tips(ctx context.Context, links []Link) (map[git.Branch]git.Hash, error) {
	repo, err := s.open(ctx, links[0])
	if err != nil {
		return nil, err
	}
	branches := map[git.Branch]bool{}
	var names []git.Branch
	for _, l := range links {
		if !branches[l.Branch] {
			branches[l.Branch] = true
			names = append(names, l.Branch)
		}
	}
	return repo.Tips(ctx, names...)
}

// look hands on the branches that have moved; news tells whether there were any. What fails
// of a file is no reason to leave the others.
func (w *Watch) look(ctx context.Context, r *watched, links []Link, tips map[git.Branch]git.Hash, failed func(place string, group []Link, err error)) (news bool, err error) {
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
			delete(r.said, place)
			continue
		}
		news = true
		err := w.Moved(ctx, group)
		if err != nil {
			failed(place, group, err)
		} else {
			delete(r.said, place)
		}
		if err == nil || ForPeople(err) {
			r.handled[place] = tip
		}
	}
	return news, nil
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
