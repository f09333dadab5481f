package gitops

import (
	"context"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/gitops/git"
)

// Watch asks repositories whether the branches of links have moved, and says so.
type Watch struct {
	Syncer *Syncer
	// Links are those that are watched. They are asked for in each round, so links that come
	// and go are seen.
	Links func() ([]Link, error)
	// Every is how long a repository is left alone between two questions.
	Every time.Duration
	// Moved is called with the links of a branch that has moved since they were last brought
	// together, and not again before it moves once more, unless it fails for a reason that
	// may go away by itself. An error is told, and the next question comes later.
	Moved func(ctx context.Context, links []Link) error
	// Failed is told why a repository could not be asked, once for each reason in a row, and
	// when it is asked again.
	Failed func(links []Link, err error, again time.Duration)
	// Sleep waits; nil for the machine's clock.
	Sleep func(ctx context.Context, d time.Duration) error
}

// longest is how rarely a repository that does not answer is asked.
const longest = 15 * time.Minute

// watched is what is known of one repository between two questions.
type watched struct {
	due      time.Time
	failures int
	said     string              // the last failure that was told
	handled  map[string]git.Hash // the tip that Moved was last called with, by the place of a link
}

// Run watches until the context ends, or asks each repository once.
func (w *Watch) Run(ctx context.Context, once bool) error {
	repositories := map[string]*watched{}
	for {
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
		next := w.Syncer.now().Add(2 * w.Every) // to see links that are new
		for _, key := range order {
			r := repositories[key]
			if r == nil {
				r = &watched{handled: map[string]git.Hash{}}
				repositories[key] = r
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
	case <-time.After(d):
		return nil
	}
}

// ask asks one repository, whatever the number of its links, with one request.
func (w *Watch) ask(ctx context.Context, r *watched, links []Link) {
	err := w.look(ctx, r, links)
	if ctx.Err() != nil {
		return
	}
	wait := w.Every
	if err != nil {
		wait = min(w.Every<<min(r.failures, 10), max(longest, w.Every))
		r.failures++
	} else {
		r.failures, r.said = 0, ""
	}
	// Those that began together do not ask together for ever.
	wait += time.Duration(rand.Int64N(int64(wait)/5 + 1))
	r.due = w.Syncer.now().Add(wait)
	if err != nil && err.Error() != r.said {
		r.said = err.Error()
		w.Failed(links, err, wait)
	}
}

func (w *Watch) look(ctx context.Context, r *watched, links []Link) error {
	repo, err := w.Syncer.open(ctx, links[0])
	if err != nil {
		return err
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
		return err
	}
	known, err := w.Syncer.load()
	if err != nil {
		return err
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
		if there && tip == p.Commit || !there && p.Commit == "" {
			continue
		}
		if seen, ok := r.handled[place]; ok && seen == tip {
			continue
		}
		err := w.Moved(ctx, group)
		if err != nil {
			failed = err
		}
		if err == nil || forPeople(err) {
			r.handled[place] = tip
		}
	}
	return failed
}

// forPeople reports whether an error stays until a person does something about it.
func forPeople(err error) bool {
	var conflict *ConflictError
	var deleted *DeletedError
	var rewritten *RewrittenError
	return errors.As(err, &conflict) || errors.As(err, &deleted) || errors.As(err, &rewritten)
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
