//go:build unix

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/history"
)

// A process is an nf-run of its own, with real signals.
type process struct {
	*exec.Cmd
	t     *testing.T
	lines *bufio.Scanner
}

func startProcess(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{Cmd: exec.Command("nf-run", args...), t: t}
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.lines = bufio.NewScanner(out)
	p.lines.Buffer(nil, 1<<20)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	guard := time.AfterFunc(5*time.Minute, func() { _ = p.Process.Kill() })
	t.Cleanup(func() { guard.Stop(); _ = p.Process.Kill() })
	return p
}

// until reads events until one of a kind and state has come.
func (p *process) until(kind, state string) {
	p.t.Helper()
	for p.lines.Scan() {
		var e struct {
			Type  string
			State string
			Node  struct{ Kind string }
		}
		if err := json.Unmarshal(p.lines.Bytes(), &e); err != nil {
			p.t.Fatalf("no event: %s", p.lines.Text())
		}
		if e.State == state && (e.Node.Kind == kind || kind == "run" && e.Type == "run.state") {
			return
		}
	}
	p.t.Fatalf("%s never became %s", kind, state)
}

// ended reads the rest and returns how the process ended: its exit code, or the
// signal that killed it.
func (p *process) ended() (code int, signal syscall.Signal) {
	p.t.Helper()
	for p.lines.Scan() {
	}
	_ = p.Wait()
	status, ok := p.ProcessState.Sys().(syscall.WaitStatus)
	if !ok {
		p.t.Fatal("it is not known how the process ended")
	}
	if status.Signaled() {
		return -1, status.Signal()
	}
	return status.ExitStatus(), 0
}

func (p *process) signal(s os.Signal) {
	p.t.Helper()
	if err := p.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

func viewOf(t *testing.T, dir, id string) *engine.RunView {
	t.Helper()
	store, err := history.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	v, err := engine.View(t.Context(), store, id)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

const payload = "../../testdata/templates/payload.json"

func TestTheFirstSignalEndsARunInOrder(t *testing.T) {
	for name, s := range map[string]os.Signal{"Ctrl-C": os.Interrupt, "a polite end": syscall.SIGTERM} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			p := startProcess(t, "run", payload, "--json", "--id", "r", "--delay", "10m", "--state", dir)
			p.until("Condition", "waiting")
			p.signal(s)
			if code, by := p.ended(); code != exitAborted {
				t.Errorf("it ended with %d, %v", code, by)
			}
			v := viewOf(t, dir, "r")
			if v.Status != engine.StateAborted || !v.Concluded || v.Interrupted || v.Reason != "it was interrupted" {
				t.Errorf("the run is %s (%s)", v.Status, v.Reason)
			}
			for _, n := range v.Nodes {
				if n.Kind == "Action" && n.State != engine.StatePending {
					t.Errorf("%s was begun: %s", n.Label, n.State)
				}
			}
		})
	}
}

// Who looks at the first events only, as head does, does not end the run.
func TestARunOutlivesWhoReadsIt(t *testing.T) {
	for name, args := range map[string][]string{"events": {"--json"}, "lines": nil} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			cmd := exec.Command("nf-run", append([]string{"run", payload, "--id", "r", "--delay", "200ms", "--state", dir}, args...)...)
			reader, writer, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			cmd.Stdout, cmd.Stderr = writer, writer
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			_ = writer.Close()
			if _, err := bufio.NewReader(reader).ReadString('\n'); err != nil {
				t.Error(err)
			}
			_ = reader.Close()
			if err := cmd.Wait(); err != nil {
				t.Errorf("it ended with %v", err)
			}
			if v := viewOf(t, dir, "r"); v.Status != engine.StateSuccess {
				t.Errorf("the run is %s, interrupted: %v", v.Status, v.Interrupted)
			}
		})
	}
}

