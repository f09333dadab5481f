package main

import (
	"context"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/spf13/cobra"
)

func (c *command) resume() *cobra.Command {
	var target string
	cmd := &cobra.Command{
		Use:   "resume RUN|latest",
		Short: "Go on with a run whose process is gone",
		Long: `Resume goes on with a run that was interrupted, or that stopped because it could
not be told what a node did. Finished nodes are not repeated.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return c.runResume(cmd.Context(), args[0], target) },
	}
	cmd.Flags().StringVar(&target, "target", "local", "where the run began: local")
	return cmd
}

func (c *command) runResume(ctx context.Context, id, target string) error {
	s, err := c.start(ctx, target, 0)
	if err != nil {
		return err
	}
	defer s.close()
	if id, err = runID(ctx, s.store, id); err != nil {
		return exitWith(exitFailed, err)
	}
	view := c.view()
	result, err := s.engine.Resume(ctx, id, engine.RunOptions{Observers: []engine.Observer{view}})
	view.close()
	if err != nil {
		err = runError(id, err)
	}
	return c.ended(nil, result, err)
}
