// Package wal keeps room in the write-ahead logs of SQLite databases, and brings them to
// the disk where SQLite is told not to.
//
// A commit that makes its log longer brings more to the disk than what it says: the
// file's new length and the blocks that it now has. That costs half as much again. So
// the log is made longer ahead of the commits, by zeros, which SQLite takes for the
// end of the log as its format defines (https://www.sqlite.org/fileformat2.html,
// "The Write-Ahead Log": a frame counts only with the salts of the header and a
// checksum that goes on from the frame before).
//
// Zeros are only ever appended, by the operating system, to wherever the file ends
// by then. SQLite writes at places that it has counted itself. So whatever writes to
// the log at the same time, here or in another process, nothing of it is lost.
//
// The package knows nothing of what the databases hold.
package wal

import (
	"os"
	"sync"
)

const (
	// least is the length of a log, in bytes, from which on it gets room: what is
	// over soon needs none.
	least = 128 << 10
	// most is the room that a log gets at once, in bytes.
	most = 4 << 20
)

// A Room keeps the log of one database ahead of its commits. Its methods are called
// by one goroutine at a time.
type Room struct {
	path string
	log  *os.File
	// made is how long the log was made here, in bytes: it is longer only where
	// SQLite has used the room up.
	made   int64
	giveUp bool
	making sync.WaitGroup
	mu     sync.Mutex
	busy   bool
}

// New returns the room of the log that belongs to the database at a path.
func New(database string) *Room { return &Room{path: database + "-wal"} }

// Keep is called after a commit, and makes room where that has used up what there
// was. It does not wait for the disk. A file system that does not let it is left
// alone: room is no more than a matter of speed.
func (r *Room) Keep() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.busy || r.giveUp {
		return
	}
	if r.log == nil {
		f, err := open(r.path)
		if err != nil {
			return // there is no log yet, or none at all
		}
		r.log = f
	}
	info, err := r.log.Stat()
	if err != nil {
		r.giveUp = true
		return
	}
	size := info.Size()
	if size < least || size <= r.made {
		return
	}
	r.busy = true
	r.making.Go(func() { r.make(min(size, most)) })
}

// zeros are as much as stays near the processor.
var zeros [64 << 10]byte

// make appends zeros and brings them to the disk, so that no commit has to.
func (r *Room) make(size int64) {
	var err error
	for ; size > 0 && err == nil; size -= int64(len(zeros)) {
		_, err = r.log.Write(zeros[:])
	}
	if err == nil {
		err = r.log.Sync()
	}
	var made int64
	if info, statErr := r.log.Stat(); statErr == nil {
		made = info.Size()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.busy, r.made, r.giveUp = false, made, err != nil // on a full disk there is no room
}

// Close waits for what is being made and closes the log. It comes before the
// database is closed: where files are locked, one that is open cannot be removed.
func (r *Room) Close() error {
	r.making.Wait()
	if r.log == nil {
		return nil
	}
	err := r.log.Close()
	r.log = nil
	return err
}
