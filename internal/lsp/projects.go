package lsp

import (
	"context"
	"maps"
	"reflect"
	"sync"
	"time"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	project "github.com/nf-lsp/nf-lsp/internal/settings"
)

// configuration says what the settings mean to the analysis of each document:
// those of the editor, and over them those of the project that it lies in. It is
// made anew when any of them changes; until then it remembers what it has looked
// up, and gives the same answers.
type configuration struct {
	settings *settings
	projects *project.Project

	mu    sync.Mutex
	known map[string]*analysis.Config // by the document's URI
}

func newConfiguration(s *settings, folders []folder, open map[string]*project.File) *configuration {
	c := &configuration{
		settings: s,
		projects: &project.Project{Open: open},
		known:    make(map[string]*analysis.Config),
	}
	for _, f := range folders {
		if path := pathOf(f.uri); path != "" {
			c.projects.Folders = append(c.projects.Folders, path)
		}
	}
	return c
}

// of returns the configuration of a document; nil for that of nobody. It looks
// at files, so it is called when a document is analysed and not when it is edited.
func (c *configuration) of(u string) *analysis.Config {
	if c == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	cfg, ok := c.known[u]
	if !ok {
		severities := c.settings.in(keyOf(u)).severity
		cfg = &analysis.Config{Severities: severities}
		if f := c.project(u); f != nil {
			cfg = f.Config(pathOf(u), severities)
		}
		c.known[u] = cfg
	}
	return cfg
}

// project returns the settings file in charge of a document; nil where there is
// none.
func (c *configuration) project(u string) *project.File {
	if path := pathOf(u); c != nil && path != "" {
		return c.projects.For(path)
	}
	return nil
}

// pathOf returns the path of a document; empty for one that is in no file.
func pathOf(u string) string {
	parsed, err := uri.Parse(u)
	if err != nil || !parsed.IsFile() {
		return ""
	}
	return parsed.FsPath()
}

// sameConfig returns old if it says the same as cfg, so that what was found with
// it is not looked for again.
func sameConfig(old, cfg *analysis.Config) *analysis.Config {
	if old != cfg && reflect.DeepEqual(old, cfg) {
		return old
	}
	return cfg
}

// isSettings reports whether the document is a project's settings file.
func (d *Document) isSettings() bool { return d.isJSON() && project.IsSettings(pathOf(d.URI)) }

// isReported reports whether findings in the document are the server's to tell.
func (d *Document) isReported() bool {
	return d.isSettings() || d.isDeclared() || d.isJSON() && d.Analysis().IsTemplate()
}

// settingsFile reads the document as a settings file.
func (d *Document) settingsFile() *project.File {
	return project.Parse(pathOf(d.URI), d.Analysis().Tree)
}

// rest calls a function for documents once they have rested.
type rest struct {
	mu      sync.Mutex
	timers  map[documentKey]*time.Timer
	stopped bool
}

// soon calls do unless it is called again for the document before the delay is
// over. It calls one at a time.
func (r *rest) soon(key documentKey, delay time.Duration, do func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stopped {
		return
	}
	if t := r.timers[key]; t != nil {
		t.Reset(delay)
		return
	}
	if r.timers == nil {
		r.timers = make(map[documentKey]*time.Timer)
	}
	r.timers[key] = time.AfterFunc(delay, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.timers, key)
		if !r.stopped {
			do()
		}
	})
}

// stop returns when nothing is going on any more.
func (r *rest) stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stopped = true
	for _, t := range r.timers {
		t.Stop()
	}
}

// settingsEdited makes an open settings file count as it is now, once it has
// rested. One that is being typed counts as it was when it was JSON last.
func (s *Server) settingsEdited(key documentKey) {
	s.edited.soon(key, s.opts.PushDelay, func() {
		if err := s.guarded(func() error { s.adoptSettings(key); return nil }); err != nil {
			s.log.Warn("reading settings failed", "document", key, "error", err)
		}
	})
}

func (s *Server) adoptSettings(key documentKey) {
	d := s.view.Load().docs[key]
	if d == nil {
		return
	}
	f := d.settingsFile()
	if f.Broken() {
		return
	}
	same := true
	s.update(func(v *View) {
		if v.docs[key] == nil {
			return
		}
		before := v.configuration.projects.Known(f.Path)
		same = before != nil && f.Same(before)
		if same && v.openSettings[f.Path] != nil {
			return
		}
		v.openSettings = with(v.openSettings, f.Path, f)
		v.reconfigure()
	})
	if !same {
		s.findingsChanged()
	}
}

// settingsClosed lets the file count again instead of what the editor had.
func (s *Server) settingsClosed(closed *Document) {
	s.reconfigure(func(v *View) bool {
		path := pathOf(closed.URI)
		if v.openSettings[path] == nil {
			return false
		}
		v.openSettings = with(v.openSettings, path, nil)
		return true
	})
	s.besideAll()
}

// besideAll sends clients that ask for findings the mistakes of settings files
// that they do not ask about.
func (s *Server) besideAll() {
	for key := range s.view.Load().docs {
		s.push.beside(key)
	}
}

// with returns a map with another value for a key; nil takes it out.
func with(m map[string]*project.File, key string, f *project.File) map[string]*project.File {
	next := maps.Clone(m)
	if next == nil {
		next = make(map[string]*project.File)
	}
	if next[key] = f; f == nil {
		delete(next, key)
	}
	return next
}

// lookForSettings finds out whether settings files have changed on disk, which not
// every client tells, and none about folders above the workspace.
func (s *Server) lookForSettings() {
	s.background("settings", func(context.Context) error {
		if s.view.Load().configuration.projects.Stale() {
			s.reconfigure(func(*View) bool { return true })
		}
		return nil
	})
}

// reconfigure makes the configuration anew if change says so, and lets the client
// know that findings may have changed.
func (s *Server) reconfigure(change func(v *View) bool) {
	changed := false
	s.update(func(v *View) {
		if changed = change(v); changed {
			v.reconfigure()
		}
	})
	if changed {
		s.findingsChanged()
	}
}

// findingsChanged sends the findings of all documents again, or has the client
// ask for them.
func (s *Server) findingsChanged() {
	if !s.client.pullsDiagnostics {
		s.push.all()
	} else if s.client.refreshDiagnostics {
		s.refresh(protocol.MethodWorkspaceDiagnosticRefresh)
	}
	s.besideAll()
	s.push.recheckProjects()
}
