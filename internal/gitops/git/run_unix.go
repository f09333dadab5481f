//go:build unix

package git

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// detach makes git the leader of a group, so that what it starts ends with it. Where
// nobody can answer it gets no terminal either: ssh and helpers ask there, whatever the
// standard input is.
//
// It is asked to end, not killed: git then takes its lock files away.
func detach(cmd *exec.Cmd, interactive bool) {
	target := func() int { return cmd.Process.Pid }
	if !interactive { // a group of its own may not read from the terminal
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		target = func() int { return -cmd.Process.Pid }
	}
	cmd.Cancel = func() error {
		err := syscall.Kill(target(), syscall.SIGTERM)
		if errors.Is(err, syscall.ESRCH) {
			return os.ErrProcessDone
		}
		return err
	}
}

// reap ends what a command that was cut short has left behind.
func reap(cmd *exec.Cmd) {
	if cmd.Process != nil && cmd.SysProcAttr != nil && cmd.SysProcAttr.Setsid {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	}
}
