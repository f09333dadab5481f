package template

// Order says how two nodes of one scope stand to each other in time.
type Order uint8

const (
	// Unordered nodes stand in different scopes, or in a loop or a workflow
	// whose order is not known: nothing is provable.
	Unordered Order = iota
	// Before: the other node has ended when this one starts.
	Before
	// After: the other node starts only when this one has ended.
	After
	// Concurrent nodes stand in different branches of one parallel workflow.
	Concurrent
	// Around: the other node is a workflow around this one.
	Around
	// Within: the other node is a step, at any depth, of this one.
	Within
	// Same is the node itself.
	Same
)

// OrderOf says how other stands to n: Before means that other ends before n
// starts. The cost is the depth of the two nodes.
func OrderOf(n, other *Node) Order {
	switch {
	case n == other:
		return Same
	case n.Scope != other.Scope:
		return Unordered
	case n.InTeardown != other.InTeardown:
		return acrossTeardown(n)
	case n.Ancestor(other):
		return Around
	case other.Ancestor(n):
		return Within
	}
	a, b := n, other
	for a.Depth > b.Depth {
		a = a.Parent
	}
	for b.Depth > a.Depth {
		b = b.Parent
	}
	for a.Parent != b.Parent {
		a, b = a.Parent, b.Parent
		if a == nil || b == nil {
			return Unordered
		}
	}
	if a.Parent == nil {
		return Unordered
	}
	return beside(a.Parent.Flow, a.Position, b.Position)
}

// acrossTeardown says how nodes on the other side stand to n, which stands in a
// teardown or beside one. A teardown sees the outputs of the last successful run.
func acrossTeardown(n *Node) Order {
	if n.InTeardown {
		return Before
	}
	return After
}

// beside says how the step at another position of a workflow stands to the one at
// a position.
func beside(flow Flow, position, other int32) Order {
	switch flow {
	case Sequential:
		if other < position {
			return Before
		}
		return After
	case Loop:
		// A later step may have run in the iteration before.
		if other < position {
			return Before
		}
		return Unordered
	case Parallel:
		return Concurrent
	}
	return Unordered
}

// Context is the place that gives a node its project.
type Context struct {
	// Node is the node or workflow that carries the context; nil where the
	// document's own `project` gives it.
	Node *Node
	// FromDocument is true for the document's `project`.
	FromDocument bool
}

// ProjectContext finds the project context of n: its own `spec.projectId`
// (or, in actions and conditions, `spec.spec.data.projectId`), else the nearest
// workflow's `context.projectId` in or beside its spec, else the document's
// `project`. ok is false where there is none.
func (n *Node) ProjectContext() (c Context, ok bool) {
	if n.OwnProject {
		return Context{Node: n}, true
	}
	for p := n.Parent; p != nil; p = p.Parent {
		if p.GivesProject {
			return Context{Node: p}, true
		}
	}
	if n.Scope.GivesProject {
		return Context{FromDocument: true}, true
	}
	return Context{}, false
}
