package lsp

import (
	"fmt"

	"go.lsp.dev/protocol"
)

// didChangeParams is more tolerant than the library's: a change that cannot be
// read leaves the server with a text that the client does not have, so nothing
// is required of it that is not needed.
type didChangeParams struct {
	TextDocument struct {
		URI     string `json:"uri"`
		Version *int32 `json:"version"`
	} `json:"textDocument"`
	ContentChanges []contentChange `json:"contentChanges"`
}

// contentChange replaces a range or, without one, the whole text.
type contentChange struct {
	Range *protocol.Range `json:"range"`
	Text  string          `json:"text"`
}

func didChangeMethod() method {
	return notification(protocol.MethodTextDocumentDidChange, didChange)
}

func didChange(s *Server, p *didChangeParams) error {
	key := keyOf(p.TextDocument.URI)
	open := s.view.Load().docs[key]
	if open == nil {
		return fmt.Errorf("%s is not open", p.TextDocument.URI)
	}
	version := open.Version + 1
	if p.TextDocument.Version != nil {
		version = *p.TextDocument.Version
	}
	next := open.edited(version, p.ContentChanges)
	s.update(func(v *View) { v.docs[key] = next.with(v.configuration) })
	s.push.soon(key)
	if s.client.gitStatus {
		s.gitRest.soon(key, s.opts.PushDelay, func() { s.tellGitStatus(key) })
	}
	if next.isSettings() {
		s.settingsEdited(key)
	}
	return nil
}
