package terminal

import (
	"os"

	"golang.org/x/sys/windows"
)

// Watch never tells anything here: the size is asked for with each drawing, and
// processes are not stopped.
func Watch() (resized, continued <-chan os.Signal, stop func()) { return nil, nil, func() {} }

// Prepare makes a terminal take sequences that move the cursor; false where it
// does not. The mode is that of the console and does no harm when it stays.
func Prepare(f *os.File) bool {
	var mode uint32
	handle := windows.Handle(f.Fd())
	if windows.GetConsoleMode(handle, &mode) != nil {
		return false
	}
	if mode&windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING != 0 {
		return true
	}
	return windows.SetConsoleMode(handle, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}
