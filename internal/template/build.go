package template

import (
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// maxDepth bounds how deep workflows and nested documents may stand in one
// another. Real templates have fewer than ten levels; text that is deeper is
// still in the tree, but not in the model.
const maxDepth = 200

// maxSize bounds the length of a file that is modelled, in bytes.
const maxSize = 1<<31 - 1

// Build makes the model of a tree. prev, which may be nil, is the model of an
// earlier version of the same file: the facts of nodes that both share are
// taken from it, so that the cost is that of the text that changed and, for the
// rest, of a few pointers for each node. prev is not kept.
func Build(tree *syntax.Tree, prev *Document) *Document {
	d := &Document{Tree: tree, Root: tree.Root()}
	if tree.Size() > maxSize {
		return d
	}
	var fromNodes func(*evidence) (Type, bool)
	d.Type, d.Certain, fromNodes = classify(d.Root)
	if d.Type == None {
		return d
	}
	b := &builder{doc: d}
	var old *Scope
	if prev != nil && prev.Main != nil {
		b.prev, old = prev, prev.Main
		d.Nodes = make([]*Node, 0, len(prev.Nodes)+1)
		d.Kept = make([]int32, 0, len(prev.Nodes)+1)
	}
	if d.Type == Fragment {
		b.fragment(old)
	} else {
		b.scope(d.Root, Scope{Type: d.Type}, 0, old)
	}
	for i := range b.spans {
		b.spans[i].close(d)
	}
	if b.prev == nil || len(prev.Nodes) != len(d.Nodes) || len(prev.Scopes) != len(d.Scopes) {
		d.Reshaped = true
	}
	if fromNodes != nil {
		var e evidence
		for _, n := range d.Main.Nodes {
			if !n.InTeardown && n.Depth <= deepestHint {
				e.add(n.hints)
			}
		}
		d.Type, d.Certain = fromNodes(&e)
		d.Main.Type = d.Type
	}
	return d
}

type builder struct {
	doc  *Document
	prev *Document
	// spans are the parts of Document.Nodes that the scopes take up.
	spans []span
	// free are nodes that are not yet used: nodes of a document live and die
	// together, so they are allocated together.
	free []Node
	// elements holds the steps that are being paired with those of prev.
	elements []element
	// byText finds nodes of prev that moved to another workflow; it is made
	// when there may be some.
	byText    map[*syntax.Node]*Node
	collector collector
}

// element is a step with its position.
type element struct {
	value    syntax.Value
	position int
}

// span is the part of Document.Nodes in which the nodes of a scope stand, those
// of the documents nested in it among them.
type span struct {
	scope, old *Scope
	start, end int
	own        int  // how many of them are the scope's own
	changed    bool // a ref stands where none or another stood
}

// close gives the scope its nodes and the index of their refs.
func (sp *span) close(d *Document) {
	sp.scope.Nodes = ownNodes(d.Nodes[sp.start:sp.end:sp.end], sp.own, func(n *Node) bool { return n.Scope == sp.scope })
	if sp.old != nil && !sp.changed && len(sp.old.Nodes) == sp.own {
		sp.scope.refs = sp.old.refs
		return
	}
	sp.scope.refs = new(refs)
}

// ownNodes returns those of the nodes that somebody owns, of which there are
// count; the list itself where that is all of them.
func ownNodes(nodes []*Node, count int, owns func(*Node) bool) []*Node {
	if count == len(nodes) {
		return nodes
	}
	own := make([]*Node, 0, count)
	for _, n := range nodes {
		if owns(n) {
			own = append(own, n)
		}
	}
	return own
}

// scope adds the document at v and everything below it. old, which may be nil,
// is the scope that stood there.
func (b *builder) scope(v syntax.Value, at Scope, depth int, old *Scope) *Scope {
	d := b.doc
	s := &at
	s.Value, s.Index = v, len(b.spans)
	if d.Main == nil {
		d.Main = s
	}
	d.Scopes = append(d.Scopes, s)
	b.spans = append(b.spans, span{scope: s, old: old, start: len(d.Nodes)})
	teardown := v.Get("teardownSpec").Get("spec")
	spec := v.Get("spec")
	var oldSpec, oldTeardown *Node
	if old != nil {
		oldSpec, oldTeardown = old.Root, old.Teardown
	}
	// Nodes are numbered in file order, and either may stand first.
	if teardown.IsValid() && spec.IsValid() && teardown.Range().Start < spec.Range().Start {
		s.Teardown = b.root(s, teardown, depth, true, oldTeardown)
		s.Root = b.root(s, spec, depth, false, oldSpec)
	} else {
		s.Root = b.root(s, spec, depth, false, oldSpec)
		s.Teardown = b.root(s, teardown, depth, true, oldTeardown)
	}
	b.spans[s.Index].end = len(d.Nodes)
	s.arguments()
	for t := range v.Get("triggers").Elements() {
		ref := t.Get("ref")
		if ref.Kind() == syntax.KindString {
			s.Triggers = append(s.Triggers, &Trigger{Ref: ref.Text(), RefValue: ref, Value: t})
		}
	}
	s.Linked, s.Misnamed = v.Get("gitops").IsValid(), v.Get("args")
	// Also where "id" or "spec" is misspelt.
	s.GivesProject = v.Get("project").Len() > 0 || halfTyped(v, "project")
	s.Misspelt = misspeltInDocument(v)
	d.Misspelt |= s.Misspelt
	s.ownFacts(&b.collector, old, spec, teardown)
	return s
}

func (b *builder) root(s *Scope, v syntax.Value, depth int, teardown bool, old *Node) *Node {
	if v.Kind() != syntax.KindObject || depth > maxDepth {
		return nil
	}
	n := b.node(Node{Scope: s, Depth: int16(depth), InTeardown: teardown}, element{value: v}, old)
	s.roots = append(s.roots, n)
	return n
}

func (b *builder) fragment(old *Scope) {
	d := b.doc
	s := &Scope{Type: Fragment, Value: d.Root, Facts: new(Facts)}
	d.Main = s
	d.Scopes = append(d.Scopes, s)
	b.spans = append(b.spans, span{scope: s, old: old})
	var oldRoots []*Node
	if old != nil {
		oldRoots = old.roots
	}
	if d.Root.Kind() == syntax.KindArray {
		s.roots = b.sequence(d.Root, Node{Scope: s}, oldRoots)
	} else {
		var oldRoot *Node
		if len(oldRoots) > 0 {
			oldRoot = oldRoots[0]
		}
		s.Root = b.root(s, d.Root, 0, false, oldRoot)
	}
	b.spans[0].end = len(d.Nodes)
}

// node adds the node at e and everything below it. at holds what its neighbours
// have in common, old is the node that probably stood there; nil where there
// was none.
func (b *builder) node(at Node, e element, old *Node) *Node {
	d := b.doc
	n := b.allocate()
	*n = at
	n.start, n.Position = int32(e.value.Range().Start), int32(e.position)
	n.Index, n.Contents = int32(len(d.Nodes)), nothing
	d.Nodes = append(d.Nodes, n)
	text := e.value.Green()
	if old == nil || old.text != text {
		if moved := b.byText[text]; moved != nil {
			old = moved
		}
	}
	kept := int32(-1)
	if old != nil && old.text == text {
		kept = old.Index
		n.Facts = old.Facts
	} else {
		n.Facts = b.collector.node(e.value)
	}
	d.Misspelt |= n.Misspelt
	span := &b.spans[n.Scope.Index]
	span.own++
	if b.prev != nil {
		d.Kept = append(d.Kept, kept)
		if old == nil || old.Index != n.Index || old.Depth != n.Depth || old.Position != n.Position ||
			old.InTeardown != n.InTeardown || old.Scope.Index != n.Scope.Index {
			d.Reshaped = true
			span.changed = true
		} else if kept < 0 && old.Ref != n.Ref {
			span.changed = true
		}
	}
	if n.Flow != NoFlow {
		b.steps(n, old)
	}
	b.nested(n, old)
	return n
}

func (b *builder) allocate() *Node {
	if len(b.free) == 0 {
		size := min(max(16, len(b.doc.Nodes)), 512)
		if b.prev != nil && len(b.doc.Nodes) == 0 {
			size = len(b.prev.Nodes) + 1
		}
		b.free = make([]Node, size)
	}
	n := &b.free[0]
	b.free = b.free[1:]
	return n
}

// steps adds the steps of a workflow.
func (b *builder) steps(n *Node, old *Node) {
	if n.Depth >= maxDepth {
		return
	}
	steps := n.Spec().Get("steps")
	if steps.Kind() != syntax.KindArray {
		return
	}
	var oldSteps []*Node
	if old != nil {
		oldSteps = old.Steps
	}
	at := Node{Scope: n.Scope, Parent: n, Depth: n.Depth + 1, InTeardown: n.InTeardown}
	if children := b.sequence(steps, at, oldSteps); len(children) > 0 {
		n.Contents = &Contents{Steps: children}
	}
}

// sequence adds the objects in an array. Each is paired with the node of old
// that has the same text or, where one was edited, with the one that stands
// between the same neighbours.
func (b *builder) sequence(array syntax.Value, at Node, old []*Node) []*Node {
	first, count, position := len(b.doc.Nodes), 0, 0
	if array.Len() == len(old) { // the usual case: nothing was added or taken away
		for v := range array.Elements() {
			if v.Kind() == syntax.KindObject {
				b.node(at, element{v, position}, old[position])
				count++
			}
			position++
		}
	} else {
		count = b.paired(array, at, old)
	}
	last := len(b.doc.Nodes)
	return ownNodes(b.doc.Nodes[first:last:last], count, func(n *Node) bool {
		return n.Parent == at.Parent && n.Scope == at.Scope
	})
}

// paired adds the objects in an array that has more or fewer elements than
// there are old nodes, and returns how many there are.
func (b *builder) paired(array syntax.Value, at Node, old []*Node) int {
	base, head, position := len(b.elements), 0, 0
	matching := true
	for v := range array.Elements() {
		if v.Kind() == syntax.KindObject {
			matching = matching && head < len(old) && old[head].text == v.Green()
			if matching {
				b.node(at, element{v, position}, old[head])
				head++
			} else {
				b.elements = append(b.elements, element{v, position})
			}
		}
		position++
	}
	// What follows the common start may have a common end.
	count := len(b.elements) - base
	old = old[head:]
	tail := 0
	for tail < count && tail < len(old) && b.elements[base+count-1-tail].value.Green() == old[len(old)-1-tail].text {
		tail++
	}
	changed, gone := count-tail, len(old)-tail
	if changed > 0 && gone > 0 && changed+gone > 2 {
		b.indexByText()
	}
	for i := range count {
		var pair *Node
		switch {
		case i >= changed:
			pair = old[len(old)-count+i]
		case changed == gone:
			pair = old[i]
		}
		b.node(at, b.elements[base+i], pair)
	}
	b.elements = b.elements[:base]
	return head + count
}

func (b *builder) indexByText() {
	if b.byText != nil || b.prev == nil {
		return
	}
	b.byText = make(map[*syntax.Node]*Node, len(b.prev.Nodes))
	for _, n := range b.prev.Nodes {
		b.byText[n.text] = n
	}
}

// nested adds the documents that the node carries.
func (b *builder) nested(n *Node, old *Node) {
	if n.Definition != nil && !carriesDocuments(n.Kind) {
		return
	}
	documents := nestedDocuments(n.Kind, n.Spec())
	if len(documents) == 0 {
		return
	}
	contents := &Contents{Steps: n.Steps}
	for i, doc := range documents {
		var oldScope *Scope
		if old != nil && i < len(old.Nested) {
			oldScope = old.Nested[i]
		}
		at := Scope{Type: doc.typ, Owner: n, Outer: n.Scope, pointer: doc.pointer}
		contents.Nested = append(contents.Nested, b.scope(doc.value, at, int(n.Depth)+1, oldScope))
	}
	n.Contents = contents
}
