//go:build unix

package wal

import "os"

// open opens a log that is there, to append to it.
func open(path string) (*os.File, error) { return os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0) }
