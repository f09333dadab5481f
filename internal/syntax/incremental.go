package syntax

import (
	"slices"
	"sort"
)

// Edit returns the tree of the text with the edits made. All ranges mean the
// text of t, as in an LSP text edit; edits that one after another change what
// the ones before have left are made by several calls. Ranges are clamped to
// the text, and where two of them overlap the later one loses what they share.
//
// The new tree equals Parse of the new text, in its structure and its errors.
// It costs what the edits touch, and shares with t what stands outside of that:
// containers without errors keep their nodes.
func (t *Tree) Edit(edits ...Edit) *Tree {
	damages := t.damages(edits)
	if len(damages) == 0 {
		return t
	}
	next := t.text.edit(damages)
	if t.tooLarge || next.size > t.limits.size {
		return parse(next, t.limits)
	}
	return t.reparse(next, damages)
}

// damage is a piece of text that an edit replaces.
type damage struct {
	old  Range  // in the old text
	new  Range  // in the new text
	text string // the new text
}

// damages sorts edits out: by place, without overlaps, and without what they
// replace by itself. A client that sends the whole text for one keystroke
// changes one character all the same.
func (t *Tree) damages(edits []Edit) []damage {
	edits = slices.Clone(edits)
	for i := range edits {
		edits[i].Range = clamp(edits[i].Range, t.text.size)
	}
	slices.SortStableFunc(edits, func(a, b Edit) int { return a.Start - b.Start })
	damages := make([]damage, 0, len(edits))
	end, delta := 0, 0
	for _, e := range edits {
		e.Start = max(e.Start, end)
		e.End = max(e.End, e.Start)
		end = e.End
		if e = t.trim(e); e.Len() == 0 && e.NewText == "" {
			continue
		}
		start := e.Start + delta
		delta += len(e.NewText) - e.Len()
		damages = append(damages, damage{e.Range, Range{start, start + len(e.NewText)}, e.NewText})
	}
	return damages
}

// trim takes off what an edit replaces by itself.
func (t *Tree) trim(e Edit) Edit {
	old := t.text.slice(e.Start, e.End)
	head := 0
	for head < len(old) && head < len(e.NewText) && old[head] == e.NewText[head] {
		head++
	}
	old, e.NewText = old[head:], e.NewText[head:]
	e.Start += head
	tail := 0
	for tail < len(old) && tail < len(e.NewText) && old[len(old)-1-tail] == e.NewText[len(e.NewText)-1-tail] {
		tail++
	}
	e.End -= tail
	e.NewText = e.NewText[:len(e.NewText)-tail]
	return e
}

// reparse parses from the last place before the damage where the parser's
// state is known from the old tree, until it is in step with the old tree again
// behind the damage. In between it takes over containers that are intact.
func (t *Tree) reparse(next *text, damages []damage) *Tree {
	r := &reuse{damages: damages}
	r.seeker.push(t.root, 0)
	p := parser{src: source{text: next, first: t.limits.window}, limit: t.limits.depth, reuse: r}
	start := r.restart(&p, t.root, damages[0].old.Start)
	p.src.window(start, t.limits.window)
	if bom, ok := p.src.bom(); ok {
		p.kids = append(p.kids, bom)
	}
	return &Tree{text: next, root: p.run(), limits: t.limits}
}

// reuse is what an edit knows of the tree that it changes.
type reuse struct {
	damages []damage
	kept    []kept // of the open containers from the outermost on, those that were open at the restart
	seeker  seeker
}

// kept is a container of the old tree whose first parts become those of the
// container of the new tree that has the same place in the stack.
type kept struct {
	node  *Node
	parts int // how many
	nodes int // how many of its child nodes are among them

	// How far inStep has looked for the place where the parser is.
	part, child, offset int
}

// level is a container around the place where parsing starts anew.
type level struct {
	kept
	start  int // where it starts
	member int // where its last member starts
	lead   flags
}

