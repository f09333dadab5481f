package main_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/lsp/lsptest"
)

// binary builds the server once for all tests, as it is shipped: without cgo.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "nf-lsp")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "nf-lsp")
	if runtime.GOOS == "windows" {
		path += ".exe"
	}
	build := exec.Command("go", "build", "-o", path, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", &buildError{string(out), err}
	}
	return path, nil
})

type buildError struct {
	output string
	cause  error
}

func (e *buildError) Error() string { return e.cause.Error() + "\n" + e.output }

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := binary(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// process is a running server.
type process struct {
	*lsptest.Client
	cmd    *exec.Cmd
	stdout io.ReadCloser
	stderr bytes.Buffer
}

func start(tb testing.TB, args ...string) *process {
	tb.Helper()
	path, err := binary()
	if err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), lsptest.Patience)
	tb.Cleanup(cancel)
	p := &process{cmd: exec.CommandContext(ctx, path, args...)}
	stdin, err := p.cmd.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if p.stdout, err = p.cmd.StdoutPipe(); err != nil {
		tb.Fatal(err)
	}
	p.cmd.Stderr = &p.stderr
	if err := p.cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	p.Client = lsptest.NewClient(tb, struct {
		io.Reader
		io.WriteCloser
	}{p.stdout, stdin})
	return p
}

// ended waits for the process and returns its exit code.
func (p *process) ended(tb testing.TB) int {
	tb.Helper()
	p.Ended()
	if err := p.cmd.Wait(); err != nil && p.cmd.ProcessState == nil {
		tb.Fatal(err)
	}
	return p.cmd.ProcessState.ExitCode()
}

const (
	initialize = `{"processId":null,"rootUri":null,"capabilities":{"textDocument":{"diagnostic":{}}}}`
	didOpen    = `{"textDocument":{"uri":"file:///t.json","languageId":"json","version":1,"text":"{\"apiVersion\":\"v1.2\",\"name\":\"Shop\",\"spec\":{\"kind\":\"Nonsense\",\"spec\":{}}}"}}`
	document   = `{"textDocument":{"uri":"file:///t.json"}}`
)

func TestASession(t *testing.T) {
	p := start(t)
	if m := p.Call(1, "initialize", initialize); m.Error != nil {
		t.Fatalf("got %s", m.Raw)
	}
	p.Notify("initialized", `{}`)
	p.Notify("textDocument/didOpen", didOpen)
	if m := p.Call(2, "textDocument/diagnostic", document); !strings.Contains(m.Raw, "unknown-kind") {
		t.Errorf("got %s", m.Raw)
	}
	p.Call(3, "shutdown", "null")
	p.Notify("exit", "null")
	if code := p.ended(t); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if p.stderr.Len() > 0 {
		t.Errorf("standard error has %s", &p.stderr)
	}
}

