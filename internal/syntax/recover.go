package syntax

// How the parser finds its way back where brackets, commas or values are
// missing. All of it looks back, at what has been read since the last comma;
// none of it looks ahead.

// maxAligned is how many objects around a name are looked at for a member that
// the name is aligned with.
const maxAligned = 64

// trailing returns the index in p.kids of the last part of the innermost
// container that is no trivia, -1 if none has been read here, and where what
// stands behind it starts in the text.
func (p *parser) trailing() (index, end int) {
	end = p.src.start
	for i, base := len(p.kids)-1, p.top().base; i >= base; i-- {
		if !p.kids[i].kind.IsTrivia() {
			return i, end
		}
		end -= int(p.kids[i].width)
	}
	return -1, end
}

// newlineBefore reports whether the token at hand is the first of its line.
func (p *parser) newlineBefore() bool {
	for i := len(p.kids) - 1; i >= 0 && p.kids[i].kind.IsTrivia(); i-- {
		if p.kids[i].kind == KindSpace && p.kids[i].flags&flagNewline != 0 {
			return true
		}
	}
	return false
}

// behindOpenString reports whether the last part before the token at hand that is
// no trivia is a string that is not closed.
func (p *parser) behindOpenString() bool {
	i, _ := p.trailing()
	return i >= 0 && p.kids[i].kind == KindString && p.kids[i].flags&flagOpen != 0
}

// hasMember reports whether the innermost container has a member.
func (p *parser) hasMember() bool {
	if p.reuse != nil && hasMember(p.reuse.prefix(len(p.stack)-1)) {
		return true
	}
	return hasMember(p.kids[p.top().base:])
}

func hasMember(parts []green) bool {
	for _, g := range parts {
		if g.flags&flagMember != 0 {
			return true
		}
	}
	return false
}

// aligned returns the index in the stack of the object with a member under
// which the name at hand is aligned, when the name follows a member of an inner
// object without a comma: then the inner object's brace is missing. 0 if there
// is none.
//
//	"a": {
//	  "x": 1
//	"b": 2
func (p *parser) aligned() int {
	before := KindInvalid
	if i, _ := p.trailing(); i >= 0 {
		before = p.kids[i].kind
	} else if p.reuse != nil {
		before = p.reuse.lastKept(len(p.stack) - 1)
	}
	if !before.IsValue() || len(p.stack) < 3 || !p.newlineBefore() {
		return 0
	}
	column := p.src.column(p.src.start)
	if column < 0 || p.src.column(p.top().member) == column {
		return 0 // a sibling stands at the same column
	}
	return p.objectAt(column)
}

// objectAt returns the index in the stack of the innermost object around the
// innermost container whose last member stands first in its line and at the
// column, 0 if there is none.
func (p *parser) objectAt(column int) int {
	tries := 0
	for i := len(p.stack) - 2; i > 0 && tries < maxAligned; i-- {
		if f := &p.stack[i]; f.kind == KindObject {
			tries++
			if p.src.column(f.member) == column {
				return i
			}
		}
	}
	return 0
}

// splitMember is called for a colon behind a complete member. Where that
// member's value is a string or a word, this was a name, and the value is
// missing: "a": "b": 1.
func (p *parser) splitMember() bool {
	i, end := p.trailing()
	if i < 0 || p.kids[i].flags&flagMember != 0 || p.kids[i].kind != KindString && p.kids[i].kind != KindWord {
		return false
	}
	p.kids[i].flags |= flagMember
	p.top().member = end - int(p.kids[i].width)
	return true
}

// splitElement is called for a colon in an array. Where a string before it is
// aligned with a member around the array, the array's bracket is missing, and
// the string is the next member's name.
func (p *parser) splitElement() {
	i, end := p.trailing()
	if i < 0 || p.kids[i].kind != KindString && p.kids[i].kind != KindWord {
		return
	}
	start := end - int(p.kids[i].width)
	column := p.src.column(start)
	if column < 0 {
		return
	}
	object := p.objectAt(column)
	if object == 0 {
		return
	}
	name := append([]green(nil), p.kids[i:]...)
	name[0].flags |= flagMember
	p.kids = p.kids[:i]
	p.abandonTo(object)
	p.kids = append(p.kids, name...)
	p.top().state, p.top().member = colon, start
}

