//go:build unix

package main

import (
	"os"
	"syscall"
	"time"
)

// dieOf ends the process by a signal, so that its parent sees which.
func dieOf(s os.Signal) {
	number, ok := s.(syscall.Signal)
	if !ok {
		os.Exit(exitAborted)
	}
	_ = syscall.Kill(os.Getpid(), number)
	time.Sleep(time.Second) // who started the process may have had it ignore the signal
	os.Exit(128 + int(number))
}
