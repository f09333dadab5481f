package wal

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// syncData brings what was written to a file to the disk, and of what the file system
// knows of it what reading that takes: its length and where it lies, and not when it was
// written. Where there is room in the file, that is one write less for each commit.
func syncData(file *os.File) error {
	raw, err := file.SyscallConn()
	if err != nil {
		return err
	}
	var synced error
	err = raw.Control(func(fd uintptr) {
		for {
			if synced = unix.Fdatasync(int(fd)); !errors.Is(synced, unix.EINTR) {
				return
			}
		}
	})
	if err == nil && synced != nil {
		err = &os.PathError{Op: "fdatasync", Path: file.Name(), Err: synced}
	}
	return err
}