// rejoinValue is called for an opening bracket. Where it stands behind a colon
// but for a comma or a closing brace, that is in excess, and what starts with the
// bracket is the member's value. Without it the brackets behind would close
// what they do not belong to.
//
//	"a":, {"x": 1}
//	"a": }{"x": 1}
//
// A comma with the bracket on the next line parts what is half typed from what
// follows; so does any space behind a brace.
func (p *parser) rejoinValue() {
	top := p.top()
	i, _ := p.trailing()
	switch {
	case i < 0:
	case p.kids[i].kind == KindComma && top.kind == KindObject:
		if endsInColon(p.kids[top.base:i]) && !p.newlineBefore() {
			p.kids[i].kind, p.kids[i].flags = KindColon, flagError|flagStandIn
			top.state = colon
		}
	case p.kids[i].kind == KindObject && i == len(p.kids)-1:
		if n := p.nodes[len(p.nodes)-1]; n.lacksValue() {
			p.reopen(n)
		}
	}
}

// endsInColon reports whether a colon is the last part that is no trivia.
func endsInColon(parts []green) bool {
	return len(parts) > 0 && parts[lastSignificant(parts)].kind == KindColon
}

// lacksValue reports whether a closed object ends in a colon.
func (n *Node) lacksValue() bool {
	last := len(n.parts) - 1
	return n.kind == KindObject && n.HasErrors() && n.parts[last].kind == KindCloseBrace && endsInColon(n.parts[:last])
}

// reopen takes the object n, the last part that has been read, apart again, as
// if its brace were a part of the member that it stands in.
func (p *parser) reopen(n *Node) {
	p.unpack(n, p.src.start)
	p.kids[len(p.kids)-1] = green{width: 1, kind: KindColon, flags: flagError | flagStandIn}
	p.top().state = colon
}

// unpack takes the container n, the last part that has been read and that ends at
// an offset, apart again.
func (p *parser) unpack(n *Node, end int) {
	last := len(p.kids) - 1
	lead := p.kids[last].flags & flagMember
	p.kids, p.nodes = p.kids[:last], p.nodes[:len(p.nodes)-1]
	start := end - int(n.width)
	p.push(n.kind, start, lead)
	p.kids = append(p.kids, n.parts...)
	p.nodes = append(p.nodes, n.nodes...)
	top := p.top()
	at := start
	for _, g := range n.parts {
		if g.flags&flagMember != 0 {
			top.member = at
		}
		at += int(g.width)
	}
}

// resume is called for a closing brace. Where the last member of the object that it
// would close is aligned with a member around it by mistake, it belongs into the
// object that was left for it: the brace is indented as that member is, or more,
// so it does not close what that stands in.
//
//	"a": {
//	  "x": 1
//	"y"
//	},
func (p *parser) resume() {
	top := p.top()
	if top.kind != KindObject || !p.newlineBefore() {
		return
	}
	name := len(p.kids) - 1
	for ; name >= top.base && p.kids[name].flags&flagMember == 0; name-- {
		if k := p.kids[name].kind; k.isContainer() || k == KindComma {
			return // more than a line is being typed
		}
	}
	before, end := name-1, top.member
	for ; before >= top.base && p.kids[before].kind.IsTrivia(); before-- {
		end -= int(p.kids[before].width)
	}
	if before < top.base || !p.kids[before].kind.isContainer() || p.kids[before].flags&flagOpen == 0 {
		return
	}
	if column := p.src.column(top.member); column < 0 || p.src.column(p.src.start) < column {
		return
	}
	member, rest := top.member, append([]green(nil), p.kids[before+1:]...)
	p.kids = p.kids[:before+1]
	for last := p.kids[len(p.kids)-1]; last.kind.isContainer() && last.flags&flagOpen != 0; last = p.kids[len(p.kids)-1] {
		p.unpack(p.nodes[len(p.nodes)-1], end)
	}
	p.kids = append(p.kids, rest...)
	p.top().member = member
}
