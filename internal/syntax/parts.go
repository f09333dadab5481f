package syntax

import "iter"

// Part is one of the pieces that an object, an array, a member or a document
// consists of, in the order of the text: brackets, commas, space, comments,
// values, members.
type Part struct {
	Kind  Kind
	Range Range

	tree  *Tree
	green green
}

// Value returns the part as a value; an absent one if it is none.
func (p Part) Value() Value {
	if !p.Kind.IsValue() {
		return Value{}
	}
	return Value{p.tree, p.green, p.Range.Start}
}

// Member returns the part as a member; an absent one if it is none.
func (p Part) Member() Member {
	if p.Kind != KindMember {
		return Member{}
	}
	return Member{p.tree, p.green.node, p.Range.Start}
}

// Text returns the part as it is written.
func (p Part) Text() string { return p.tree.text.slice(p.Range.Start, p.Range.End) }

// HasNewline reports whether the part is space with a line end in it.
func (p Part) HasNewline() bool { return p.Kind == KindSpace && p.green.flags&flagNewline != 0 }

func parts(t *Tree, n *Node, start int) iter.Seq[Part] {
	return func(yield func(Part) bool) {
		if n == nil {
			return
		}
		at := start
		for _, g := range n.children {
			end := at + int(g.width)
			if !yield(Part{g.kind, Range{at, end}, t, g}) {
				return
			}
			at = end
		}
	}
}

// Parts yields what the document consists of.
func (t *Tree) Parts() iter.Seq[Part] { return parts(t, t.root, 0) }

// Parts yields what an object or an array consists of; nothing for a scalar.
func (v Value) Parts() iter.Seq[Part] { return parts(v.tree, v.green.node, v.start) }

// Parts yields what a member consists of.
func (m Member) Parts() iter.Seq[Part] { return parts(m.tree, m.node, m.start) }

// Tokens yields all tokens of the text in their order. Together they are the
// text.
func (t *Tree) Tokens() iter.Seq[Token] {
	return func(yield func(Token) bool) { tokens(t.root, 0, yield) }
}

func tokens(n *Node, at int, yield func(Token) bool) bool {
	for _, g := range n.children {
		end := at + int(g.width)
		if g.node != nil {
			if !tokens(g.node, at, yield) {
				return false
			}
		} else if !yield(Token{g.kind, Range{at, end}}) {
			return false
		}
		at = end
	}
	return true
}
