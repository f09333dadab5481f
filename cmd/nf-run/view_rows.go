package main

import (
	"slices"

	"github.com/nf-lsp/nf-lsp/internal/engine"
)

// A treeRow is a line of the tree below its head: a node, or what is left out
// between two of them.
type treeRow struct {
	node   int // the node, or the first one that is left out
	hidden int // how many are left out; 0 for a node
}

// rows chooses what is shown of a run's nodes in at most height rows: all of
// them where that is enough. Else those come first that something goes on with,
// then what went wrong, the workflows around these, what comes next, and what
// has ended last; the others are counted in the place where they stand. from and
// to bound the nodes that are shown at all.
func rows(v *engine.RunView, from, to, height int) []treeRow {
	shown := make([]bool, to-from)
	if height < len(shown) && height <= few {
		return foremost(v, from, to, height)
	}
	if height < len(shown) {
		choose(v, from, shown, height)
	} else {
		for i := range shown {
			shown[i] = true
		}
	}
	var out []treeRow
	for i := 0; i < len(shown); i++ {
		begin := i
		for i < len(shown) && !shown[i] {
			i++
		}
		switch i - begin {
		case 0:
		case 1: // the node takes no more room than its number
			out = append(out, treeRow{node: from + begin})
		default:
			out = append(out, treeRow{from + begin, i - begin})
		}
		if i < len(shown) {
			out = append(out, treeRow{node: from + i})
		}
	}
	return out
}

// few rows have no room for counting what is left out.
const few = 2

// foremost are the most important nodes, as many as there are rows.
func foremost(v *engine.RunView, from, to, height int) []treeRow {
	var out []treeRow
	taken := map[int]bool{}
	for _, wanted := range append(slices.Clip(important), func(*engine.NodeView) bool { return true }) {
		for i := from; i < to && len(out) < height; i++ {
			if !taken[i] && wanted(&v.Nodes[i]) {
				taken[i] = true
				out = append(out, treeRow{node: i})
			}
		}
	}
	slices.SortFunc(out, func(a, b treeRow) int { return a.node - b.node })
	return out
}

// important are the nodes that are shown before all others, the first of them first.
var important = []func(n *engine.NodeView) bool{
	func(n *engine.NodeView) bool {
		return n.Flow == "" && (n.State == engine.StateUnknown || n.State == engine.StateApprovalWait || n.State == engine.StateRetrying)
	},
	func(n *engine.NodeView) bool {
		return n.Flow == "" && !n.State.Ended() && n.State != engine.StatePending
	},
	func(n *engine.NodeView) bool {
		return n.Flow == "" && (n.State == engine.StateFailure || n.State == engine.StateAborted) && len(n.Attempts) > 0
	},
}

// choose marks the nodes that are shown, so many that they and the gaps between
// them take at most height rows.
func choose(v *engine.RunView, from int, shown []bool, height int) {
	taken := 1 // all of it is one gap
	kept := func(i int) bool { return i < 0 || i >= len(shown) || shown[i] }
	add := func(i int) {
		if shown[i] || taken >= height {
			return
		}
		need := 1
		switch before, after := kept(i-1), kept(i+1); {
		case before && after: // it was alone in its gap
			need = 0
		case !before && !after: // there is one more gap
			need = 2
		}
		if i == len(shown)-1 && i > 0 && need == 1 && !shown[i-1] && v.Nodes[from+i].State == engine.StatePending {
			return // it would take less room than others, and is the last that matters
		}
		if taken+need <= height {
			shown[i], taken = true, taken+need
		}
	}
	each := func(wanted func(n *engine.NodeView) bool) {
		for i := 0; i < len(shown) && taken < height; i++ {
			if wanted(&v.Nodes[from+i]) {
				add(i)
			}
		}
	}
	for _, wanted := range important {
		each(wanted)
	}
	for i := len(shown) - 1; i >= 0 && taken < height; i-- {
		if p := v.Nodes[from+i].Parent - from; shown[i] && p >= 0 && p < i {
			add(p)
		}
	}
	half := taken + (height-taken+1)/2
	each(func(n *engine.NodeView) bool { return n.State == engine.StatePending && taken < half })
	for i := len(shown) - 1; i >= 0 && taken < height; i-- {
		if v.Nodes[from+i].State.Ended() {
			add(i)
		}
	}
	each(func(*engine.NodeView) bool { return true })
}
