package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// openTerminal makes a terminal: what is written to keyboard is typed, and what
// it shows can be read from there.
func openTerminal(t *testing.T) (keyboard, terminal *os.File) {
	t.Helper()
	keyboard, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("there are no terminals here: %v", err)
	}
	t.Cleanup(func() { _ = keyboard.Close() })
	fd := int(keyboard.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if terminal, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = terminal.Close() })
	return keyboard, terminal
}

func echoes(t *testing.T, terminal *os.File) bool {
	t.Helper()
	state, err := unix.IoctlGetTermios(int(terminal.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return state.Lflag&unix.ECHO != 0
}

// prompt starts nf-run on the terminal and waits until it asks.
func prompt(t *testing.T, state string, terminal *os.File, args ...string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	cmd := exec.Command(programFile(t), args...)
	cmd.Env = append(os.Environ(), "NF_STATE="+state)
	var out bytes.Buffer
	cmd.Stdin, cmd.Stdout = terminal, &out
	said, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	asked := make(chan string, 1)
	go func() {
		text, _ := bufio.NewReader(said).ReadString(':')
		asked <- text
		_, _ = io.Copy(io.Discard, said)
	}()
	select {
	case text := <-asked:
		if !strings.HasSuffix(text, ":") {
			t.Fatalf("it said %q and did not ask", text)
		}
	case <-time.After(time.Minute):
		t.Fatal("it did not ask")
	}
	for range 1000 { // the echo goes off after the question
		if !echoes(t, terminal) {
			return cmd, &out
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatal("the terminal shows what is typed")
	return nil, nil
}

func TestWhatIsTypedForASecretIsNotShown(t *testing.T) {
	keyboard, terminal := openTerminal(t)
	state := t.TempDir()
	cmd, out := prompt(t, state, terminal, "secrets", "set", "db.values.password")
	if _, err := keyboard.WriteString("planted-secret\n"); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil || !strings.Contains(out.String(), "db.values.password: set") {
		t.Fatalf("%v, %s", err, out)
	}
	if !echoes(t, terminal) {
		t.Error("the terminal does not show what is typed any more")
	}
	var shown [1000]byte
	n := 0
	if ready, err := unix.Poll([]unix.PollFd{{Fd: int32(keyboard.Fd()), Events: unix.POLLIN}}, 200); err == nil && ready > 0 {
		n, _ = keyboard.Read(shown[:])
	}
	if strings.Contains(string(shown[:n]), "planted") {
		t.Errorf("the terminal shows %q", shown[:n])
	}
	var list, errOut bytes.Buffer
	if code := run(t.Context(), []string{"secrets", "list", "--reveal", "--force", "--state", state}, strings.NewReader(""), &list, &errOut); code != exitOK || !strings.Contains(list.String(), "planted-secret") {
		t.Errorf("exit code %d: %s%s", code, list.String(), errOut.String())
	}
}

func TestATerminalIsLeftAsItWasWhenAPromptIsInterrupted(t *testing.T) {
	_, terminal := openTerminal(t)
	cmd, _ := prompt(t, t.TempDir(), terminal, "secrets", "set", "db.values.password")
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != exitAborted {
		t.Errorf("exit code %d, want %d", code, exitAborted)
	}
	if !echoes(t, terminal) {
		t.Error("the terminal does not show what is typed any more")
	}
}
