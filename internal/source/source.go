// Package source reads templates from disk, with bounds, says clearly why a
// file cannot be one (it is missing, a folder, too large, no text), and replaces
// a file as a whole.
//
// It knows files and text only: whether the text is a template is for the
// analysis to say.
package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// MaxSize is the largest file that is read, in bytes. Templates that people
// write are below 100 KB; the bound keeps a mistyped path from filling memory.
const MaxSize = 32 << 20

// Error says why a file could not be read as a template. Its message names the
// file and what to do.
type Error struct {
	Path    string
	Message string
	Err     error
}

func (e *Error) Error() string { return e.Path + ": " + e.Message }

// Unwrap returns the error of the operating system, or [ErrEmpty], if there was one.
func (e *Error) Unwrap() error { return e.Err }

// ErrEmpty is in an [Error] about a file that holds nothing but space.
var ErrEmpty = errors.New("the file is empty")

// Read returns the text of a file. "-" reads in instead. The text may start
// with a byte order mark and may hold any bytes but NUL.
func Read(path string, in io.Reader) (string, error) {
	if path == "-" {
		return readAll("standard input", in, 0)
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", failed(path, err)
	}
	if info.IsDir() {
		return "", &Error{Path: path, Message: "is a folder; name a template file in it"}
	}
	if !info.Mode().IsRegular() && info.Mode()&(fs.ModeNamedPipe|fs.ModeCharDevice) == 0 {
		return "", &Error{Path: path, Message: "is not a regular file"}
	}
	if info.Size() > MaxSize {
		return "", tooLarge(path, info.Size())
	}
	f, err := os.Open(path)
	if err != nil {
		return "", failed(path, err)
	}
	defer f.Close()
	return readAll(path, f, int(info.Size()))
}

// readAll reads to the end. size is what there probably is to read, 0 where that is not known.
func readAll(path string, in io.Reader, size int) (string, error) {
	var b bytes.Buffer
	b.Grow(size + bytes.MinRead) // no second buffer, and the end of the file is seen in the first
	n, err := io.Copy(&b, io.LimitReader(in, MaxSize+1))
	if err != nil {
		return "", failed(path, err)
	}
	if n > MaxSize {
		return "", tooLarge(path, n)
	}
	text := b.Bytes()
	if len(bytes.TrimSpace(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")))) == 0 {
		return "", &Error{Path: path, Message: "is empty; a template starts with { \"apiVersion\": \"v1.2\", ... }", Err: ErrEmpty}
	}
	if encoding := otherEncoding(text); encoding != "" {
		return "", &Error{Path: path, Message: "is written in " + encoding + "; save it as UTF-8"}
	}
	if i := bytes.IndexByte(text, 0); i >= 0 {
		return "", &Error{Path: path, Message: fmt.Sprintf("is not a text file: it holds a NUL byte at position %d", i)}
	}
	return string(text), nil
}

func otherEncoding(text []byte) string {
	switch {
	case bytes.HasPrefix(text, []byte{0xff, 0xfe}), bytes.HasPrefix(text, []byte{0xfe, 0xff}):
		return "UTF-16"
	}
	return ""
}

func tooLarge(path string, size int64) error {
	return &Error{Path: path, Message: fmt.Sprintf("has %d MB, and nothing above %d MB is read as a template", size>>20, MaxSize>>20)}
}

func failed(path string, err error) error {
	var message string
	switch {
	case errors.Is(err, fs.ErrNotExist):
		message = "there is no such file"
	case errors.Is(err, fs.ErrPermission):
		message = "permission denied; check who may read the file"
	default:
		message = err.Error()
		var p *fs.PathError
		if errors.As(err, &p) {
			message = p.Err.Error()
		}
	}
	return &Error{Path: path, Message: message, Err: err}
}

// Find lists the files that a path stands for: the file itself or, for a
// folder, every .json file in it and below, in order, leaving out hidden
// folders and node_modules. Such files are candidates only: most JSON in a
// repository is no template.
func Find(path string) (files []string, folder bool, err error) {
	if path == "-" {
		return []string{path}, false, nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, false, failed(path, err)
	}
	if !info.IsDir() {
		return []string{path}, false, nil
	}
	err = filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return failed(p, err)
		}
		name := d.Name()
		if d.IsDir() {
			if p != path && (name == "node_modules" || strings.HasPrefix(name, ".") && name != ".northflank") {
				return filepath.SkipDir
			}
			return nil
		}
		if d.Type().IsRegular() && strings.EqualFold(filepath.Ext(name), ".json") {
			files = append(files, p)
		}
		return nil
	})
	if err != nil {
		return nil, true, err
	}
	sort.Strings(files)
	return files, true, nil
}
