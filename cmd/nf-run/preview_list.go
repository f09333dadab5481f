package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/terminal"
	"github.com/spf13/cobra"
)

func (c *command) previewList() *cobra.Command {
	var f previewFlags
	cmd := &cobra.Command{
		Use:               "list PIPELINE",
		Short:             "List the preview environments, newest first",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: c.completePreview(&f, false),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.withPreviews(cmd.Context(), f, args[0], func(p *previewPlace) error { return c.listPreviews(cmd.Context(), p) })
		},
	}
	f.add(cmd)
	return cmd
}

func (c *command) listPreviews(ctx context.Context, p *previewPlace) error {
	all, err := p.environments(ctx)
	if err != nil {
		return exitWith(exitFailed, err)
	}
	for i := range all {
		all[i].Runs = nil // they are for show
	}
	if c.json {
		return c.writeJSON(all)
	}
	if len(all) == 0 {
		fmt.Fprintln(c.errOut, "There is no preview environment.")
		return nil
	}
	paint := painterFor(c.out)
	table := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NAME\tOF\tCREATED\tENDS\tSTATUS")
	for _, e := range all {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", terminal.Printable(e.Name), terminal.Printable(e.origin()), day(e.CreatedAt), day(e.ExpiresAt), e.standing(paint))
	}
	return table.Flush()
}

// origin is the pull request or the branch that an environment shows.
func (e previewOutput) origin() string {
	parts := []string{}
	if e.PullRequestID != 0 {
		parts = append(parts, fmt.Sprintf("#%d", e.PullRequestID))
	}
	if e.Branch != "" {
		text := e.Branch
		if e.SHA != "" {
			text += "@" + shortSHA(e.SHA)
		}
		parts = append(parts, text)
	}
	if len(parts) == 0 {
		return "-"
	}
	return strings.Join(parts, " ")
}

// standing is how the newest run stands, and whether the environment is paused.
func (e previewOutput) standing(paint painter) string {
	text := "-"
	if e.Status != "" {
		text = painted(engine.State(e.Status), paint)
	}
	if e.Paused {
		text += ", paused"
	}
	return text
}

func day(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.Local().Format("2006-01-02 15:04")
}
