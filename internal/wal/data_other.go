//go:build !linux

package wal

import "os"

// syncData brings what was written to a file to the disk.
func syncData(file *os.File) error { return file.Sync() }
