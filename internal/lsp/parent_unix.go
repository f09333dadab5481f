//go:build unix

package lsp

import (
	"errors"
	"syscall"
)

// processExists reports whether there is a process with this id, also one that
// belongs to somebody else.
func processExists(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}
