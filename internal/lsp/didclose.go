package lsp

import "go.lsp.dev/protocol"

func didCloseMethod() method {
	return notification(protocol.MethodTextDocumentDidClose, func(s *Server, p *protocol.DidCloseTextDocumentParams) error {
		key := documentKey(p.TextDocument.URI)
		closed := s.view.Load().docs[key]
		if closed == nil {
			return nil
		}
		s.update(func(v *View) { delete(v.docs, key) })
		s.push.clear(key, closed)
		s.gitWatch.forget(s, key)
		if closed.isSettings() {
			s.settingsClosed(closed)
		}
		return nil
	})
}
