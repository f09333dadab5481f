package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/terminal"
	"github.com/spf13/cobra"
)

func (c *command) previewShow() *cobra.Command {
	var f previewFlags
	var follow bool
	cmd := &cobra.Command{
		Use:   "show PIPELINE NAME",
		Short: "Show a preview environment and its newest run",
		Long: `Show says what an environment is of, and prints its newest run as a tree, as 'nf-run
show' does. With --follow the run is shown until it ends; the exit code is then that of
the run.`,
		Args:              cobra.ExactArgs(2),
		ValidArgsFunction: c.completePreview(&f, true),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.withPreviews(cmd.Context(), f, args[0], func(p *previewPlace) error { return c.showPreview(cmd.Context(), p, args[1], follow) })
		},
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&follow, "follow", false, "show what happens until the newest run ends")
	return cmd
}

// shownPreview is the JSON form of an environment with its newest run, version 1.
type shownPreview struct {
	previewOutput
	Run *engine.RunView `json:"run,omitempty"`
}

func (c *command) showPreview(ctx context.Context, p *previewPlace, name string, follow bool) error {
	e, err := p.environment(ctx, name)
	if err != nil {
		return exitWith(exitFailed, err)
	}
	if follow {
		if len(e.Runs) == 0 {
			return exitWith(exitFailed, errors.New("no run of the environment is known any more"))
		}
		return p.followRun(ctx, c, e.Runs[0].ID, "")
	}
	shown := shownPreview{previewOutput: e}
	if len(e.Runs) > 0 {
		if shown.Run, _, err = p.view(ctx, e.Runs[0].ID); err != nil {
			return exitWith(exitFailed, err)
		}
	}
	if c.json {
		return c.writeJSON(shown)
	}
	fmt.Fprintf(c.out, "%s  %s  %s\n", terminal.Printable(e.Name), terminal.Printable(e.origin()), e.standing(painterFor(c.out)))
	if e.Repository != "" {
		fmt.Fprintf(c.out, "of %s\n", terminal.Printable(e.Repository))
	}
	if e.ExpiresAt != nil {
		fmt.Fprintf(c.out, "ends %s\n", day(e.ExpiresAt))
	}
	if shown.Run == nil {
		return nil
	}
	for _, l := range (canvas{paint: painterFor(c.out), now: time.Now()}).render(shown.Run) {
		if _, err := fmt.Fprintln(c.out, l); err != nil {
			return err
		}
	}
	if shown.Run.Interrupted {
		fmt.Fprintf(c.out, "The process that executed it is gone. Go on with: nf-run resume %s\n", shown.Run.ID)
	}
	return nil
}
