package template

import "iter"

// Relative is a node as another one sees it.
type Relative struct {
	*Facts
	Number int32
	// Order is what [OrderOf] says of it beside the other one.
	Order Order
}

// Relatives yields the scope's own nodes in file order, as n sees them, which may
// be nil or stand elsewhere: then they are all unordered. It makes no cursors, so
// that a list of some of the nodes costs nothing for the others.
func (s *Scope) Relatives(n *Node) iter.Seq[Relative] {
	return func(yield func(Relative) bool) {
		var path []*Node // what leads to n, the outermost first
		if n != nil && n.Scope == s {
			path = make([]*Node, 1+n.depth())
			for i := len(path) - 1; i >= 0; i, n = i-1, n.Parent {
				path[i] = n
			}
		}
		for i, root := range s.shape.roots.all() {
			order := Unordered
			if len(path) > 0 && path[0].InTeardown != (i == s.shape.teardown) {
				order = acrossTeardown(path[0])
			}
			if !root.relatives(yield, path, order) {
				return
			}
		}
	}
}

// depth is how many workflows stand around the node in its scope.
func (n *Node) depth() (depth int) {
	for p := n.Parent; p != nil; p = p.Parent {
		depth++
	}
	return depth
}

// relatives yields a node and its steps. path leads from beside it to the one that
// looks; order is how it stands to that one unless it is on the path.
func (s *shape) relatives(yield func(Relative) bool, path []*Node, order Order) bool {
	on := len(path) > 0 && path[0].Number == s.number
	switch {
	case !on:
		path = nil
	case len(path) == 1:
		order = Same
	default:
		order = Around
	}
	if !yield(Relative{&s.Facts, s.number, order}) {
		return false
	}
	if s.inner == nil {
		return true
	}
	steps := &s.inner.steps
	for i, step := range steps.all() {
		order, rest := order, []*Node(nil)
		switch {
		case on && len(path) == 1:
			order = Within
		case on:
			rest = path[1:]
			order = beside(path[0].Flow, rest[0].Position, steps.position(i))
		}
		if !step.relatives(yield, rest, order) {
			return false
		}
	}
	return true
}
