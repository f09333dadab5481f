package lsp

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	project "github.com/nf-lsp/nf-lsp/internal/settings"
)

// pusher sends findings to a client that does not ask for them. To one that
// does it sends nothing: it would show them twice.
type pusher struct {
	server *Server

	mu     sync.Mutex
	timers map[documentKey]*time.Timer
	shown  map[documentKey]bool // the client was sent findings that it shows
	// projects are the settings files that are not open and were told of, with
	// the ids of the reports.
	projects map[documentKey]string
	stopped  bool
}

func newPusher(s *Server) *pusher {
	return &pusher{server: s, timers: make(map[documentKey]*time.Timer), shown: make(map[documentKey]bool), projects: make(map[documentKey]string)}
}

// soon sends the findings of a document once it has rested.
func (p *pusher) soon(key documentKey) { p.schedule(key, p.server.opts.PushDelay) }

// now sends them without waiting.
func (p *pusher) now(key documentKey) { p.schedule(key, 0) }

// all sends the findings of every open document.
func (p *pusher) all() {
	for key := range p.server.view.Load().docs {
		p.now(key)
	}
}

func (p *pusher) schedule(key documentKey, delay time.Duration) {
	if p.server.client.pullsDiagnostics {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped {
		return
	}
	if t := p.timers[key]; t != nil {
		t.Reset(delay)
		return
	}
	p.timers[key] = time.AfterFunc(delay, func() {
		if err := p.server.guarded(func() error { return p.send(key) }); err != nil {
			p.server.log.Warn("publishing failed", "document", key, "error", err)
		}
	})
}

// send computes and sends the findings of the document's current version. A
// version that was replaced while it was looked at is passed over: its
// successor has a turn of its own, and a closed document stays cleared.
func (p *pusher) send(key documentKey) error {
	d := p.server.view.Load().docs[key]
	if d == nil || !d.isJSON() {
		return nil
	}
	r := d.report()
	template := d.Analysis().IsTemplate()
	if f := d.config.project(d.URI); template && f != nil {
		if err := p.sendProject(uri.File(f.Path), f); err != nil {
			return err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped || p.server.view.Load().docs[key] != d {
		return nil
	}
	if !template && r.count == 0 && !p.shown[key] {
		return nil // somebody else's JSON: the client need not hear of it
	}
	p.shown[key] = r.count > 0
	return p.publish(d, r.items)
}

// clear removes what the client shows of a document that was closed.
func (p *pusher) clear(key documentKey, closed *Document) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if t := p.timers[key]; t != nil {
		t.Stop()
		delete(p.timers, key)
	}
	if !p.shown[key] || p.stopped {
		return
	}
	delete(p.shown, key)
	delete(p.projects, key)
	if err := p.publish(closed, jsonrpc2.RawMessage("[]")); err != nil {
		p.server.log.Warn("clearing failed", "document", key, "error", err)
	}
}

// sendProject sends the findings on a settings file that is not open; f is nil
// where the file is gone. What the client has already is not sent again.
func (p *pusher) sendProject(u uri.URI, f *project.File) error {
	r := &report{items: jsonrpc2.RawMessage("[]")}
	if f != nil {
		r = newDocument(&documentEnv{client: p.server.client, analyse: p.server.opts.Analyse}, Document{
			URI: string(u), Language: "json", lines: f.Tree.Lines(),
		}).reportOn(f)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	key := documentKey(u)
	if p.stopped || p.server.view.Load().docs[key] != nil {
		return nil // it is told of as a document
	}
	if before, told := p.projects[key]; !told && r.count == 0 || told && before == r.id {
		return nil
	}
	p.projects[key] = r.id
	if r.count == 0 {
		delete(p.projects, key)
	}
	return p.publishAt(string(u), "", r.items)
}

// beside sends a client that asks for findings the mistakes of the settings file
// in charge of a document, where it does not ask for those: the file is not open
// and lies above the workspace, or the client does not ask about the workspace.
func (p *pusher) beside(key documentKey) {
	if !p.server.client.pullsDiagnostics {
		return // they come with the document's own
	}
	p.server.background("mistakes in settings", func(context.Context) error {
		v := p.server.view.Load()
		d := v.docs[key]
		if d == nil || !d.isJSON() || d.isSettings() {
			return nil
		}
		f := d.config.project(d.URI)
		// The document is looked at where there is something to tell only.
		if f == nil || len(f.Findings) == 0 || v.asksAbout(f.Path) || !d.Analysis().IsTemplate() {
			return nil
		}
		return p.sendProject(uri.File(f.Path), f)
	})
}

// asksAbout reports whether the client asks for the findings of a file that is
// not open.
func (v *View) asksAbout(path string) bool {
	return v.client.workspaceDiagnostics && slices.ContainsFunc(v.folders, func(f folder) bool {
		root := pathOf(f.uri)
		if root == "" {
			return false
		}
		rel, err := filepath.Rel(root, path)
		return err == nil && filepath.IsLocal(rel)
	})
}

// opened takes back what a client that asks for findings was sent about a
// settings file: it asks for them from now on.
func (p *pusher) opened(key documentKey) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, told := p.projects[key]; !told || !p.server.client.pullsDiagnostics || p.stopped {
		return
	}
	delete(p.projects, key)
	if err := p.publishAt(string(key), "", jsonrpc2.RawMessage("[]")); err != nil {
		p.server.log.Warn("clearing failed", "document", key, "error", err)
	}
}

// recheckProjects looks again at the settings files that the client shows
// findings of: no template may be left that leads to them.
func (p *pusher) recheckProjects() {
	p.mu.Lock()
	keys := slices.Collect(maps.Keys(p.projects))
	p.mu.Unlock()
	for _, key := range keys {
		u := uri.URI(key)
		if err := p.sendProject(u, p.server.view.Load().configuration.projects.Read(u.FsPath())); err != nil {
			p.server.log.Warn("publishing failed", "document", key, "error", err)
		}
	}
}

// publish sends the items, which are encoded already.
func (p *pusher) publish(d *Document, items jsonrpc2.RawMessage) error {
	version := ""
	if p.server.client.publishVersion {
		version = fmt.Sprintf(`,"version":%d`, d.Version)
	}
	return p.publishAt(d.URI, version, items)
}

func (p *pusher) publishAt(u, version string, items jsonrpc2.RawMessage) error {
	params, err := protocol.Marshal(uri.URI(u))
	if err != nil {
		return err
	}
	params = append([]byte(`{"uri":`), params...)
	params = append(params, version...)
	params = fmt.Appendf(params, `,"diagnostics":%s}`, items)
	return p.server.conn.Notify(protocol.MethodTextDocumentPublishDiagnostics, jsonrpc2.RawMessage(params))
}

// stop ends all sending.
func (p *pusher) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopped = true
	for _, t := range p.timers {
		t.Stop()
	}
	clear(p.timers)
}