// restart pushes the containers that are open at the last place up to offset
// where the parser's state is known, and returns that place. It is known behind
// an opening bracket, behind a comma, and behind a container that is closed:
// what comes later does not change how the parser takes what comes before. It
// is not known on the line of a string that is not closed, whose end depends on
// the rest of the line.
func (r *reuse) restart(p *parser, root *Node, offset int) int {
	at := level{kept: kept{node: root}}
	var path []level     // the containers around at
	best, depth := at, 0 // the best place so far, and how many of path are around it
	unsafe := false      // is there a string that is not closed on the line?
	for {
		inner, innerUnsafe := level{}, false
		child, start, member := 0, at.start, 0
		for i, g := range at.node.parts {
			if start >= offset {
				break
			}
			end := start + int(g.width)
			if g.flags&flagMember != 0 {
				member = start
			}
			container := g.kind.isContainer()
			here := kept{node: at.node, parts: i, nodes: child, offset: start}
			if container && (end > offset || g.flags&flagOpen != 0) {
				// The place is in there, unless a later one follows.
				at.kept, at.member = here, member
				inner = level{kept: kept{node: at.node.nodes[child]}, start: start, lead: g.flags & flagMember}
				innerUnsafe = unsafe
			}
			if end > offset {
				break
			}
			if container {
				unsafe = at.node.nodes[child].unsafeBehind(unsafe)
				child++
			} else {
				unsafe = g.unsafeBehind(unsafe)
			}
			closed := container && g.flags&flagOpen == 0
			if !unsafe && (closed || g.kind == KindOpenBrace || g.kind == KindOpenBracket || g.kind == KindComma) {
				best, depth = at, len(path)
				best.kept = kept{node: at.node, parts: i + 1, nodes: child, offset: end}
				best.member = member
				inner.node = nil
			}
			start = end
		}
		if inner.node == nil {
			break
		}
		path = append(path, at)
		at, unsafe = inner, innerUnsafe
	}
	for _, l := range append(path[:depth], best) {
		p.push(l.node.kind, l.start, l.lead)
		p.top().member = l.member
		l.part, l.child = l.parts, l.nodes
		r.kept = append(r.kept, l.kept)
	}
	return best.offset
}

// unsafeBehind reports whether a string that is not closed stands before the
// end of the token g on its line; unsafe says so of its start.
func (g green) unsafeBehind(unsafe bool) bool {
	switch g.kind {
	case KindSpace:
		return unsafe && g.flags&flagNewline == 0
	case KindString:
		return unsafe || g.flags&flagOpen != 0
	case KindExcess:
		return true // nobody knows what is in there
	}
	return unsafe
}

// unsafeBehind does the same for the end of a container.
func (n *Node) unsafeBehind(unsafe bool) bool {
	unsafe, _ = n.unsafeTail(unsafe)
	return unsafe
}

// unsafeTail looks from the end of a container for the end of a line or for
// what makes it unsafe, and reports whether it has found one of them. Where
// there are no errors it does not look.
func (n *Node) unsafeTail(unsafe bool) (_, found bool) {
	if !n.HasErrors() {
		return unsafe, false
	}
	child := len(n.nodes)
	for i := len(n.parts) - 1; i >= 0; i-- {
		g := n.parts[i]
		if g.kind.isContainer() {
			child--
			if u, found := n.nodes[child].unsafeTail(unsafe); found {
				return u, true
			}
			continue
		}
		if g.unsafeBehind(false) {
			return true, true
		}
		if g.kind == KindSpace && g.flags&flagNewline != 0 {
			return false, true
		}
	}
	return unsafe, false
}

// prefix returns the kept parts of the container at index i of the stack.
func (r *reuse) prefix(i int) []green {
	if i >= len(r.kept) {
		return nil
	}
	return r.kept[i].node.parts[:r.kept[i].parts]
}

// lastKept returns the kind of the last kept part of the container at index i
// of the stack, which is no trivia.
func (r *reuse) lastKept(i int) Kind {
	if parts := r.prefix(i); len(parts) > 0 {
		return parts[len(parts)-1].kind
	}
	return KindInvalid
}

// popped is called when the stack has been cut.
func (r *reuse) popped(height int) { r.kept = r.kept[:min(len(r.kept), height)] }

// node makes the node of the innermost container from its kept parts and those
// that have been read, up to end.
func (r *reuse) node(p *parser, f *frame, end int) *Node {
	return r.join(p, len(p.stack)-1, p.kids[f.base:end], p.nodes[f.nodes:], nil, nil)
}

