package git

import (
	"os/exec"
	"syscall"
)

// detach opens no window for what git starts where nobody can answer.
func detach(cmd *exec.Cmd, interactive bool) {
	if !interactive {
		cmd.SysProcAttr = &syscall.SysProcAttr{HideWindow: true}
	}
}

func reap(*exec.Cmd) {}
