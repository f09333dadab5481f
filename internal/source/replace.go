package source

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Replace puts newText into a file that was read as oldText. Readers see the
// one or the other and never a part: the text is written beside the file and
// takes its name. The file keeps its permissions and, where the system lets us,
// its owner; a symbolic link stays one, and what it leads to is replaced.
//
// It is an error if the file holds anything but oldText by now: somebody else
// has written it, and their work is not overwritten.
func Replace(path, oldText, newText string) (err error) {
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return failed(path, err)
	}
	info, err := os.Stat(target)
	if err != nil {
		return failed(path, err)
	}
	if !info.Mode().IsRegular() {
		return &Error{Path: path, Message: "is not a regular file and cannot be replaced"}
	}
	// A folder that may be written would let us replace a file that may not.
	writable, err := os.OpenFile(target, os.O_WRONLY, 0)
	if err != nil {
		return unwritable(path, err)
	}
	_ = writable.Close()

	return swap(path, target, newText, info, func() error {
		now, err := os.ReadFile(target)
		if err != nil {
			return failed(path, err)
		}
		if string(now) != oldText {
			return &Error{Path: path, Message: "was changed by somebody else meanwhile and is left alone; try again"}
		}
		return nil
	})
}

// swap writes a text beside the target and renames it onto it. It keeps the
// permissions and the owner of old, which is nil where there is no file yet.
// ready is asked as late as can be: what somebody else writes between it and the
// renaming is lost.
func swap(path, target, text string, old fs.FileInfo, ready func() error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(target), "."+filepath.Base(target)+".*.tmp")
	if err != nil {
		return unwritable(path, err)
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	if _, err = f.WriteString(text); err != nil {
		return unwritable(path, err)
	}
	if old != nil {
		keepOwner(f, old)
		// Behind the owner, for a change of that takes special bits away.
		if err = f.Chmod(old.Mode()); err != nil {
			return unwritable(path, err)
		}
	} else if err = f.Chmod(0o644); err != nil {
		return unwritable(path, err)
	}
	if err = f.Sync(); err != nil {
		return unwritable(path, err)
	}
	if err = f.Close(); err != nil {
		return unwritable(path, err)
	}
	if err = ready(); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), target); err != nil {
		return unwritable(path, err)
	}
	return nil
}

func unwritable(path string, err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return &Error{Path: path, Message: "permission denied; check who may write the file and its folder", Err: err}
	}
	return failed(path, err)
}
