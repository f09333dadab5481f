package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
	"github.com/nf-lsp/nf-lsp/internal/platform/stored"
	"github.com/spf13/cobra"
)

// projectVariable names the project where no flag does.
const projectVariable = "NF_PROJECT"

func (c *command) release() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "release",
		Short: "Run the release flows of a pipeline's stages, and go back to releases",
		Long: `Release runs the release flow of a stage of a pipeline, lists and shows its releases,
and goes back to an earlier one. On the local platform the flow is run by this
process, elsewhere by the platform; both stand in the history like all other runs.

PIPELINE is the id or the name of a pipeline, or PROJECT/PIPELINE. Without a project,
--project or NF_PROJECT, it is looked for in all projects. STAGE is Development,
Staging or Production, in whatever case.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(c.releaseRun(), c.releaseList(), c.releaseShow(), c.releaseRollback(), c.releaseAbort(), c.releaseEdit())
	return cmd
}

// stageFlags say where a stage is.
type stageFlags struct {
	target, project string
	// rehearsal is what a run that is started puts up with; nil for nothing.
	rehearsal *engine.Rehearsal
}

func (f *stageFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.target, "target", "local", targetUsage)
	cmd.Flags().StringVar(&f.project, "project", "", "the id of the project (default: "+projectVariable+", else the only one that has the pipeline)")
}

// A stagePlace is a stage of a pipeline on an open target.
type stagePlace struct {
	*session
	shelf    stored.Shelf
	document stored.Document // the release flow
	name     string          // of the stage
}

// identity is what the history knows the stage's flow by.
func (p *stagePlace) identity() string {
	return strings.TrimPrefix(p.shelf.Key(p.document), "projects/")
}

// local tells whether this process runs the flow.
func (p *stagePlace) local() bool { return p.runs != nil }

// errNoFlow: the stage has no release flow.
var errNoFlow = errors.New("no release flow")

// stage opens the target and looks a stage up. What is missing is an error of the exit
// code 1, a word that is no stage one of usage.
func (c *command) stage(ctx context.Context, f stageFlags, pipeline, stage string) (*stagePlace, error) {
	name, err := stageNamed(stage)
	if err != nil {
		return nil, err
	}
	s, err := c.storedDocuments(ctx, f.target, f.rehearsal)
	if err != nil {
		return nil, err
	}
	p, err := s.stage(ctx, f, pipeline, name)
	if err != nil {
		s.close()
		return nil, exitWith(exitFailed, err)
	}
	return p, nil
}

func (s *session) stage(ctx context.Context, f stageFlags, pipeline, stage string) (*stagePlace, error) {
	project, id, err := findPipeline(ctx, s.target, f.project, pipeline)
	if err != nil {
		return nil, err
	}
	p := &stagePlace{session: s, name: stage, shelf: stored.Shelf{Target: s.target, Family: stored.ReleaseFlows, Project: project, Pipeline: id}}
	found := false
	if p.document, found, err = p.shelf.Find(ctx, strings.ToLower(stage)); err == nil && !found {
		err = fmt.Errorf("the stage %s of the pipeline %s has %w: store one with 'nf-run deploy FILE --project %s --pipeline %s --stage %s', or with a Pipeline node",
			stage, id, errNoFlow, project, id, stage)
	}
	return p, err
}

// stageNames are the stages of a pipeline, in the order in which they promote.
var stageNames = [...]string{"Development", "Staging", "Production"}

func stageNamed(text string) (string, error) {
	for _, name := range stageNames {
		if strings.EqualFold(name, text) {
			return name, nil
		}
	}
	return "", fmt.Errorf("a stage is one of %s, not %q", strings.Join(stageNames[:], ", "), text)
}

// findPipeline finds a pipeline by its id or name, in a project or in the only one that
// has it.
func findPipeline(ctx context.Context, target platform.Target, project, pipeline string) (projectID, id string, err error) {
	project, pipeline, err = inProject(project, pipeline)
	if err != nil {
		return "", "", err
	}
	projects, err := projectsToSearch(ctx, target, project)
	if err != nil {
		return "", "", err
	}
	found := map[string]string{}
	for _, candidate := range projects {
		for row, err := range platform.Items(ctx, target, platform.OpListPipelines, map[string]string{"projectId": candidate}, "pipelines") {
			if err != nil {
				return "", "", err
			}
			own, name := jsonvalue.String(row, "id"), jsonvalue.String(row, "name")
			if own == pipeline || name == pipeline && found[candidate] == "" {
				found[candidate] = own
			}
		}
	}
	switch names := slices.Sorted(maps.Keys(found)); len(names) {
	case 1:
		return names[0], found[names[0]], nil
	case 0:
		return "", "", nowhere("pipeline", pipeline, project)
	default:
		return "", "", fmt.Errorf("the projects %s have a pipeline %q: name one with --project", strings.Join(names, ", "), pipeline)
	}
}

// withStage does something with a stage.
func (c *command) withStage(ctx context.Context, f stageFlags, pipeline, stage string, do func(*stagePlace) error) error {
	p, err := c.stage(ctx, f, pipeline, stage)
	if err != nil {
		return err
	}
	defer p.close()
	return do(p)
}

// follow shows a run that the local platform executes in this process until it ends.
// Ctrl-C asks for its end.
func (p *stagePlace) follow(ctx context.Context, c *command, id string, files reports) error {
	traced := c.traces()
	defer traced.close()
	view := c.reporting(c.view(""), files)
	calls := context.WithoutCancel(ctx)
	stop := context.AfterFunc(ctx, func() { _ = p.engine.Abort(calls, id, "it was interrupted", engine.RunOptions{}) })
	defer stop()
	observers := traced.beside(view)
	var run engine.RunView
	err := engine.Follow(calls, p.store, id, 0, engine.ObserverFunc(func(e engine.Event) {
		run.Apply(e)
		for _, o := range observers {
			o.Event(e)
		}
	}))
	p.runs.Wait()
	view.close()
	if err != nil {
		return exitWith(exitFailed, runError(id, err))
	}
	return c.ended(nil, engine.Result{ID: run.ID, State: run.Status, Error: run.Error, Unknown: run.Unknown(), Undecided: run.Undecided()}, nil)
}

// mirror follows a run that the platform executes, and records it.
func (p *stagePlace) mirror(ctx context.Context, c *command, program *engine.Program, id string, files reports) error {
	return c.mirror(ctx, p.session, program, id, engine.Revision{}, files)
}
