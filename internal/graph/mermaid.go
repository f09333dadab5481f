package graph

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// WriteMermaid writes the graph as a Mermaid flowchart, which code hosts show in
// Markdown: boxes are subgraphs, thick arrows the order of steps, thin ones
// references, dotted those inside of calls.
func (g *Graph) WriteMermaid(out io.Writer) error {
	w := bufio.NewWriter(out)
	if g.Title != "" {
		fmt.Fprintf(w, "---\ntitle: %s\n---\n", quoteYAML(g.Title))
	}
	w.WriteString("flowchart TD\n")
	inside := g.children()
	var write func(i, level int)
	write = func(i, level int) {
		n := &g.Nodes[i]
		indent := strings.Repeat("  ", level)
		text := mermaidText(n)
		if len(inside[i]) == 0 {
			fmt.Fprintf(w, "%sn%d[\"%s\"]\n", indent, i, text)
		} else {
			direction := "TB"
			if n.Flow == "parallel" {
				direction = "LR"
			}
			fmt.Fprintf(w, "%ssubgraph n%d[\"%s\"]\n%s  direction %s\n", indent, i, text, indent, direction)
			for _, c := range inside[i] {
				write(c, level+1)
			}
			fmt.Fprintf(w, "%send\n", indent)
		}
	}
	for _, i := range inside[len(g.Nodes)] {
		write(i, 1)
	}
	for i := range g.Nodes {
		if f := g.Nodes[i].Flow; f == "sequential" || f == "loop" {
			for j := 1; j < len(inside[i]); j++ {
				fmt.Fprintf(w, "  n%d ==> n%d\n", inside[i][j-1], inside[i][j])
			}
		}
	}
	for _, e := range g.Edges {
		arrow := "-->"
		if e.Soft {
			arrow = "-.->"
		}
		fmt.Fprintf(w, "  n%d %s n%d\n", e.From, arrow, e.To)
	}
	g.writeClasses(w)
	return w.Flush()
}

// writeClasses colours the nodes whose state is known.
func (g *Graph) writeClasses(w *bufio.Writer) {
	for _, c := range []struct {
		name, style string
		states      string
	}{
		{"good", "stroke:#1a7f37", " success "},
		{"bad", "stroke:#cf222e,stroke-width:3px", " failure "},
		{"busy", "stroke:#0969da,stroke-width:3px", " running waiting async_wait "},
		{"warn", "stroke:#9a6700,stroke-width:3px", " retrying approval_wait aborting aborted unknown "},
		{"idle", "stroke-dasharray:3 3", " skipped "},
	} {
		var ids []string
		for i := range g.Nodes {
			if s := g.Nodes[i].State; s != "" && strings.Contains(c.states, " "+s+" ") {
				ids = append(ids, fmt.Sprintf("n%d", i))
			}
		}
		if len(ids) > 0 {
			fmt.Fprintf(w, "  classDef %s %s\n  class %s %s\n", c.name, c.style, strings.Join(ids, ","), c.name)
		}
	}
}

// mermaidText is a node's text within double quotes. Mermaid takes entities
// there, and Markdown and HTML for what they are: both are written as entities.
func mermaidText(n *Node) string {
	lines := n.lines()
	for i := range lines {
		var b strings.Builder
		for _, r := range lines[i] {
			if strings.ContainsRune("\"#&<>`*_~\\[](){}|;", r) {
				fmt.Fprintf(&b, "#%d;", r)
			} else {
				b.WriteRune(r)
			}
		}
		lines[i] = b.String()
	}
	return strings.Join(lines, "<br/>")
}

// quoteYAML writes a text as a double-quoted YAML scalar.
func quoteYAML(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", " ", "\r", " ").Replace(text) + `"`
}
