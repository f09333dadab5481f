package lsp

import (
	"context"
	"slices"

	"go.lsp.dev/protocol"

	project "github.com/nf-lsp/nf-lsp/internal/settings"
)

// didChangeWatchedFilesMethod hears of files that have changed. What is open is
// looked at as the editor has it, so only the others matter.
func didChangeWatchedFilesMethod() method {
	return notification(protocol.MethodWorkspaceDidChangeWatchedFiles, func(s *Server, p *protocol.DidChangeWatchedFilesParams) error {
		v := s.view.Load()
		if slices.ContainsFunc(p.Changes, func(c protocol.FileEvent) bool { return project.IsSettings(pathOf(string(c.URI))) }) {
			s.lookForSettings()
		}
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

// registerWatching asks the client to tell of changes of JSON files, or only of
// settings where it does not ask about the rest.
func (s *Server) registerWatching() {
	files := "**/*.{json,jsonc}"
	all := s.client.pullsDiagnostics && s.client.workspaceDiagnostics
	if !all {
		files = "**/" + project.Folder + "/" + project.FileName
	}
	s.background("registration", func(ctx context.Context) error {
		err := s.conn.Call(ctx, protocol.MethodClientRegisterCapability, &protocol.RegistrationParams{
			Registrations: []protocol.Registration{{
				ID:              "northflank-files",
				Method:          protocol.MethodWorkspaceDidChangeWatchedFiles,
				RegisterOptions: protocol.LSPAny(`{"watchers":[{"globPattern":"` + files + `"}]}`),
			}},
		}, nil)
		if err == nil && all {
			s.files.changed.Store(true) // what has happened before is not told
			s.files.watched.Store(true)
		}
		return err
	})
}
