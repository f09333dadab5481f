package lsp

import (
	"context"
	"io"
	"os"
	"strings"
	"time"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/uri"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/graph"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// drawnGraph is what `nf.graph` answers: the text of a picture, or the graph.
type drawnGraph struct {
	Version int    `json:"version"`
	Format  string `json:"format"`
	Text    string `json:"text,omitempty"`
	*graph.Graph
}

// drawGraph draws a document as it is in the editor, saved or not, with the
// states of its newest run where that is known. It is the drawing of
// `nf-run graph`.
func drawGraph(_ context.Context, s *Server, v *View, document string, options commandOptions) (any, error) {
	snapshot, facts, err := s.toDraw(v, document)
	if err != nil {
		return nil, err
	}
	g := graph.Of(snapshot.Doc)
	g.Mark(func(n *graph.Node) (graph.Mark, bool) {
		if options.States != nil {
			known, ok := options.States[n.Path]
			return graph.Mark{State: known.State, Took: known.Took}, ok && known.Kind == n.Kind && known.Ref == n.Ref
		}
		state, took, ok := facts.Mark(n.Path, n.Kind, n.Ref)
		mark := graph.Mark{State: state}
		if took > 0 {
			mark.Took = took.Round(time.Millisecond).String()
		}
		return mark, ok
	})
	answer := drawnGraph{Version: 1, Format: options.Format}
	var write func(io.Writer) error
	switch options.Format {
	case "", "svg":
		answer.Format, write = "svg", g.WriteSVG
	case "mermaid":
		write = g.WriteMermaid
	case "dot":
		write = g.WriteDOT
	case "json":
		answer.Graph = g
		return answer, nil
	default:
		return nil, jsonrpc2.Errorf(jsonrpc2.InvalidParams, "a graph has the format svg, mermaid, dot or json, not %q", options.Format)
	}
	var text strings.Builder
	if err := write(&text); err != nil {
		return nil, err
	}
	answer.Text = text.String()
	return answer, nil
}

// toDraw returns the analysis of an open document, or of a file.
func (s *Server) toDraw(v *View, document string) (*analysis.Snapshot, *analysis.RunFacts, error) {
	var snapshot *analysis.Snapshot
	var facts *analysis.RunFacts
	if d := v.docs[keyOf(document)]; d != nil {
		snapshot, facts = d.Analysis(), d.lastRun(v)
	} else {
		u, err := uri.Parse(document)
		if err != nil || !u.IsFile() {
			return nil, nil, jsonrpc2.Errorf(codeRequestFailed, "%s is neither open nor a file", document)
		}
		text, err := os.ReadFile(u.FsPath())
		if err != nil {
			return nil, nil, jsonrpc2.Errorf(codeRequestFailed, "%s cannot be read: %v", u.FsPath(), err)
		}
		snapshot = s.opts.Analyse(syntax.Parse(string(text)), nil, nil)
	}
	if !snapshot.IsTemplate() {
		return nil, nil, jsonrpc2.Errorf(codeRequestFailed, "%s is no template: there is nothing to draw", document)
	}
	return snapshot, facts, nil
}
