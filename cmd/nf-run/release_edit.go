package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/terminal"
	"github.com/spf13/cobra"
)

func (c *command) releaseEdit() *cobra.Command {
	var f stageFlags
	var name, description string
	cmd := &cobra.Command{
		Use:   "edit PIPELINE STAGE RELEASE|latest",
		Short: "Change what a release is called, and what is said of it",
		Long: `Edit gives a release another name or description. The hosted platform's API cannot do
that; its browser application can.`,
		Args:              cobra.ExactArgs(3),
		ValidArgsFunction: c.completeStage(&f, true),
		RunE: func(cmd *cobra.Command, args []string) error {
			said := map[string]any{}
			for property, text := range map[string]string{"name": name, "description": description} {
				if text != "" {
					said[property] = text
				}
			}
			if len(said) == 0 {
				return errors.New("there is nothing to change: give --name or --description")
			}
			return c.withStage(cmd.Context(), f, args[0], args[1], func(p *stagePlace) error {
				return failed(c.editRelease(cmd.Context(), p, args[2], said))
			})
		},
	}
	f.add(cmd)
	cmd.Flags().StringVar(&name, "name", "", "what the release is called")
	cmd.Flags().StringVar(&description, "description", "", "what is said of the release")
	return cmd
}

func (c *command) editRelease(ctx context.Context, p *stagePlace, what string, said map[string]any) error {
	row, err := p.find(ctx, what)
	if err != nil {
		return err
	}
	body, err := json.Marshal(said)
	if err != nil {
		return err
	}
	path := maps.Clone(p.document.Path)
	path["runId"] = row.ID
	response, err := p.target.Do(ctx, platform.OpDescribeRelease, platform.Params{Path: path}, body)
	if err != nil {
		return err
	}
	var run map[string]any
	if err := response.Data(&run); err != nil {
		return err
	}
	row.Shown = run
	release := releaseOf(row, run)
	if c.json {
		return c.writeJSON(release)
	}
	_, err = fmt.Fprintf(c.out, "release %s: %s\n", release.ID, terminal.Printable(release.Name))
	return err
}
