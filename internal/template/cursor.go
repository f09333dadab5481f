package template

import (
	"iter"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/nf-lsp/nf-lsp/internal/persistent"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// numbering says where the nodes stand, by their numbers.
type numbering struct {
	places      persistent.List[place]
	scopePlaces persistent.List[scopePlace]
	// used are how many numbers were ever given away, free those that nothing has.
	used, usedByScopes int32
	free, freeOfScopes []int32
}

// cursors are the nodes and scopes of one version that somebody has asked for.
type cursors struct {
	// whole is true when all have been made: nothing is written any more.
	whole  atomic.Bool
	making sync.Mutex
	nodes  made[Node]
	scopes made[Scope]
	// room are nodes to be used next: those of a document live and die together,
	// so they are allocated together.
	room []Node
	// all are those of the whole document, in file order.
	all       []*Node
	allScopes []*Scope
}

// made holds what has been made by numbers. It is made of rows, so that it costs
// little where little is asked for.
type made[T any] struct{ rows [][]*T }

const rowLen = 64

func (m *made[T]) get(number int32) *T {
	if i := int(number / rowLen); number >= 0 && i < len(m.rows) && int(number%rowLen) < len(m.rows[i]) {
		return m.rows[i][number%rowLen]
	}
	return nil
}

func (m *made[T]) put(number int32, v *T, used int32) {
	if m.rows == nil {
		m.rows = make([][]*T, (used+rowLen-1)/rowLen)
	}
	row := &m.rows[number/rowLen]
	if *row == nil {
		*row = make([]*T, min(rowLen, used-number/rowLen*rowLen))
	}
	(*row)[number%rowLen] = v
}

// one returns a list of one of them. It is shared and must not be changed.
func (m *made[T]) one(number int32) []*T {
	i := number % rowLen
	return m.rows[number/rowLen][i : i+1 : i+1]
}

// lock returns what unlocks again: nothing has to be locked any more when all
// cursors have been made.
func (d *Document) lock() func() {
	if d.whole.Load() {
		return func() {}
	}
	d.making.Lock()
	return d.making.Unlock
}

// Node returns the node with the number; nil where there is none.
func (d *Document) Node(number int32) *Node {
	if d.whole.Load() {
		return d.cursors.nodes.get(number)
	}
	d.making.Lock()
	defer d.making.Unlock()
	return d.node(number)
}

// Scope returns the scope with the number; nil where there is none.
func (d *Document) Scope(number int32) *Scope {
	defer d.lock()()
	return d.scope(number)
}

// Nodes returns every node of every scope in file order, a workflow before its
// steps. The result is shared and must not be changed.
func (d *Document) Nodes() []*Node {
	d.makeAll()
	return d.all
}

// Scopes returns Main first, then each nested document in file order. The result
// is shared and must not be changed.
func (d *Document) Scopes() []*Scope {
	if d.Main == nil {
		return nil
	}
	defer d.lock()()
	if d.allScopes == nil {
		d.addScopes(d.Main)
	}
	return d.allScopes
}

// All yields what Nodes returns, and makes only what is asked for.
func (d *Document) All() iter.Seq[*Node] {
	return func(yield func(*Node) bool) {
		if d.Main != nil {
			d.Main.all(yield)
		}
	}
}

// All yields the node and every node that stands in it, also in documents that it
// carries, in file order.
func (n *Node) All() iter.Seq[*Node] {
	return func(yield func(*Node) bool) { n.every(yield) }
}

func (n *Node) every(yield func(*Node) bool) bool {
	if !yield(n) {
		return false
	}
	for _, step := range n.Steps() {
		if !step.every(yield) {
			return false
		}
	}
	for _, s := range n.Nested() {
		if !s.all(yield) {
			return false
		}
	}
	return true
}

func (s *Scope) all(yield func(*Node) bool) bool {
	for _, root := range s.shape.roots.all() {
		if !s.document.Node(root.number).every(yield) {
			return false
		}
	}
	return true
}

// Steps returns the steps of a workflow. The result is shared and must not be
// changed.
func (n *Node) Steps() []*Node {
	if !n.HasSteps() {
		return nil
	}
	d := n.Scope.document
	defer d.lock()()
	return d.steps(n)
}

// HasSteps reports whether the node is a workflow with steps.
func (n *Node) HasSteps() bool { return n.shape.inner != nil && n.shape.inner.steps.len() > 0 }

// MixedSteps reports whether among the steps of a workflow stands what is no node.
func (n *Node) MixedSteps() bool { return n.shape.inner != nil && n.shape.inner.steps.mixed }

// HasNested reports whether the node carries documents.
func (n *Node) HasNested() bool { return n.shape.inner != nil && len(n.shape.inner.nested) > 0 }

// Nested returns the documents that the node carries: a pipeline's preview and
// release flows, a template's template.
func (n *Node) Nested() []*Scope {
	if !n.HasNested() {
		return nil
	}
	d := n.Scope.document
	defer d.lock()()
	out := make([]*Scope, len(n.shape.inner.nested))
	for i, nested := range n.shape.inner.nested {
		out[i] = d.scope(nested.document.number)
	}
	return out
}

// Nodes returns the scope's own nodes in file order. The result is shared and
// must not be changed.
func (s *Scope) Nodes() []*Node {
	d := s.document
	d.makeAll()
	if len(d.Scopes()) == 1 {
		return d.all
	}
	s.lists.nodesOnce.Do(func() {
		for _, n := range d.all {
			if n.Scope == s {
				s.lists.nodes = append(s.lists.nodes, n)
			}
		}
	})
	return s.lists.nodes
}

// What follows is called with the lock held, and once all cursors have been made
// by anybody.

func (d *Document) node(number int32) *Node {
	if n := d.cursors.nodes.get(number); n != nil {
		return n
	}
	switch p := d.places.Get(number); {
	case p.holder > 0:
		parent := d.node(p.holder - 1)
		return d.step(parent, parent.shape.inner.steps.find(number, p.guess))
	case p.holder < 0:
		s := d.scope(-p.holder - 1)
		return d.root(s, s.shape.roots.find(number, p.guess))
	}
	return nil
}

func (d *Document) scope(number int32) *Scope {
	if s := d.cursors.scopes.get(number); s != nil {
		return s
	}
	p := d.scopePlaces.Get(number)
	if p == (scopePlace{}) {
		return nil
	}
	owner := d.node(p.owner - 1)
	nested := owner.shape.inner.nested[p.index]
	return d.newScope(nested.document, &Scope{Owner: owner, Outer: owner.Scope, start: owner.start + nested.start, depth: owner.Depth + 1})
}

func (d *Document) newScope(shape *scopeShape, s *Scope) *Scope {
	s.document, s.shape, s.Number, s.Type, s.Facts, s.GivesProject = d, shape, shape.number, shape.typ, shape.facts, shape.givesProject
	if s.Value = d.Root; s.Owner != nil {
		s.Value = d.Tree.At(shape.text, int(s.start))
	}
	if s.Linked, s.Misspelt = shape.linked, shape.misspelt; s.Type != Fragment {
		s.Misnamed = s.Value.Get("args")
	}
	d.cursors.scopes.put(s.Number, s, d.usedByScopes)
	if shape.root >= 0 {
		s.Root = d.root(s, shape.root)
	}
	if shape.teardown >= 0 {
		s.Teardown = d.root(s, shape.teardown)
	}
	return s
}

// root returns one of the nodes of a document that stand in no other.
func (d *Document) root(s *Scope, i int) *Node {
	roots := &s.shape.roots
	return d.newNode(roots.at(i), Node{
		Scope: s, start: s.start + roots.startOf(i), Position: roots.position(i), Depth: s.depth, InTeardown: i == s.shape.teardown,
	})
}

func (d *Document) step(parent *Node, i int) *Node {
	steps := &parent.shape.inner.steps
	return d.newNode(steps.at(i), Node{
		Scope: parent.Scope, Parent: parent, start: parent.start + steps.startOf(i), Position: steps.position(i),
		Depth: parent.Depth + 1, InTeardown: parent.InTeardown,
	})
}

func (d *Document) newNode(shape *shape, n Node) *Node {
	if made := d.cursors.nodes.get(shape.number); made != nil {
		return made
	}
	if len(d.room) == 0 {
		d.room = make([]Node, 8)
	}
	out := &d.room[0]
	d.room = d.room[1:]
	*out = n
	out.Facts, out.shape, out.Number = &shape.Facts, shape, shape.number
	d.cursors.nodes.put(out.Number, out, d.used)
	return out
}

func (d *Document) steps(n *Node) []*Node {
	if n.steps == nil && n.shape.inner != nil {
		n.steps = make([]*Node, n.shape.inner.steps.len())
		for i := range n.steps {
			n.steps[i] = d.step(n, i)
		}
	}
	return n.steps
}

// makeAll makes the cursors of all nodes and scopes.
func (d *Document) makeAll() {
	if d.whole.Load() || d.Main == nil {
		return
	}
	d.making.Lock()
	defer d.making.Unlock()
	if d.whole.Load() {
		return
	}
	count := int(d.used) - len(d.free)
	d.all, d.room = make([]*Node, 0, count), slices.Grow(d.room, count)[:count]
	d.addNodes(d.Main)
	if d.allScopes == nil {
		d.addScopes(d.Main)
	}
	d.whole.Store(true)
}

func (d *Document) addNodes(s *Scope) {
	for i := range s.shape.roots.all() {
		d.addNode(d.root(s, i))
	}
}

func (d *Document) addNode(n *Node) {
	d.all = append(d.all, n)
	if n.shape.inner == nil {
		return
	}
	for _, step := range d.steps(n) {
		d.addNode(step)
	}
	for _, nested := range n.shape.inner.nested {
		d.addNodes(d.scope(nested.document.number))
	}
}

// addScopes adds a scope and those nested in it to the list of all.
func (d *Document) addScopes(s *Scope) {
	d.allScopes = append(d.allScopes, s)
	var in func(shape *shape)
	in = func(shape *shape) {
		if !shape.tells().documents {
			return
		}
		for _, step := range shape.inner.steps.all() {
			in(step)
		}
		for _, nested := range shape.inner.nested {
			d.addScopes(d.scope(nested.document.number))
		}
	}
	for _, root := range s.shape.roots.all() {
		in(root)
	}
}

// NodeOf returns the node whose object is v, or nil. It looks only into the
// branches that contain the place of v.
func (d *Document) NodeOf(v syntax.Value) *Node {
	g := v.Green()
	for n := d.NodeAt(v.Range().Start); n != nil; {
		if n.text == g {
			return n
		}
		if n.Parent != nil {
			n = n.Parent
		} else {
			n = n.Scope.Owner
		}
	}
	return nil
}

// ScopeOf returns the scope whose object is v, or nil.
func (d *Document) ScopeOf(v syntax.Value) *Scope {
	for s := d.ScopeAt(v.Range().Start); s != nil; s = s.Outer {
		if s.Value.Green() == v.Green() {
			return s
		}
	}
	return nil
}

// NodeAt returns the innermost node whose object contains the byte offset, or
// nil. Where two nodes touch, it is the one that starts at the offset. It looks
// only into the branches that contain the offset.
func (d *Document) NodeAt(offset int) *Node {
	if d.Main == nil {
		return nil
	}
	defer d.lock()()
	return d.innermost(&d.Main.shape.roots, int(d.Main.start), offset)
}

// innermost finds the node around the offset among nodes that stand side by side
// and what they contain. base is what their starts count from.
func (d *Document) innermost(nodes *sequence, base, offset int) *Node {
	i := nodes.before(offset - base)
	if i < 0 {
		return nil
	}
	shape, start := nodes.at(i), base+int(nodes.startOf(i))
	if offset > start+shape.text.Width() {
		return nil
	}
	if in := shape.inner; in != nil {
		if n := d.innermost(&in.steps, start, offset); n != nil {
			return n
		}
		for _, nested := range in.nested {
			if n := d.innermost(&nested.document.roots, start+int(nested.start), offset); n != nil {
				return n
			}
		}
	}
	return d.node(shape.number)
}

// ScopeAt returns the innermost scope whose object contains the byte offset.
func (d *Document) ScopeAt(offset int) *Scope {
	n := d.NodeAt(offset)
	if n == nil {
		return d.Main
	}
	for _, s := range slices.Backward(n.Nested()) {
		if s.Value.Range().Touches(offset) {
			return s
		}
	}
	return n.Scope
}
