package lsp

import (
	"context"
	"time"
)

// watchParent ends the server when the client's process is gone: an editor that
// was killed sends nothing, and its pipe may have been inherited by others. A
// process that cannot be seen at the start is not watched; it may live in
// another container.
func (s *Server) watchParent(pid int) {
	if pid <= 0 || !processExists(pid) {
		return
	}
	s.background("parent", func(ctx context.Context) error {
		tick := time.NewTicker(s.opts.ParentPoll)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-tick.C:
				if !processExists(pid) {
					s.log.Info("the client's process is gone", "pid", pid)
					s.stop()
					return nil
				}
			}
		}
	})
}
