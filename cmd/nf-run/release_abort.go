package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/platform/stored"
	"github.com/spf13/cobra"
)

func (c *command) releaseAbort() *cobra.Command {
	var f stageFlags
	cmd := &cobra.Command{
		Use:   "abort PIPELINE STAGE RELEASE|latest",
		Short: "Stop a release",
		Long: `Abort asks whoever executes a release to stop: nothing new starts, what is going on is
ended and recorded. What was deployed stays: 'nf-run release rollback' goes back.`,
		Args:              cobra.ExactArgs(3),
		ValidArgsFunction: c.completeStage(&f, true),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.withStage(cmd.Context(), f, args[0], args[1], func(p *stagePlace) error {
				return c.abortRelease(cmd.Context(), p, args[2])
			})
		},
	}
	f.add(cmd)
	return cmd
}

func (c *command) abortRelease(ctx context.Context, p *stagePlace, what string) error {
	row, err := p.find(ctx, what)
	if err != nil {
		return exitWith(exitFailed, err)
	}
	if row.Concluded {
		return exitWith(exitFailed, fmt.Errorf("release %s has ended already: %s", row.ID, row.Status))
	}
	status := ""
	if _, err := engine.FindRun(ctx, p.store, row.ID); p.local() && !errors.Is(err, history.ErrNoRun) {
		if err == nil {
			err = p.engine.Abort(ctx, row.ID, "asked for with nf-run release abort", engine.RunOptions{})
		}
		if err != nil {
			return exitWith(exitFailed, err)
		}
		view, err := engine.View(ctx, p.store, row.ID)
		if err != nil {
			return exitWith(exitFailed, err)
		}
		status = string(view.Status)
		if err := p.settleDocuments(ctx); err != nil {
			return exitWith(exitFailed, err)
		}
	} else {
		run := &stored.Run{Target: p.target, Family: p.shelf.Family, Path: p.document.Path, ID: row.ID}
		if err := run.Abort(ctx); err != nil {
			return exitWith(exitFailed, err)
		}
		state, _, err := run.State(ctx)
		if err != nil {
			return exitWith(exitFailed, err)
		}
		status = state.Status
	}
	if c.json {
		return c.writeJSON(abortOutput{Run: row.ID, Status: status})
	}
	_, err = fmt.Fprintf(c.out, "release %s: %s\n", row.ID, status)
	return err
}
