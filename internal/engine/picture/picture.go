// Package picture joins a run with the graph that is drawn of it: which nodes
// there are and how each of them stands. How it is drawn internal/graph knows.
package picture

import (
	"fmt"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/graph"
)

// Of makes the graph of a run as its journal has it: the nodes that it was made
// of, without the references between them. The template may have changed since,
// or be gone.
func Of(view *engine.RunView) *graph.Graph {
	g := &graph.Graph{Title: view.Template, Nodes: make([]graph.Node, 0, len(view.Nodes)), Edges: []graph.Edge{}}
	for i := range view.Nodes {
		n := &view.Nodes[i]
		g.Nodes = append(g.Nodes, graph.Node{Path: n.Path, Kind: n.Kind, Ref: n.Ref, Label: n.Label, Parent: n.Parent, Flow: string(n.Flow)})
	}
	return g
}

// Mark adds the states of a run to the nodes of a graph that are still what they
// were in it: the graph may be that of the file as it is now. Nodes that go on
// have taken until now.
func Mark(g *graph.Graph, view *engine.RunView, now time.Time) {
	if view.Concluded {
		now = view.ConcludedAt
	}
	nodes := make(map[string]*engine.NodeView, len(view.Nodes))
	for i := range view.Nodes {
		n := &view.Nodes[i]
		nodes[n.Path] = n
		// A step of a loop is marked with what became of it in the iteration that has
		// come to it last.
		if n.Declared != "" && n.Kind != engine.KindIteration && (nodes[n.Declared] == nil || n.State != engine.StatePending) {
			nodes[n.Declared] = n
		}
	}
	g.Mark(func(n *graph.Node) (graph.Mark, bool) {
		v := nodes[n.Path]
		if v == nil || v.Kind != n.Kind || v.Ref != n.Ref {
			return graph.Mark{}, false
		}
		mark := graph.Mark{State: string(v.State)}
		if d := v.Elapsed(now); d > 0 {
			mark.Took = Duration(d)
		}
		return mark, true
	})
}

// Duration writes a time as people read it: "340ms", "2.5s", "3m05s", "1h20m".
func Duration(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%dms", max(0, d.Milliseconds()))
	case d < time.Minute:
		return fmt.Sprintf("%.1fs", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%dm%02ds", int(d.Minutes()), int(d.Seconds())%60)
	default:
		return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
	}
}
