package graph

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// WriteDOT writes the graph for Graphviz: boxes are clusters, bold edges the
// order of steps, thin ones references, dashed those inside of calls.
func (g *Graph) WriteDOT(out io.Writer) error {
	w := bufio.NewWriter(out)
	name := g.Title
	if name == "" {
		name = "template"
	}
	fmt.Fprintf(w, "digraph %s {\n", quoteDOT(name))
	w.WriteString("  compound=true; rankdir=TB; fontname=\"sans-serif\";\n  node [shape=box, style=rounded, fontname=\"sans-serif\"];\n")
	inside := g.children()
	var write func(i, level int)
	write = func(i, level int) {
		n := &g.Nodes[i]
		indent := strings.Repeat("  ", level)
		if len(inside[i]) == 0 {
			fmt.Fprintf(w, "%sn%d [label=%s%s];\n", indent, i, dotLabel(n), dotColour(n))
			return
		}
		fmt.Fprintf(w, "%ssubgraph cluster_n%d {\n%s  label=%s; style=rounded%s;\n", indent, i, indent, dotLabel(n), strings.ReplaceAll(dotColour(n), ",", ";"))
		for _, c := range inside[i] {
			write(c, level+1)
		}
		fmt.Fprintf(w, "%s}\n", indent)
	}
	for _, i := range inside[len(g.Nodes)] {
		write(i, 1)
	}
	for i := range g.Nodes {
		if f := g.Nodes[i].Flow; f == "sequential" || f == "loop" {
			for j := 1; j < len(inside[i]); j++ {
				writeDOTEdge(w, inside, inside[i][j-1], inside[i][j], "style=bold")
			}
		}
	}
	for _, e := range g.Edges {
		style := "color=\"#0969da\", constraint=false"
		if e.Soft {
			style += ", style=dashed"
		}
		writeDOTEdge(w, inside, e.From, e.To, style)
	}
	w.WriteString("}\n")
	return w.Flush()
}

// writeDOTEdge connects two nodes. Graphviz has edges between nodes only: one of
// a cluster's own stands for it, and the edge is cut off at the cluster's border.
func writeDOTEdge(w *bufio.Writer, inside [][]int, from, to int, style string) {
	tail, head := from, to
	for len(inside[tail]) > 0 {
		tail = inside[tail][len(inside[tail])-1]
	}
	for len(inside[head]) > 0 {
		head = inside[head][0]
	}
	if tail != from {
		style += fmt.Sprintf(", ltail=cluster_n%d", from)
	}
	if head != to {
		style += fmt.Sprintf(", lhead=cluster_n%d", to)
	}
	fmt.Fprintf(w, "  n%d -> n%d [%s];\n", tail, head, style)
}

func dotLabel(n *Node) string { return quoteDOT(strings.Join(n.lines(), "\n")) }

var dotColours = map[string]string{
	"success": "#1a7f37", "failure": "#cf222e", "running": "#0969da", "waiting": "#0969da", "async_wait": "#0969da",
	"retrying": "#9a6700", "approval_wait": "#9a6700", "aborting": "#9a6700", "aborted": "#9a6700", "unknown": "#9a6700", "skipped": "#8c959f",
}

func dotColour(n *Node) string {
	if c := dotColours[n.State]; c != "" {
		return fmt.Sprintf(", color=%q, penwidth=2", c)
	}
	return ""
}

// quoteDOT writes a text as a quoted ID of the DOT language, line ends as \n.
func quoteDOT(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", "", "\x00", "").Replace(text) + `"`
}
