package lsp

import "go.lsp.dev/protocol"

func shutdownMethod() method {
	return command(protocol.MethodShutdown, func(s *Server, _ *struct{}) (any, error) {
		s.phase = phaseShutDown
		s.update(func(v *View) { v.closing = true })
		s.push.stop()
		return nil, nil
	})
}

func exitMethod() method {
	return notification(protocol.MethodExit, func(s *Server, _ *struct{}) error {
		s.conn.HangUp()
		return nil
	})
}
