package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
	"github.com/nf-lsp/nf-lsp/internal/platform/stored"
	"github.com/nf-lsp/nf-lsp/internal/terminal"
	"github.com/spf13/cobra"
)

func (c *command) releaseList() *cobra.Command {
	var f stageFlags
	var limit int
	var rollbacksOf string
	cmd := &cobra.Command{
		Use:   "list PIPELINE STAGE",
		Short: "List the releases of a stage, newest first",
		Long: `List shows the releases and rollbacks of a stage: how they stand, what they have built
and deployed, which version of the flow they ran, who has started them and when. What is
not known of a run is left empty: the hosted platform tells neither who nor which
version, and rollbacks of a hosted stage stand in this machine's history only.`,
		Args:              cobra.ExactArgs(2),
		ValidArgsFunction: c.completeStage(&f, false),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.withStage(cmd.Context(), f, args[0], args[1], func(p *stagePlace) error {
				return c.listReleases(cmd.Context(), p, limit, rollbacksOf)
			})
		},
	}
	f.add(cmd)
	cmd.Flags().IntVar(&limit, "limit", 20, "the greatest number of releases; 0 is all")
	cmd.Flags().StringVar(&rollbacksOf, "rollbacks-of", "", "only rollbacks to this release, by its id or name")
	return cmd
}

// releaseOutput is a release in JSON, version 1.
type releaseOutput struct {
	ID          string `json:"id"`
	Name        string `json:"name,omitempty"`
	Description string `json:"description,omitempty"`
	// Type is "release" or "rollback"; RollbackOf the release that was gone back to.
	Type       string `json:"type"`
	RollbackOf string `json:"rollbackOf,omitempty"`
	Status     string `json:"status"`
	Concluded  bool   `json:"concluded"`
	// Deployed is what the run has built and deployed, in its order.
	Deployed []deployedOutput `json:"deployed"`
	// Version is that of the release flow, 0 where nobody knows it.
	Version       int        `json:"version,omitempty"`
	CreatedBy     string     `json:"createdBy,omitempty"`
	CreatedAt     *time.Time `json:"createdAt,omitempty"`
	StartedAt     *time.Time `json:"startedAt,omitempty"`
	ConcludedAt   *time.Time `json:"concludedAt,omitempty"`
	Configuration any        `json:"configuration,omitempty"`
}

// deployedOutput is a build or an image of a release.
type deployedOutput struct {
	// Kind is that of the node: "Build" or "Release"; Target what it is about.
	Kind   string `json:"kind"`
	Target string `json:"target,omitempty"`
	Branch string `json:"branch,omitempty"`
	SHA    string `json:"sha,omitempty"`
	Build  string `json:"build,omitempty"`
	Image  string `json:"image,omitempty"`
}

// text is what was deployed in few words.
func (d deployedOutput) text() string {
	switch {
	case d.Image != "":
		return d.Image
	case d.SHA != "" && d.Branch != "":
		return d.Branch + "@" + shortSHA(d.SHA)
	case d.SHA != "":
		return shortSHA(d.SHA)
	case d.Build != "":
		return "build " + d.Build
	}
	return d.Branch
}

// releaseOf reads a run as the platform shows it; what it has deployed stands in its
// nodes, which lists leave out.
func releaseOf(row stored.Row, run map[string]any) releaseOutput {
	shown := row.Shown
	out := releaseOutput{ID: row.ID, Name: jsonvalue.String(shown, "name"), Description: jsonvalue.String(shown, "description"), Type: "release",
		RollbackOf: jsonvalue.String(shown, "rollbackOf"), Status: row.Status, Concluded: row.Concluded, CreatedBy: jsonvalue.String(shown, "createdBy"),
		CreatedAt: timeOrNil(row.CreatedAt), StartedAt: timeOrNil(row.StartedAt), ConcludedAt: timeOrNil(row.ConcludedAt), Configuration: shown["configuration"],
		Deployed: []deployedOutput{}}
	if out.RollbackOf != "" {
		out.Type = "rollback"
	}
	if version, known := jsonvalue.Number(shown, "version"); known {
		out.Version = int(version)
	}
	deployedBy(run["spec"], &out.Deployed)
	return out
}

// deployedBy collects what a node and those in it have built and deployed.
func deployedBy(v any, out *[]deployedOutput) {
	node, ok := v.(map[string]any)
	if !ok {
		return
	}
	data := jsonvalue.Object(node, "response.data")
	if data != nil && jsonvalue.String(node, "response.status") == "success" {
		switch kind := jsonvalue.String(node, "kind"); kind {
		case "Build":
			*out = append(*out, deployedOutput{Kind: kind, Target: jsonvalue.String(node, "spec.id"), Branch: jsonvalue.String(data, "branch"),
				SHA: jsonvalue.String(data, "sha"), Build: jsonvalue.String(data, "id")})
		case "Release":
			internal := jsonvalue.Object(data, "deployment.internal")
			d := deployedOutput{Kind: kind, Target: jsonvalue.String(data, "id"), Branch: jsonvalue.String(internal, "branch"),
				SHA: jsonvalue.String(internal, "deployedSHA"), Build: jsonvalue.String(internal, "buildId"),
				Image: jsonvalue.String(data, "deployment.external.imagePath")}
			if sha := jsonvalue.String(internal, "buildSHA"); d.SHA == "" && sha != "latest" {
				d.SHA = sha
			}
			*out = append(*out, d)
		}
	}
	for _, step := range jsonvalue.List(node, "spec.steps") {
		deployedBy(step, out)
	}
}

