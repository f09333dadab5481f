//go:build unix

package journal

import (
	"errors"
	"os"
	"syscall"
)

// tryLock takes the file's lock unless somebody holds it. The lock ends with
// the file's last descriptor, and so with the process at the latest.
func tryLock(f *os.File) (bool, error) {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
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

// syncDir makes the entries of folders durable.
func syncDir(dirs ...string) error {
	for _, dir := range dirs {
		d, err := os.Open(dir)
		if err != nil {
			return err
		}
		err = d.Sync()
		_ = d.Close()
		if err != nil && !errors.Is(err, syscall.EINVAL) { // some file systems cannot
			return err
		}
	}
	return nil
}
