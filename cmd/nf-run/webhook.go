package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/spf13/cobra"
)

func (c *command) webhook() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "webhook",
		Short: "Show and set the webhooks of release flows and preview templates",
		Long: `Webhook switches the webhook of a release flow on and off, or without STAGE that of the
preview template of a pipeline, and tells its address. The address is a secret: whoever
has it can start runs. It is one of 'nf-run serve', which answers there. Workflows and
blueprints have theirs in a trigger.

The hosted platform shows and sets its webhooks in the browser only.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(c.webhookShow(), c.webhookEnable(), c.webhookDisable())
	return cmd
}

func (c *command) webhookShow() *cobra.Command {
	var f stageFlags
	cmd := &cobra.Command{
		Use:   "show PIPELINE [STAGE]",
		Short: "Show the address of a webhook",
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.runWebhook(cmd.Context(), f, args, platform.OpGetWebhook, nil)
		},
	}
	return c.webhookOf(cmd, &f)
}

func (c *command) webhookEnable() *cobra.Command {
	var f stageFlags
	regenerate := false
	cmd := &cobra.Command{
		Use:   "enable PIPELINE [STAGE]",
		Short: "Switch a webhook on, and show its address",
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.runWebhook(cmd.Context(), f, args, platform.OpSetWebhook, map[string]any{"enabled": true, "regenerate": regenerate})
		},
	}
	cmd.Flags().BoolVar(&regenerate, "regenerate", false, "give it another address; the one that it had is nobody's any more")
	return c.webhookOf(cmd, &f)
}

func (c *command) webhookDisable() *cobra.Command {
	var f stageFlags
	cmd := &cobra.Command{
		Use:   "disable PIPELINE [STAGE]",
		Short: "Switch a webhook off; switched on again, it has the same address",
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.runWebhook(cmd.Context(), f, args, platform.OpSetWebhook, map[string]any{"enabled": false})
		},
	}
	return c.webhookOf(cmd, &f)
}

func (c *command) webhookOf(cmd *cobra.Command, f *stageFlags) *cobra.Command {
	cmd.Args = cobra.RangeArgs(1, 2)
	cmd.ValidArgsFunction = c.completeStage(f, false)
	f.add(cmd)
	return cmd
}

// webhookOutput is a webhook in JSON, version 1.
type webhookOutput struct {
	Enabled bool `json:"enabled"`
	// Path is its address on a server; empty where it is off.
	Path string `json:"path,omitempty"`
}

func (c *command) runWebhook(ctx context.Context, f stageFlags, args []string, op string, request map[string]any) error {
	do := func(p *stagePlace) error {
		var body json.RawMessage
		if request != nil {
			text, err := json.Marshal(request)
			if err != nil {
				return err
			}
			body = text
		}
		var hook webhookOutput
		response, err := p.target.Do(ctx, op, platform.Params{Path: map[string]string{"documentId": platform.DocumentID(p.shelf.Key(p.document))}}, body)
		if err == nil {
			err = response.Data(&hook)
		}
		if err != nil {
			return exitWith(exitFailed, err)
		}
		if c.json {
			return c.writeJSON(hook)
		}
		text := "off"
		if hook.Enabled {
			text = hook.Path
		}
		_, err = fmt.Fprintln(c.out, text)
		return err
	}
	if len(args) > 1 {
		return c.withStage(ctx, f, args[0], args[1], do)
	}
	return c.withPreviews(ctx, previewFlags{stageFlags: f}, args[0], func(p *previewPlace) error { return do(p.stagePlace) })
}
