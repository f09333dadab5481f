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
	"github.com/nf-lsp/nf-lsp/internal/engine/journal"
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
	id := cmp.Or(f.id, history.NewID(time.Now()))
	args := []string{"run", abs(cmp.Or(f.plan, d.path)), "--json", "--passed-on", "--id", id, "--target", f.target, "--state", s.store.Dir()}
	args = append(args, f.rehearsal.args()...)
	if f.teardown && f.plan == "" {
		args[0] = "teardown"
	}
	if f.until != "" {
		args = append(args, "--until", f.until)
	}
	if f.as != "" {
		args = append(args, "--as", f.as)
	}
	if f.commit != "" {
		args = append(args, "--of-commit", f.commit)
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
	args = append(args, "--wait="+cmp.Or(f.patience.text, "yes")) // nobody waits for its exit code
	err = c.launch(ctx, args, arguments, func() (bool, error) {
		_, err := s.store.Find(ctx, id)
		if errors.Is(err, history.ErrNoRun) {
			return false, nil
		}
		return err == nil, err
	})
	if err != nil {
		return err
	}
	return c.started(id)
}

// launch starts this program once more, in a process that outlives this one and its
// terminal, and returns when it is under way. Where it ends before that, the error is
// its own.
func (c *command) launch(ctx context.Context, args []string, input []byte, underWay func() (bool, error)) error {
	self, err := os.Executable()
	if err != nil {
		return exitWith(exitFailed, fmt.Errorf("the program cannot find itself: %w", err))
	}
	child := exec.CommandContext(context.WithoutCancel(ctx), self, args...)
	child.Stdin = bytes.NewReader(input)
	child.SysProcAttr = detached()
	if c.caFile != "" {
		child.Env = append(os.Environ(), caVariable+"="+abs(c.caFile))
	}
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
		if there, err := underWay(); err != nil {
			return exitWith(exitFailed, err)
		} else if there {
			return nil
		}
		select {
		case err := <-ended:
			if there, failed := underWay(); there && failed == nil {
				return nil
			}
			return notStarted(err, log.Name())
		case <-ctx.Done():
			return exitWith(exitAborted, ctx.Err())
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// resumeDetached has a process of its own go on with a run that was asked for
// something, and returns when that was taken.
func (c *command) resumeDetached(ctx context.Context, store *history.Store, id string, patience patienceFlag) error {
	dir := store.RunDir(id)
	taken := func() (bool, error) {
		open, err := journal.Asked(dir)
		return !open, err
	}
	if journal.Alive(dir) {
		for range 100 { // its owner looks for it ten times a second, unless it is just going
			if there, err := taken(); there || err != nil {
				return err
			}
			select {
			case <-time.After(20 * time.Millisecond):
			case <-ctx.Done():
				return exitWith(exitAborted, ctx.Err())
			}
			if !journal.Alive(dir) {
				break
			}
		}
		if journal.Alive(dir) {
			return nil // it is busy, and will look
		}
	}
	return c.launch(ctx, []string{"resume", id, "--json", "--wait=" + cmp.Or(patience.text, "yes"), "--state", store.Dir()}, nil, taken)
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
