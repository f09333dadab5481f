package graph

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// style is in the picture itself, so that it looks the same wherever it is
// shown. Hosts may set the custom properties, as an editor does for its theme.
const style = `
svg{--nf-paper:#fff;--nf-ink:#1f2328;--nf-dim:#59636e;--nf-line:#8c959f;--nf-box:#f6f8fa;--nf-node:#fff;--nf-edge:#0969da;
--nf-good:#1a7f37;--nf-bad:#cf222e;--nf-busy:#0969da;--nf-warn:#9a6700;font:13px ui-sans-serif,system-ui,sans-serif}
@media(prefers-color-scheme:dark){svg{--nf-paper:#0d1117;--nf-ink:#e6edf3;--nf-dim:#9198a1;--nf-line:#656c76;--nf-box:#151b23;--nf-node:#0d1117;
--nf-edge:#4493f8;--nf-good:#3fb950;--nf-bad:#f85149;--nf-busy:#4493f8;--nf-warn:#d29922}}
.paper{fill:var(--nf-paper)}
.box rect{fill:var(--nf-box);stroke:var(--nf-line)}
.leaf rect{fill:var(--nf-node);stroke:var(--nf-line)}
.loop>rect,.nested>rect{stroke-dasharray:5 3}
text{fill:var(--nf-ink)}
.title{font-weight:600}
.head{font-weight:600;font-size:17px}
.dim{fill:var(--nf-dim);font-size:12px}
.success>rect{stroke:var(--nf-good)}.success>.state{fill:var(--nf-good)}
.failure>rect{stroke:var(--nf-bad);stroke-width:2}.failure>.state{fill:var(--nf-bad)}
.running>rect,.waiting>rect,.async_wait>rect{stroke:var(--nf-busy);stroke-width:2}.running>.state,.waiting>.state,.async_wait>.state{fill:var(--nf-busy)}
.retrying>rect,.approval_wait>rect,.aborting>rect,.aborted>rect,.unknown>rect{stroke:var(--nf-warn);stroke-width:2}
.retrying>.state,.approval_wait>.state,.aborting>.state,.aborted>.state,.unknown>.state{fill:var(--nf-warn)}
.skipped>rect{stroke-dasharray:2 3}
.state{font-size:12px;font-weight:600}
.edge,.next{fill:none;stroke:var(--nf-line)}
.edge{stroke:var(--nf-edge);stroke-width:1.4;opacity:.75}
.soft{stroke-dasharray:4 3}
.edge:hover{opacity:1;stroke-width:2.6}
.next-head{fill:var(--nf-line)}.edge-head{fill:var(--nf-edge)}
@media(forced-colors:active){.leaf rect,.box rect,.edge,.next{stroke:CanvasText}text{fill:CanvasText}}
`

// WriteSVG writes the graph as a picture that stands alone: no script, nothing
// from elsewhere. Each node is a group with its JSON pointer in `data-path` and
// a tooltip; colours follow the reader's scheme.
func (g *Graph) WriteSVG(out io.Writer) error {
	d := g.layOut()
	w := bufio.NewWriter(out)
	fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %s %s" width="%[1]s" height="%[2]s" role="img" aria-labelledby="nf-title nf-about">`+"\n",
		number(d.size.w), number(d.size.h))
	title := g.Title
	if title == "" {
		title = "Template"
	}
	fmt.Fprintf(w, "<title id=\"nf-title\">%s</title>\n<desc id=\"nf-about\">%s</desc>\n<style>%s</style>\n", escape(title), escape(g.about()), style)
	w.WriteString(`<defs><marker id="nf-next" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path class="next-head" d="M0 0L8 4L0 8z"/></marker>` +
		`<marker id="nf-use" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="6" markerHeight="6" orient="auto"><path class="edge-head" d="M0 0L8 4L0 8z"/></marker></defs>` + "\n")
	fmt.Fprintf(w, `<rect class="paper" width="%s" height="%s"/>`+"\n", number(d.size.w), number(d.size.h))
	if g.Title != "" {
		fmt.Fprintf(w, `<text class="head" x="%d" y="%d">%s</text>`+"\n", margin, inset+lineHeight, escape(g.Title))
	}
	for i := range g.Nodes {
		d.writeNode(w, i)
	}
	d.writeSequences(w)
	for _, e := range g.Edges {
		d.writeEdge(w, e)
	}
	w.WriteString("</svg>\n")
	return w.Flush()
}

// about describes the picture to who does not see it.
func (g *Graph) about() string {
	text := fmt.Sprintf("%d nodes, %d references between them.", len(g.Nodes), len(g.Edges))
	count := map[string]int{}
	var order []string
	for i := range g.Nodes {
		if s := g.Nodes[i].State; s != "" {
			if count[s] == 0 {
				order = append(order, s)
			}
			count[s]++
		}
	}
	for _, s := range order {
		text += fmt.Sprintf(" %d %s.", count[s], s)
	}
	return text
}

