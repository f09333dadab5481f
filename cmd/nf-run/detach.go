package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/history"
)

// detach starts the run in a process of its own, which outlives this one and
// its terminal, and returns when the run is recorded: from then on it can be
// shown, followed, aborted and resumed by its id.
func (c *command) detach(ctx context.Context, s *session, d *document, program *engine.Program, given given, f runFlags) error {
	if d.path == "-" {
		return exitWith(exitUsage, errors.New("a detached run needs a file, not standard input"))
	}
	problems, err := s.engine.Preflight(ctx, program)
	if err != nil {
		return exitWith(exitFailed, err)
	}
	if len(problems) > 0 {
		return c.refuse(d, problems)
	}
	self, err := os.Executable()
	if err != nil {
		return exitWith(exitFailed, fmt.Errorf("the program cannot find itself: %w", err))
	}
	id := history.NewID(time.Now())
	args := []string{"run", abs(cmp.Or(f.plan, d.path)), "--json", "--passed-on", "--id", id, "--target", f.target, "--state", s.store.Dir()}
	args = append(args, f.rehearsal.args()...)
	if f.teardown && f.plan == "" {
		args[0] = "teardown"
	}
	if f.until != "" {
		args = append(args, "--until", f.until)
	}
	arguments, err := given.passOn()
	if err != nil {
		return exitWith(exitFailed, fmt.Errorf("the arguments cannot be passed on: %w", err))
	}
	for format, file := range f.reports {
		if *file != "" {
			args = append(args, "--"+format, abs(*file))
		}
	}
	child := exec.CommandContext(context.WithoutCancel(ctx), self, args...)
	child.Stdin = bytes.NewReader(arguments)
	child.SysProcAttr = detached()
	log, err := os.CreateTemp("", "nf-run-*.log")
	if err != nil {
		return exitWith(exitFailed, err)
	}
	defer func() { _ = os.Remove(log.Name()) }()
	defer func() { _ = log.Close() }()
	child.Stderr = log
	if err := child.Start(); err != nil {
		return exitWith(exitFailed, fmt.Errorf("the run could not be started: %w", err))
	}
	ended := make(chan error, 1)
	go func() { ended <- child.Wait() }()
	for {
		if _, err := s.store.Find(ctx, id); err == nil {
			break
		} else if !errors.Is(err, history.ErrNoRun) {
			return exitWith(exitFailed, err)
		}
		select {
		case err := <-ended:
			if _, found := s.store.Find(ctx, id); found == nil {
				return c.started(id)
			}
			return notStarted(err, log.Name())
		case <-ctx.Done():
			return exitWith(exitAborted, ctx.Err())
		case <-time.After(5 * time.Millisecond):
		}
	}
	return c.started(id)
}

func (c *command) started(id string) error {
	if c.json {
		return c.writeJSON(startedOutput{Run: id})
	}
	_, err := fmt.Fprintln(c.out, id)
	return err
}

// startedOutput is the JSON form of a detached start.
type startedOutput struct {
	Run string `json:"run"`
}

// notStarted passes on why the other process gave up.
func notStarted(err error, log string) error {
	code := exitFailed
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() > 0 {
		code = exit.ExitCode()
	}
	text, readErr := os.ReadFile(log)
	if readErr != nil && !errors.Is(readErr, fs.ErrNotExist) {
		return exitWith(code, readErr)
	}
	lines := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
	last := strings.TrimPrefix(string(lines[len(lines)-1]), "nf-run: ")
	if last == "" {
		last = "the run ended before it was recorded (" + filepath.Base(os.Args[0]) + ")"
	}
	return exitWith(code, errors.New(last))
}

// abs is a path for a process that may look from elsewhere.
func abs(path string) string {
	if p, err := filepath.Abs(path); err == nil {
		return p
	}
	return path
}
