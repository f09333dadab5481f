package lsp

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"
)

// gitWatch hears when Git or nf-run write what documents are compared with. Files are
// replaced by rename, so it is their folders that are watched. Where the system has no
// watch left, what is new is found when a document is saved.
type gitWatch struct {
	mu      sync.Mutex
	watcher *fsnotify.Watcher
	failed  bool
	files   map[documentKey][]string
	folders map[string]bool
}

// settled is how long it has to be quiet before what was written is read: Git writes
// several files for one commit.
const settled = 100 * time.Millisecond

// set has the files watched that a document depends on, instead of those of before.
func (w *gitWatch) set(s *Server, key documentKey, files []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if s.view.Load().docs[key] == nil || w.failed || s.conn.Context().Err() != nil {
		return
	}
	if w.watcher == nil {
		watcher, err := fsnotify.NewWatcher()
		if err != nil {
			w.failed = true
			s.log.Warn("changes of Git are not watched", "error", err)
			return
		}
		w.watcher, w.files = watcher, map[documentKey][]string{}
		s.background("watching Git", func(ctx context.Context) error { return w.listen(ctx, s) })
	}
	w.files[key] = slices.Clone(files)
	w.adjust(s)
}

// forget ends the watching for a document that was closed.
func (w *gitWatch) forget(s *Server, key documentKey) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.watcher != nil && w.files[key] != nil {
		delete(w.files, key)
		w.adjust(s)
	}
}

// adjust watches the folders of all files and no others. Of a folder that is not there
// yet, the nearest one around it is watched, two levels up at most.
func (w *gitWatch) adjust(s *Server) {
	wanted := map[string]bool{}
	for _, files := range w.files {
		for _, file := range files {
			dir := filepath.Dir(file)
			for range 3 {
				if w.folders[dir] || wanted[dir] || w.watcher.Add(dir) == nil {
					wanted[dir] = true
					break
				}
				dir = filepath.Dir(dir)
			}
		}
	}
	for dir := range w.folders {
		if !wanted[dir] {
			if err := w.watcher.Remove(dir); err != nil {
				s.log.Debug("a folder is watched no more", "folder", dir, "error", err)
			}
		}
	}
	w.folders = wanted
}

func (w *gitWatch) listen(ctx context.Context, s *Server) error {
	defer func() { _ = w.watcher.Close() }()
	for {
		select {
		case <-ctx.Done():
			return nil
		case event, ok := <-w.watcher.Events:
			if !ok {
				return nil
			}
			for _, key := range w.about(event) {
				s.gitSettles.soon(key, settled, func() { s.rereadGit(key) })
			}
		case err, ok := <-w.watcher.Errors:
			if !ok {
				return nil
			}
			s.log.Warn("changes of Git may be missed", "error", err)
			for key := range s.view.Load().docs {
				s.gitSettles.soon(key, settled, func() { s.rereadGit(key) })
			}
		}
	}
}

// about returns the documents that depend on a file that was written, or on one in a
// folder that has come.
func (w *gitWatch) about(event fsnotify.Event) []documentKey {
	w.mu.Lock()
	defer w.mu.Unlock()
	if event.Op == fsnotify.Chmod {
		return nil
	}
	if w.folders[event.Name] && event.Has(fsnotify.Remove|fsnotify.Rename) {
		delete(w.folders, event.Name) // nobody watches what is gone
	}
	var keys []documentKey
	for key, files := range w.files {
		if slices.ContainsFunc(files, func(file string) bool {
			return file == event.Name || strings.HasPrefix(file, event.Name+string(filepath.Separator))
		}) {
			keys = append(keys, key)
		}
	}
	return keys
}

// gitSaved has what is known of a file read anew when it was written: whether changes of
// both sides go together is known of what is saved.
func (s *Server) gitSaved(key documentKey) {
	v := s.view.Load()
	d := v.docs[key]
	if d == nil || !d.isJSON() {
		return
	}
	d.env.git.mu.Lock()
	known, asked := d.env.git.known, d.env.git.read != nil
	d.env.git.mu.Unlock()
	if s.client.gitStatus && !asked || asked && (known == nil || len(known.Links) > 0) {
		s.readGit(v, d)
	}
}

// rereadGit has what an open document is compared with read anew.
func (s *Server) rereadGit(key documentKey) {
	v := s.view.Load()
	if d := v.docs[key]; d != nil && d.isJSON() {
		s.readGit(v, d)
	}
}
