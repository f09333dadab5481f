package syntax

// How the parser finds its way back where brackets, commas or values are
// missing. All of it looks back, at what has been read since the last comma;
// none of it looks ahead.

// maxAligned is how many members that are open around a name are compared with
// its column.
const maxAligned = 64

// trailing returns the index in p.kids of the last part of the innermost node
// that is no trivia, or -1 if there is none among those read here.
func (p *parser) trailing() int {
	i := len(p.kids) - 1
	for base := p.top().base; i >= base; i-- {
		if !p.kids[i].kind.IsTrivia() {
			return i
		}
	}
	return -1
}

// newlineBefore reports whether the token at hand is the first of its line.
func (p *parser) newlineBefore() bool {
	for i := len(p.kids) - 1; i >= 0 && p.kids[i].kind.IsTrivia(); i-- {
		if p.kids[i].flags&flagNewline != 0 {
			return true
		}
	}
	return false
}

// hasMember reports whether the innermost node has a member.
func (p *parser) hasMember() bool {
	if p.reuse != nil && hasMember(p.reuse.prefix(len(p.stack)-1)) {
		return true
	}
	return hasMember(p.kids[p.top().base:])
}

func hasMember(parts []green) bool {
	for i := range parts {
		if parts[i].kind == KindMember {
			return true
		}
	}
	return false
}

// alignedMember returns the index in the stack of the member under which the
// name at hand is aligned, when it follows a member of an inner object without
// a comma: the inner object's brace is missing then. 0 if there is none.
//
//	"a": {
//	  "x": 1
//	"b": 2
func (p *parser) alignedMember() int {
	if len(p.stack) < 4 || !p.newlineBefore() {
		return 0
	}
	last := p.trailing()
	if last < 0 || p.kids[last].kind != KindMember {
		return 0
	}
	start := p.src.start
	column := p.src.column(start)
	if column < 0 {
		return 0
	}
	for i := last + 1; i < len(p.kids); i++ {
		start -= int(p.kids[i].width)
	}
	start -= int(p.kids[last].width)
	if p.src.column(start) == column {
		return 0 // a sibling stands at the same column
	}
	return p.memberAt(column)
}

// memberAt returns the index in the stack of the innermost open member whose
// name is the first of its line and stands at the column, 0 if there is none.
func (p *parser) memberAt(column int) int {
	tries := 0
	for i := len(p.stack) - 1; i > 0 && tries < maxAligned; i-- {
		if f := &p.stack[i]; f.kind == KindMember {
			tries++
			if p.src.column(f.start) == column {
				return i
			}
		}
	}
	return 0
}

// splitMember is called for a colon after a complete member. Where that
// member's value is a string or a word, the string was a name and the value is
// missing: "a": "b": 1. It leaves the new member open.
func (p *parser) splitMember() bool {
	i := p.trailing()
	if i < 0 || p.kids[i].kind != KindMember {
		return false
	}
	parts := p.kids[i].node.children
	end := len(parts) - 1
	name := parts[end]
	if name.kind != KindString && name.kind != KindWord {
		return false
	}
	for end > 0 && parts[end-1].kind.IsTrivia() {
		end--
	}
	if end == 0 {
		return false // the name itself: there is no value
	}
	between := parts[end : len(parts)-1]
	after := append([]green(nil), p.kids[i+1:]...)
	p.kids = append(p.kids[:i], leaf(p.alloc.node(KindMember, nil, parts[:end])))
	p.kids = append(p.kids, between...)
	p.reopen(name, after)
	return true
}

// splitElement is called for a colon after a string in an array. Where the
// string is aligned with a member around the array, the array's bracket is
// missing, and the string is the next member's name. It leaves that open.
func (p *parser) splitElement() bool {
	i := p.trailing()
	if i < 0 || p.kids[i].kind != KindString && p.kids[i].kind != KindWord {
		return false
	}
	start := p.src.start - int(p.kids[i].width)
	for _, g := range p.kids[i+1:] {
		start -= int(g.width)
	}
	column := p.src.column(start)
	if column < 0 {
		return false
	}
	member := p.memberAt(column)
	if member == 0 {
		return false
	}
	name := p.kids[i]
	after := append([]green(nil), p.kids[i+1:]...)
	p.kids = p.kids[:i]
	p.abandonTo(member - 1)
	p.reopen(name, after)
	return true
}

// reopen opens a member with a name that has been read, and the trivia after it.
func (p *parser) reopen(name green, after []green) {
	start := p.src.start - int(name.width)
	for _, g := range after {
		start -= int(g.width)
	}
	p.push(KindMember, start)
	p.kids = append(p.kids, name)
	p.kids = append(p.kids, after...)
}
