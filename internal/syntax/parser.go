package syntax

// parser builds green nodes from tokens. It is an automaton: what it does next
// depends on the stack of open nodes, on the parts of the innermost one since
// its last comma, and on the token at hand; never on what comes after it.
// Tree.Edit rests on that.
type parser struct {
	src   source
	kids  []green // parts of the open nodes, the innermost node's last
	stack []frame
	depth int    // open containers
	open  [2]int // open objects, open arrays
	limit int    // how many containers may stand in one another
	alloc allocator
	reuse *reuse // the tree that is edited, nil in a fresh parse
}

// frame is a node whose end has not been seen.
type frame struct {
	kind  Kind
	colon bool // of a member: its colon has been seen
	base  int  // where its parts start in parser.kids
	start int  // where it starts in the text
}

func (p *parser) top() *frame { return &p.stack[len(p.stack)-1] }

func (p *parser) push(kind Kind, start int) {
	p.stack = append(p.stack, frame{kind: kind, base: len(p.kids), start: start})
	switch kind {
	case KindObject:
		p.depth++
		p.open[0]++
	case KindArray:
		p.depth++
		p.open[1]++
	}
}

func (p *parser) pop() {
	switch p.top().kind {
	case KindObject:
		p.depth--
		p.open[0]--
	case KindArray:
		p.depth--
		p.open[1]--
	}
	p.stack = p.stack[:len(p.stack)-1]
	if p.reuse != nil {
		p.reuse.popped(len(p.stack))
	}
}

// run takes tokens until the end of the text.
func (p *parser) run() *Node {
	for {
		t := p.src.next()
		switch t.kind {
		case KindSpace, KindLineComment, KindBlockComment, KindBOM:
			p.kids = append(p.kids, t)
		case KindOpenBrace, KindOpenBracket:
			p.opener(t)
		case KindCloseBrace:
			p.closer(t, KindObject)
		case KindCloseBracket:
			p.closer(t, KindArray)
		case KindComma:
			if p.top().kind == KindMember {
				p.endMember()
			}
			p.kids = append(p.kids, t)
			if p.reuse != nil && p.reuse.inStep(p) {
				return p.reuse.finish(p)
			}
		case KindColon:
			p.colonToken(t)
		case kindEOF:
			for len(p.stack) > 1 {
				p.abandon()
			}
			return p.node(p.top(), p.kids[p.top().base:])
		default:
			p.scalar(t)
		}
	}
}

// scalar takes a string, a number, a literal or a bare word.
func (p *parser) scalar(t green) {
	switch top := p.top(); top.kind {
	case KindDocument, KindArray:
		p.kids = append(p.kids, t)
	case KindMember:
		if top.colon || t.kind != KindString && t.kind != KindWord || !p.newlineBefore() {
			p.value(t)
			return
		}
		// A lone name, and on the next line the next member.
		p.endMember()
		p.key(t)
	case KindObject:
		if i := p.alignedMember(); i > 0 {
			p.abandonTo(i - 1)
		}
		p.key(t)
	}
}

func (p *parser) key(t green) {
	p.push(KindMember, p.src.offset()-int(t.width))
	p.kids = append(p.kids, t)
}

// value ends a value: it becomes a part of the innermost node.
func (p *parser) value(v green) {
	p.kids = append(p.kids, v)
	if p.top().kind == KindMember {
		p.endMember()
	}
}

func (p *parser) opener(t green) {
	start := p.src.offset() - 1
	if p.top().kind == KindObject {
		// No name starts like this. In an array of objects it is the next
		// element, and the closing brace of this one is missing.
		if t.kind == KindOpenBrace && p.stack[len(p.stack)-2].kind == KindArray && p.hasMember() {
			p.abandon()
		} else {
			p.push(KindMember, start)
		}
	}
	if p.depth >= p.limit {
		p.value(p.src.excess(start))
		return
	}
	if p.reuse != nil {
		if n := p.reuse.at(start, p.limit-p.depth); n != nil {
			p.src.seek(start + int(n.width))
			p.value(green{node: n, width: n.width, height: n.height, kind: n.kind, flags: n.flags})
			return
		}
	}
	kind := KindObject
	if t.kind == KindOpenBracket {
		kind = KindArray
	}
	p.push(kind, start)
	p.kids = append(p.kids, t)
}

// closer takes the bracket that closes a container of the given kind: the
// innermost open one. Those that are open inside of it have lost theirs.
func (p *parser) closer(t green, kind Kind) {
	if p.top().kind == KindMember {
		p.endMember()
	}
	if p.open[kind-KindObject] == 0 {
		p.kids = append(p.kids, t)
		return
	}
	for p.top().kind != kind {
		p.abandon()
	}
	p.kids = append(p.kids, t)
	top := p.top()
	n := p.node(top, p.kids[top.base:])
	p.kids = p.kids[:top.base]
	p.pop()
	p.value(green{node: n, width: n.width, height: n.height, kind: n.kind, flags: n.flags})
}

func (p *parser) colonToken(t green) {
	switch top := p.top(); top.kind {
	case KindMember:
		p.kids = append(p.kids, t)
		top.colon = true
		return
	case KindObject:
		if !p.splitMember() {
			p.push(KindMember, p.src.offset()-int(t.width))
		}
	case KindArray:
		if !p.splitElement() {
			p.kids = append(p.kids, t)
			return
		}
	default:
		p.kids = append(p.kids, t)
		return
	}
	p.top().colon = true
	p.kids = append(p.kids, t)
}

// node makes the node of a frame from its parts.
func (p *parser) node(f *frame, own []green) *Node {
	var kept []green
	if p.reuse != nil {
		kept = p.reuse.prefix(len(p.stack) - 1)
	}
	return p.alloc.node(f.kind, kept, own)
}

// endMember ends a member. Space and comments after its last part are not its.
func (p *parser) endMember() { p.abandon() }

// abandon ends the innermost node after its last token that is no trivia; the
// trivia after it become its parent's.
func (p *parser) abandon() {
	top := p.top()
	end := len(p.kids)
	for end > top.base && p.kids[end-1].kind.IsTrivia() {
		end--
	}
	n := p.node(top, p.kids[top.base:end])
	g := green{node: n, width: n.width, height: n.height, kind: n.kind, flags: n.flags}
	base := top.base
	p.pop()
	rest := p.kids[end:]
	if end == base {
		// Only kept parts: the node takes a place of its own before the trivia.
		p.kids = append(p.kids, green{})
		copy(p.kids[base+1:], rest)
		p.kids[base] = g
	} else {
		p.kids[base] = g
		p.kids = append(p.kids[:base+1], rest...)
	}
	if g.kind != KindMember && p.top().kind == KindMember {
		p.abandon()
	}
}

// abandonTo ends all nodes inside of the one at index i of the stack.
func (p *parser) abandonTo(i int) {
	for len(p.stack)-1 > i {
		p.abandon()
	}
}
