package graph

import (
	"math"
	"strings"
	"unicode"
)

// All lengths of a drawing are pixels at its natural size.
const (
	lineHeight = 18
	padX       = 14 // between a node's border and its text
	padY       = 9
	gap        = 22 // between the steps of a workflow
	inset      = 16 // between a box and what stands in it
	margin     = 28 // on the left, for the edges that go around the outermost boxes
	minWidth   = 132
	// maxText is how many columns of a line are drawn; the rest is told by the
	// tooltip.
	maxText = 44
	// columnWidth is what a column of text takes, on average, in the drawing's font.
	columnWidth = 7.4
)

// rect is where something is drawn.
type rect struct{ x, y, w, h float64 }

func (r rect) right() float64   { return r.x + r.w }
func (r rect) bottom() float64  { return r.y + r.h }
func (r rect) centerX() float64 { return r.x + r.w/2 }
func (r rect) centerY() float64 { return r.y + r.h/2 }

// drawing is a graph with a place for everything. It takes time linear in nodes
// and edges.
type drawing struct {
	*Graph
	inside [][]int
	order  []int // of each node: its position in what stands around it
	at     []rect
	lines  [][]string // the lines of text of each node
	size   rect
}

// layOut finds a place for each node: the steps of a sequence stand one below
// the other, those that run at once side by side, in rows where they are many.
func (g *Graph) layOut() *drawing {
	d := &drawing{Graph: g, inside: g.children(), order: make([]int, len(g.Nodes)), at: make([]rect, len(g.Nodes)), lines: make([][]string, len(g.Nodes))}
	for i := range g.Nodes {
		d.lines[i] = g.Nodes[i].lines()
	}
	for _, inside := range d.inside {
		for at, i := range inside {
			d.order[i] = at
		}
	}
	// What carries others stands before them, so that sizes are worked out from
	// the end and places from the start.
	for i := len(g.Nodes) - 1; i >= 0; i-- {
		d.measure(i)
	}
	top := 0.0
	if g.Title != "" {
		top = 2 * lineHeight
	}
	w, h := d.stack(d.inside[len(g.Nodes)], margin, inset+top, 1)
	d.size = rect{w: math.Max(w, margin+inset+width(g.Title)*1.3) + inset, h: h + inset}
	for i := range g.Nodes {
		for _, c := range d.inside[i] {
			d.at[c].x += d.at[i].x
			d.at[c].y += d.at[i].y
		}
	}
	return d
}

// lines are the texts in a node, none of them longer than maxText columns.
func (n *Node) lines() []string {
	out := []string{cut(n.title())}
	for _, text := range []string{n.subtitle(), n.status()} {
		if text != "" {
			out = append(out, cut(text))
		}
	}
	return out
}

// measure works out the size of a node from what stands in it, which is given
// places within the node.
func (d *drawing) measure(i int) {
	n := &d.Nodes[i]
	box := &d.at[i]
	box.w, box.h = minWidth, 2*padY+lineHeight*float64(len(d.lines[i]))
	for _, line := range d.lines[i] {
		box.w = math.Max(box.w, width(line)+2*padX)
	}
	inside := d.inside[i]
	if len(inside) == 0 {
		return
	}
	columns := 1
	if n.Flow == "parallel" || n.Flow == "" && len(inside) > 1 {
		columns = columnsOf(len(inside))
	}
	right, bottom := d.stack(inside, inset, box.h+padY, columns)
	box.w, box.h = math.Max(box.w, right+inset), bottom+inset
}

// columnsOf is how many of the steps that run at once stand in one row: all of a
// few, and of many so that the box is about twice as wide as high.
func columnsOf(n int) int {
	if n <= 6 {
		return n
	}
	return max(6, int(math.Ceil(math.Sqrt(float64(n)))))
}

// stack gives nodes places in rows below one another, from a corner on, and
// returns where they end on the right and below.
func (d *drawing) stack(nodes []int, x, y float64, columns int) (right, bottom float64) {
	right, bottom = x, y
	for at := 0; at < len(nodes); at += columns {
		row := nodes[at:min(at+columns, len(nodes))]
		left, height := x, 0.0
		if at > 0 {
			y += gap
		}
		for j, i := range row {
			if j > 0 {
				left += gap
			}
			d.at[i].x, d.at[i].y = left, y
			left += d.at[i].w
			height = math.Max(height, d.at[i].h)
		}
		y += height
		right, bottom = math.Max(right, left), y
	}
	if columns == 1 { // a sequence reads better under one middle
		for _, i := range nodes {
			d.at[i].x = x + (right-x-d.at[i].w)/2
		}
	}
	return right, bottom
}

// width is about how wide a text is drawn.
func width(text string) float64 {
	columns := 0
	for _, r := range text {
		columns += columnsTaken(r)
	}
	return float64(columns) * columnWidth
}

// columnsTaken is 2 for the wide letters of East Asia and for pictures, 0 for
// what is drawn over the letter before.
func columnsTaken(r rune) int {
	switch {
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case r >= 0x1F300 && r < 0x20000, unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana):
		return 2
	}
	return 1
}

// cut shortens a text to maxText columns and makes one line of it.
func cut(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	columns := 0
	for i, r := range text {
		columns += columnsTaken(r)
		if columns > maxText {
			return text[:i] + "…"
		}
	}
	return text
}
