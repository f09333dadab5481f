package schedule

// A Problem is a hard dependency that can never be met.
type Problem struct {
	// Node has the dependency, On is what it depends on.
	Node, On int
	Reason   Reason
}

// A Reason says why a dependency can never be met.
type Reason uint8

const (
	// Cycle: the nodes wait for each other.
	Cycle Reason = iota
	// Around: a node waits for itself or for a workflow that it stands in.
	Around
	// Inside: a workflow waits for a node that stands in it.
	Inside
	// Later: a node waits for one that comes later in the same sequence.
	Later
)

// Check looks for dependencies that can never be met. Soft ones are taken out
// of the nodes (their Gate and Body are replaced) and reported in dropped, as
// pairs of a node and what it depended on; hard ones are problems. A soft
// dependency counts as impossible when it lies on a circle of waiting, whatever
// else lies on that circle, so that the answer depends on no order.
func Check(nodes []Node) (problems []Problem, dropped [][2]int) {
	g := newWaits(nodes)
	comp := g.components()
	for i := range nodes {
		for _, list := range []*[]Dep{&nodes[i].Gate, &nodes[i].Body} {
			var kept []Dep
			cut := false
			for k, d := range *list {
				if d.Soft && comp[start(i)] == comp[end(awaited(nodes, i, d.On))] {
					if !cut {
						kept, cut = append(kept, (*list)[:k]...), true
					}
					dropped = append(dropped, [2]int{i, d.On})
					continue
				}
				if cut {
					kept = append(kept, d)
				}
			}
			if cut {
				*list = kept
			}
		}
	}
	if len(dropped) > 0 {
		g = newWaits(nodes)
		comp = g.components()
	}
	for i := range nodes {
		seen := map[int]bool{}
		for _, list := range [][]Dep{nodes[i].Gate, nodes[i].Body} {
			for _, d := range list {
				if comp[start(i)] == comp[end(awaited(nodes, i, d.On))] && !seen[d.On] {
					seen[d.On] = true
					problems = append(problems, Problem{Node: i, On: d.On, Reason: reason(nodes, i, d.On)})
				}
			}
		}
	}
	return problems, dropped
}

// reason tells an impossible dependency's kind by where the two nodes stand.
func reason(nodes []Node, from, on int) Reason {
	branch := map[int]int{} // ancestor of from -> the child through which from hangs on it
	child := from
	for p := from; p >= 0; p = nodes[p].Parent {
		if p == on {
			return Around
		}
		branch[p] = child
		child = p
	}
	branch[-1] = child
	child = on
	for p := nodes[on].Parent; ; p = nodes[p].Parent {
		if p == from {
			return Inside
		}
		if b, ok := branch[p]; ok {
			if (p < 0 || nodes[p].Flow != Parallel) && child > b {
				return Later
			}
			return Cycle
		}
		child = p
	}
}

// awaited is whose end a node waits for that depends on another one: on what stands
// in a loop, that of the loop, since only then is it known which iteration was the
// last. Of loops in one another it is the outermost that the node does not stand in.
func awaited(nodes []Node, from, on int) int {
	out := on
	if !nodes[on].Pattern {
		return out
	}
	for p := nodes[on].Parent; p >= 0; p = nodes[p].Parent {
		if nodes[p].Flow == Loop && !within(nodes, from, p) {
			out = p
		}
	}
	return out
}

// within tells whether a node stands in another one, at any depth, or is that one.
func within(nodes []Node, node, around int) bool {
	for ; node >= 0; node = nodes[node].Parent {
		if node == around {
			return true
		}
	}
	return false
}

func start(i int) int32 { return int32(2 * i) }
func end(i int) int32   { return int32(2*i + 1) }

// waits is the graph of who waits for whom, with two vertices for each node:
// its start and its end.
type waits struct {
	from []int32 // from[v]..from[v+1] are v's edges in to
	to   []int32
}

func newWaits(nodes []Node) *waits {
	previous := make([]int32, len(nodes)) // the sibling before, or -1
	last := make([]int32, len(nodes)+1)   // per workflow (and the top): the child seen last
	for i := range last {
		last[i] = -1
	}
	count := make([]int32, 2*len(nodes)+1)
	for i, n := range nodes {
		p := n.Parent
		if p < 0 {
			p = len(nodes)
		}
		previous[i] = last[p]
		if n.Parent >= 0 && nodes[n.Parent].Flow == Parallel {
			previous[i] = -1
		}
		last[p] = int32(i)
		count[start(i)] = int32(len(n.Gate) + len(n.Body))
		if previous[i] >= 0 {
			count[start(i)]++
		}
		if n.Parent >= 0 {
			count[start(i)]++
			count[end(n.Parent)]++
		}
		count[end(i)]++
	}
	g := &waits{from: make([]int32, 2*len(nodes)+1)}
	for v, total := 0, int32(0); v < len(count); v++ {
		g.from[v] = total
		total += count[v]
	}
	g.to = make([]int32, g.from[len(g.from)-1])
	fill := append([]int32(nil), g.from...)
	add := func(v, w int32) { g.to[fill[v]] = w; fill[v]++ }
	for i, n := range nodes {
		if previous[i] >= 0 {
			add(start(i), end(int(previous[i])))
		}
		if n.Parent >= 0 {
			add(start(i), start(n.Parent))
			add(end(n.Parent), end(i))
		}
		for _, d := range n.Gate {
			add(start(i), end(awaited(nodes, i, d.On)))
		}
		for _, d := range n.Body {
			add(start(i), end(awaited(nodes, i, d.On)))
		}
		add(end(i), start(i))
	}
	return g
}

// components returns the strongly connected component of each vertex (Tarjan's
// algorithm with a stack of its own, since templates may be very deep).
func (g *waits) components() []int32 {
	n := len(g.from) - 1
	index := make([]int32, n)
	low := make([]int32, n)
	comp := make([]int32, n)
	var stack []int32
	type frame struct{ v, edge int32 }
	var calls []frame
	next, comps := int32(1), int32(1)
	for root := range n {
		if index[root] != 0 {
			continue
		}
		calls = append(calls, frame{int32(root), g.from[root]})
		index[root], low[root] = next, next
		next++
		stack = append(stack, int32(root))
		for len(calls) > 0 {
			f := &calls[len(calls)-1]
			if f.edge < g.from[f.v+1] {
				w := g.to[f.edge]
				f.edge++
				if index[w] == 0 {
					index[w], low[w] = next, next
					next++
					stack = append(stack, w)
					calls = append(calls, frame{w, g.from[w]})
				} else if comp[w] == 0 {
					low[f.v] = min(low[f.v], index[w])
				}
				continue
			}
			v := f.v
			calls = calls[:len(calls)-1]
			if len(calls) > 0 {
				up := calls[len(calls)-1].v
				low[up] = min(low[up], low[v])
			}
			if low[v] == index[v] {
				for {
					w := stack[len(stack)-1]
					stack = stack[:len(stack)-1]
					comp[w] = comps
					if w == v {
						break
					}
				}
				comps++
			}
		}
	}
	return comp
}
