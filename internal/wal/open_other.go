//go:build !unix

package wal

import (
	"errors"
	"os"
)

// open refuses where the system cannot append to a file that others write to.
func open(string) (*os.File, error) { return nil, errors.ErrUnsupported }
