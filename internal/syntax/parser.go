package syntax

// parser builds green nodes from tokens. It is an automaton: what it does next
// depends on the stack of open containers, on the parts of the innermost one
// since its last comma, and on the token at hand; never on what comes after it.
// Tree.Edit rests on that.
type parser struct {
	src   source
	kids  []green // parts of the open containers, the innermost one's last
	nodes []*Node // their child nodes
	stack []frame
	open  [2]int // how many objects and arrays are open
	limit int    // how many may be
	alloc allocator
	reuse *reuse // the tree that is edited, nil in a fresh parse
}

// frame is a container whose end has not been seen, or the document.
type frame struct {
	kind   Kind
	state  state
	lead   flags // flagMember if a member starts with the container
	base   int   // where its parts start in parser.kids
	nodes  int   // where its child nodes start in parser.nodes
	start  int   // where it starts in the text
	member int   // of an object: where its last member starts in the text
}

// state says how far the last member of an object has come.
type state uint8

const (
	complete state = iota // there is none, or nothing more belongs to it
	named                 // its name has been seen
	colon                 // its colon has been seen
)

func (p *parser) top() *frame { return &p.stack[len(p.stack)-1] }

func (p *parser) push(kind Kind, start int, lead flags) {
	p.stack = append(p.stack, frame{kind: kind, lead: lead, base: len(p.kids), nodes: len(p.nodes), start: start})
	if kind != KindDocument {
		p.open[kind-KindObject]++
	}
}

// run takes tokens until the end of the text and returns the document.
func (p *parser) run() *Node {
	for {
		t := p.src.next()
		switch t.kind {
		case KindSpace, KindLineComment, KindBlockComment, KindBOM:
			p.kids = append(p.kids, t)
		case KindString, KindNumber, KindTrue, KindFalse, KindNull, KindWord:
			if top := p.top(); top.kind == KindObject {
				p.inObject(top, t)
			} else {
				p.kids = append(p.kids, t)
			}
		case KindColon:
			p.colon(t)
		case KindComma:
			p.top().state = complete
			p.kids = append(p.kids, t)
			if p.reuse != nil && p.reuse.inStep(p) {
				return p.reuse.finish(p)
			}
		case KindOpenBrace:
			p.opener(t, KindObject)
		case KindOpenBracket:
			p.opener(t, KindArray)
		case KindCloseBrace:
			p.closer(t, KindObject)
		case KindCloseBracket:
			p.closer(t, KindArray)
		case kindEOF:
			for len(p.stack) > 1 {
				p.abandon()
			}
			return p.node(p.top(), len(p.kids))
		}
	}
}

// inObject takes a scalar in an object: a name or a value.
func (p *parser) inObject(top *frame, t green) {
	switch {
	case top.state == colon:
		top.state = complete
	case top.state == named && (t.kind != KindString && t.kind != KindWord || !p.newlineBefore()):
		top.state = complete // the colon is missing
	default:
		// A name; also behind a lone name, where it is the first of its line.
		if top.state == complete {
			if i := p.aligned(); i > 0 {
				p.abandonTo(i)
				top = p.top()
			}
		}
		top.state, top.member = named, p.src.start
		t.flags |= flagMember
	}
	p.kids = append(p.kids, t)
}

// colon takes a colon.
func (p *parser) colon(t green) {
	top := p.top()
	switch {
	case top.kind == KindObject && top.state != complete:
		top.state = colon
	case top.kind == KindObject:
		if !p.splitMember() {
			top.member = p.src.start
			t.flags |= flagMember
		}
		top.state = colon
	case top.kind == KindArray:
		p.splitElement()
	}
	p.kids = append(p.kids, t)
}

// opener takes the bracket that a container starts with.
func (p *parser) opener(t green, kind Kind) {
	start := p.src.start
	p.rejoinValue()
	var lead flags
	if top := p.top(); top.kind == KindObject && top.state == complete {
		// No name starts like this. In an array of objects it is the next
		// element, and the closing brace of this one is missing; unless a
		// quote too many stands before it.
		if kind == KindObject && p.stack[len(p.stack)-2].kind == KindArray && p.hasMember() && !p.behindOpenString() {
			p.abandon()
		} else {
			lead, top.member = flagMember, start
		}
	}
	depth := p.open[0] + p.open[1]
	if depth >= p.limit {
		g := p.src.excess(start)
		g.flags |= lead
		p.value(g)
		return
	}
	if p.reuse != nil {
		if n := p.reuse.at(start, p.limit-depth); n != nil {
			p.src.seek(start + int(n.width))
			p.container(n, lead)
			return
		}
	}
	p.push(kind, start, lead)
	p.kids = append(p.kids, t)
}

// value takes a value that is complete.
func (p *parser) value(g green) {
	p.kids = append(p.kids, g)
	p.top().state = complete
}

// container takes a container that is complete.
func (p *parser) container(n *Node, lead flags) {
	g := n.green()
	g.flags |= lead
	p.nodes = append(p.nodes, n)
	p.value(g)
}

// closer takes the bracket that closes a container of the given kind: the
// innermost open one. Those that are open inside of it have lost theirs.
func (p *parser) closer(t green, kind Kind) {
	if kind == KindObject {
		p.resume()
	}
	p.top().state = complete
	if p.open[kind-KindObject] == 0 {
		p.kids = append(p.kids, t)
		return
	}
	for p.top().kind != kind {
		p.abandon()
	}
	p.kids = append(p.kids, t)
	p.pop(len(p.kids))
}

// node makes the node of a frame from its parts, those up to end.
func (p *parser) node(f *frame, end int) *Node {
	if p.reuse != nil {
		return p.reuse.node(p, f, end)
	}
	n := p.alloc.node(end-f.base, len(p.nodes)-f.nodes)
	copy(n.parts, p.kids[f.base:end])
	copy(n.nodes, p.nodes[f.nodes:])
	n.seal(f.kind)
	return n
}

// pop ends the innermost container with the parts up to end. What stands behind
// them becomes part of the container around it.
func (p *parser) pop(end int) {
	top := p.top()
	n := p.node(top, end)
	lead := top.lead
	p.nodes = p.nodes[:top.nodes]
	rest := p.kids[end:]
	p.kids = p.kids[:top.base]
	p.open[top.kind-KindObject]--
	p.stack = p.stack[:len(p.stack)-1]
	if p.reuse != nil {
		p.reuse.popped(len(p.stack))
	}
	if len(rest) == 0 {
		p.container(n, lead)
		return
	}
	if end == len(p.kids) {
		// All parts are kept ones: there is no room for the node before rest.
		rest = append([]green(nil), rest...)
	}
	p.container(n, lead)
	p.kids = append(p.kids, rest...)
}

// abandon ends the innermost container without its bracket, behind its last
// part that is no trivia.
func (p *parser) abandon() {
	end := len(p.kids)
	for base := p.top().base; end > base && p.kids[end-1].kind.IsTrivia(); end-- {
	}
	p.pop(end)
}

// abandonTo ends all containers inside of the one at index i of the stack.
func (p *parser) abandonTo(i int) {
	for len(p.stack)-1 > i {
		p.abandon()
	}
}
