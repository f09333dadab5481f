//go:build unix

package main

import "syscall"

// detached puts a process into a session of its own: closing the terminal or
// the editor does not end it.
func detached() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }
