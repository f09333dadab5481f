// Package filelock takes locks that the operating system gives back when a
// process ends, however it ends.
//
// Locks are advisory and belong to an open file: they say something only among
// those that ask for them. The package knows nothing of what they guard.
package filelock

// A Mode says with whom a lock is shared.
type Mode uint8

const (
	// Exclusive locks have one holder.
	Exclusive Mode = iota
	// Shared locks have any number of holders, none of them exclusive.
	Shared
)
