package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/engine/picture"
	"github.com/nf-lsp/nf-lsp/internal/graph"
	"github.com/nf-lsp/nf-lsp/internal/source"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/spf13/cobra"
)

// graphFormats are what --format takes, beside "json".
var graphFormats = map[string]func(*graph.Graph, io.Writer) error{
	"svg":     (*graph.Graph).WriteSVG,
	"mermaid": (*graph.Graph).WriteMermaid,
	"dot":     (*graph.Graph).WriteDOT,
}

func (c *command) graph() *cobra.Command {
	var format, run string
	cmd := &cobra.Command{
		Use:   "graph FILE",
		Short: "Draw a template, or a run of it",
		Long: `Graph draws the workflows of a template as boxes, its nodes in them and the
references between them as edges: as an SVG picture, as a Mermaid flowchart for
Markdown, or in Graphviz' DOT language. It draws templates with mistakes too.

With --run it shows each node's state in that run and how long it took; "latest"
is the newest run of this template.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if c.json {
				format = "json"
			}
			return c.runGraph(cmd.Context(), args[0], format, run)
		},
	}
	cmd.Flags().StringVar(&format, "format", "svg", "svg, mermaid, dot or json")
	cmd.Flags().StringVar(&run, "run", "", "show the states of this run; \"latest\" is the template's newest")
	return cmd
}

func (c *command) runGraph(ctx context.Context, path, format, run string) error {
	write := graphFormats[format]
	if write == nil && format != "json" {
		return fmt.Errorf("--format takes svg, mermaid, dot or json, not %q", format)
	}
	text, err := source.Read(path, c.in)
	if err != nil {
		return exitWith(exitFailed, err)
	}
	s := analysis.NewSnapshot(syntax.Parse(text), nil, nil)
	if !s.IsTemplate() {
		return exitWith(exitFailed, &source.Error{Path: path, Message: "is no template: there is nothing to draw"})
	}
	g := graph.Of(s.Doc)
	if run != "" {
		view, err := c.runOf(ctx, &document{path: path, snapshot: s}, run)
		if err != nil {
			return exitWith(exitFailed, err)
		}
		picture.Mark(g, view, time.Now())
	}
	if format == "json" {
		err = c.writeJSON(graphOutput{Version: 1, Graph: g})
	} else {
		err = write(g, c.out)
	}
	if err != nil {
		return exitWith(exitFailed, err)
	}
	return nil
}

// graphOutput is the JSON form of a graph, version 1.
type graphOutput struct {
	Version int `json:"version"`
	*graph.Graph
}

// runOf reads a run, or the newest one of the document.
func (c *command) runOf(ctx context.Context, d *document, id string) (*engine.RunView, error) {
	store, err := c.openHistory(ctx, id)
	if err != nil {
		return nil, err
	}
	defer func() { _ = store.Close() }()
	var run history.Run
	if id == latest {
		run, err = newest(ctx, store, d)
	} else {
		run, err = engine.FindRun(ctx, store, id)
	}
	if err != nil {
		return nil, runError(id, err)
	}
	view, err := engine.View(ctx, store, run.ID)
	if err != nil {
		return nil, runError(id, err)
	}
	return view, nil
}

// newest finds the newest run of a document.
func newest(ctx context.Context, store *history.Store, d *document) (history.Run, error) {
	identity := engine.Identity(d.snapshot.Doc, engine.Options{File: d.file()})
	runs, err := store.List(ctx, history.Filter{Template: identity, Limit: 1}, engine.Describe)
	if err != nil {
		return history.Run{}, err
	}
	if len(runs) == 0 {
		return history.Run{}, fmt.Errorf("%s has no run yet in %s", identity, store.Dir())
	}
	return runs[0], nil
}

// newestOf finds the newest run of the template in a file.
func (c *command) newestOf(ctx context.Context, store *history.Store, path string) (history.Run, error) {
	text, err := source.Read(path, c.in)
	if err != nil {
		return history.Run{}, err
	}
	return newest(ctx, store, &document{path: path, snapshot: analysis.NewSnapshot(syntax.Parse(text), nil, nil)})
}