// A platform that does not answer holds the orderly end up; the second signal
// does not wait for it.
func TestTheSecondSignalEndsTheProcessAtOnce(t *testing.T) {
	dir := t.TempDir()
	p := startProcess(t, "run", payload, "--json", "--id", "r", "--fail", "content=1:hang", "--state", dir)
	p.until("Addon", "running")
	p.signal(os.Interrupt)
	p.until("run", "aborting")
	begun := time.Now()
	p.signal(os.Interrupt)
	if code, by := p.ended(); by != syscall.SIGINT || time.Since(begun) > engine.DefaultAbortGrace/2 {
		t.Errorf("it ended with %d, %v, after %v", code, by, time.Since(begun))
	}
	if v := viewOf(t, dir, "r"); v.Status != engine.StateAborting || v.Concluded || !v.Interrupted {
		t.Errorf("the run is %s, interrupted: %v", v.Status, v.Interrupted)
	}
	// What is left of it: the abort is brought to its end, then the run can be retried.
	for _, c := range []struct {
		command string
		want    int
	}{{"resume r", exitAborted}, {"retry r", exitOK}} {
		var said strings.Builder
		args := append(strings.Fields(c.command), "--state", dir)
		if got := run(context.Background(), args, strings.NewReader(""), io.Discard, &said); got != c.want {
			t.Errorf("%s ended with %d, want %d:\n%s", c.command, got, c.want, said.String())
		}
	}
}

// Closing the terminal of a run that was detached does not touch it, and
// following it can be stopped without stopping it.
func TestADetachedRunOutlivesWhoStartedIt(t *testing.T) {
	dir := t.TempDir()
	out, err := exec.Command("nf-run", "run", payload, "--detach", "--delay", "300ms", "--state", dir).Output()
	if err != nil {
		t.Fatal(err)
	}
	id := strings.TrimSpace(string(out))
	p := startProcess(t, "show", id, "--follow", "--json", "--state", dir)
	p.until("Project", "success")
	p.signal(os.Interrupt)
	if code, _ := p.ended(); code != exitFailed {
		t.Errorf("following ended with %d", code)
	}
	var said strings.Builder
	if got := run(t.Context(), []string{"show", id, "--follow", "--state", dir}, strings.NewReader(""), io.Discard, &said); got != exitOK {
		t.Errorf("the run ended with %d:\n%s", got, said.String())
	}
	if logs, _ := filepath.Glob(filepath.Join(dir, "*.log")); len(logs) > 0 {
		t.Errorf("left behind: %v", logs)
	}
}