// join makes the node of the container at index i of the stack from its kept
// parts, those read, and others behind them.
func (r *reuse) join(p *parser, i int, parts []green, nodes []*Node, suffix []green, suffixNodes []*Node) *Node {
	var prefix []green
	var prefixNodes []*Node
	if i < len(r.kept) {
		k := &r.kept[i]
		prefix, prefixNodes = k.node.parts[:k.parts], k.node.nodes[:k.nodes]
	}
	n := p.alloc.node(len(prefix)+len(parts)+len(suffix), len(prefixNodes)+len(nodes)+len(suffixNodes))
	at := copy(n.parts, prefix)
	at += copy(n.parts[at:], parts)
	copy(n.parts[at:], suffix)
	at = copy(n.nodes, prefixNodes)
	at += copy(n.nodes[at:], nodes)
	copy(n.nodes[at:], suffixNodes)
	n.seal(p.stack[i].kind)
	return n
}

// inStep is called behind a comma. It reports whether the parser, behind all
// damage, is where it was when it made the old tree: then the rest of the text
// becomes what it was.
func (r *reuse) inStep(p *parser) bool {
	top := len(p.stack) - 1
	last := r.damages[len(r.damages)-1]
	offset := p.src.offset()
	if top >= len(r.kept) || offset <= last.new.End {
		return false
	}
	offset += last.old.End - last.new.End
	k := &r.kept[top]
	for k.offset < offset && k.part < len(k.node.parts) {
		g := k.node.parts[k.part]
		if g.kind.isContainer() {
			k.child++
		}
		k.offset += int(g.width)
		k.part++
	}
	return k.offset == offset && k.part > 0 && k.node.parts[k.part-1].kind == KindComma &&
		(k.node.kind != KindObject || hasMember(k.node.parts[:k.part]) == p.hasMember())
}

// finish makes the document when inStep is true: all open containers end as
// they did.
func (r *reuse) finish(p *parser) *Node {
	top := len(p.stack) - 1
	f, k := &p.stack[top], &r.kept[top]
	n := r.join(p, top, p.kids[f.base:], p.nodes[f.nodes:], k.node.parts[k.part:], k.node.nodes[k.child:])
	for i := top - 1; i >= 0; i-- {
		k := &r.kept[i]
		g := n.green()
		g.flags |= p.stack[i+1].lead
		n = r.join(p, i, []green{g}, []*Node{n}, k.node.parts[k.parts+1:], k.node.nodes[k.nodes+1:])
	}
	return n
}

// at returns the container of the old tree that can be taken over at an offset
// of the new text where an opening bracket stands: one that the damage does not
// touch, that is closed and without errors, and not too deep. What stands in
// such a container does not depend on what stands around it.
func (r *reuse) at(offset, room int) *Node {
	// The last damage that ends up to the offset.
	i := sort.Search(len(r.damages), func(i int) bool { return r.damages[i].new.End > offset }) - 1
	if i < 0 {
		return nil
	}
	d := r.damages[i]
	offset += d.old.End - d.new.End
	n := r.seeker.container(offset)
	if n == nil || n.flags != 0 || int(n.height) > room {
		return nil
	}
	if i++; i < len(r.damages) && offset+int(n.width) > r.damages[i].old.Start {
		return nil
	}
	return n
}

// seeker finds containers of a tree by their offsets, which have to grow from
// one call to the next.
type seeker struct{ stack []seeking }

type seeking struct {
	node        *Node
	part, child int // the part at hand, and how many containers stand before it
	offset      int // where the part starts
}

func (s *seeker) push(n *Node, offset int) {
	s.stack = append(s.stack, seeking{node: n, offset: offset})
}

// container returns the container that starts at an offset, nil if there is none.
func (s *seeker) container(offset int) *Node {
	for len(s.stack) > 0 {
		top := &s.stack[len(s.stack)-1]
		if top.part == len(top.node.parts) {
			s.stack = s.stack[:len(s.stack)-1]
			continue
		}
		g := top.node.parts[top.part]
		container := g.kind.isContainer()
		switch end := top.offset + int(g.width); {
		case end <= offset:
			top.part++
			top.offset = end
			if container {
				top.child++
			}
		case container && top.offset == offset:
			return top.node.nodes[top.child]
		case container && top.offset < offset:
			s.push(top.node.nodes[top.child], top.offset)
		default:
			return nil
		}
	}
	return nil
}
