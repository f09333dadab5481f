package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
	"github.com/nf-lsp/nf-lsp/internal/platform/stored"
	"github.com/nf-lsp/nf-lsp/internal/terminal"
	"github.com/spf13/cobra"
)

func (c *command) releaseShow() *cobra.Command {
	var f stageFlags
	var node string
	var follow bool
	cmd := &cobra.Command{
		Use:   "show PIPELINE STAGE RELEASE|latest",
		Short: "Show a release: each node's state, what was deployed, by whom",
		Long: `Show prints a release as a tree, as 'nf-run show' does, after what it is called and what
it has deployed. RELEASE is its id, the beginning of one, or its name. With --follow
it is shown until it ends; the exit code is then that of a run.`,
		Args:              cobra.ExactArgs(3),
		ValidArgsFunction: c.completeStage(&f, true),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.withStage(cmd.Context(), f, args[0], args[1], func(p *stagePlace) error {
				return c.showRelease(cmd.Context(), p, args[2], node, follow)
			})
		},
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&follow, "follow", false, "show what happens until the run ends")
	cmd.Flags().StringVar(&node, "node", "", "one node, by its ref, its JSON pointer or its name")
	return cmd
}

// shownRelease is the JSON form of a release, version 1: that of a run, and what makes
// it a release.
type shownRelease struct {
	*engine.RunView
	Release releaseOutput `json:"release"`
}

func (c *command) showRelease(ctx context.Context, p *stagePlace, what, node string, follow bool) error {
	row, err := p.find(ctx, what)
	if err != nil {
		return exitWith(exitFailed, err)
	}
	if follow {
		return c.followRelease(ctx, p, row.ID, node)
	}
	view, run, err := p.view(ctx, row.ID)
	if err != nil {
		return exitWith(exitFailed, err)
	}
	release := releaseOf(row, run)
	if node != "" {
		n, err := view.Find(node)
		if err != nil {
			return exitWith(exitFailed, fmt.Errorf("release %s: %w", row.ID, err))
		}
		if c.json {
			return c.writeJSON(n)
		}
		return c.writeNode(n)
	}
	if c.json {
		return c.writeJSON(shownRelease{view, release})
	}
	if err := c.writeRelease(release); err != nil {
		return err
	}
	for _, l := range (canvas{paint: painterFor(c.out), now: time.Now()}).render(view) {
		if _, err := fmt.Fprintln(c.out, l); err != nil {
			return err
		}
	}
	if view.Interrupted {
		fmt.Fprintf(c.out, "The process that executed it is gone. Go on with: nf-run resume %s\n", view.ID)
	}
	return nil
}

// view is a release as the history has it, else as the platform shows it, with the run
// as the platform shows it.
func (p *stagePlace) view(ctx context.Context, id string) (*engine.RunView, map[string]any, error) {
	remote := &stored.Run{Target: p.target, Family: p.shelf.Family, Path: p.document.Path, ID: id}
	run, err := remote.Whole(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	if p.local() {
		if view, err := engine.View(ctx, p.store, id); !errors.Is(err, history.ErrNoRun) {
			return view, run, err
		}
	}
	program, err := remoteProgram(ctx, remote)
	if err != nil {
		return nil, nil, err
	}
	program.Identity = p.identity()
	state, nodes, err := remote.State(ctx)
	if err != nil {
		return nil, nil, err
	}
	return engine.RemoteView(program, id, p.engine.Target, state, nodes), run, nil
}

// writeRelease says what a run is as a release.
func (c *command) writeRelease(r releaseOutput) error {
	paint := painterFor(c.out)
	var b strings.Builder
	title := r.ID
	if r.Name != "" {
		title = r.Name + " (" + r.ID + ")"
	}
	fmt.Fprintf(&b, "%s %s", r.Type, terminal.Printable(title))
	if r.RollbackOf != "" {
		fmt.Fprintf(&b, " to %s", r.RollbackOf)
	}
	if r.CreatedBy != "" {
		fmt.Fprintf(&b, ", by %s", terminal.Printable(r.CreatedBy))
	}
	if r.Version != 0 {
		fmt.Fprintf(&b, ", version %d of the flow", r.Version)
	}
	b.WriteString("\n")
	if r.Description != "" {
		fmt.Fprintf(&b, "%s\n", terminal.Printable(r.Description))
	}
	for _, d := range r.Deployed {
		fmt.Fprintf(&b, "  %s %s  %s\n", paint.dim(strings.ToLower(d.Kind)), terminal.Printable(d.Target), terminal.Printable(d.text()))
	}
	if status := jsonvalue.String(r.Configuration, "status"); status != "" {
		version, _ := jsonvalue.Number(r.Configuration, "version")
		fmt.Fprintf(&b, "  the flow as of version %d: %s", int(version), status)
		if why := jsonvalue.String(r.Configuration, "error"); why != "" {
			fmt.Fprintf(&b, ", %s", terminal.Printable(why))
		}
		b.WriteString("\n")
	}
	_, err := fmt.Fprint(c.out, b.String())
	return err
}

// followRelease shows a release until it ends. It goes on where nobody follows any more.
func (c *command) followRelease(ctx context.Context, p *stagePlace, id, node string) error {
	if !p.local() {
		if node != "" {
			return exitWith(exitUsage, errors.New("--follow shows the whole release where the platform executes it: leave out --node"))
		}
		return c.followRemote(ctx, p.session, p.shelf, p.document, id, reports{})
	}
	path := ""
	if node != "" {
		view, err := engine.View(ctx, p.store, id)
		if err != nil {
			return exitWith(exitFailed, runError(id, err))
		}
		n, err := view.Find(node)
		if err != nil {
			return exitWith(exitFailed, fmt.Errorf("release %s: %w", id, err))
		}
		path = n.Path
	}
	return c.follow(ctx, p.store, id, path)
}
