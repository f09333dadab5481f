package main

import (
	"context"
	"fmt"
	"path/filepath"
	"text/tabwriter"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/spf13/cobra"
)

func (c *command) runs() *cobra.Command {
	var limit int
	var template string
	cmd := &cobra.Command{
		Use:   "runs",
		Short: "List runs, newest first",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.runRuns(cmd.Context(), history.Filter{Template: template, Limit: limit})
		},
	}
	cmd.AddCommand(c.runsPrune())
	cmd.Flags().IntVar(&limit, "limit", 50, "the greatest number of runs; 0 is all")
	cmd.Flags().StringVar(&template, "template", "", "only runs of the template with this name")
	return cmd
}

// runOutput is a run in the JSON form of the list, version 1.
type runOutput struct {
	ID       string `json:"id"`
	Template string `json:"template"`
	File     string `json:"file,omitempty"`
	Target   string `json:"target"`
	// Until is the path of the node that the run stops after, Teardown says that
	// it ran the teardownSpec.
	Until    string `json:"until,omitempty"`
	Teardown bool   `json:"teardown,omitempty"`
	// Revision is the version of the template that it is of, as far as that is known.
	Revision *engine.Revision `json:"revision,omitempty"`
	// Rehearsal says that it was told to fail, or went on in virtual time.
	Rehearsal   bool       `json:"rehearsal,omitempty"`
	Status      string     `json:"status"`
	CreatedAt   time.Time  `json:"createdAt"`
	StartedAt   *time.Time `json:"startedAt,omitempty"`
	ConcludedAt *time.Time `json:"concludedAt,omitempty"`
	Error       string     `json:"error,omitempty"`
	// Interrupted runs have not concluded and no process executes them.
	Interrupted bool `json:"interrupted,omitempty"`
	// Silent says that the process that executes the run gives no sign of life.
	Silent bool `json:"silent,omitempty"`
}

func (c *command) runRuns(ctx context.Context, f history.Filter) error {
	dir, err := c.stateFolder()
	if err != nil {
		return exitWith(exitFailed, err)
	}
	var runs []history.Run
	if history.Exists(dir) {
		store, err := history.Open(ctx, dir)
		if err != nil {
			return exitWith(exitFailed, err)
		}
		defer func() { _ = store.Close() }()
		if runs, err = store.List(ctx, f, engine.Describe); err != nil {
			return exitWith(exitFailed, err)
		}
	}
	if c.json {
		out := make([]runOutput, 0, len(runs))
		for _, r := range runs {
			out = append(out, runOutput{
				ID: r.ID, Template: r.Template, File: r.File, Target: r.Target, Until: r.Until, Teardown: r.Teardown, Rehearsal: r.Rehearsal, Revision: engine.RevisionOf(r), Status: r.Status, CreatedAt: r.CreatedAt,
				StartedAt: timeOrNil(r.StartedAt), ConcludedAt: timeOrNil(r.ConcludedAt), Error: r.Error, Interrupted: interrupted(r), Silent: r.Silent,
			})
		}
		return c.writeJSON(out)
	}
	if len(runs) == 0 {
		_, err := fmt.Fprintf(c.out, "no runs in %s\n", dir)
		return err
	}
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "RUN\tSTATUS\tTEMPLATE\tTARGET\tSTARTED\tTOOK\tREVISION\tFILE")
	for _, r := range runs {
		status := r.Status
		if interrupted(r) {
			status += " (interrupted)"
		}
		if r.Silent {
			status += " (its process is silent)"
		}
		if r.Until != "" {
			status += ", a part"
		}
		if r.Teardown {
			status += ", teardown"
		}
		if r.Rehearsal {
			status += ", rehearsal"
		}
		started, took := "", ""
		if !r.StartedAt.IsZero() {
			started = r.StartedAt.Local().Format(time.DateTime)
			if r.Concluded() {
				took = duration(r.ConcludedAt.Sub(r.StartedAt))
			}
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.ID, status, r.Template, r.Target, started, took, engine.RevisionOf(r), shortPath(r.File))
	}
	return w.Flush()
}

// interrupted tells whether a run stands still that could go on by itself: one that
// waits for people needs no process.
func interrupted(r history.Run) bool {
	return r.Interrupted && r.Status != string(engine.StateApprovalWait)
}

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// shortPath is a path from the present folder, where that is shorter.
func shortPath(path string) string {
	if path == "" {
		return ""
	}
	here, err := filepath.Abs(".")
	if err != nil {
		return path
	}
	if rel, err := filepath.Rel(here, path); err == nil && len(rel) < len(path) {
		return rel
	}
	return path
}
