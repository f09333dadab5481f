package lsp

import "go.lsp.dev/protocol"

func initializedMethod() method {
	return notification(protocol.MethodInitialized, func(s *Server, _ *protocol.InitializedParams) error {
		if s.client.registerConfiguration {
			s.registerConfiguration()
		}
		if s.client.registerWatching {
			s.registerWatching()
		}
		s.registerSelective()
		if s.client.configuration {
			s.pullSettings()
		}
		return nil
	})
}
