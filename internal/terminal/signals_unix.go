//go:build unix

package terminal

import (
	"os"
	"os/signal"
	"syscall"
)

// Watch tells when the terminal has another size, and when the process goes on
// after it was stopped, until stop is called.
func Watch() (resized, continued <-chan os.Signal, stop func()) {
	r, c := make(chan os.Signal, 1), make(chan os.Signal, 1)
	signal.Notify(r, syscall.SIGWINCH)
	signal.Notify(c, syscall.SIGCONT)
	return r, c, func() { signal.Stop(r); signal.Stop(c) }
}

// Prepare makes a terminal take sequences that move the cursor; false where it
// does not.
func Prepare(*os.File) bool { return true }
