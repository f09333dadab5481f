package template

import (
	"strconv"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// maxDepth bounds how deep workflows and nested documents may stand in one
// another. Real templates have fewer than ten levels; text that is deeper is
// still in the tree, but not in the model.
const maxDepth = 200

// Build makes the model of a tree. prev, which may be nil, is the model of an
// earlier version of the same file: the facts of nodes that both share are
// taken from it, so that the cost is that of the text that changed and, for the
// rest, of a few pointers for each node. prev is not kept.
func Build(tree *syntax.Tree, prev *Document) *Document {
	d := &Document{Tree: tree, Root: tree.Root()}
	var fromNodes func(hints) (Type, bool)
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
		b.scope(d.Root, place{typ: d.Type}, old)
	}
	for i := range b.spans {
		b.spans[i].close(d)
	}
	if b.prev == nil || len(prev.Nodes) != len(d.Nodes) || len(prev.Scopes) != len(d.Scopes) {
		d.Reshaped = true
	}
	if fromNodes != nil {
		var h hints
		for _, n := range d.Main.Nodes {
			if !n.InTeardown && n.Depth <= deepestHint {
				h |= n.hints
			}
		}
		d.Type, d.Certain = fromNodes(h)
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
	// elements holds the steps of the workflows that are being built.
	elements []element
	// byText finds nodes of prev that moved to another workflow; it is made
	// when there may be some.
	byText map[*syntax.Node]*Node
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
	own        int // how many of them are the scope's own
}

// close gives the scope its nodes and the index of their refs.
func (sp *span) close(d *Document) {
	nodes := d.Nodes[sp.start:sp.end:sp.end]
	if sp.own != len(nodes) {
		own := make([]*Node, 0, sp.own)
		for _, n := range nodes {
			if n.Scope == sp.scope {
				own = append(own, n)
			}
		}
		nodes = own
	}
	sp.scope.Nodes = nodes
	if sp.old != nil && sameRefs(nodes, sp.old.Nodes) {
		sp.scope.refs = sp.old.refs
		return
	}
	sp.scope.refs = new(refs)
}

func sameRefs(a, b []*Node) bool {
	if len(a) != len(b) {
		return false
	}
	for i, n := range a {
		if n.Facts != b[i].Facts && n.Ref != b[i].Ref {
			return false
		}
	}
	return true
}

// place is where a scope stands.
type place struct {
	typ     Type
	owner   *Node
	outer   *Scope
	pointer string
	depth   int
}

// scope adds the document at v and everything below it. old, which may be nil,
// is the scope that stood there.
func (b *builder) scope(v syntax.Value, at place, old *Scope) *Scope {
	d := b.doc
	s := &Scope{Type: at.typ, Owner: at.owner, Outer: at.outer, Value: v}
	if d.Main == nil {
		d.Main = s
	}
	d.Scopes = append(d.Scopes, s)
	s.Index = len(b.spans)
	b.spans = append(b.spans, span{scope: s, old: old, start: len(d.Nodes)})
	teardown := v.Get("teardownSpec").Get("spec")
	spec := v.Get("spec")
	var oldSpec, oldTeardown *Node
	if old != nil {
		oldSpec, oldTeardown = old.Root, old.Teardown
	}
	root := func() {
		s.Root = b.root(s, spec, at, "/spec", oldSpec, false)
	}
	// Nodes are numbered in file order, and either may stand first.
	if teardown.IsValid() && spec.IsValid() && teardown.Range().Start < spec.Range().Start {
		s.Teardown = b.root(s, teardown, at, "/teardownSpec/spec", oldTeardown, true)
		root()
	} else {
		root()
		s.Teardown = b.root(s, teardown, at, "/teardownSpec/spec", oldTeardown, true)
	}
	b.spans[s.Index].end = len(d.Nodes)
	s.arguments()
	for t := range v.Get("triggers").Elements() {
		ref := t.Get("ref")
		if ref.Kind() == syntax.KindString {
			s.Triggers = append(s.Triggers, &Trigger{Ref: ref.Text(), RefValue: ref, Value: t})
		}
	}
	project := v.Get("project")
	s.GivesProject = project.Get("id").IsValid() || project.Get("spec").IsValid()
	s.ownFacts(old, spec, teardown)
	return s
}

func (b *builder) root(s *Scope, v syntax.Value, at place, pointer string, old *Node, teardown bool) *Node {
	if v.Kind() != syntax.KindObject || at.depth > maxDepth {
		return nil
	}
	path := at.pointer + pointer
	n := b.node(Node{Scope: s, Value: v, Path: path, Depth: at.depth, InTeardown: teardown}, old)
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
		s.roots = b.sequence(d.Root, oldRoots, func(e element, old *Node) *Node {
			path := "/" + strconv.Itoa(e.position)
			return b.node(Node{Scope: s, Value: e.value, Path: path, Position: e.position}, old)
		})
	} else {
		var oldRoot *Node
		if len(oldRoots) > 0 {
			oldRoot = oldRoots[0]
		}
		s.Root = b.root(s, d.Root, place{}, "", oldRoot, false)
	}
	b.spans[0].end = len(d.Nodes)
}

