//go:build unix

package crash

import (
	"os"
	"syscall"
)

// die ends the process without running anything more of it.
func die() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}
