package main

import (
	"context"
	"fmt"

	"github.com/nf-lsp/nf-lsp/internal/platform/stored"
	"github.com/spf13/cobra"
)

func (c *command) remoteAbort() *cobra.Command {
	var at shelfFlags
	cmd := &cobra.Command{
		Use:   "abort NAME RUN",
		Short: "Ask the platform for the end of a run",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.runRemoteAbort(cmd.Context(), args[0], args[1], at)
		},
	}
	at.add(cmd)
	return cmd
}

func (c *command) runRemoteAbort(ctx context.Context, name, id string, at shelfFlags) error {
	return c.withDocument(ctx, at, name, func(shelf stored.Shelf, _ place, document stored.Document) error {
		run := remoteRunOf(shelf, document, id)
		if err := run.Abort(ctx); err != nil {
			return exitWith(exitFailed, err)
		}
		state, _, err := run.State(ctx)
		if err != nil {
			return exitWith(exitFailed, err)
		}
		if c.json {
			return c.writeJSON(abortOutput{Run: id, Status: state.Status})
		}
		_, err = fmt.Fprintf(c.out, "run %s: %s\n", id, state.Status)
		return err
	})
}
