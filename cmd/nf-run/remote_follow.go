package main

import (
	"context"
	"errors"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/platform/stored"
	"github.com/spf13/cobra"
)

func (c *command) remoteFollow() *cobra.Command {
	var at shelfFlags
	var files reports
	cmd := &cobra.Command{
		Use:   "follow NAME RUN",
		Short: "Show a run that the platform executes until it ends",
		Long: `Follow shows every node's state until the run ends, and keeps what it has seen in the
history, under the platform's id of the run. Ctrl-C asks the platform for the run's
end, as with a run that was started from here.`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.runRemoteFollow(cmd.Context(), args[0], args[1], at, files)
		},
	}
	at.add(cmd)
	files = reportFlags(cmd)
	return cmd
}

func (c *command) runRemoteFollow(ctx context.Context, name, id string, at shelfFlags, files reports) error {
	if err := files.check(); err != nil {
		return err
	}
	return c.withDocument(ctx, at, name, func(shelf stored.Shelf, _ place, document stored.Document) error {
		s, err := c.start(ctx, at.target, nil)
		if err != nil {
			return err
		}
		defer s.close()
		return c.followRemote(ctx, s, shelf, document, id, files)
	})
}

// followRemote shows a run of a document that the platform executes until it ends, and
// records it.
func (c *command) followRemote(ctx context.Context, s *session, shelf stored.Shelf, document stored.Document, id string, files reports) error {
	known, err := engine.FindRun(ctx, s.store, id)
	switch {
	case err == nil && known.ID == id && known.Interrupted:
		keep := func(_ history.Run, before *engine.Rehearsal) (*engine.Rehearsal, error) { return before, nil }
		return c.goOn(ctx, id, keep, (*engine.Engine).Resume, engine.RunOptions{}, files)
	case err == nil && known.ID == id:
		return c.follow(ctx, s.store, id, "")
	case err != nil && !errors.Is(err, history.ErrNoRun):
		return exitWith(exitFailed, err)
	}
	program, err := remoteProgram(ctx, remoteRunOf(shelf, document, id))
	if err != nil {
		return exitWith(exitFailed, err)
	}
	if shelf.Pipeline != "" {
		program.Identity = strings.TrimPrefix(shelf.Key(document), "projects/")
	}
	return c.mirror(ctx, s, program, id, engine.Revision{}, files)
}