func TestWaysToEnd(t *testing.T) {
	t.Run("exit without shutdown", func(t *testing.T) {
		p := start(t, "--stdio")
		p.Call(1, "initialize", initialize)
		p.Notify("exit", "null")
		if code := p.ended(t); code != 1 {
			t.Errorf("exit code %d", code)
		}
	})
	t.Run("the input ends", func(t *testing.T) {
		p := start(t)
		p.Call(1, "initialize", initialize)
		p.Close()
		if code := p.ended(t); code != 1 {
			t.Errorf("exit code %d", code)
		}
	})
	t.Run("everything is sent at once", func(t *testing.T) {
		p := start(t)
		p.Raw(lsptest.Frame(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":`+initialize+`}`) +
			lsptest.Frame(`{"jsonrpc":"2.0","method":"textDocument/didOpen","params":`+didOpen+`}`) +
			lsptest.Frame(`{"jsonrpc":"2.0","id":2,"method":"textDocument/diagnostic","params":`+document+`}`) +
			lsptest.Frame(`{"jsonrpc":"2.0","id":3,"method":"shutdown"}`))
		p.Close()
		for _, id := range []string{"1", "2", "3"} {
			if m := p.Reply(id); m.Error != nil {
				t.Errorf("got %s", m.Raw)
			}
		}
		if code := p.ended(t); code != 0 {
			t.Errorf("exit code %d", code)
		}
	})
	t.Run("the client reads no more", func(t *testing.T) {
		p := start(t)
		p.Call(1, "initialize", initialize)
		p.stdout.Close()
		p.Send(`{"jsonrpc":"2.0","id":2,"method":"no/such"}`)
		p.ended(t)
	})
	t.Run("its parent is gone while the pipe stays open", func(t *testing.T) {
		parent := exec.Command("sleep", "60")
		if err := parent.Start(); err != nil {
			t.Skipf("there is no program that could be the parent: %v", err)
		}
		p := start(t)
		p.Call(1, "initialize", strings.Replace(initialize, "null", strconv.Itoa(parent.Process.Pid), 1))
		_ = parent.Process.Kill()
		_ = parent.Wait()
		if code := p.ended(t); code != 1 {
			t.Errorf("exit code %d", code)
		}
	})
}

func TestFlags(t *testing.T) {
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		args           []string
		code           int
		stdout, stderr string
	}{
		{[]string{"--version"}, 0, "nf-lsp ", ""},
		{[]string{"--help"}, 0, "Usage: nf-lsp", ""},
		{[]string{"-h"}, 0, "Usage: nf-lsp", ""},
		{[]string{"--port", "1"}, 2, "", "not defined: -port"},
		{[]string{"file.json"}, 2, "", `unexpected argument "file.json"`},
		{[]string{"--log", filepath.Join(t.TempDir(), "no", "such", "folder")}, 2, "", "the log cannot be written"},
		{[]string{"--stdio"}, 1, "", ""},
	}
	for _, tt := range tests {
		t.Run(strings.Join(tt.args, " "), func(t *testing.T) {
			cmd := exec.Command(path, tt.args...)
			var stdout, stderr bytes.Buffer
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			_ = cmd.Run()
			if code := cmd.ProcessState.ExitCode(); code != tt.code {
				t.Errorf("exit code %d, want %d", code, tt.code)
			}
			if !strings.Contains(stdout.String(), tt.stdout) || tt.stdout == "" && stdout.Len() > 0 {
				t.Errorf("standard output has %q", &stdout)
			}
			if !strings.Contains(stderr.String(), tt.stderr) || tt.stderr == "" && stderr.Len() > 0 {
				t.Errorf("standard error has %q", &stderr)
			}
		})
	}
}

func TestTheLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	p := start(t, "--log", path)
	p.Call(1, "initialize", `{"capabilities":{},"clientInfo":{"name":"the tester"}}`)
	p.Raw("noise\n")
	p.Reply("null")
	p.Close()
	p.ended(t)
	log, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(log), "the tester") || !strings.Contains(string(log), "noise") {
		t.Errorf("the log has\n%s", log)
	}
	if p.stderr.Len() > 0 {
		t.Errorf("standard error has %s", &p.stderr)
	}
}

// BenchmarkStart measures the time from the start of the process to the first
// findings, which is what somebody who opens a file waits for.
func BenchmarkStart(b *testing.B) {
	if _, err := binary(); err != nil {
		b.Fatal(err)
	}
	var initialized time.Duration
	for b.Loop() {
		begin := time.Now()
		p := start(b)
		p.Call(1, "initialize", initialize)
		initialized += time.Since(begin)
		p.Notify("textDocument/didOpen", didOpen)
		p.Call(2, "textDocument/diagnostic", document)
		b.StopTimer()
		p.Call(3, "shutdown", "null")
		p.Notify("exit", "null")
		p.ended(b)
		b.StartTimer()
	}
	b.ReportMetric(float64(initialized.Microseconds())/float64(b.N)/1000, "ms-to-initialize")
}