// node adds a node whose place is filled in, and everything below it. old is
// the node that probably stood there; nil where there was none.
func (b *builder) node(at Node, old *Node) *Node {
	d := b.doc
	n := b.allocate()
	*n = at
	n.Index, n.Contents = len(d.Nodes), nothing
	d.Nodes = append(d.Nodes, n)
	b.spans[n.Scope.Index].own++

	text := n.Value.Green()
	if old == nil || old.Value.Green() != text {
		if moved := b.byText[text]; moved != nil {
			old = moved
		}
	}
	kept := int32(-1)
	if old != nil && old.Value.Green() == text {
		kept = int32(old.Index)
		n.Facts = old.Facts
	} else {
		n.Facts = factsOfNode(n.Value)
	}
	if b.prev != nil {
		d.Kept = append(d.Kept, kept)
		if old == nil || old.Index != n.Index || old.Depth != n.Depth || old.Position != n.Position ||
			old.InTeardown != n.InTeardown || old.Scope.Index != n.Scope.Index {
			d.Reshaped = true
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
	samePath := false
	if old != nil {
		oldSteps, samePath = old.Steps, old.Path == n.Path
	}
	at := Node{Scope: n.Scope, Parent: n, Depth: n.Depth + 1, InTeardown: n.InTeardown}
	children := b.sequence(steps, oldSteps, func(e element, old *Node) *Node {
		at.Value, at.Position = e.value, e.position
		if samePath && old != nil && old.Position == e.position && old.Parent != nil && old.Parent.Path == n.Path {
			at.Path = old.Path
		} else {
			at.Path = n.Path + "/spec/steps/" + strconv.Itoa(e.position)
		}
		return b.node(at, old)
	})
	if len(children) > 0 {
		n.Contents = &Contents{Steps: children}
	}
}

// sequence adds the objects in an array. Each is paired with the node of old
// that has the same text or, where one was edited, with the one that stands
// between the same neighbours.
func (b *builder) sequence(array syntax.Value, old []*Node, add func(element, *Node) *Node) []*Node {
	nodes := make([]*Node, 0, max(len(old), 4))
	base := len(b.elements)
	head, position := 0, 0
	matching := true
	for v := range array.Elements() {
		if v.Kind() == syntax.KindObject {
			e := element{v, position}
			matching = matching && head < len(old) && old[head].Value.Green() == v.Green()
			if matching {
				nodes = append(nodes, add(e, old[head]))
				head++
			} else {
				b.elements = append(b.elements, e)
			}
		}
		position++
	}
	// rest is what follows the common start, of which tail is a common end.
	count := len(b.elements) - base
	old = old[head:]
	tail := 0
	for tail < count && tail < len(old) && b.elements[base+count-1-tail].value.Green() == old[len(old)-1-tail].Value.Green() {
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
		nodes = append(nodes, add(b.elements[base+i], pair))
	}
	b.elements = b.elements[:base]
	return nodes
}

func (b *builder) indexByText() {
	if b.byText != nil || b.prev == nil {
		return
	}
	b.byText = make(map[*syntax.Node]*Node, len(b.prev.Nodes))
	for _, n := range b.prev.Nodes {
		b.byText[n.Value.Green()] = n
	}
}

// nested adds the documents that the node carries.
func (b *builder) nested(n *Node, old *Node) {
	documents := nestedDocuments(n.Kind, n.Value)
	if len(documents) == 0 {
		return
	}
	contents := &Contents{Steps: n.Steps}
	for i, doc := range documents {
		var oldScope *Scope
		if old != nil && i < len(old.Nested) {
			oldScope = old.Nested[i]
		}
		at := place{typ: doc.typ, owner: n, outer: n.Scope, pointer: n.Path + doc.pointer, depth: n.Depth + 1}
		contents.Nested = append(contents.Nested, b.scope(doc.value, at, oldScope))
	}
	n.Contents = contents
}
