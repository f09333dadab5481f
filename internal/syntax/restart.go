package syntax

import "slices"

// level is a container around the place where parsing starts anew.
type level struct {
	kept
	start  int   // where it starts
	member int   // where its last member starts
	lead   flags // flagMember if a member starts with it
	unsafe bool  // its bracket stands on the line of a string that is not closed
}

// restart pushes the containers that are open at the last place up to offset
// where the parser's state is known, and returns that place. It is known behind
// an opening bracket, behind a comma, and behind a container that is closed:
// what comes later does not change how the parser takes what comes before. It
// is not known on the line of a string that is not closed, whose end depends on
// the rest of the line, nor behind a comma or a brace where a value is missing,
// which a value behind it takes in.
func (r *reuse) restart(p *parser, root *Node, offset int) int {
	var room [usualDepth]level
	path := room[:0]
	at := level{kept: kept{node: root}}
	at.skip(offset)
	for {
		if at.inside(offset) {
			inner := at.inner()
			path = append(path, at)
			at = inner
			at.skip(offset)
			continue
		}
		for at.parts == 0 && !at.known() {
			// Nothing is known in there: look before it.
			at, path = path[len(path)-1], path[:len(path)-1]
		}
		if at.known() {
			break
		}
		at.back()
	}
	at.findMember(at.parts)
	path = append(path, at)
	r.kept = slices.Grow(r.kept, len(path))
	p.stack = slices.Grow(p.stack, len(path)+2)
	for _, l := range path {
		p.push(l.node.kind, l.start, l.lead)
		p.top().member = l.member
		l.part, l.child, l.offset = l.parts, l.nodes, l.from
		r.kept = append(r.kept, l.kept)
	}
	return at.from
}

// skip keeps all parts that end up to the offset.
func (l *level) skip(offset int) {
	l.from = l.start
	for i, g := range l.node.parts {
		end := l.from + int(g.width)
		if end > offset {
			return
		}
		l.from = end
		l.parts = i + 1
		if g.kind.isContainer() {
			l.nodes++
		}
	}
}

// back keeps one part less.
func (l *level) back() {
	l.parts--
	g := l.node.parts[l.parts]
	l.from -= int(g.width)
	if g.kind.isContainer() {
		l.nodes--
	}
}

// known reports whether the parser's state behind the kept parts is known.
func (l *level) known() bool {
	if l.parts == 0 {
		return l.node.kind == KindDocument
	}
	g := l.node.parts[l.parts-1]
	closed := g.kind.isContainer() && g.flags&flagOpen == 0 && !l.node.nodes[l.nodes-1].lacksValue()
	opener := l.parts == 1 && l.node.kind != KindDocument
	comma := g.kind == KindComma && !endsInColon(l.node.parts[:l.parts-1])
	return (closed || opener || comma) && !l.unsafeHere()
}

// inside reports whether the part behind the kept ones is a container within
// which the place may be.
func (l *level) inside(offset int) bool {
	if l.parts == len(l.node.parts) {
		return false
	}
	g := l.node.parts[l.parts]
	return g.kind.isContainer() && l.from < offset && (g.flags&flagOpen != 0 || l.from+int(g.width) > offset)
}

// inner returns the level of that container.
func (l *level) inner() level {
	l.findMember(l.parts + 1)
	return level{
		kept:   kept{node: l.node.nodes[l.nodes]},
		start:  l.from,
		lead:   l.node.parts[l.parts].flags & flagMember,
		unsafe: l.unsafeHere(),
	}
}

// findMember sets member to the start of the last that starts among the first
// count parts of an object; one more than the kept ones at most.
func (l *level) findMember(count int) {
	l.member = 0
	if l.node.kind != KindObject {
		return
	}
	at := l.from
	if count > l.parts {
		at += int(l.node.parts[l.parts].width)
	}
	for i := count - 1; i >= 0; i-- {
		g := l.node.parts[i]
		at -= int(g.width)
		if g.flags&flagMember != 0 {
			l.member = at
			return
		}
	}
}

// unsafeHere reports whether the kept parts end on the line of a string that is
// not closed.
func (l *level) unsafeHere() bool {
	if !l.unsafe && !l.node.HasErrors() {
		return false
	}
	unsafe, _ := l.node.unsafeBehind(l.parts, l.nodes, l.unsafe)
	return unsafe
}

// unsafeBehind looks from the end of the first parts of n, with the given number
// of child nodes among them, back for the end of a line or for a string that is
// not closed, and reports which it is, and whether it has found one. Otherwise
// it returns unsafe, which says it of the start of n.
func (n *Node) unsafeBehind(parts, nodes int, unsafe bool) (_, found bool) {
	for i := parts - 1; i >= 0; i-- {
		switch g := n.parts[i]; {
		case g.kind.isContainer():
			nodes--
			if c := n.nodes[nodes]; c.HasErrors() {
				if u, found := c.unsafeBehind(len(c.parts), len(c.nodes), unsafe); found {
					return u, true
				}
			}
		case g.kind == KindSpace && g.flags&flagNewline != 0:
			return false, true
		case g.kind == KindString && g.flags&flagOpen != 0, g.kind == KindExcess:
			return true, true // nobody knows what ends the excess
		}
	}
	return unsafe, false
}
