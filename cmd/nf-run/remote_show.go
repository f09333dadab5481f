package main

import (
	"context"
	"fmt"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/platform/stored"
	"github.com/spf13/cobra"
)

func (c *command) remoteShow() *cobra.Command {
	var at shelfFlags
	var node string
	cmd := &cobra.Command{
		Use:   "show NAME RUN",
		Short: "Show a run that the platform executes",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.runRemoteShow(cmd.Context(), args[0], args[1], node, at)
		},
	}
	at.add(cmd)
	cmd.Flags().StringVar(&node, "node", "", "one node, by its ref, its JSON pointer or its name")
	return cmd
}

func (c *command) runRemoteShow(ctx context.Context, name, id, node string, at shelfFlags) error {
	return c.withDocument(ctx, at, name, func(shelf stored.Shelf, target place, document stored.Document) error {
		run := remoteRunOf(shelf, document, id)
		program, err := remoteProgram(ctx, run)
		if err != nil {
			return exitWith(exitFailed, err)
		}
		state, nodes, err := run.State(ctx)
		if err != nil {
			return exitWith(exitFailed, err)
		}
		view := engine.RemoteView(program, id, target.name, state, nodes)
		if node != "" {
			n, err := view.Find(node)
			if err != nil {
				return exitWith(exitFailed, fmt.Errorf("run %s: %w", id, err))
			}
			if c.json {
				return c.writeJSON(n)
			}
			return c.writeNode(n)
		}
		if c.json {
			return c.writeJSON(view)
		}
		for _, l := range (canvas{paint: painterFor(c.out), now: time.Now()}).render(view) {
			if _, err := fmt.Fprintln(c.out, l); err != nil {
				return err
			}
		}
		return nil
	})
}
