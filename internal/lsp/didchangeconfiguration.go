package lsp

import (
	"encoding/json"

	"go.lsp.dev/protocol"
)

// didChangeConfigurationMethod takes the settings that the client sends along.
// A client that lets itself be asked sends none that count.
func didChangeConfigurationMethod() method {
	return notification(protocol.MethodWorkspaceDidChangeConfiguration, func(s *Server, p *protocol.DidChangeConfigurationParams) error {
		if s.client.configuration {
			s.pullSettings()
			return nil
		}
		var sent loose
		if len(p.Settings) > 0 {
			if err := json.Unmarshal(p.Settings, &sent.value); err != nil {
				return err
			}
		}
		s.applySettings(readSettings(sent))
		return nil
	})
}
