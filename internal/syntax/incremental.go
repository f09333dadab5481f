package syntax

import (
	"slices"
	"sort"
	"sync"
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
	s := scratches.Get().(*scratch)
	defer s.done()
	r, p := &s.reuse, &s.parser
	r.damages = damages
	r.seeker.push(t.root, 0)
	p.src, p.limit, p.reuse = source{text: next, first: t.limits.window}, t.limits.depth, r
	start := r.restart(p, t.root, damages[0].old.Start)
	p.src.window(start, t.limits.window)
	if bom, ok := p.src.bom(); ok {
		p.kids = append(p.kids, bom)
	}
	return &Tree{text: next, root: p.run(), limits: t.limits}
}

// scratch is what parsing an edit works with. It is used again: there is an edit at
// each keystroke.
type scratch struct {
	parser parser
	reuse  reuse
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// mostKept is how many parts there is room for at most in a scratch that is kept.
const mostKept = 4096

// done keeps the room that was used, and nothing that was in it.
func (s *scratch) done() {
	p, r := &s.parser, &s.reuse
	if cap(p.kids) > mostKept {
		return
	}
	clear(p.nodes[:cap(p.nodes)])
	clear(r.kept[:cap(r.kept)])
	clear(r.seeker.stack[:cap(r.seeker.stack)])
	*p = parser{kids: p.kids[:0], nodes: p.nodes[:0], stack: p.stack[:0]}
	*r = reuse{kept: r.kept[:0], seeker: seeker{r.seeker.stack[:0]}}
	scratches.Put(s)
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
	from  int // where the next one starts in the old text

	// How far inStep has looked for the place where the parser is.
	part, child, offset int
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
	parts, nodes := p.kids[f.base:end], p.nodes[f.nodes:]
	if i := len(p.stack) - 1; i < len(r.kept) {
		k := &r.kept[i]
		n := k.join(&p.alloc, parts, nodes, len(k.node.parts), len(k.node.nodes))
		n.seal(f.kind)
		return n
	}
	n := p.alloc.node(len(parts), len(nodes))
	copy(n.parts, parts)
	copy(n.nodes, nodes)
	n.seal(f.kind)
	return n
}

// join makes a node from the kept parts, others, and those of the old node from
// index part on, with its child nodes from index child on.
func (k *kept) join(a *allocator, parts []green, nodes []*Node, part, child int) *Node {
	old := k.node
	n := a.node(k.parts+len(parts)+len(old.parts)-part, k.nodes+len(nodes)+len(old.nodes)-child)
	at := copy(n.parts, old.parts[:k.parts])
	at += copy(n.parts[at:], parts)
	copy(n.parts[at:], old.parts[part:])
	at = copy(n.nodes, old.nodes[:k.nodes])
	at += copy(n.nodes[at:], nodes)
	copy(n.nodes[at:], old.nodes[child:])
	return n
}

// seal does what Node.seal does for a node in which new parts have taken the
// place of those of k.node from its kept ones to index part. If that node had
// no errors, it looks at no others.
func (k *kept) seal(n *Node, parts []green, part int) {
	old := k.node
	replaced := old.parts[k.parts:part]
	if old.flags != 0 || k.parts == 0 {
		n.seal(old.kind)
		return
	}
	wasWidth, wasHeight, _ := sum(replaced)
	width, height, fl := sum(parts)
	if old.kind != KindDocument {
		wasHeight++
		height++
	}
	if height < old.height && wasHeight == old.height {
		n.seal(old.kind) // it may have lost the highest part
		return
	}
	fl &= flagError
	if fl == 0 && !k.inForm(parts, replaced) {
		fl = flagError
	}
	n.kind, n.width, n.height, n.flags = old.kind, old.width-wasWidth+width, max(height, old.height), fl
}

// inForm reports whether new parts are as JSON has it in the place of replaced
// ones, which were: a container for a container, or all up to a comma.
func (k *kept) inForm(parts, replaced []green) bool {
	if len(parts) == 1 && len(replaced) == 1 && parts[0].kind.isContainer() && replaced[0].kind.isContainer() {
		return parts[0].flags == replaced[0].flags
	}
	f := formComma // behind a container
	switch before := k.node.parts[:k.parts]; before[lastSignificant(before)].kind {
	case KindOpenBrace, KindOpenBracket:
		f = formOpened
	case KindComma:
		f = formItem
	case KindColon:
		f = formValue
	}
	return f.behind(k.node.kind, parts) == formItem
}

// inStep is called behind a comma. It reports whether the parser, behind all
// damage, is where it was when it made the old tree: then the rest of the text
// becomes what it was.
func (r *reuse) inStep(p *parser) bool {
	top := len(p.stack) - 1
	last := r.damages[len(r.damages)-1]
	offset := p.src.offset()
	if top >= len(r.kept) || offset <= last.new.End || endsInColon(p.kids[p.top().base:len(p.kids)-1]) {
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
	parts := p.kids[f.base:]
	n := k.join(&p.alloc, parts, p.nodes[f.nodes:], k.part, k.child)
	k.seal(n, parts, k.part)
	for i := top - 1; i >= 0; i-- {
		k := &r.kept[i]
		g := n.green()
		g.flags |= p.stack[i+1].lead
		parts := []green{g}
		n = k.join(&p.alloc, parts, []*Node{n}, k.parts+1, k.nodes+1)
		k.seal(n, parts, k.parts+1)
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
