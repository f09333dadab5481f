package template

import (
	"iter"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// Relative is a node as another one sees it.
type Relative struct {
	*Facts
	Number int32
	// Order is what [OrderOf] says of it beside the other one.
	Order Order
	// Range is where its object stands in the file.
	Range syntax.Range
}

// Relatives yields the scope's own nodes in file order, as n sees them, which may
// be nil or stand elsewhere: then they are all unordered. It makes no cursors, so
// that a list of some of the nodes costs nothing for the others.
func (s *Scope) Relatives(n *Node) iter.Seq[Relative] { return s.relatives(n, false) }

// RelativesBackward yields them from the last to the first: those that are near in
// front of n come early.
func (s *Scope) RelativesBackward(n *Node) iter.Seq[Relative] {
	return s.relatives(n, true)
}

func (s *Scope) relatives(n *Node, backward bool) iter.Seq[Relative] {
	return func(yield func(Relative) bool) {
		var path []*Node // what leads to n, the outermost first
		if n != nil && n.Scope == s {
			path = make([]*Node, 1+n.depth())
			for i, p := len(path)-1, n; i >= 0; i, p = i-1, p.Parent {
				path[i] = p
			}
		}
		w := relativesWalk{yield, backward}
		roots := &s.shape.roots
		for i, root := range roots.through(backward) {
			order := Unordered
			if len(path) > 0 && path[0].InTeardown != (i == s.shape.teardown) {
				order = acrossTeardown(path[0])
			}
			if !w.node(root, int(s.start+roots.startOf(i)), path, order) {
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

// relativesWalk yields nodes and their steps in file order, or the other way round.
type relativesWalk struct {
	yield    func(Relative) bool
	backward bool
}

// node yields a node and its steps. path leads from beside it to the one that
// looks; order is how it stands to that one unless it is on the path.
func (w *relativesWalk) node(s *shape, start int, path []*Node, order Order) bool {
	on := len(path) > 0 && path[0].Number == s.number
	switch {
	case !on:
		path = nil
	case len(path) == 1:
		order = Same
	default:
		order = Around
	}
	self := Relative{&s.Facts, s.number, order, syntax.Range{Start: start, End: start + s.text.Width()}}
	if !w.backward && !w.yield(self) {
		return false
	}
	if s.inner != nil && !w.steps(&s.inner.steps, start, path, order) {
		return false
	}
	return !w.backward || w.yield(self)
}

// steps yields the steps of a node, which is the first of the path unless that is empty.
func (w *relativesWalk) steps(steps *sequence, start int, path []*Node, around Order) bool {
	for i, step := range steps.through(w.backward) {
		order, rest := around, []*Node(nil)
		switch len(path) {
		case 0:
		case 1:
			order = Within
		default:
			rest = path[1:]
			order = beside(path[0].Flow, rest[0].Position, steps.position(i))
		}
		if !w.node(step, start+int(steps.startOf(i)), rest, order) {
			return false
		}
	}
	return true
}
