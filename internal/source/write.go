package source

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Write puts text into a file of our own making, such as a report, whether or not
// it is there already. Readers see the old text or the new and never a part. A
// new file may be read by everybody and written by its owner; an old one keeps its
// permissions, and what a symbolic link leads to is replaced.
func Write(path, text string) error {
	target, err := filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) {
		target, err = path, nil
	}
	if err != nil {
		return failed(path, err)
	}
	old, err := os.Stat(target)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		old = nil
	case err != nil:
		return failed(path, err)
	case !old.Mode().IsRegular():
		return &Error{Path: path, Message: "is not a regular file and cannot be replaced"}
	}
	return swap(path, target, text, old, func() error { return nil })
}
