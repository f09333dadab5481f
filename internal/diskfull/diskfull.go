// Package diskfull tells a disk that takes nothing more from other failures to
// write.
//
// SQLite says that a disk is full in some ways only: where it cannot make the file
// that its processes share, it speaks of a disk I/O error. The disk is asked then.
// The package does not know what is written.
package diskfull

import (
	"errors"
	"fmt"
	"os"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// An Error says that a disk is full, or the part of it that its user may take up.
type Error struct {
	// Dir is a folder on the disk.
	Dir string
	Err error
}

// Error implements error.
func (e *Error) Error() string {
	return fmt.Sprintf("the disk is full: make room on the one that holds %s (%v)", e.Dir, e.Err)
}

// Unwrap returns what the system has said.
func (e *Error) Unwrap() error { return e.Err }

// probeSize is more than what SQLite asks for at once to share a database among
// processes, which is 32 KiB.
const probeSize = 256 << 10

// Explain returns an [*Error] where err, of writing something in dir, comes from a
// full disk. Any other error is returned as it is.
func Explain(dir string, err error) error {
	var known *Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	if isFull(err) {
		return &Error{dir, err}
	}
	var failure *sqlite.Error
	if !errors.As(err, &failure) {
		return err
	}
	switch failure.Code() & 0xff {
	case sqlite3.SQLITE_FULL:
		return &Error{dir, err}
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN:
		if takesNothing(dir) {
			return &Error{dir, err}
		}
	}
	return err
}

// takesNothing tells whether the disk of a folder has no room for a small file.
func takesNothing(dir string) bool {
	f, err := os.CreateTemp(dir, ".room-*")
	if err != nil {
		return isFull(err)
	}
	defer func() { _ = os.Remove(f.Name()) }()
	_, err = f.Write(make([]byte, probeSize))
	return isFull(errors.Join(err, f.Sync(), f.Close()))
}
