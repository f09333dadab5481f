package main

import (
	"context"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/source"
	"github.com/spf13/cobra"
)

func (c *command) retry() *cobra.Command {
	var f rehearsalFlags
	var files reports
	var wait patienceFlag
	cmd := &cobra.Command{
		Use:   "retry RUN|latest",
		Short: "Run the failed nodes of a run again, and what hangs on them",
		Long: `Retry goes on with a run that has failed or was aborted: nodes that did not
succeed run again, with as many attempts as at first, and so do those that refer
to their outputs and those that were not reached. What has succeeded stays.

The run keeps to the template and the arguments that it began with, also where
the file has changed since, which is said. To take changes in, run the template
again: what is as it should be is left alone.

Failures that were rehearsed are over, unless --fail says otherwise; attempts are
counted on from those before. A run in virtual time stays in it, with its delays.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			patience, err := wait.read(c.watched())
			if err != nil {
				return err
			}
			return c.runRetry(cmd.Context(), args[0], f, engine.RunOptions{Patience: patience}, files)
		},
	}
	f.add(cmd.Flags())
	wait.add(cmd.Flags())
	files = reportFlags(cmd)
	return cmd
}

func (c *command) runRetry(ctx context.Context, id string, f rehearsalFlags, opts engine.RunOptions, files reports) error {
	again := func(run history.Run, before *engine.Rehearsal) (*engine.Rehearsal, error) {
		r, err := f.read(run.Target)
		if err != nil || before == nil {
			return r, err
		}
		if r == nil {
			r = &engine.Rehearsal{}
		}
		r.Fast, r.Approve = r.Fast || before.Fast, r.Approve || before.Approve
		if r.Delay == 0 {
			r.Delay = before.Delay
		}
		if len(r.Failures) == 0 && !r.Fast && !r.Approve && r.Delay == 0 {
			return nil, nil
		}
		return r, nil
	}
	return c.goOn(ctx, id, again, (*engine.Engine).Retry, opts, files)
}

// goOn goes on with a run of the history, on the target that it began on; again
// says what it has to put up with.
func (c *command) goOn(ctx context.Context, id string, again func(history.Run, *engine.Rehearsal) (*engine.Rehearsal, error),
	do func(*engine.Engine, context.Context, string, engine.RunOptions) (engine.Result, error), opts engine.RunOptions, files reports) error {
	if err := files.check(); err != nil {
		return err
	}
	s, run, err := c.startFor(ctx, id, func(run history.Run, before *engine.Rehearsal) (_ *engine.Rehearsal, err error) {
		opts.Rehearsal, err = again(run, before)
		return opts.Rehearsal, err
	})
	if err != nil {
		return err
	}
	defer s.close()
	if run.File != "" {
		// A file that is gone, or that cannot be read, has nothing to say.
		if text, err := source.Read(run.File, nil); err == nil {
			opts.Source = engine.Source(text)
		}
	}
	outliveReaders()
	traced := c.traces()
	defer traced.close()
	view := c.reporting(c.view(""), files)
	opts.Observers = traced.beside(view)
	result, err := do(s.engine, ctx, run.ID, opts)
	settled := s.settleDocuments(context.WithoutCancel(ctx))
	view.close()
	if err == nil {
		err = settled
	}
	return c.ended(nil, result, err)
}
