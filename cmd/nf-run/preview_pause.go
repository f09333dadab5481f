package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
	"github.com/nf-lsp/nf-lsp/internal/platform/stored"
	"github.com/spf13/cobra"
)

func (c *command) previewPause(paused bool) *cobra.Command {
	var f previewFlags
	cmd := &cobra.Command{
		Use:   "pause PIPELINE [NAME]",
		Short: "Pause a preview environment, or the triggers of the template",
		Long: `Pause takes the containers of an environment down until it is resumed. Without NAME it
is the triggers that are paused: Git events and webhooks start nothing until they are
resumed; environments can still be made by hand.`,
		Args:              cobra.RangeArgs(1, 2),
		ValidArgsFunction: c.completePreview(&f, true),
	}
	if !paused {
		cmd.Use, cmd.Short, cmd.Long = "resume PIPELINE [NAME]", "Resume a preview environment, or the triggers of the template", ""
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return c.withPreviews(cmd.Context(), f, args[0], func(p *previewPlace) error {
			name := ""
			if len(args) > 1 {
				name = args[1]
			}
			return c.pausePreview(cmd.Context(), p, name, paused)
		})
	}
	f.add(cmd)
	return cmd
}

// pausedOutput is what "preview pause" and "resume" say in JSON, version 1.
type pausedOutput struct {
	Name   string `json:"name,omitempty"` // of the environment; the triggers where it is missing
	Paused bool   `json:"paused"`
}

func (c *command) pausePreview(ctx context.Context, p *previewPlace, name string, paused bool) error {
	done := map[bool]string{true: "paused", false: "resumed"}[paused]
	what := "preview environment " + name
	if name == "" {
		what = "the triggers of " + p.document.ID
		if err := p.pauseTriggers(ctx, paused); err != nil {
			return exitWith(exitFailed, err)
		}
	} else {
		op := p.ops.pause
		if !paused {
			op = p.ops.resume
		}
		if _, err := p.environment(ctx, name); err != nil {
			return exitWith(exitFailed, err)
		}
		if err := p.do(ctx, op, name, nil, nil); err != nil {
			return exitWith(exitFailed, err)
		}
	}
	if c.json {
		return c.writeJSON(pausedOutput{name, paused})
	}
	_, err := fmt.Fprintf(c.out, "%s: %s\n", what, done)
	return err
}

// pauseTriggers sets the template as it is, but for its triggers. Blueprints have no
// property that pauses theirs. The platform's API sets a template as a whole and does
// not promise to show the overrides of its arguments: they are not put at risk.
func (p *previewPlace) pauseTriggers(ctx context.Context, paused bool) error {
	if p.shelf.Family == stored.PreviewBlueprints {
		return errors.New("the API can neither pause nor resume the triggers of a blueprint: its updates take no such property. Do that in the browser, or name an environment to pause that")
	}
	if !p.local() {
		done := map[bool]string{true: "pause", false: "resume"}[paused]
		return fmt.Errorf("the API cannot %s the triggers alone: it sets a preview template as a whole, and does not show its webhook, its teardown and the overrides of its arguments, which would be lost. "+
			"Do that in the header of its settings in the browser, or store the whole template with \"paused\": %t ('nf-run deploy FILE --project %s --pipeline %s --target northflank'); name an environment to %s that",
			done, paused, p.shelf.Project, p.document.ID, done)
	}
	document, err := p.shelf.Whole(ctx, p.document)
	if err != nil {
		return err
	}
	if jsonvalue.Bool(document, "paused") == paused {
		return nil
	}
	kept := map[string]any{}
	for _, name := range previewProperties {
		if v := document[name]; v != nil {
			kept[name] = v
		}
	}
	kept["paused"] = paused
	return p.shelf.Replace(ctx, p.document, kept)
}

// previewProperties are those of a preview template that can be set; it shows others.
var previewProperties = [...]string{"apiVersion", "options", "arguments", "gitops", "$schema", "triggers", "webhook", "spec", "project", "name",
	"description", "argumentOverrides", "teardownSpec"}
