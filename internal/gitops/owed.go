package gitops

import (
	"context"
	"errors"
	"slices"

	"github.com/nf-lsp/nf-lsp/internal/engine/crash"
	"github.com/nf-lsp/nf-lsp/internal/gitops/git"
)

// OwedRun is a run that a change of a file owes to one of its links. It is noted before the
// file is moved, and until the run is started, so that a process may end at any time.
type OwedRun struct {
	Link   string   `json:"link"`
	Commit git.Hash `json:"commit"`
	// Run is the id that the run will have: who starts it again, because nobody has noted
	// that it was started, finds it by that.
	Run string `json:"run"`
	// Target is where it runs, in the words of who starts it.
	Target string `json:"target,omitempty"`
	// Merged says that the file got changes which the commit does not have.
	Merged bool `json:"merged,omitempty"`
	// Blob is what the commit has.
	Blob git.Hash `json:"blob,omitempty"`
	// Due is false as long as it is not known that the file has the change.
	Due bool `json:"due,omitempty"`
}

// owes makes what a change of the file owes to its links; the file will have the text.
func (w *work) owes(text string, theirs version, merged bool) ([]OwedRun, error) {
	if w.s.Owe == nil {
		return nil, nil
	}
	links, err := w.s.For(w.link.File, "") // whichever is pulled, the file is that of all
	if err != nil {
		return nil, err
	}
	var owed []OwedRun
	for _, l := range links {
		run, target := w.s.Owe(l, text)
		if run == "" {
			continue
		}
		o := OwedRun{Link: l.Name, Commit: theirs.commit, Run: run, Target: target, Merged: merged, Blob: theirs.blob}
		// One commit owes one run.
		if i := slices.IndexFunc(w.place.Owed, func(p OwedRun) bool { return p.Link == l.Name && p.Commit == o.Commit }); i >= 0 {
			o.Run, o.Due = w.place.Owed[i].Run, w.place.Owed[i].Due
		}
		owed = append(owed, o)
	}
	return owed, nil
}

// owe notes what is owed before the file is moved.
func (w *work) owe(ctx context.Context, owed []OwedRun) error {
	if len(owed) == 0 {
		return nil
	}
	err := w.note(ctx, func(p *placeText) {
		for _, o := range owed { // beside what is due of an earlier change, which the file may keep
			p.Owed = slices.DeleteFunc(p.Owed, func(x OwedRun) bool { return x.Link == o.Link && (!x.Due || x.Run == o.Run) })
		}
		p.Owed = append(p.Owed, owed...)
	})
	if err == nil {
		crash.Here(noted)
	}
	return err
}

// settleOwed finds out what became of a change whose process ended before it was noted that
// the file has it.
func (w *work) settleOwed(ctx context.Context, ours version) error {
	due := map[string]bool{}
	for _, o := range w.place.Owed {
		if o.Due || o.Merged || !ours.there { // a merge is made again by comparison
			continue
		}
		text, err := w.content(ctx, o.Blob)
		if err != nil {
			return err
		}
		if like(ours.text, text) == text {
			due[o.Run] = true
		}
	}
	if len(due) == 0 {
		return nil
	}
	return w.note(ctx, func(p *placeText) {
		for i := range p.Owed {
			p.Owed[i].Due = p.Owed[i].Due || due[p.Owed[i].Run]
		}
		p.Owed = slices.DeleteFunc(p.Owed, func(x OwedRun) bool { // of earlier changes
			return !due[x.Run] && slices.ContainsFunc(p.Owed, func(o OwedRun) bool { return due[o.Run] && o.Link == x.Link })
		})
	})
}

// unsure reports whether a process has ended at a change, so that nobody knows whether the
// file has it.
func (w *work) unsure() bool {
	return slices.ContainsFunc(w.place.Owed, func(o OwedRun) bool { return !o.Due })
}

// due puts what a change owes in the place of what earlier ones do: the file has it now.
func (p *placeText) due(owed []OwedRun) {
	p.Owed = slices.DeleteFunc(p.Owed, func(x OwedRun) bool {
		return !x.Due || slices.ContainsFunc(owed, func(o OwedRun) bool { return o.Link == x.Link })
	})
	for _, o := range owed {
		o.Due = true
		p.Owed = append(p.Owed, o)
	}
}

// isDue reports whether a run is owed that can be started.
func (p *placeText) isDue() bool {
	return slices.ContainsFunc(p.Owed, func(o OwedRun) bool { return o.Due })
}

// oweRuns reports whether a file of the links owes a run that can be started.
func (s *Syncer) oweRuns(links []Link) bool {
	f, err := s.load()
	return err == nil && slices.ContainsFunc(links, func(l Link) bool { return f.place(l).isDue() })
}

// standing returns what the file of a link has now, and whether the commit that owes a run has
// something else.
func (s *Syncer) standing(ctx context.Context, l Link, o OwedRun) (text string, changed bool, err error) {
	w, err := s.begin(ctx, l)
	if err != nil {
		return "", false, err
	}
	defer w.unlock()
	ours, err := w.local()
	if err != nil {
		return "", false, err
	}
	has, err := w.content(ctx, o.Blob)
	return ours.text, like(ours.text, has) != has, err
}

// Start starts what changes of a file owe to its links, one process at a time. What starts a
// run is given the text that the file has, with Merged where the commit has another one, and
// says whether it was started; without an error the run is owed no more.
func (s *Syncer) Start(ctx context.Context, l Link, start func(l Link, o OwedRun, text string) (started bool, err error)) error {
	f, err := s.load()
	if err != nil {
		return err
	}
	if !f.place(l).isDue() {
		return nil
	}
	unlock, err := s.lock(ctx, "runs-"+l.place())
	if err != nil {
		return err
	}
	defer unlock()
	links, err := s.For(l.File, "")
	if err != nil {
		return err
	}
	if f, err = s.load(); err != nil { // another process may have started some meanwhile
		return err
	}
	var failed []error
	for _, o := range f.place(l).Owed {
		if !o.Due {
			continue
		}
		started := false
		// A link that is gone is owed nothing.
		if i := slices.IndexFunc(links, func(l Link) bool { return l.Name == o.Link }); i >= 0 {
			var text string
			if text, o.Merged, err = s.standing(ctx, links[i], o); err == nil {
				started, err = start(links[i], o, text)
			}
			if err != nil {
				failed = append(failed, err)
				continue
			}
			crash.Here(begun)
		}
		err := s.change(ctx, func(f *stored) error {
			p := f.place(l)
			p.Owed = slices.DeleteFunc(p.Owed, func(x OwedRun) bool { return x.Run == o.Run })
			if started {
				p.Runs = append([]StartedRun{{Run: o.Run, Link: o.Link, Commit: o.Commit, At: s.now().UTC()}}, p.Runs...)
				p.Runs = p.Runs[:min(len(p.Runs), keptRuns)]
			}
			return nil
		})
		if err != nil {
			return errors.Join(append(failed, err)...)
		}
	}
	return errors.Join(failed...)
}

// Forgive forgets what changes of a file owe to its links.
func (s *Syncer) Forgive(ctx context.Context, l Link) error {
	f, err := s.load()
	if err != nil || len(f.place(l).Owed) == 0 {
		return err
	}
	return s.change(ctx, func(f *stored) error {
		f.place(l).Owed = nil
		return nil
	})
}
