package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/nf-lsp/nf-lsp/internal/gitops"
	"github.com/spf13/cobra"
)

type pullFlags struct {
	syncFlags
	allowErrors, noRun bool
	rewritten          bool
	target             string
}

func (c *command) syncPull() *cobra.Command {
	var f pullFlags
	cmd := &cobra.Command{
		Use:   "pull [FILE]",
		Short: "Bring the changes of the repository into a file, or into all that are linked",
		Long: `Pull fetches the branch and brings what it has changed into FILE. Where FILE has
changes of its own, both are merged by what they mean; where they do not go
together, neither is touched and the exit code is 4.

Templates that run by themselves are started when their file has changed, each in
a process of its own and under its concurrency policy.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return c.runSyncPull(cmd.Context(), args, f) },
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&f.allowErrors, "allow-errors", false, "take a merge that has errors which neither side has")
	f.addRuns(cmd)
	return cmd
}

func (f *pullFlags) addRuns(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.noRun, "no-run", false, "start no run, whatever the link says")
	cmd.Flags().BoolVar(&f.rewritten, "rewritten", false, "go on where the history of the branch was rewritten, with what is there")
	cmd.Flags().StringVar(&f.target, "target", "local", "where templates that run by themselves run")
}

func (c *command) runSyncPull(ctx context.Context, args []string, f pullFlags) error {
	s, links, err := c.linked(ctx, f.syncFlags, args...)
	if err != nil {
		return err
	}
	s.Rewritten = f.rewritten
	f.owe(s)
	if len(links) == 0 && !c.json {
		fmt.Fprintln(c.out, "nothing is linked")
	}
	var worst error
	for _, group := range together(links) {
		l := group[0]
		done, err := s.Pull(ctx, l, c.mergeOptions(l, f.allowErrors))
		runs, failed := c.startOwed(ctx, s, l, f.noRun)
		err = errors.Join(err, failed)
		if worst, err = c.say(group, done, runs, err, worst); err != nil {
			return err
		}
	}
	return worst
}

// say writes what came of one file. It returns the error that the command ends with when
// all are done: a conflict is the worst, for it needs a person.
func (c *command) say(group []gitops.Link, done gitops.Done, runs []startedRun, err, worst error) (error, error) {
	if c.json {
		if werr := c.writeJSON(doneOf(group, done, runs, err)); werr != nil {
			return worst, exitWith(exitFailed, werr)
		}
	} else {
		c.sayDone(group[0], done, runs)
	}
	if err == nil {
		return worst, nil
	}
	var exit *exitError
	if errors.As(worst, &exit) {
		// The one before is said now, the last at the end.
		fmt.Fprintln(c.errOut, "nf-run: "+exit.Error())
		if exit.code == exitConflict {
			return exitWith(exitConflict, err), nil
		}
	}
	return syncFailed(err), nil
}
