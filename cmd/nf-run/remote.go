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
	"github.com/nf-lsp/nf-lsp/internal/platform/stored"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
	"github.com/spf13/cobra"
)

func (c *command) remote() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "remote",
		Short: "Run templates by the platform's own engine, and look at such runs",
		Long: `Remote works with templates that the platform has stored, and runs them there. The
platform goes on with a run when this machine is off. Runs that are started or
followed from here stand in the history like all others: 'nf-run show', 'abort' and
'resume', which follows on, take their ids.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(c.remoteRun(), c.remoteRuns(), c.remoteShow(), c.remoteFollow(), c.remoteAbort())
	return cmd
}

// shelfFlags say where documents are stored.
type shelfFlags struct {
	target, project, pipeline string
	previews                  bool
	stage                     string // of deploy and run, for the file
	// whole says that the preview template of a pipeline is meant where both are named.
	whole bool
}

func (f *shelfFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.target, "target", "northflank", "the platform: northflank, or northflank/TEAM")
	flags.StringVar(&f.project, "project", "", "the id of a project, whose workflows are meant instead of templates")
	flags.StringVar(&f.pipeline, "pipeline", "", "with --project: the id of a pipeline, whose release flows are meant; their names are those of the stages")
	flags.BoolVar(&f.previews, "previews", false, "with --project: its preview blueprints are meant")
}

// addStage is for commands that store a file.
func (f *shelfFlags) addStage(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.stage, "stage", "", "with --pipeline: the stage whose release flow the file holds")
}

// check tells what does not go together.
func (f *shelfFlags) check() error {
	switch {
	case f.project == "" && (f.pipeline != "" || f.previews):
		return errors.New("--pipeline and --previews go with --project")
	case f.pipeline != "" && f.previews && !f.whole:
		return errors.New("--pipeline is for release flows and --previews for preview blueprints: use one of them")
	case f.stage != "" && f.pipeline == "":
		return errors.New("--stage goes with --pipeline")
	}
	return nil
}

func (f *shelfFlags) family() *stored.Family {
	switch {
	case f.pipeline != "" && f.previews:
		return stored.PreviewTemplates
	case f.pipeline != "":
		return stored.ReleaseFlows
	case f.previews:
		return stored.PreviewBlueprints
	case f.project != "":
		return stored.Workflows
	}
	return stored.Templates
}

// of takes the family from a document where it says which, and returns the name that
// it is stored under.
func (f *shelfFlags) of(d *document) (string, error) {
	if d.snapshot.Doc.Type == template.PreviewEnv {
		if f.project == "" {
			return "", errors.New("a preview environment is stored as a preview blueprint of a project: name it with --project")
		}
		f.previews = true
	}
	if err := f.check(); err != nil {
		return "", err
	}
	name := d.snapshot.Doc.Root.Get("name").Text()
	switch {
	case f.pipeline != "" && f.previews:
		return f.pipeline, nil
	case f.pipeline != "" && f.stage == "":
		return "", errors.New("a release flow belongs to a stage: name it with --stage")
	case f.pipeline != "":
		return f.stage, nil
	case d.snapshot.Doc.Type == template.ReleaseFlow && f.project == "":
		return "", errors.New("a release flow is stored in a project: name it with --project, and with --pipeline and --stage for a flow of a pipeline")
	case name == "":
		return "", fmt.Errorf("a %s that is stored needs a name", f.family().Name)
	}
	return name, nil
}

func (f *shelfFlags) on(target platform.Target) stored.Shelf {
	return stored.Shelf{Target: target, Family: f.family(), Project: f.project, Pipeline: f.pipeline}
}

// shelf connects to the platform.
func (c *command) shelf(at shelfFlags) (stored.Shelf, place, error) {
	name, err := readTarget(at.target)
	if err == nil {
		err = at.check()
	}
	if err != nil {
		return stored.Shelf{}, place{}, err
	}
	if !name.hosted {
		return stored.Shelf{}, place{}, errors.New("--target takes northflank or northflank/TEAM here: the local platform runs nothing by itself, except behind 'nf-run serve'")
	}
	target, full, err := c.connect(name)
	if err != nil {
		return stored.Shelf{}, place{}, err
	}
	return at.on(target), place{name: full, target: target, close: func() { _ = target.Close() }}, nil
}

// shelfAnywhere is shelf that takes the local platform as well, with what runs its
// documents.
func (c *command) shelfAnywhere(ctx context.Context, at shelfFlags) (stored.Shelf, place, error) {
	if name, err := readTarget(at.target); err != nil || name.hosted {
		return c.shelf(at)
	}
	if err := at.check(); err != nil {
		return stored.Shelf{}, place{}, err
	}
	s, err := c.documents(ctx, at.target, nil)
	if err != nil {
		return stored.Shelf{}, place{}, err
	}
	return at.on(s.target), place{name: s.engine.Target, target: s.target, session: s, close: s.close}, nil
}

// withDocument connects to the platform, looks a document up and does something with
// it.
func (c *command) withDocument(ctx context.Context, at shelfFlags, name string, do func(stored.Shelf, place, stored.Document) error) error {
	shelf, target, err := c.shelf(at)
	if err != nil {
		return err
	}
	defer target.close()
	document, err := found(ctx, shelf, name)
	if err != nil {
		return err
	}
	return do(shelf, target, document)
}

// found looks a document up.
func found(ctx context.Context, shelf stored.Shelf, name string) (stored.Document, error) {
	d, there, err := shelf.Find(ctx, name)
	if err == nil && !there {
		err = fmt.Errorf("the platform has no %s %q: store it with 'nf-run deploy'", shelf.Family.Name, name)
	}
	if err != nil {
		return d, exitWith(exitFailed, err)
	}
	return d, nil
}

// remotes finds runs of the history again that the platform executes.
func remotes(target platform.Target) func(engine.RemoteRun, string) (engine.Remote, error) {
	return func(at engine.RemoteRun, id string) (engine.Remote, error) {
		family := stored.FamilyNamed(at.Family)
		if family == nil {
			return nil, fmt.Errorf("this version does not know how the platform runs documents of the kind %q", at.Family)
		}
		return &stored.Run{Target: target, Family: family, Path: maps.Clone(at.Path), ID: at.Run, Token: id, Arguments: at.Arguments, Request: at.Request}, nil
	}
}

// remoteRunOf is a run of a document that is there already.
func remoteRunOf(shelf stored.Shelf, d stored.Document, id string) *stored.Run {
	return &stored.Run{Target: shelf.Target, Family: shelf.Family, Path: d.Path, ID: id}
}

// remoteProgram is the program of a run as the platform shows it.
func remoteProgram(ctx context.Context, run *stored.Run) (*engine.Program, error) {
	text, err := run.Document(ctx)
	if err != nil {
		return nil, err
	}
	return mirrorOf(string(text), "", engine.RemoteRun{Family: run.Family.Name, Path: run.Path, Run: run.ID})
}

// mirrorOf makes a program of a document that is executed elsewhere. What keeps it
// from running here, such as arguments whose values only the platform has, does not
// matter.
func mirrorOf(text, file string, at engine.RemoteRun) (*engine.Program, error) {
	doc := analysis.NewSnapshot(syntax.Parse(text), nil, nil).Doc
	program, problems := engine.Compile(doc, engine.Options{File: file, ProjectID: at.Path["projectId"]})
	if program == nil {
		return nil, errors.New(problems[0].Message)
	}
	return engine.MirrorProgram(program, at), nil
}

// mergedArguments reads arguments from everywhere and lays them over one another, for
// what the platform runs.
func (c *command) mergedArguments(f *runFlags) (map[string]any, error) {
	g, err := c.readArguments(f)
	if err != nil {
		return nil, err
	}
	all := map[string]any{}
	for _, l := range g.layers {
		maps.Copy(all, l.Values)
	}
	text, err := json.Marshal(all)
	if err != nil {
		return nil, err
	}
	clean := map[string]any{}
	return clean, json.Unmarshal(text, &clean)
}
