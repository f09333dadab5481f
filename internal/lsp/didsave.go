package lsp

import "go.lsp.dev/protocol"

// didSaveMethod sends at once what would be sent soon: whoever saves looks for
// the result.
func didSaveMethod() method {
	return notification(protocol.MethodTextDocumentDidSave, func(s *Server, p *protocol.DidSaveTextDocumentParams) error {
		s.push.now(documentKey(p.TextDocument.URI))
		s.lookForSettings()
		s.gitSaved(documentKey(p.TextDocument.URI))
		return nil
	})
}
