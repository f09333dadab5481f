package wal

import (
	"errors"
	"os"
	"path/filepath"
)

// A Log brings the write-ahead log of a database to the disk, where SQLite is told not
// to. The log stays one and the same file as long as somebody has the database open, and
// no lock of SQLite's is on it, which closing the file would lose. Its methods are called
// by one goroutine at a time.
type Log struct {
	path string
	file *os.File
}

// NewLog returns the log that belongs to the database at a path.
func NewLog(database string) *Log { return &Log{path: database + "-wal"} }

// Sync returns when all that was written to the log survives a loss of power, and that
// there is such a file: SQLite makes it anew when nobody has had the database open. Where
// there is no log the error is an [io/fs.ErrNotExist].
func (l *Log) Sync() (err error) {
	if l.file != nil {
		return syncData(l.file)
	}
	file, err := os.OpenFile(l.path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	if err := errors.Join(file.Sync(), SyncFolders(filepath.Dir(l.path))); err != nil {
		_ = file.Close()
		return err
	}
	l.file = file
	return nil
}

// Synced tells whether the log was ever brought to the disk.
func (l *Log) Synced() bool { return l.file != nil }

// Close comes before the database is closed: where files are locked, one that is open
// cannot be removed.
func (l *Log) Close() error {
	if l.file == nil {
		return nil
	}
	err := l.file.Close()
	l.file = nil
	return err
}
