package lsp

import (
	"errors"
	"syscall"
)

const processSynchronize = 0x00100000

// processExists reports whether there is a process with this id that has not
// ended.
func processExists(pid int) bool {
	h, err := syscall.OpenProcess(processSynchronize, false, uint32(pid))
	if err != nil {
		return errors.Is(err, syscall.ERROR_ACCESS_DENIED)
	}
	defer func() { _ = syscall.CloseHandle(h) }()
	event, err := syscall.WaitForSingleObject(h, 0)
	return err == nil && event == syscall.WAIT_TIMEOUT
}
