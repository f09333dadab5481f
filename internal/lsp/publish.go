package lsp

import (
	"fmt"
	"sync"
	"time"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// pusher sends findings to a client that does not ask for them. To one that
// does it sends nothing: it would show them twice.
type pusher struct {
	server *Server

	mu      sync.Mutex
	timers  map[documentKey]*time.Timer
	shown   map[documentKey]bool // the client was sent findings that it shows
	stopped bool
}

func newPusher(s *Server) *pusher {
	return &pusher{server: s, timers: make(map[documentKey]*time.Timer), shown: make(map[documentKey]bool)}
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
	if err := p.publish(closed, jsonrpc2.RawMessage("[]")); err != nil {
		p.server.log.Warn("clearing failed", "document", key, "error", err)
	}
}

// publish sends the items, which are encoded already.
func (p *pusher) publish(d *Document, items jsonrpc2.RawMessage) error {
	params, err := protocol.Marshal(uri.URI(d.URI))
	if err != nil {
		return err
	}
	params = append([]byte(`{"uri":`), params...)
	if p.server.client.publishVersion {
		params = fmt.Appendf(params, `,"version":%d`, d.Version)
	}
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
