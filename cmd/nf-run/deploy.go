package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/nf-lsp/nf-lsp/internal/platform/stored"
	"github.com/spf13/cobra"
)

func (c *command) deploy() *cobra.Command {
	var at shelfFlags
	var message string
	cmd := &cobra.Command{
		Use:   "deploy FILE",
		Short: "Store a template on the platform, which can then run it itself",
		Long: `Deploy makes the template of the same name on the platform what the file says, and
creates it where there is none. Nothing is sent where the file has errors, or where
the platform has it already as it is.

A template whose option autorun is on is run by the platform when it is changed: deploy
says so, and 'nf-run remote run' does not start it once more.

With --project the file is stored as a workflow of that project, a preview environment as
a preview blueprint; with --pipeline and --stage as the release flow of that stage, and a
preview environment with --pipeline as the preview template of the pipeline.

With --target local the file is stored on the local platform, which 'nf-run serve'
serves; what is to run because of that is run here.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return c.runDeploy(cmd.Context(), args[0], at, message) },
	}
	at.add(cmd)
	at.addStage(cmd)
	at.whole = true
	cmd.Flags().Lookup("target").Usage = targetUsage
	cmd.Flags().StringVarP(&message, "message", "m", "", "why, for the version that it makes; the hosted platform keeps none")
	return cmd
}

// deployOutput is the JSON form of a deployment, version 1.
type deployOutput struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Family string `json:"family"`
	Target string `json:"target"`
	// Action is "created", "updated" or "unchanged".
	Action string `json:"action"`
	// Runs says that the platform runs it now because of that.
	Runs bool `json:"runs"`
}

func (c *command) runDeploy(ctx context.Context, path string, at shelfFlags, message string) error {
	d, err := c.openIn(path, at.project)
	if err != nil {
		return err
	}
	name, err := at.of(d)
	if err != nil {
		return err
	}
	shelf, target, err := c.shelfAnywhere(ctx, at)
	if err != nil {
		return err
	}
	defer target.close()
	before := ""
	if message != "" {
		if before, err = shelf.NewestNamed(ctx, name); err != nil {
			return exitWith(exitFailed, err)
		}
	}
	stands, action, err := deployed(ctx, shelf, name, d)
	if err != nil {
		return exitWith(exitFailed, err)
	}
	if message != "" {
		if err := shelf.NoteNewest(ctx, stands, before, message); err != nil {
			return exitWith(exitFailed, fmt.Errorf("it is stored, but the message is not: %w", err))
		}
	}
	runs := d.runsItself(action)
	if c.json {
		err = c.writeJSON(deployOutput{ID: stands.ID, Name: name, Family: shelf.Family.Name, Target: target.name, Action: action, Runs: runs})
	} else {
		_, err = fmt.Fprintf(c.out, "%s %s on %s: %s\n", shelf.Family.Name, stands.ID, target.name, action)
	}
	if err != nil || !runs {
		return err
	}
	if target.session == nil {
		if !c.json {
			fmt.Fprintf(c.out, "The platform runs it now, as its options say. Look at it with: nf-run remote runs %s\n", stands.ID)
		}
		return nil
	}
	fmt.Fprintf(c.errOut, "It is run here, as its options say.\n")
	return failed(target.session.settleDocuments(ctx))
}

// deployed stores a document.
func deployed(ctx context.Context, shelf stored.Shelf, name string, d *document) (stored.Document, string, error) {
	text := d.snapshot.Tree.Source()
	if !json.Valid([]byte(text)) {
		return stored.Document{}, "", errors.New("the platform takes plain JSON, without comments: take them out")
	}
	return shelf.Deploy(ctx, name, json.RawMessage(text))
}

// runsItself tells whether the platform runs a document because of what was done to it.
func (d *document) runsItself(action string) bool {
	options := d.snapshot.Doc.Root.Get("options")
	is := func(name string) bool { return options.Get(name).Raw() == "true" }
	return action == stored.Updated && is("autorun") || action == stored.Created && is("runOnCreation")
}