func (d *drawing) writeNode(w *bufio.Writer, i int) {
	n, r := &d.Nodes[i], d.at[i]
	class := "node leaf"
	if len(d.inside[i]) > 0 || n.Flow != "" {
		class = "node box"
	}
	if n.Flow == "loop" {
		class += " loop"
	}
	if n.Document != "" {
		class += " nested"
	}
	if _, known := signs[n.State]; known {
		class += " " + n.State
	}
	fmt.Fprintf(w, `<g class="%s" data-path="%s" transform="translate(%s %s)"><title>%s</title>`, class, escape(n.Path), number(r.x), number(r.y), escape(n.tooltip()))
	fmt.Fprintf(w, `<rect width="%s" height="%s" rx="6"/>`, number(r.w), number(r.h))
	for j, line := range d.lines[i] {
		class := "title"
		switch {
		case j > 0 && j == len(d.lines[i])-1 && n.State != "":
			class = "state"
		case j > 0:
			class = "dim"
		}
		fmt.Fprintf(w, `<text class="%s" x="%d" y="%d">%s</text>`, class, padX, padY+lineHeight*(j+1)-5, escape(line))
	}
	w.WriteString("</g>\n")
}

// tooltip says everything about a node, also what its box has no room for.
func (n *Node) tooltip() string {
	parts := []string{n.title()}
	for _, text := range []string{n.subtitle(), n.status(), n.Path} {
		if text != "" {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, "\n")
}

// writeSequences draws the order of the steps that run one after the other.
func (d *drawing) writeSequences(w *bufio.Writer) {
	for i := range d.Nodes {
		steps := d.inside[i]
		if f := d.Nodes[i].Flow; f != "sequential" && f != "loop" {
			continue
		}
		for j := 1; j < len(steps); j++ {
			from, to := d.at[steps[j-1]], d.at[steps[j]]
			fmt.Fprintf(w, `<path class="next" d="M%s %sV%s" marker-end="url(#nf-next)"/>`+"\n", number(from.centerX()), number(from.bottom()), number(to.y))
		}
	}
}

// writeEdge draws a reference: down from a step to the next one, from the one
// side to the other's of nodes that stand side by side, else around the left side
// of what stands between them.
func (d *drawing) writeEdge(w *bufio.Writer, e Edge) {
	from, to := d.at[e.From], d.at[e.To]
	class := "edge"
	if e.Soft {
		class += " soft"
	}
	fmt.Fprintf(w, `<path class="%s" d="%s" marker-end="url(#nf-use)"><title>%s → %s</title></path>`+"\n",
		class, d.route(e, from, to), escape(d.Nodes[e.From].title()), escape(d.Nodes[e.To].title()))
}

func (d *drawing) route(e Edge, from, to rect) string {
	switch {
	case d.follows(e.From, e.To) && from.bottom() < to.y:
		x1 := from.x + from.w*0.3 // beside the arrow of the sequence
		x2 := math.Max(to.x+padX, math.Min(x1, to.right()-padX))
		bend := (to.y - from.bottom()) / 2
		return cubic(x1, from.bottom(), x1, from.bottom()+bend, x2, to.y-bend, x2, to.y)
	case from.right() < to.x:
		bend := (to.x - from.right()) / 2
		return cubic(from.right(), from.centerY(), from.right()+bend, from.centerY(), to.x-bend, to.centerY(), to.x, to.centerY())
	case to.right() < from.x:
		bend := (from.x - to.right()) / 2
		return cubic(from.x, from.centerY(), from.x-bend, from.centerY(), to.right()+bend, to.centerY(), to.right(), to.centerY())
	}
	y := math.Min(to.centerY(), to.y+padY+lineHeight) // of a large box its head
	bulge := math.Min(12+math.Abs(y-from.centerY())/7, 60)
	left := math.Max(2, math.Min(from.x, to.x)-bulge)
	return cubic(from.x, from.centerY(), left, from.centerY(), left, y, to.x, y)
}

// follows reports whether the nodes stand in two steps of a sequence of which the
// second comes right after the first.
func (d *drawing) follows(from, to int) bool {
	level := func(i int) (depth int) {
		for ; d.Nodes[i].Parent >= 0; i = d.Nodes[i].Parent {
			depth++
		}
		return depth
	}
	for a, b := level(from), level(to); d.Nodes[from].Parent != d.Nodes[to].Parent; {
		if a >= b {
			from, a = d.Nodes[from].Parent, a-1
		} else {
			to, b = d.Nodes[to].Parent, b-1
		}
		if from < 0 || to < 0 || from == to {
			return false
		}
	}
	around := d.Nodes[from].Parent
	return around >= 0 && d.Nodes[around].Flow == "sequential" && d.order[to] == d.order[from]+1
}

// cubic is a curve between the first and the last point, drawn towards the two
// others.
func cubic(x1, y1, x2, y2, x3, y3, x4, y4 float64) string {
	return fmt.Sprintf("M%s %sC%s %s %s %s %s %s", number(x1), number(y1), number(x2), number(y2), number(x3), number(y3), number(x4), number(y4))
}

// number writes a length with at most one digit behind the point.
func number(v float64) string {
	return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)
}

// escape makes text fit for an element or an attribute; what XML cannot hold at
// all becomes U+FFFD.
func escape(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a Builder does not fail
	return b.String()
}
