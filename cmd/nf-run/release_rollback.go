package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
	"github.com/nf-lsp/nf-lsp/internal/platform/stored"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/spf13/cobra"
)

// rollbackFile is what the history has in the place of a file for a rollback that this
// machine carries out on a hosted platform; the release's id follows.
const rollbackFile = "rollback:"

func (c *command) releaseRollback() *cobra.Command {
	var f stageFlags
	var files reports
	var name, description string
	var restore bool
	cmd := &cobra.Command{
		Use:   "rollback PIPELINE STAGE RELEASE",
		Short: "Go back to an earlier release",
		Long: `Rollback deploys once more what the Release nodes of an earlier release have deployed,
each as the build or the image that it was then. Nothing else of that run is done
again, and nothing that happened since is undone: migrations of a database are to be
restored by hand. RELEASE is the id of a release that has succeeded, the beginning of
one, or its name.

With --restore-flow the release flow becomes what it was for that release, when the
rollback has succeeded.

On the hosted platform, whose API has no rollbacks, this machine deploys by the
platform's operations; the rollback stands in the history here. The exit codes are
those of 'nf-run run'.`,
		Args:              cobra.ExactArgs(3),
		ValidArgsFunction: c.completeStage(&f, true),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := files.check(); err != nil {
				return err
			}
			outliveReaders()
			return c.withStage(cmd.Context(), f, args[0], args[1], func(p *stagePlace) error {
				return c.rollBack(cmd.Context(), p, args[2], name, description, restore, files)
			})
		},
	}
	f.add(cmd)
	cmd.Flags().StringVar(&name, "name", "", "what the rollback is called")
	cmd.Flags().StringVar(&description, "description", "", "what is said of the rollback")
	cmd.Flags().BoolVar(&restore, "restore-flow", false, "make the release flow what it was for that release")
	files = reportFlags(cmd)
	return cmd
}

func (c *command) rollBack(ctx context.Context, p *stagePlace, what, name, description string, restore bool, files reports) error {
	row, err := p.find(ctx, what)
	if err != nil {
		return exitWith(exitFailed, err)
	}
	path := maps.Clone(p.document.Path)
	path["runId"] = row.ID
	request := map[string]any{"restoreConfiguration": restore}
	for property, text := range map[string]string{"name": name, "description": description} {
		if text != "" {
			request[property] = text
		}
	}
	run, err := p.begin(ctx, platform.OpRollBackRelease, path, request)
	var refused *platform.Error
	if errors.As(err, &refused) && refused.ID == platform.ErrorUnknownOp {
		if name != "" || description != "" {
			return exitWith(exitFailed, errors.New("the platform's API has no rollbacks that could be given a name or a description: leave out --name and --description"))
		}
		return c.rollBackFromHere(ctx, p, row, restore, files)
	}
	if err != nil {
		return err
	}
	id := jsonvalue.String(run, "id")
	if p.local() {
		err = p.follow(ctx, c, id, files)
		if settled := p.settleDocuments(context.WithoutCancel(ctx)); settled != nil && err == nil {
			err = exitWith(exitFailed, settled)
		}
	} else {
		err = c.followRemote(ctx, p.session, p.shelf, p.document, id, files)
	}
	if err != nil || !restore {
		return err
	}
	return c.flowRestored(ctx, p, id)
}

// flowRestored says what came of the release flow with a rollback.
func (c *command) flowRestored(ctx context.Context, p *stagePlace, id string) error {
	run, err := (&stored.Run{Target: p.target, Family: p.shelf.Family, Path: p.document.Path}).Whole(ctx, id)
	if err != nil {
		return exitWith(exitFailed, err)
	}
	version, _ := jsonvalue.Number(run, "configuration.version")
	switch jsonvalue.String(run, "configuration.status") {
	case "restored":
		fmt.Fprintf(c.errOut, "The release flow is as of version %d again.\n", int(version))
		return nil
	case "failed":
		return exitWith(exitFailed, fmt.Errorf("the release was gone back to, but its flow could not be restored: %s", jsonvalue.String(run, "configuration.error")))
	}
	return exitWith(exitFailed, errors.New("the release was gone back to, but its flow was not restored"))
}

// rollBackFromHere carries a rollback out by the operations that every platform has.
func (c *command) rollBackFromHere(ctx context.Context, p *stagePlace, row stored.Row, restore bool, files reports) error {
	run, err := (&stored.Run{Target: p.target, Family: p.shelf.Family, Path: p.document.Path}).Whole(ctx, row.ID)
	if err != nil {
		return exitWith(exitFailed, err)
	}
	document, err := platform.RollbackOf(run)
	if err != nil {
		return exitWith(exitFailed, err)
	}
	document["$schema"] = "https://api.northflank.com/v1/schemas/release-flow"
	text, err := json.Marshal(document)
	if err != nil {
		return exitWith(exitFailed, err)
	}
	snapshot := analysis.NewSnapshot(syntax.Parse(string(text)), nil, nil)
	program, problems := engine.Compile(snapshot.Doc, engine.Options{File: rollbackFile + row.ID, Identity: p.identity(), ProjectID: p.shelf.Project, Config: snapshot.Config})
	if len(problems) > 0 {
		return exitWith(exitFailed, errors.New(problems[0].Message))
	}
	traced := c.traces()
	defer traced.close()
	view := c.reporting(c.view(""), files)
	result, err := p.engine.Run(ctx, program, engine.RunOptions{Observers: traced.beside(view), Traceparent: traced.parent})
	view.close()
	if err := c.ended(nil, result, err); err != nil || !restore {
		return err
	}
	if err := p.shelf.RestoreRun(ctx, p.document, row.ID); err != nil {
		return exitWith(exitFailed, fmt.Errorf("the release was gone back to, but its flow could not be restored: %w", err))
	}
	fmt.Fprintln(c.errOut, "The release flow is as it was for that release.")
	return nil
}
