// Command nf-run checks, plans and runs Northflank templates from the terminal.
//
// This package is the command tree and its views: one file per command, one per
// way of showing a result. What the commands do lives in internal/analysis and
// internal/engine.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// Exit codes. They are part of the command's contract; docs/nf-run.md lists them.
const (
	exitOK          = 0
	exitFailed      = 1 // findings of error level; a run that failed
	exitUsage       = 2
	exitAborted     = 3 // a run that was aborted or replaced
	exitConflict    = 4 // what others have changed does not go together with this, or would be lost
	exitNotStarted  = 5 // a run that the concurrency policy forbids
	exitNeedsPerson = 6 // a run that waits for an approval or a decision
)

func main() { os.Exit(execute()) }

// execute runs the command line of the process, with its signals.
func execute() int {
	// Go's HTTP client writes answers that nobody has asked for to this logger, with the
	// secrets in them. We write to the streams ourselves.
	log.SetOutput(io.Discard)
	return (&command{in: os.Stdin, out: os.Stdout, errOut: os.Stderr, ends: true}).execute(untilInterrupted(context.Background()), os.Args[1:])
}

// run executes one command line and returns the exit code.
func run(ctx context.Context, args []string, in io.Reader, out, errOut io.Writer) int {
	return (&command{in: in, out: out, errOut: errOut}).execute(ctx, args)
}

func (c *command) execute(ctx context.Context, args []string) int {
	errOut := c.errOut
	root := c.root()
	root.SetArgs(args)
	root.SetIn(c.in)
	root.SetOut(c.out)
	root.SetErr(errOut)
	err := root.ExecuteContext(platform.WithActor(ctx, localUser))
	if err == nil {
		return exitOK
	}
	var exit *exitError
	if errors.As(err, &exit) {
		if exit.err != nil {
			fmt.Fprintln(errOut, "nf-run: "+exit.err.Error())
		}
		return exit.code
	}
	fmt.Fprintln(errOut, "nf-run: "+err.Error())
	fmt.Fprintln(errOut, "Run 'nf-run --help' for usage.")
	return exitUsage
}

// exitError ends the command with a code; err, which may be nil, is said on the
// error output first.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

func exitWith(code int, err error) error { return &exitError{code, err} }
