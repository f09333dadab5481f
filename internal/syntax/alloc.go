package syntax

// allocator makes nodes. A fresh parse takes them from slabs, because all of
// its nodes live and die together; an edit allocates each alone, because a
// slab would keep everything of that edit alive for its longest-lived node.
type allocator struct {
	slabs    bool
	nodes    []Node
	parts    []green
	pointers []*Node
	size     int // of the next slab, in nodes
}

const (
	minSlab = 16
	maxSlab = 512
	// How many parts, in the mean, a node has.
	partsPerNode = 16
)

// node returns a node with room for parts and child nodes.
func (a *allocator) node(parts, nodes int) *Node {
	if !a.slabs {
		n := &Node{parts: make([]green, parts)}
		if nodes > 0 {
			n.nodes = make([]*Node, nodes)
		}
		return n
	}
	if len(a.nodes) == 0 {
		a.size = min(max(2*a.size, minSlab), maxSlab)
		a.nodes = make([]Node, a.size)
	}
	n := &a.nodes[0]
	a.nodes = a.nodes[1:]
	n.parts, a.parts = carve(a.parts, parts, partsPerNode*a.size)
	if nodes > 0 {
		n.nodes, a.pointers = carve(a.pointers, nodes, 2*a.size)
	}
	return n
}

// carve cuts n elements from a slab, and takes a new slab of the given size
// where they do not fit. What is large is allocated alone.
func carve[T any](slab []T, n, size int) (cut, rest []T) {
	if n > len(slab) {
		if n > size/4 {
			return make([]T, n), slab
		}
		slab = make([]T, size)
	}
	return slab[:n:n], slab[n:]
}
