package syntax

import "iter"

// Part is one of the pieces that an object, an array, a member or a document
// consists of, in the order of the text: brackets, commas, space, comments,
// values, members.
type Part struct {
	Kind  Kind
	Range Range

	value  Value
	member Member
	last   int // its last piece among those of the node around it
}

// Value returns the part as a value; an absent one if it is none.
func (p Part) Value() Value {
	if !p.Kind.IsValue() {
		return Value{}
	}
	return p.value
}

// Member returns the part as a member; an absent one if it is none.
func (p Part) Member() Member { return p.member }

// Text returns the part as it is written.
func (p Part) Text() string { return p.value.tree.text.slice(p.Range.Start, p.Range.End) }

// HasNewline reports whether the part is space with a line end in it.
func (p Part) HasNewline() bool {
	return p.Kind == KindSpace && p.value.green.flags&flagNewline != 0
}

// walk yields parts of a node. at and node are where the first of them starts
// in the text and among the child nodes of n. Members are one part each unless
// flat is set.
func walk(t *Tree, n *Node, first, last, at, node int, flat bool) iter.Seq[Part] {
	return walked{t, n, first, last, at, node, flat}.each
}

// walked are the parts that walk yields. A loop over each of them itself leaves
// nothing behind, while one over a result of walk leaves that and what its body uses.
type walked struct {
	tree                  *Tree
	in                    *Node
	first, last, at, node int
	flat                  bool
}

func (w walked) each(yield func(Part) bool) {
	n, at, node := w.in, w.at, w.node
	for i := w.first; i <= w.last; i++ {
		g := n.parts[i]
		p := Part{g.kind, Range{at, at + int(g.width)}, Value{w.tree, nil, g, at}, Member{}, i}
		if g.flags&flagMember != 0 && !w.flat {
			p.Kind, p.member = KindMember, Member{w.tree, n, i, node, at}
			end := memberEnd(n.parts, i)
			for ; ; i++ {
				if n.parts[i].kind.isContainer() {
					node++
				}
				if i == end {
					break
				}
				p.Range.End += int(n.parts[i+1].width)
			}
			p.last = end
		} else if g.kind.isContainer() {
			p.value.node = n.nodes[node]
			node++
		}
		if !yield(p) {
			return
		}
		at = p.Range.End
	}
}

// Parts yields what the document consists of.
func (t *Tree) Parts() iter.Seq[Part] {
	return walk(t, t.root, 0, len(t.root.parts)-1, 0, 0, true)
}

// Parts yields what an object or an array consists of; nothing for a scalar.
func (v Value) Parts() iter.Seq[Part] {
	if v.node == nil {
		return func(func(Part) bool) {}
	}
	return walk(v.tree, v.node, 0, len(v.node.parts)-1, v.start, 0, false)
}

// Parts yields what a member consists of.
func (m Member) Parts() iter.Seq[Part] {
	if m.object == nil {
		return func(func(Part) bool) {}
	}
	return m.walked().each
}

// walked are the parts of a member that is there.
func (m Member) walked() walked {
	return walked{m.tree, m.object, m.first, memberEnd(m.object.parts, m.first), m.start, m.node, true}
}

// Tokens yields all tokens of the text in their order. Together they are the
// text.
func (t *Tree) Tokens() iter.Seq[Token] {
	return func(yield func(Token) bool) { tokens(t.root, 0, yield) }
}

func tokens(n *Node, at int, yield func(Token) bool) bool {
	node := 0
	for _, g := range n.parts {
		end := at + int(g.width)
		if g.kind.isContainer() {
			if !tokens(n.nodes[node], at, yield) {
				return false
			}
			node++
		} else if !yield(Token{g.kind, Range{at, end}}) {
			return false
		}
		at = end
	}
	return true
}
