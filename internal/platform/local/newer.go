package local

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Where the version of the schema stands in the head of a database, in bytes
// (https://sqlite.org/fileformat.html#the_database_header).
const (
	headBytes     = 100
	userVersionAt = 60
)

// Newer is an error where a newer version has written the folder, so that nothing is begun
// there that cannot go on. It opens no database and so costs a run next to nothing: what is
// still in the write-ahead log is not seen, and refused when an operation opens it.
func (p *Platform) Newer() error {
	path := filepath.Join(p.dir, databaseName)
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return folderError(p.dir, err)
	}
	defer f.Close()
	var head [headBytes]byte
	if _, err := io.ReadFull(f, head[:]); err != nil {
		return nil // new, or no database: who opens it says so
	}
	if version := int(binary.BigEndian.Uint32(head[userVersionAt:])); version > len(migrations) {
		return newerSchema(path, version)
	}
	return nil
}

func newerSchema(path string, version int) error {
	return fmt.Errorf("%s was written by a newer nf-run (schema %d, this one knows %d): use that version, or name another state folder with --state or NF_STATE", path, version, len(migrations))
}
