package lsp

import (
	"context"

	"go.lsp.dev/protocol"
)

// didChangeWatchedFilesMethod hears of files that have changed. What is open is
// looked at as the editor has it, so only the others matter.
func didChangeWatchedFilesMethod() method {
	return notification(protocol.MethodWorkspaceDidChangeWatchedFiles, func(s *Server, p *protocol.DidChangeWatchedFilesParams) error {
		v := s.view.Load()
		for _, change := range p.Changes {
			if v.docs[keyOf(string(change.URI))] != nil && change.Type == protocol.FileChangeTypeChanged {
				continue
			}
			s.files.changed.Store(true)
			// One request to ask again is enough until the client does.
			if s.client.refreshDiagnostics && s.files.asked.Load() && !s.files.told.Swap(true) {
				s.refresh(protocol.MethodWorkspaceDiagnosticRefresh)
			}
			break
		}
		return nil
	})
}

// registerWatching asks the client to tell of changes of JSON files.
func (s *Server) registerWatching() {
	s.background("registration", func(ctx context.Context) error {
		err := s.conn.Call(ctx, protocol.MethodClientRegisterCapability, &protocol.RegistrationParams{
			Registrations: []protocol.Registration{{
				ID:              "northflank-files",
				Method:          protocol.MethodWorkspaceDidChangeWatchedFiles,
				RegisterOptions: protocol.LSPAny(`{"watchers":[{"globPattern":"**/*.{json,jsonc}"}]}`),
			}},
		}, nil)
		if err == nil {
			s.files.changed.Store(true) // what has happened before is not told
			s.files.watched.Store(true)
		}
		return err
	})
}
