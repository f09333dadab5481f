//go:build unix

package tofu

import (
	"os"
	"os/exec"
	"syscall"
)

// apart puts OpenTofu into a group of its own, so that a Ctrl-C at the terminal is this
// program's to pass on, and gives it the lock to hold for as long as it lives.
func apart(cmd *exec.Cmd, lock *os.File) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.ExtraFiles = []*os.File{lock}
}

// interrupt asks OpenTofu to end; it tells its providers itself.
func interrupt(p *os.Process) { _ = p.Signal(syscall.SIGINT) }

// killGroup ends OpenTofu with its providers.
func killGroup(p *os.Process) error { return syscall.Kill(-p.Pid, syscall.SIGKILL) }

func interruptPID(pid int) { _ = syscall.Kill(pid, syscall.SIGINT) }

func killPID(pid int) { _ = syscall.Kill(-pid, syscall.SIGKILL) }