// held is a template whose run waits for ten minutes, with a policy.
func held(t *testing.T, policy string) string {
	t.Helper()
	text := `{"apiVersion": "v1.2", "name": "Held", "project": {"id": "held"}, "options": {"concurrencyPolicy": "` + policy + `"},
	"spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
		{"kind": "Project", "spec": {"name": "held", "region": "europe-west"}},
		{"kind": "Addon", "ref": "data", "spec": {"name": "data", "type": "redis", "version": "7-latest", "billing": {"deploymentPlan": "nf-compute-10", "storage": 4096, "replicas": 1}}},
		{"kind": "Condition", "spec": {"kind": "Addon", "spec": {"type": "running", "data": {"addonId": "data"}}}}]}}}`
	path := filepath.Join(t.TempDir(), "held.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// What the policies mean for whoever waits in front of a terminal.
func TestExitCodesOfConcurrencyPolicies(t *testing.T) {
	start := func(t *testing.T, file, dir, id string) *process {
		return startProcess(t, "run", file, "--json", "--id", id, "--delay", "10m", "--state", dir)
	}
	t.Run("forbid does not start the second", func(t *testing.T) {
		file, dir := held(t, "forbid"), t.TempDir()
		first := start(t, file, dir, "1")
		first.until("Condition", "waiting")
		second := start(t, file, dir, "2")
		if code, _ := second.ended(); code != exitNotStarted {
			t.Errorf("the second ended with %d", code)
		}
		first.signal(os.Interrupt)
		if code, _ := first.ended(); code != exitAborted {
			t.Errorf("the first ended with %d", code)
		}
	})
	t.Run("latest lets the newest wait alone", func(t *testing.T) {
		file, dir := held(t, "latest"), t.TempDir()
		first := start(t, file, dir, "1")
		first.until("Condition", "waiting")
		second := start(t, file, dir, "2")
		second.until("run", "queued")
		third := start(t, file, dir, "3")
		if code, _ := second.ended(); code != exitAborted {
			t.Errorf("the second ended with %d", code)
		}
		third.until("run", "queued")
		third.signal(os.Interrupt)
		if code, _ := third.ended(); code != exitAborted {
			t.Errorf("the third ended with %d", code)
		}
		if v := viewOf(t, dir, "2"); v.Reason != "run 3 takes its place" {
			t.Errorf("the second ended because %s", v.Reason)
		}
	})
	t.Run("replace ends the first", func(t *testing.T) {
		file, dir := held(t, "replace"), t.TempDir()
		first := start(t, file, dir, "1")
		first.until("Condition", "waiting")
		second := start(t, file, dir, "2")
		if code, _ := first.ended(); code != exitAborted {
			t.Errorf("the first ended with %d", code)
		}
		second.until("Condition", "waiting")
		second.signal(os.Interrupt)
		second.ended()
	})
	t.Run("a retry does not start beside another run", func(t *testing.T) {
		file, dir := held(t, "queue"), t.TempDir()
		first := start(t, file, dir, "1")
		first.until("Condition", "waiting")
		first.signal(os.Interrupt)
		first.ended()
		second := start(t, file, dir, "2")
		second.until("Condition", "waiting")
		retry := startProcess(t, "retry", "1", "--json", "--state", dir)
		if code, _ := retry.ended(); code != exitNotStarted {
			t.Errorf("the retry ended with %d", code)
		}
	})
	t.Run("who waits for a person says so", func(t *testing.T) {
		dir := t.TempDir()
		p := startProcess(t, "run", held(t, "allow"), "--json", "--fast", "--fail", "data=1:unknown", "--state", dir)
		if code, _ := p.ended(); code != exitNeedsPerson {
			t.Errorf("it ended with %d", code)
		}
	})
}

func TestWhoeverLooksAtARunIsToldThatItsProcessIsStopped(t *testing.T) {
	dir := t.TempDir()
	p := startProcess(t, "run", payload, "--json", "--id", "r", "--delay", "10m", "--state", dir)
	p.until("Condition", "waiting")
	p.signal(syscall.SIGSTOP)
	// It has to be silent for a while; that it was is what the time of its lock says.
	for past := time.Now().Add(-time.Hour); !viewOf(t, dir, "r").Process.Silent; {
		if err := os.Chtimes(filepath.Join(dir, "runs", "r", "lock"), past, past); err != nil {
			t.Fatal(err)
		}
	}
	who, end := fmt.Sprintf("process %d on ", p.Process.Pid), fmt.Sprintf("'kill -KILL %d'", p.Process.Pid)
	for _, args := range [][]string{{"show", "r"}, {"abort", "r"}, {"resume", "r"}} {
		text, _ := exec.Command("nf-run", append(args, "--state", dir)...).CombinedOutput()
		if !strings.Contains(string(text), who) || !strings.Contains(string(text), end) {
			t.Errorf("%s says %s", args, text)
		}
	}
	text, err := exec.Command("nf-run", "runs", "--state", dir).Output()
	if err != nil || !strings.Contains(string(text), "running (its process is silent)") {
		t.Errorf("runs says %s, %v", text, err)
	}

	follows := exec.Command("nf-run", "show", "r", "--follow", "--state", dir)
	said, err := follows.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := follows.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = follows.Process.Kill() })
	lines := bufio.NewScanner(said)
	for lines.Scan() && !strings.Contains(lines.Text(), who) {
	}
	if !strings.Contains(lines.Text(), end) {
		t.Errorf("who follows is told nothing: %q", lines.Text())
	}
	// It goes on where it was, and does what it was asked for in the meantime.
	p.signal(syscall.SIGCONT)
	for lines.Scan() {
	}
	_ = follows.Wait()
	if code, _ := p.ended(); code != exitAborted || follows.ProcessState.ExitCode() != exitAborted {
		t.Errorf("the run ended with %d, who followed it with %d", code, follows.ProcessState.ExitCode())
	}
}
