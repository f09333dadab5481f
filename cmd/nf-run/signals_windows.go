package main

import "os"

// statusControlC is the exit code of programs that Ctrl-C has ended.
const statusControlC = 0xC000013A

// dieOf ends the process as Ctrl-C does.
func dieOf(os.Signal) {
	code := uint32(statusControlC)
	os.Exit(int(int32(code)))
}
