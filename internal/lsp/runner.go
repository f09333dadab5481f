package lsp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
)

// runnerName is the program that checks, plans and runs.
const runnerName = "nf-run"

// codeRequestFailed is the protocol's code of a request that was understood and
// could not be done.
const codeRequestFailed = jsonrpc2.Code(protocol.LSPErrorCodesRequestFailed)

// patience is how long a stopped process may keep its output open.
const patience = time.Second

// runner finds nf-run: where the settings say, else beside this program, else on
// PATH.
func (s *settings) runner() (string, error) {
	if s.runnerPath != "" {
		path := s.runnerPath
		if rest, ok := strings.CutPrefix(path, "~/"); ok {
			if home, err := os.UserHomeDir(); err == nil {
				path = filepath.Join(home, rest)
			}
		}
		found, err := exec.LookPath(path)
		if err != nil {
			return "", jsonrpc2.Errorf(codeRequestFailed, "northflank.runner.path is %q, which cannot be started: %v", s.runnerPath, err)
		}
		return found, nil
	}
	if self, err := os.Executable(); err == nil {
		if found, err := exec.LookPath(filepath.Join(filepath.Dir(self), runnerName)); err == nil {
			return found, nil
		}
	}
	found, err := exec.LookPath(runnerName)
	if err != nil {
		return "", jsonrpc2.Errorf(codeRequestFailed, "nf-run is neither beside nf-lsp nor on PATH: install it, or say where it lies in northflank.runner.path")
	}
	return found, nil
}

// targetFlags say where to run.
func (s *settings) targetFlags() []string {
	if s.runTarget == "" {
		return nil
	}
	return []string{"--target", s.runTarget}
}

// runnerProcess prepares an nf-run that ends with ctx.
func (s *settings) runnerProcess(ctx context.Context, args ...string) (*exec.Cmd, error) {
	program, err := s.runner()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.WaitDelay = patience
	return cmd, nil
}

// output runs nf-run and returns the JSON that it prints. One that ends with an
// error and prints nothing has failed, and says why on standard error.
func (s *settings) output(ctx context.Context, args ...string) (json.RawMessage, error) {
	cmd, err := s.runnerProcess(ctx, args...)
	if err != nil {
		return nil, err
	}
	return printedBy(ctx, cmd, args[0])
}

// printedBy runs a prepared nf-run.
func printedBy(ctx context.Context, cmd *exec.Cmd, command string) (json.RawMessage, error) {
	var printed, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &printed, &said
	err := cmd.Run()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if json.Valid(printed.Bytes()) {
		var exit *exec.ExitError
		if err == nil || errors.As(err, &exit) {
			return bytes.TrimSpace(printed.Bytes()), nil
		}
	}
	return nil, runnerError(command, err, said.String())
}

// text runs nf-run and returns what it prints.
func (s *settings) text(ctx context.Context, args ...string) (string, error) {
	cmd, err := s.runnerProcess(ctx, args...)
	if err != nil {
		return "", err
	}
	var printed, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &printed, &said
	if err := cmd.Run(); err != nil {
		return "", runnerError(args[0], err, said.String())
	}
	return printed.String(), nil
}

// runnerError passes on why nf-run gave up.
func runnerError(command string, err error, said string) error {
	reason := strings.TrimSpace(strings.ReplaceAll(said, "nf-run: ", ""))
	switch {
	case reason != "":
	case err != nil:
		reason = err.Error()
	default:
		reason = "it printed nothing that can be read"
	}
	return jsonrpc2.Errorf(codeRequestFailed, "nf-run %s: %s", command, reason)
}

// ask has nf-run answer about the file of a document. The reply is what it
// prints; few editors show that, so the user is shown a summary of it.
func (s *Server) ask(ctx context.Context, v *View, document string, summary func(json.RawMessage) (string, protocol.MessageType), args ...string) (any, error) {
	path, err := v.file(document)
	if err != nil {
		return nil, err
	}
	answer, err := v.settings.output(ctx, append(args, path)...)
	if err != nil {
		return nil, err
	}
	if said, kind := summary(answer); said != "" {
		if err := s.show(kind, filepath.Base(path)+": "+said); err != nil {
			return nil, err
		}
	}
	return jsonrpc2.RawMessage(answer), nil
}
