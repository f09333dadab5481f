package template

import "slices"

// Nodes are known by numbers. A version of a document takes over those of the
// version before, gives new ones to what is new, and keeps account of all that
// has changed.

// number gives a new node a number.
func (b *builder) number() int32 {
	n := &b.doc.numbering
	if last := len(n.free) - 1; last >= 0 {
		number := n.free[last]
		n.free = n.free[:last:last]
		return number
	}
	n.used++
	return n.used - 1
}

// scopeNumber gives a new scope a number.
func (b *builder) scopeNumber() int32 {
	n := &b.doc.numbering
	if last := len(n.freeOfScopes) - 1; last >= 0 {
		number := n.freeOfScopes[last]
		n.freeOfScopes = n.freeOfScopes[:last:last]
		return number
	}
	n.usedByScopes++
	return n.usedByScopes - 1
}

// claim says that a node that has another text or another place keeps its number.
func (b *builder) claim(number int32) {
	if b.claimed == nil {
		b.claimed = map[int32]bool{}
	}
	b.claimed[number] = true
}

// drop says that nodes have not been seen where they were. They may be seen
// elsewhere.
func (b *builder) drop(nodes ...*shape) {
	for _, s := range nodes {
		if s != nil {
			b.gone = append(b.gone, s)
		}
	}
}

// each calls node for the node and what stands in it, a workflow before its
// steps, and scope for nested documents. Where node returns false it leaves out
// what stands in the node.
func (s *shape) each(node func(*shape) bool, scope func(*scopeShape)) {
	if !node(s) || s.inner == nil {
		return
	}
	for _, step := range s.inner.steps.all() {
		step.each(node, scope)
	}
	for _, nested := range s.inner.nested {
		nested.document.each(node, scope)
	}
}

// each does the same for a document.
func (s *scopeShape) each(node func(*shape) bool, scope func(*scopeShape)) {
	scope(s)
	for _, root := range s.roots.all() {
		root.each(node, scope)
	}
}

// changes completes the account: with the branches of the nodes that moved, and
// with those of the nodes that are gone, whose numbers become free.
func (b *builder) changes() {
	changes, numbering := b.doc.Changes, &b.doc.numbering
	if len(b.moved) > 0 {
		at := make(map[int32]int, len(changes.Nodes))
		for i, c := range changes.Nodes {
			at[c.Number] = i
		}
		for _, moved := range b.moved {
			moved.each(func(s *shape) bool {
				if i, seen := at[s.number]; seen {
					changes.Nodes[i].Moved = true
				} else {
					at[s.number] = len(changes.Nodes)
					changes.Nodes = append(changes.Nodes, Change{s.number, true})
				}
				return true
			}, func(*scopeShape) {})
		}
	}
	numbering.free, numbering.freeOfScopes = slices.Clip(numbering.free), slices.Clip(numbering.freeOfScopes)
	node := func(s *shape) bool {
		if b.claimed[s.number] {
			return false // it was seen elsewhere, with its branch
		}
		changes.Nodes = append(changes.Nodes, Change{s.number, true})
		b.places.Set(s.number, place{})
		numbering.free = append(numbering.free, s.number)
		return true
	}
	scope := func(s *scopeShape) {
		changes.Scopes = append(changes.Scopes, s.number)
		b.scopePlaces.Set(s.number, scopePlace{})
		numbering.freeOfScopes = append(numbering.freeOfScopes, s.number)
	}
	for _, s := range b.gone {
		s.each(node, scope)
	}
	for _, s := range b.goneScopes {
		s.each(node, scope)
	}
}
