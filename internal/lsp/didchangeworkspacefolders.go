package lsp

import (
	"slices"

	"go.lsp.dev/protocol"
)

func didChangeWorkspaceFoldersMethod() method {
	return notification(protocol.MethodWorkspaceDidChangeWorkspaceFolders, didChangeWorkspaceFolders).
		advertised(func(caps *protocol.ServerCapabilities, c *client) {
			if !c.workspaceFolders {
				return
			}
			supported := true
			caps.Workspace = &protocol.WorkspaceOptions{
				WorkspaceFolders: &protocol.WorkspaceFoldersServerCapabilities{
					Supported:           &supported,
					ChangeNotifications: protocol.Boolean(true),
				},
			}
		})
}

func didChangeWorkspaceFolders(s *Server, p *protocol.DidChangeWorkspaceFoldersParams) error {
	s.update(func(v *View) {
		v.folders = slices.DeleteFunc(slices.Clone(v.folders), func(f folder) bool {
			return slices.ContainsFunc(p.Event.Removed, func(gone protocol.WorkspaceFolder) bool {
				return keyOf(f.uri) == documentKey(gone.URI)
			})
		})
		for _, added := range p.Event.Added {
			v.folders = append(v.folders, folder{uri: string(added.URI), name: added.Name})
		}
		v.reconfigure()
	})
	if s.client.configuration {
		s.pullSettings() // folders may have their own
	}
	return nil
}
