package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/platform/stored"
	"github.com/spf13/cobra"
)

func (c *command) remoteRun() *cobra.Command {
	var at shelfFlags
	var f runFlags
	var files reports
	cmd := &cobra.Command{
		Use:   "run FILE|NAME",
		Short: "Have the platform run a template, and follow the run",
		Long: `Run stores the template of a file as 'nf-run deploy' does, or takes the stored one of
a name or id, starts a run of it on the platform, and shows the state of every node
until the run ends. Where a change makes the platform run the template by itself, as
the option autorun says, that run is followed and no second one started.

Ctrl-C asks the platform for the end of the run. When the process is gone instead, the
run goes on there; 'nf-run resume RUN' follows on.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.runRemoteRun(cmd.Context(), args[0], at, f, files)
		},
	}
	at.add(cmd)
	at.addStage(cmd)
	cmd.Flags().StringArrayVar(&f.arguments, "arg", nil, "an argument as NAME=VALUE; may be repeated")
	cmd.Flags().StringVar(&f.argumentsFile, "args-file", "", "a JSON file with an object of arguments")
	files = reportFlags(cmd)
	return cmd
}

func (c *command) runRemoteRun(ctx context.Context, what string, at shelfFlags, f runFlags, files reports) error {
	if err := files.check(); err != nil {
		return err
	}
	arguments, err := c.mergedArguments(&f)
	if err != nil {
		return err
	}
	var d *document
	name := what
	if isFile(what) {
		if d, err = c.openIn(what, at.project); err != nil {
			return err
		}
		if name, err = at.of(d); err != nil {
			return err
		}
	}
	if t, err := readTarget(at.target); err == nil && !t.hosted {
		return errors.New("--target takes northflank or northflank/TEAM here: the local platform runs nothing by itself")
	}
	if err := at.check(); err != nil {
		return err
	}
	s, err := c.start(ctx, at.target, nil)
	if err != nil {
		return err
	}
	defer s.close()
	shelf := at.on(s.target)
	var document stored.Document
	run := engine.RemoteRun{Family: shelf.Family.Name, Arguments: arguments}
	text, file := "", ""
	if d == nil {
		if document, err = found(ctx, shelf, name); err != nil {
			return err
		}
		if text, err = shelf.Text(ctx, document); err != nil {
			return exitWith(exitFailed, err)
		}
	} else {
		if text, file = d.snapshot.Tree.Source(), d.file(); d.runsItself(stored.Updated) && len(arguments) > 0 {
			return exitWith(exitFailed, errors.New("the template has the option autorun, so that storing a change runs it, without these arguments: store it first ('nf-run deploy'), or switch autorun off"))
		}
		begun := time.Now()
		action := ""
		if document, action, err = deployed(ctx, shelf, name, d); err != nil {
			return exitWith(exitFailed, err)
		}
		fmt.Fprintf(c.errOut, "%s %s on %s: %s\n", shelf.Family.Name, document.ID, s.engine.Target, action)
		if d.runsItself(action) {
			if run.Run, err = startedByItself(ctx, shelf, document, begun); err != nil {
				return exitWith(exitFailed, err)
			}
			run.Arguments = nil
		}
	}
	run.Path = document.Path
	program, err := mirrorOf(text, file, run)
	if err != nil {
		return exitWith(exitFailed, err)
	}
	revision := engine.Revision{}
	if d != nil {
		revision = c.revisionOf(ctx, d, "")()
	}
	return c.mirror(ctx, s, program, history.NewID(time.Now()), revision, files)
}

// isFile tells whether an argument is a file and no name.
func isFile(what string) bool {
	if what == "-" || strings.HasSuffix(what, ".json") {
		return true
	}
	info, err := os.Stat(what)
	return err == nil && info.Mode().IsRegular()
}

// clocksApart is how far the platform's clock may be behind ours.
const clocksApart = time.Minute

// startedByItself finds the run that a change of a document has caused.
func startedByItself(ctx context.Context, shelf stored.Shelf, d stored.Document, since time.Time) (string, error) {
	for range 20 {
		newest, err := shelf.Runs(ctx, d, 1)
		if err != nil {
			return "", err
		}
		if len(newest) > 0 && newest[0].CreatedAt.After(since.Add(-clocksApart)) {
			return newest[0].ID, nil
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(500 * time.Millisecond):
		}
	}
	return "", fmt.Errorf("the platform has not run %s by itself, as its options say: look with 'nf-run remote runs %s'", d.ID, d.ID)
}

// mirror has a program executed by the platform and shows it. The revision is what is
// known of the version of its document.
func (c *command) mirror(ctx context.Context, s *session, program *engine.Program, id string, revision engine.Revision, files reports) error {
	remote, err := s.engine.Remotes(*program.Remote, id)
	if err != nil {
		return exitWith(exitFailed, err)
	}
	traced := c.traces()
	defer traced.close()
	view := c.reporting(c.view(""), files)
	result, err := s.engine.Mirror(ctx, program, remote, engine.RunOptions{ID: id, Revision: revision, Observers: traced.beside(view), Traceparent: traced.parent})
	view.close()
	return c.ended(nil, result, err)
}