// releases lists those of a stage, newest first.
func (p *stagePlace) releases(ctx context.Context, limit int) ([]releaseOutput, error) {
	rows, err := p.shelf.Runs(ctx, p.document, limit)
	if err != nil {
		return nil, err
	}
	out := make([]releaseOutput, 0, len(rows))
	for _, row := range rows {
		run, err := (&stored.Run{Target: p.target, Family: p.shelf.Family, Path: p.document.Path}).Whole(ctx, row.ID)
		if err != nil {
			return nil, err
		}
		out = append(out, releaseOf(row, run))
	}
	own, err := p.ownRollbacks(ctx)
	if err != nil || len(own) == 0 {
		return out, err
	}
	out = append(out, own...)
	slices.SortStableFunc(out, func(a, b releaseOutput) int {
		if a.CreatedAt == nil || b.CreatedAt == nil {
			return 0
		}
		return b.CreatedAt.Compare(*a.CreatedAt)
	})
	if limit > 0 && len(out) > limit {
		out = out[:limit]
	}
	return out, nil
}

// ownRollbacks are those that this machine has carried out on a platform that has none
// of its own.
func (p *stagePlace) ownRollbacks(ctx context.Context) ([]releaseOutput, error) {
	if p.local() {
		return nil, nil
	}
	runs, err := p.store.List(ctx, history.Filter{Template: p.identity()}, engine.Describe)
	if err != nil {
		return nil, err
	}
	var out []releaseOutput
	for _, run := range runs {
		if run.Target != p.engine.Target || !strings.HasPrefix(run.File, rollbackFile) {
			continue
		}
		out = append(out, releaseOutput{ID: run.ID, Type: "rollback", RollbackOf: strings.TrimPrefix(run.File, rollbackFile), Status: run.Status,
			Concluded: run.Concluded(), CreatedAt: timeOrNil(run.CreatedAt), StartedAt: timeOrNil(run.StartedAt), ConcludedAt: timeOrNil(run.ConcludedAt),
			Deployed: []deployedOutput{}})
	}
	return out, nil
}

// find finds a release by its id, the beginning of one, its name, or as the latest.
func (p *stagePlace) find(ctx context.Context, what string) (stored.Row, error) {
	limit := 0
	if what == latest {
		limit = 1
	}
	rows, err := p.shelf.Runs(ctx, p.document, limit)
	if err != nil {
		return stored.Row{}, err
	}
	if what == latest && len(rows) > 0 {
		return rows[0], nil
	}
	var meant []stored.Row
	for _, row := range rows {
		if row.ID == what {
			return row, nil
		}
		if strings.HasPrefix(row.ID, what) || jsonvalue.String(row.Shown, "name") == what {
			meant = append(meant, row)
		}
	}
	switch {
	case len(meant) == 1:
		return meant[0], nil
	case len(rows) == 0:
		return stored.Row{}, fmt.Errorf("the stage %s has no releases yet", p.name)
	case len(meant) == 0:
		return stored.Row{}, fmt.Errorf("the stage %s has no release %q: 'nf-run release list %s %s' lists them", p.name, what, p.shelf.Pipeline, p.name)
	}
	ids := make([]string, len(meant))
	for i, row := range meant {
		ids[i] = row.ID
	}
	return stored.Row{}, fmt.Errorf("several releases are called %q: %s", what, strings.Join(ids, ", "))
}

func (c *command) listReleases(ctx context.Context, p *stagePlace, limit int, rollbacksOf string) error {
	if limit < 0 {
		return errors.New("--limit takes a number from 0")
	}
	if rollbacksOf != "" {
		row, err := p.find(ctx, rollbacksOf)
		if err != nil {
			return exitWith(exitFailed, err)
		}
		rollbacksOf = row.ID
	}
	all, err := p.releases(ctx, limit)
	if err != nil {
		return exitWith(exitFailed, err)
	}
	all = slices.DeleteFunc(all, func(r releaseOutput) bool { return rollbacksOf != "" && r.RollbackOf != rollbacksOf })
	if c.json {
		return c.writeJSON(all)
	}
	if len(all) == 0 {
		_, err := fmt.Fprintf(c.out, "no releases of %s in %s\n", p.name, p.shelf.Pipeline)
		return err
	}
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "RUN\tSTATUS\tTYPE\tNAME\tDEPLOYED\tVERSION\tBY\tCREATED\tTOOK")
	for _, r := range all {
		typ, version, created, took := r.Type, "", "", ""
		if r.RollbackOf != "" {
			typ += " to " + r.RollbackOf
		}
		if r.Version != 0 {
			version = fmt.Sprint(r.Version)
		}
		if r.CreatedAt != nil {
			created = r.CreatedAt.Local().Format(time.DateTime)
		}
		if r.StartedAt != nil && r.ConcludedAt != nil {
			took = duration(r.ConcludedAt.Sub(*r.StartedAt))
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.ID, r.Status, typ, terminal.Printable(r.Name), terminal.Printable(deployedText(r.Deployed)), version, r.CreatedBy, created, took)
	}
	return w.Flush()
}

// deployedText says once what was built or deployed.
func deployedText(all []deployedOutput) string {
	var texts []string
	for _, d := range all {
		if text := d.text(); text != "" && !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, ", ")
}
