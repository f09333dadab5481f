package syntax

// allocator makes nodes. A fresh parse takes them from slabs, because all of
// its nodes live and die together; an edit allocates each alone, because a
// slab would keep everything of that edit alive for its longest-lived node.
type allocator struct {
	slabs bool
	nodes []Node
	parts []green
	size  int
}

const (
	minSlab = 32
	maxSlab = 512
)

// node makes a node from its parts, which are copied.
func (a *allocator) node(kind Kind, kept, own []green) *Node {
	var n *Node
	count := len(kept) + len(own)
	var parts []green
	if a.slabs {
		if len(a.nodes) == 0 {
			a.size = min(max(2*a.size, minSlab), maxSlab)
			a.nodes = make([]Node, a.size)
		}
		n, a.nodes = &a.nodes[0], a.nodes[1:]
		if count > len(a.parts) && count < a.size {
			a.parts = make([]green, 4*a.size)
		}
	} else {
		n = new(Node)
	}
	if count <= len(a.parts) {
		parts, a.parts = a.parts[:count:count], a.parts[count:]
	} else {
		parts = make([]green, count)
	}
	copy(parts[copy(parts, kept):], own)
	n.seal(kind, parts)
	return n
}

// leaf is the part that a node is of its parent.
func leaf(n *Node) green {
	return green{node: n, width: n.width, height: n.height, kind: n.kind, flags: n.flags}
}
