package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
	"github.com/nf-lsp/nf-lsp/internal/platform/stored"
	"github.com/spf13/cobra"
)

func (c *command) remoteRuns() *cobra.Command {
	var at shelfFlags
	var limit int
	cmd := &cobra.Command{
		Use:   "runs NAME",
		Short: "List the runs that the platform has executed, newest first",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.runRemoteRuns(cmd.Context(), args[0], at, limit)
		},
	}
	at.add(cmd)
	cmd.Flags().IntVar(&limit, "limit", 50, "the greatest number of runs; 0 is all")
	return cmd
}

// remoteRunOutput is a run of the platform in the JSON form of the list, version 1.
type remoteRunOutput struct {
	ID          string     `json:"id"`
	Status      string     `json:"status"`
	Concluded   bool       `json:"concluded"`
	CreatedAt   *time.Time `json:"createdAt,omitempty"`
	StartedAt   *time.Time `json:"startedAt,omitempty"`
	ConcludedAt *time.Time `json:"concludedAt,omitempty"`
	// Version is that of the document, 0 where the platform does not tell; CreatedBy is
	// who has started it, where that is known.
	Version   int    `json:"version,omitempty"`
	CreatedBy string `json:"createdBy,omitempty"`
}

func outputOfRun(r stored.Row) remoteRunOutput {
	version, _ := jsonvalue.Number(r.Shown, "version")
	return remoteRunOutput{ID: r.ID, Status: r.Status, Concluded: r.Concluded, CreatedAt: timeOrNil(r.CreatedAt), StartedAt: timeOrNil(r.StartedAt),
		ConcludedAt: timeOrNil(r.ConcludedAt), Version: int(version), CreatedBy: jsonvalue.String(r.Shown, "createdBy")}
}

func (c *command) runRemoteRuns(ctx context.Context, name string, at shelfFlags, limit int) error {
	return c.withDocument(ctx, at, name, func(shelf stored.Shelf, target place, document stored.Document) error {
		runs, err := shelf.Runs(ctx, document, limit)
		if err != nil {
			return exitWith(exitFailed, err)
		}
		if c.json {
			out := make([]remoteRunOutput, 0, len(runs))
			for _, r := range runs {
				out = append(out, outputOfRun(r))
			}
			return c.writeJSON(out)
		}
		if len(runs) == 0 {
			_, err := fmt.Fprintf(c.out, "no runs of %s on %s\n", document.ID, target.name)
			return err
		}
		w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "RUN\tSTATUS\tCREATED\tTOOK\tVERSION\tBY")
		for _, r := range runs {
			took := ""
			if !r.StartedAt.IsZero() && !r.ConcludedAt.IsZero() {
				took = r.ConcludedAt.Sub(r.StartedAt).Round(time.Millisecond).String()
			}
			version, one := "", outputOfRun(r)
			if one.Version != 0 {
				version = fmt.Sprint(one.Version)
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", r.ID, r.Status, r.CreatedAt.Local().Format(time.DateTime), took, version, one.CreatedBy)
		}
		return w.Flush()
	})
}
