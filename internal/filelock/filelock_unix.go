//go:build unix

package filelock

import (
	"errors"
	"os"
	"syscall"
)

// Try takes the file's lock unless somebody holds it in a mode that does not go
// with the wanted one; then it returns false at once. The lock ends with the
// file's last descriptor, and so with the process at the latest.
func Try(f *os.File, mode Mode) (bool, error) {
	how := syscall.LOCK_EX
	if mode == Shared {
		how = syscall.LOCK_SH
	}
	for {
		err := syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB)
		switch {
		case err == nil:
			return true, nil
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EWOULDBLOCK):
			return false, nil
		}
		return false, err
	}
}
