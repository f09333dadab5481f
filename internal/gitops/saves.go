package gitops

import (
	"context"
	"crypto/sha256"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"
	"github.com/nf-lsp/nf-lsp/internal/source"
)

// saves knows what the files of links had when they were last looked at. The file system
// says when to look; where it does not, as on some network drives, files are looked at as
// often as repositories are asked.
type saves struct {
	events  *fsnotify.Watcher // nil where the system has none to give
	wake    func()
	folders map[string]bool
	files   map[string]*save

	mu    sync.Mutex
	dirty map[string]bool // files of which there was an event
}

// save is one file between two looks.
type save struct {
	at      time.Time // of its last change, as the file system has it
	size    int64
	pending bool      // it may have another content than the one that was handled
	due     time.Time // not before
	handled [sha256.Size]byte

	failures int
	said     string
}

func watchSaves(wake func()) *saves {
	s := &saves{wake: wake, folders: map[string]bool{}, files: map[string]*save{}, dirty: map[string]bool{}}
	events, err := fsnotify.NewWatcher()
	if err != nil {
		return s
	}
	s.events = events
	go func() {
		for {
			select {
			case e, ok := <-events.Events:
				if !ok {
					return
				}
				if e.Op != fsnotify.Chmod && s.mark(e.Name) {
					wake()
				}
			case _, ok := <-events.Errors:
				if !ok {
					return
				}
				wake() // events were lost: everything is looked at
			}
		}
	}()
	return s
}

func (s *saves) close() {
	if s.events != nil {
		_ = s.events.Close()
	}
}

// mark notes an event, and tells whether it is one of a file that is watched.
func (s *saves) mark(path string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, watched := s.dirty[path]
	if watched {
		s.dirty[path] = true
	}
	return watched
}

// marked tells whether there was an event of a file since the last call, and from now on
// notes those that come.
func (s *saves) marked(path string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	was := s.dirty[path]
	s.dirty[path] = false
	return was
}

// follow lets the file system tell of a file. Its folder is watched: editors put another
// file in its place.
func (s *saves) follow(path string) {
	folder := filepath.Dir(path)
	if s.events != nil && !s.folders[folder] && s.events.Add(folder) == nil {
		s.folders[folder] = true
	}
}

// lookForSaves calls Saved for files with another content, and returns when it has to look
// again at the latest; zero for whenever it does.
func (w *Watch) lookForSaves(ctx context.Context, s *saves, links []Link, once bool) time.Time {
	var next time.Time
	groups := map[string][]Link{}
	for _, l := range links {
		groups[l.File] = append(groups[l.File], l)
	}
	for _, l := range links {
		group := groups[l.File]
		if group == nil {
			continue
		}
		delete(groups, l.File) // each file once
		due := w.lookForSave(ctx, s, l.File, group, once)
		if !due.IsZero() && (next.IsZero() || due.Before(next)) {
			next = due
		}
	}
	return next
}

func (w *Watch) lookForSave(ctx context.Context, s *saves, path string, links []Link, once bool) time.Time {
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return time.Time{} // it is not there
	}
	s.follow(target)
	event := s.marked(target)
	info, err := os.Stat(target)
	if err != nil || !info.Mode().IsRegular() || info.Size() > source.MaxSize {
		return time.Time{}
	}
	now := w.Syncer.now()
	f := s.files[path]
	switch {
	case f == nil:
		f = &save{pending: true}
		s.files[path] = f
	case event || !f.at.Equal(info.ModTime()) || f.size != info.Size():
		f.pending = true
		if !once {
			f.due = now.Add(w.Quiet)
		}
	}
	f.at, f.size = info.ModTime(), info.Size()
	switch {
	case !f.pending:
		return time.Time{}
	case now.Before(f.due):
		return f.due
	}
	text, err := os.ReadFile(target)
	if err != nil {
		return now.Add(w.Quiet)
	}
	f.pending = false
	sum := sha256.Sum256(text)
	if sum == f.handled {
		return time.Time{}
	}
	err = w.Saved(ctx, links)
	if err == nil || ForPeople(err) {
		f.handled, f.failures = sum, 0
	}
	if err == nil || ctx.Err() != nil {
		f.said = ""
		return time.Time{}
	}
	wait := w.backoff(f.failures)
	if !ForPeople(err) {
		f.failures++
		f.pending, f.due = true, now.Add(wait)
	}
	if err.Error() != f.said {
		f.said = err.Error()
		w.Failed(links, err, wait)
	}
	return f.due
}
