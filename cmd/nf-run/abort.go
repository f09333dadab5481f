package main

import (
	"context"
	"fmt"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/spf13/cobra"
)

func (c *command) abort() *cobra.Command {
	return &cobra.Command{
		Use:   "abort RUN|latest",
		Short: "Stop a run",
		Long: `Abort asks the process that executes a run to stop: nothing new starts, what is
going on is ended and recorded. An interrupted run is recorded as aborted.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return c.runAbort(cmd.Context(), args[0]) },
	}
}

func (c *command) runAbort(ctx context.Context, id string) error {
	s, run, err := c.startFor(ctx, id, inRealTime)
	if err != nil {
		return err
	}
	defer s.close()
	if err := s.engine.Abort(ctx, run.ID, "asked for with nf-run abort", engine.RunOptions{}); err != nil {
		return exitWith(exitFailed, err)
	}
	if err := s.settleDocuments(ctx); err != nil {
		return exitWith(exitFailed, err)
	}
	view, err := engine.View(ctx, s.store, run.ID)
	if err != nil {
		return exitWith(exitFailed, err)
	}
	if c.json {
		return c.writeJSON(abortOutput{Run: view.ID, Status: string(view.Status)})
	}
	if by := view.Process; by != nil && by.Silent {
		fmt.Fprintf(c.errOut, "The end of run %s was asked for, but %s, which executes it, may not hear: %s\n", view.ID, by, by.Silence())
	}
	_, err = fmt.Fprintf(c.out, "run %s: %s\n", view.ID, view.Status)
	return err
}

// inRealTime is for commands that leave a run's rehearsal to whoever executes it.
func inRealTime(history.Run, *engine.Rehearsal) (*engine.Rehearsal, error) { return nil, nil }

// abortOutput is the JSON form of an abort.
type abortOutput struct {
	Run    string `json:"run"`
	Status string `json:"status"`
}
