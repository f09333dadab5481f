package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
	"github.com/nf-lsp/nf-lsp/internal/platform/stored"
	"github.com/spf13/cobra"
)

func (c *command) preview() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "preview",
		Short: "Make preview environments of a pipeline or a blueprint, and look after them",
		Long: `Preview makes preview environments, updates, pauses and deletes them. On the local
platform the preview template is run by this process, elsewhere by the platform; both
stand in the history like all other runs.

PIPELINE is the id or the name of a pipeline, or PROJECT/PIPELINE; with --blueprint it
is that of a preview blueprint. Without a project, --project or NF_PROJECT, it is looked
for in all projects. NAME is that of an environment.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(c.previewCreate(), c.previewList(), c.previewShow(), c.previewPause(true), c.previewPause(false), c.previewDelete())
	return cmd
}

// previewFlags say where a preview template is.
type previewFlags struct {
	stageFlags
	blueprint bool
}

func (f *previewFlags) add(cmd *cobra.Command) {
	f.stageFlags.add(cmd)
	cmd.Flags().BoolVar(&f.blueprint, "blueprint", false, "a preview blueprint is meant, and no pipeline")
}

// A previewPlace is a preview template on an open target.
type previewPlace struct {
	*stagePlace
	ops previewOperations
}

// previewOperations are those on the environments of a template.
type previewOperations struct{ run, list, remove, pause, resume string }

func (c *command) withPreviews(ctx context.Context, f previewFlags, name string, do func(*previewPlace) error) error {
	s, err := c.documents(ctx, f.target, f.rehearsal)
	if err != nil {
		return err
	}
	defer s.close()
	p, err := s.previews(ctx, f, name)
	if err != nil {
		return exitWith(exitFailed, err)
	}
	return do(p)
}

func (s *session) previews(ctx context.Context, f previewFlags, name string) (*previewPlace, error) {
	p := &previewPlace{stagePlace: &stagePlace{session: s}}
	if f.blueprint {
		project, id, err := findBlueprint(ctx, s.target, f.project, name)
		if err != nil {
			return nil, err
		}
		p.shelf = stored.Shelf{Target: s.target, Family: stored.PreviewBlueprints, Project: project}
		p.ops = previewOperations{platform.OpRunPreviewBlueprint, platform.OpListBlueprintPreviews, platform.OpDeleteBlueprintPreview,
			platform.OpPauseBlueprintPreview, platform.OpResumeBlueprintPreview}
		found := false
		if p.document, found, err = p.shelf.Find(ctx, id); err == nil && !found {
			err = fmt.Errorf("there is no preview blueprint %q in the project %s", id, project)
		}
		return p, err
	}
	project, id, err := findPipeline(ctx, s.target, f.project, name)
	if err != nil {
		return nil, err
	}
	p.shelf = stored.Shelf{Target: s.target, Family: stored.PreviewTemplates, Project: project}
	p.ops = previewOperations{platform.OpRunPreviewTemplate, platform.OpListPreviews, platform.OpDeletePreview, platform.OpPausePreview, platform.OpResumePreview}
	found := false
	if p.document, found, err = p.shelf.Find(ctx, id); err == nil && !found {
		err = fmt.Errorf("the pipeline %s has no preview template: store one with a Pipeline node, or use a blueprint (--blueprint)", id)
	}
	return p, err
}

// findBlueprint finds a preview blueprint by its id or name, in a project or in the only
// one that has it.
func findBlueprint(ctx context.Context, target platform.Target, project, name string) (projectID, id string, err error) {
	project, name, err = inProject(project, name)
	if err != nil {
		return "", "", err
	}
	projects, err := projectsToSearch(ctx, target, project)
	if err != nil {
		return "", "", err
	}
	var found [][2]string
	for _, candidate := range projects {
		shelf := stored.Shelf{Target: target, Family: stored.PreviewBlueprints, Project: candidate}
		d, there, err := shelf.Find(ctx, name)
		if err != nil {
			return "", "", err
		}
		if there {
			found = append(found, [2]string{candidate, d.ID})
		}
	}
	switch len(found) {
	case 1:
		return found[0][0], found[0][1], nil
	case 0:
		return "", "", nowhere("preview blueprint", name, project)
	}
	return "", "", fmt.Errorf("%d projects have a preview blueprint %q: name one with --project", len(found), name)
}

// do carries out an operation on an environment, or on the template where that is empty.
func (p *previewPlace) do(ctx context.Context, op, environment string, query map[string]string, request map[string]any) error {
	path := map[string]string{}
	for name, value := range p.document.Path {
		path[name] = value
	}
	if environment != "" {
		path["previewId"] = environment
	}
	var body json.RawMessage
	if request != nil {
		text, err := json.Marshal(request)
		if err != nil {
			return err
		}
		body = text
	}
	_, err := p.target.Do(ctx, op, platform.Params{Path: path, Query: query}, body)
	return err
}

// waitFor says how long runs of this process wait for people.
func (s *session) waitFor(patience time.Duration) {
	if s.runs != nil {
		s.runs.Patience = patience
	}
}

// previewOutput is an environment in JSON, version 1.
type previewOutput struct {
	Name          string `json:"name"`
	Status        string `json:"status,omitempty"` // of its newest run
	Paused        bool   `json:"paused"`
	Repository    string `json:"repoUrl,omitempty"`
	Branch        string `json:"branch,omitempty"`
	SHA           string `json:"sha,omitempty"`
	PullRequestID int    `json:"pullRequestId,omitempty"`
	// Runs are the newest ones, newest first.
	Runs      []previewRun `json:"runs,omitempty"`
	CreatedAt *time.Time   `json:"createdAt,omitempty"`
	UpdatedAt *time.Time   `json:"updatedAt,omitempty"`
	ExpiresAt *time.Time   `json:"expiresAt,omitempty"`
}

type previewRun struct {
	ID          string     `json:"id"`
	Status      string     `json:"status"`
	StartedAt   *time.Time `json:"startedAt,omitempty"`
	ConcludedAt *time.Time `json:"concludedAt,omitempty"`
}

// searchedRuns is how many runs of a template are looked at for those of its
// environments.
const searchedRuns = 200

// environments lists those of the template, newest first, with their runs.
func (p *previewPlace) environments(ctx context.Context) ([]previewOutput, error) {
	all := []previewOutput{}
	for row, err := range platform.Items(ctx, p.target, p.ops.list, p.document.Path, "previewEnvironments") {
		if err != nil {
			return nil, err
		}
		one := previewOutput{Name: jsonvalue.String(row, "id"), Paused: jsonvalue.Bool(row, "paused"), Repository: jsonvalue.String(row, "vcsData.repoUrl"),
			Branch: jsonvalue.String(row, "vcsData.branch"), SHA: jsonvalue.String(row, "vcsData.sha"),
			CreatedAt: timeIn(row, "createdAt"), UpdatedAt: timeIn(row, "updatedAt"), ExpiresAt: timeIn(row, "expiryTime")}
		if number, ok := jsonvalue.Number(row, "vcsData.pullRequestId"); ok {
			one.PullRequestID = int(number)
		}
		all = append(all, one)
	}
	if len(all) == 0 {
		return all, nil
	}
	runs, err := p.shelf.Runs(ctx, p.document, searchedRuns)
	if err != nil {
		return nil, err
	}
	for _, run := range runs {
		i := slices.IndexFunc(all, func(e previewOutput) bool { return e.Name == jsonvalue.String(run.Shown, "environmentId") })
		if i < 0 {
			continue
		}
		if all[i].Runs = append(all[i].Runs, previewRun{run.ID, run.Status, timeOrNil(run.StartedAt), timeOrNil(run.ConcludedAt)}); all[i].Status == "" {
			all[i].Status = run.Status
		}
	}
	return all, nil
}

// environment is one of the template's, by its name.
func (p *previewPlace) environment(ctx context.Context, name string) (previewOutput, error) {
	all, err := p.environments(ctx)
	if err != nil {
		return previewOutput{}, err
	}
	i := slices.IndexFunc(all, func(e previewOutput) bool { return e.Name == name })
	if i >= 0 {
		return all[i], nil
	}
	names := make([]string, len(all))
	for i := range all {
		names[i] = all[i].Name
	}
	there := ", nor any other"
	if len(names) > 0 {
		there = "; there is " + strings.Join(names, ", ")
	}
	return previewOutput{}, fmt.Errorf("there is no preview environment %q%s", name, there)
}

func timeIn(row any, name string) *time.Time {
	t, err := time.Parse(time.RFC3339, jsonvalue.String(row, name))
	if err != nil {
		return nil
	}
	return &t
}

// followRun shows a run of the template until it ends: one of this process, or one that
// another process or the platform executes.
func (p *previewPlace) followRun(ctx context.Context, c *command, id, node string) error {
	if _, err := engine.FindRun(ctx, p.store, id); !errors.Is(err, history.ErrNoRun) && p.local() {
		return c.follow(ctx, p.store, id, node)
	}
	return c.followRemote(ctx, p.session, p.shelf, p.document, id, reports{})
}
