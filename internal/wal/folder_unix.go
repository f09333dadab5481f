//go:build unix

package wal

import (
	"errors"
	"os"
	"syscall"
)

// SyncFolders makes the entries of folders durable.
func SyncFolders(dirs ...string) error {
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
