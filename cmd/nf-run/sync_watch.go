package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/gitops"
	"github.com/spf13/cobra"
)

type watchFlags struct {
	pullFlags
	every time.Duration
	once  bool
}

func (c *command) syncWatch() *cobra.Command {
	var f watchFlags
	cmd := &cobra.Command{
		Use:   "watch [FILE]",
		Short: "Pull whenever the repository has changes, until Ctrl-C",
		Long: `Watch asks each repository now and then whether its branches have moved, with one
request for all of its links, and pulls where they have. Templates that run by
themselves are started, each in a process of its own and under its concurrency
policy. What does not go together, and a repository that does not answer, is said
once; that one is asked less and less often, up to every quarter of an hour.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return c.runSyncWatch(cmd.Context(), args, f) },
	}
	f.add(cmd)
	cmd.Flags().DurationVar(&f.every, "every", 30*time.Second, "how long a repository is left alone between two questions, from 1s")
	cmd.Flags().BoolVar(&f.once, "once", false, "ask each repository once and end")
	f.addRuns(cmd)
	return cmd
}

func (c *command) runSyncWatch(ctx context.Context, args []string, f watchFlags) error {
	if f.every < time.Second {
		return errors.New("--every is at least 1s: repositories are asked, not besieged")
	}
	s, err := c.syncer(ctx)
	if err != nil {
		return err
	}
	s.Git.Interactive = false // nobody sits there for ever
	s.Rewritten = f.rewritten
	if _, err := c.links(s, f.syncFlags, args); err != nil {
		return err
	}
	failures := 0
	w := &gitops.Watch{
		Syncer: s, Every: f.every,
		Links: func() ([]gitops.Link, error) { return c.links(s, f.syncFlags, args) },
		Moved: func(ctx context.Context, group []gitops.Link) error {
			l := group[0]
			done, err := s.Pull(ctx, l, c.mergeOptions(l, false))
			var runs []startedRun
			if err == nil && !f.noRun && (done.Outcome == gitops.Updated || done.Outcome == gitops.Merged) {
				runs = c.startRuns(ctx, s, group, done, f.target)
			}
			if done.Outcome == gitops.InSync || done.Outcome == gitops.Ahead || done.Outcome == gitops.New {
				return err // a commit that has not changed the file
			}
			if c.json {
				if werr := c.writeJSON(doneOf(group, done, runs, err)); werr != nil {
					return werr
				}
				return err
			}
			c.sayDone(l, done, runs)
			return err
		},
		Failed: func(_ []gitops.Link, err error, again time.Duration) {
			failures++
			when := ""
			if !f.once {
				when = fmt.Sprintf(" (asked again in %v)", again.Round(time.Second))
			}
			fmt.Fprintf(c.errOut, "nf-run: %v%s\n", err, when)
		},
	}
	err = w.Run(ctx, f.once)
	switch {
	case errors.Is(err, context.Canceled):
		return nil
	case err != nil:
		return syncFailed(err)
	case failures > 0:
		return exitWith(exitFailed, nil)
	}
	return nil
}
