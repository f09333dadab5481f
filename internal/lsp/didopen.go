package lsp

import (
	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// didOpenParams differs from the library's in the URI, which stays as the
// client spells it: that is the spelling in which it wants it back.
type didOpenParams struct {
	TextDocument struct {
		URI        string `json:"uri"`
		LanguageID string `json:"languageId"`
		Version    *int32 `json:"version"`
		Text       string `json:"text"`
	} `json:"textDocument"`
}

func didOpenMethod() method {
	return notification(protocol.MethodTextDocumentDidOpen, didOpen).
		advertised(func(caps *protocol.ServerCapabilities, _ *client) {
			open, change := true, protocol.TextDocumentSyncKindIncremental
			caps.TextDocumentSync = &protocol.TextDocumentSyncOptions{
				OpenClose: &open,
				Change:    &change,
				Save:      &protocol.SaveOptions{},
			}
		})
}

func didOpen(s *Server, p *didOpenParams) error {
	opened := p.TextDocument
	if opened.URI == "" {
		return jsonrpc2.NewError(jsonrpc2.InvalidParams, "textDocument.uri is missing")
	}
	key := keyOf(opened.URI)
	s.openings++
	env := &documentEnv{client: s.client, analyse: s.opts.Analyse, opening: s.openings}
	env.lookAtRuns, env.lookAtGit = s.lookAtRuns, s.lookAtGit
	s.update(func(v *View) {
		v.docs[key] = newDocument(env, Document{
			URI:      opened.URI,
			Version:  valueOf(opened.Version),
			Language: opened.LanguageID,
			config:   v.configuration,
			lines:    syntax.NewLines(opened.Text),
			signs:    template.MayBe(opened.Text),
		})
	})
	s.push.now(key)
	s.push.beside(key)
	if v := s.view.Load(); s.client.gitStatus && v.docs[key].isJSON() && v.docs[key].signs {
		s.readGit(v, v.docs[key])
	}
	if s.view.Load().docs[key].isSettings() {
		s.push.opened(key)
		s.settingsEdited(key)
	} else {
		s.lookForSettings()
	}
	return nil
}

func valueOf[T any](p *T) (value T) {
	if p != nil {
		value = *p
	}
	return value
}
