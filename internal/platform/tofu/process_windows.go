package tofu

import (
	"os"
	"os/exec"
	"syscall"
)

// apart puts OpenTofu into a group of its own. The lock ends with this process: from
// then on OpenTofu's own lock on the state keeps others out.
func apart(cmd *exec.Cmd, _ *os.File) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

// interrupt ends OpenTofu: there is no signal that asks for it.
func interrupt(p *os.Process) { _ = p.Kill() }

func killGroup(p *os.Process) error { return p.Kill() }

func interruptPID(pid int) { killPID(pid) }

func killPID(pid int) {
	if p, err := os.FindProcess(pid); err == nil {
		_ = p.Kill()
	}
}
