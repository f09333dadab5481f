package engine

import (
	"context"

	"github.com/nf-lsp/nf-lsp/internal/engine/schedule"
	"github.com/nf-lsp/nf-lsp/internal/expr"
)

// eachName stands for the names of iterations that only the run knows.
const eachName = "each"

// unfold plans the iterations of a loop, or one that stands for all of them.
func (l *planner) unfold(ctx context.Context, node int) {
	list, known, err := l.rounds(ctx, node)
	if err == nil && !known {
		list = []round{{name: eachName, value: expr.Unknown(expr.TypeObject)}}
	}
	first := 0
	if err == nil {
		first, err = l.program.unfold(node, list)
	}
	if err != nil {
		l.problem(node, l.code(node, err), err)
		l.blurred = true
		l.machine.Ended(node, schedule.Success)
		return
	}
	maybe := l.plan.Nodes[node].Maybe
	for _, o := range l.program.outlineFrom(first) {
		l.plan.Nodes = append(l.plan.Nodes, Planned{Outline: o, Each: !known && o.Parent == node, Maybe: maybe})
		l.outputs = append(l.outputs, output{value: expr.Unknown(expr.TypeAny), there: true, partial: true})
		l.seen = append(l.seen, previewed{})
	}
	for i := first; i < len(l.program.Nodes); i++ {
		bad := false
		if of := l.program.Nodes[i].of; of > 0 {
			bad = l.bad[of] // what is wrong with all is said once
		}
		l.bad = append(l.bad, bad)
		l.plan.Nodes[i].After = l.after(i)
	}
	nodes := l.program.scheduled(first)
	for i := range nodes {
		soften(nodes[i].Gate)
		soften(nodes[i].Body)
	}
	l.machine.Extend(nodes)
	l.machine.Entered(node)
}

// arrange brings the nodes into the order of the document: iterations stand in the
// place of what was written in their loop.
func (l *planner) arrange() {
	if len(l.program.unfolded) == 0 {
		return
	}
	children := make([][]int, len(l.program.Nodes)+1)
	for i := range l.program.Nodes {
		n := &l.program.Nodes[i]
		if n.gone || n.Pattern && l.program.begun(i) {
			continue
		}
		children[n.Parent+1] = append(children[n.Parent+1], i)
	}
	var order []int
	place := make(map[int]int, len(l.program.Nodes))
	var put func(list []int)
	put = func(list []int) {
		for _, i := range list {
			place[i] = len(order)
			order = append(order, i)
			put(children[i+1])
		}
	}
	put(children[0])
	nodes, seen := make([]Planned, len(order)), make([]previewed, len(order))
	for at, i := range order {
		nodes[at], seen[at] = l.plan.Nodes[i], l.seen[i]
		if p := nodes[at].Parent; p >= 0 {
			nodes[at].Parent = place[p]
		}
	}
	l.plan.Nodes, l.seen = nodes, seen
}
