package template

import (
	"iter"

	"github.com/nf-lsp/nf-lsp/internal/persistent"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// maxDepth bounds how deep workflows and nested documents may stand in one
// another. Real templates have fewer than ten levels; text that is deeper is
// still in the tree, but not in the model.
const maxDepth = 200

// maxSize bounds the length of a file that is modelled, in bytes.
const maxSize = 1<<31 - 1

// Build makes the model of a tree. prev, which may be nil, is the model of an
// earlier version of the same file: what both have in common is taken from it,
// so that the cost is that of what changed and, for each node around that, of
// looking at what stands beside it. prev is not kept.
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
	if prev != nil && prev.Main != nil {
		b.prev, b.old = prev, prev.Main.shape
		d.numbering = prev.numbering
		d.Changes = &Changes{}
	}
	b.places, b.scopePlaces = d.places.Edit(), d.scopePlaces.Edit()
	main := b.document(d.Root, d.Type, "", 0, b.old)
	if b.prev != nil {
		b.changes()
	}
	d.places, d.scopePlaces = b.places.Done(), b.scopePlaces.Done()
	if fromNodes != nil {
		var e evidence
		if main.root >= 0 {
			e = main.roots.at(main.root).tells().all()
		}
		d.Type, d.Certain = fromNodes(&e)
		main = main.as(d.Type)
	}
	d.Misspelt = main.misspeltAnywhere()
	d.Main = d.newScope(main, &Scope{start: int32(d.Root.Range().Start)})
	if b.prev == nil {
		d.makeAll()
	} else {
		d.takeRefs(prev)
	}
	return d
}

// as returns the document as one of another type.
func (s *scopeShape) as(t Type) *scopeShape {
	if s.typ == t {
		return s
	}
	changed := *s
	changed.typ = t
	return &changed
}

type builder struct {
	doc  *Document
	prev *Document
	old  *scopeShape // its main document
	// places and scopePlaces are those of doc.
	places      *persistent.ListEdit[place]
	scopePlaces *persistent.ListEdit[scopePlace]
	collector   collector
	// claimed are the numbers that nodes with other texts, or at other places,
	// have kept. gone are those that have not been seen again; of their branches
	// some may have been claimed.
	claimed    map[int32]bool
	gone       []*shape
	goneScopes []*scopeShape
	// moved are nodes that stand elsewhere than before, with their branches.
	moved []*shape
	// elements holds the steps that are being paired with those of prev.
	elements []element
	// byText finds nodes of prev that moved to another workflow; it is made
	// when there may be some.
	byText map[*syntax.Node]*shape
}

// element is a step with its index in the array.
type element struct {
	value    syntax.Value
	position int
}

// document makes the document at v with everything below it. old, which may be
// nil, is what stood there.
func (b *builder) document(v syntax.Value, typ Type, pointer string, depth int, old *scopeShape) *scopeShape {
	if old != nil && old.text == v.Green() && old.text != nil && old.typ == typ && old.pointer == pointer && depth+old.height() < maxDepth {
		return old
	}
	s := &scopeShape{typ: typ, pointer: pointer, text: v.Green(), root: -1, teardown: -1}
	var roots *sequence
	if old != nil {
		s.number, roots = old.number, &old.roots
	} else {
		s.number, roots = b.scopeNumber(), new(sequence)
	}
	if b.prev != nil {
		b.doc.Changes.Scopes = append(b.doc.Changes.Scopes, s.number)
	}
	if typ == Fragment {
		b.fragment(s, v, roots, old)
		return s
	}
	teardown, spec := v.Get("teardownSpec").Get("spec"), v.Get("spec")
	var oldRoot, oldTeardown *shape
	if old != nil {
		oldRoot, oldTeardown = roots.at(old.root), roots.at(old.teardown)
	}
	for _, other := range roots.all() {
		if other != oldRoot && other != oldTeardown {
			b.drop(other) // it stood in a list of nodes
		}
	}
	// Nodes stand in file order, and either may stand first.
	if teardown.IsValid() && spec.IsValid() && teardown.Range().Start < spec.Range().Start {
		s.teardown = b.root(s, v, teardown, depth, oldTeardown)
		s.root = b.root(s, v, spec, depth, oldRoot)
	} else {
		s.root = b.root(s, v, spec, depth, oldRoot)
		s.teardown = b.root(s, v, teardown, depth, oldTeardown)
	}
	// Also where "id" or "spec" is misspelt.
	s.givesProject = v.Get("project").Len() > 0 || halfTyped(v, "project")
	s.linked, s.misspelt = v.Get("gitops").IsValid(), misspeltInDocument(v)
	var declared *declared
	if old != nil {
		declared = old.declared
	}
	s.declared = declaredBy(v, declared)
	s.ownFacts(&b.collector, v, old, spec, teardown)
	return s
}

// height is how many nodes stand in one another in the document.
func (s *scopeShape) height() int {
	var all summary
	all.addDocument(s)
	return all.height
}

// root adds a node that stands in no other, and returns its index; -1 where there
// is none.
func (b *builder) root(s *scopeShape, document, v syntax.Value, depth int, old *shape) int {
	if v.Kind() != syntax.KindObject || depth > maxDepth {
		b.drop(old)
		return -1
	}
	i := s.roots.len()
	s.roots.add(b.node(v, place{rootOf(s.number), int32(i)}, depth, old), int32(v.Range().Start-document.Range().Start), 2)
	return i
}

func (b *builder) fragment(s *scopeShape, v syntax.Value, old *sequence, was *scopeShape) {
	s.facts, s.declared = new(Facts), new(declared)
	if v.Kind() == syntax.KindArray {
		s.roots, _ = b.sequence(v, v, rootOf(s.number), 0, old)
		return
	}
	var oldRoot *shape
	if was != nil {
		oldRoot = old.at(max(was.root, 0))
	}
	for _, other := range old.all() {
		if other != oldRoot {
			b.drop(other)
		}
	}
	s.root = b.root(s, v, v, 0, oldRoot)
}

// node makes the node at v with everything below it. old is the node that
// probably stood there; nil where there was none.
func (b *builder) node(v syntax.Value, at place, depth int, old *shape) *shape {
	text, moved := v.Green(), false
	if old != nil && b.claimed[old.number] {
		old = nil
	}
	if old == nil || old.text != text {
		if elsewhere := b.byText[text]; elsewhere != nil && !b.claimed[elsewhere.number] {
			b.drop(old)
			old, moved = elsewhere, true
		}
	}
	s := old
	if !b.keeps(old, text, depth) {
		s = b.changed(v, depth, old)
	}
	if moved {
		b.claim(s.number)
		b.moved = append(b.moved, s)
	}
	if moved || old == nil {
		b.places.Set(s.number, at)
	}
	return s
}

// keeps reports whether an old node with its branch is what stands at a depth
// with a text.
func (b *builder) keeps(old *shape, text *syntax.Node, depth int) bool {
	return old != nil && old.text == text && depth+old.tells().height < maxDepth
}

// changed makes the node at v, which has another text than old.
func (b *builder) changed(v syntax.Value, depth int, old *shape) *shape {
	s := b.collector.node(v)
	if old != nil {
		s.number = old.number
	} else {
		s.number = b.number()
	}
	if b.prev != nil {
		b.claim(s.number)
		b.doc.Changes.Nodes = append(b.doc.Changes.Nodes, Change{s.number, old == nil})
	}
	b.inner(s, v, depth, old)
	return s
}

// inner adds what stands in a node.
func (b *builder) inner(s *shape, v syntax.Value, depth int, old *shape) {
	was := &nothing
	if old != nil && old.inner != nil {
		was = old.inner
	}
	steps := syntax.Value{}
	if s.Flow != NoFlow && depth < maxDepth {
		steps = v.Get("spec").Get("steps")
	}
	var sequence sequence
	alike := false
	if steps.Kind() == syntax.KindArray {
		sequence, alike = b.sequence(steps, v, stepOf(s.number), depth+1, &was.steps)
	} else {
		for _, step := range was.steps.all() {
			b.drop(step)
		}
	}
	nested := b.nested(s, v, depth, was)
	if sequence.len()+len(nested) == 0 {
		return
	}
	in := &inner{steps: sequence, nested: nested}
	if alike && len(nested)+len(was.nested) == 0 {
		in.summary = was.summary
	} else {
		for _, step := range sequence.all() {
			in.addStep(step.tells())
		}
		for _, n := range nested {
			in.addDocument(n.document)
		}
	}
	s.inner = in
}

// nothing is what stood in a node that is new.
var nothing inner

// nested makes the documents that the node carries.
func (b *builder) nested(s *shape, v syntax.Value, depth int, was *inner) (out []nestedShape) {
	if s.Definition == nil || carriesDocuments(s.Kind) {
		for i, doc := range nestedDocuments(s.Kind, v.Get("spec")) {
			var old *scopeShape
			if i < len(was.nested) {
				old = was.nested[i].document
			}
			shape := b.document(doc.value, doc.typ, doc.pointer, depth+1, old)
			if old == nil {
				b.scopePlaces.Set(shape.number, scopePlace{s.number + 1, i})
			}
			out = append(out, nestedShape{shape, int32(doc.value.Range().Start - v.Range().Start)})
		}
	}
	for _, nested := range was.nested[min(len(out), len(was.nested)):] {
		b.goneScopes = append(b.goneScopes, nested.document)
	}
	return out
}

// sequence adds the objects in an array. Each is paired with the node of old
// that has the same text or, where one was edited, with the one that stands
// between the same neighbours. alike is true where the nodes tell of themselves
// what those of old did.
func (b *builder) sequence(array, holder syntax.Value, number int32, depth int, old *sequence) (s sequence, alike bool) {
	count, base := array.Len(), array.Range().Start
	s.array, s.depth, s.start = array.Green(), depth, int32(base-holder.Range().Start)
	add := func(e element, old *shape) *shape {
		node, more := old, count-s.len()
		if !b.keeps(old, e.value.Green(), depth) {
			node = b.node(e.value, place{number, int32(s.len())}, depth, old)
		}
		s.place(e.position, more)
		s.add(node, int32(e.value.Range().Start-base), more)
		return node
	}
	head, tail := s.kept(old)
	s.share(old, 0, head, 0, count)
	if alike = count == old.len(); alike { // the usual case: nothing was added or taken away
		for position, v := range between(array, head, count-tail) {
			o := old.at(position)
			if v.Kind() != syntax.KindObject {
				b.drop(o)
				alike = false
			} else if n := add(element{v, position}, o); n != o && alike {
				alike = n.tells() == o.tells()
			}
		}
	} else {
		b.paired(between(array, head, count-tail), old, head, old.len()-tail, func(e element, old *shape) { add(e, old) })
	}
	if s.len() < count-tail { // there are others now
		for i := range tail {
			s.place(count-tail+i, tail)
		}
	}
	s.share(old, old.len()-tail, old.len(), s.array.Width()-old.array.Width(), tail)
	s.mixed = s.len() < count
	return s, alike
}

// between yields the elements of an array from one index to another.
func between(array syntax.Value, from, to int) iter.Seq2[int, syntax.Value] {
	return func(yield func(int, syntax.Value) bool) {
		i := 0
		for v := range array.Elements() {
			if i == to || i >= from && !yield(i, v) {
				return
			}
			i++
		}
	}
}

// paired goes through the objects among elements that are more or fewer than the
// old nodes, which are those from head to end.
func (b *builder) paired(elements iter.Seq2[int, syntax.Value], old *sequence, head, end int, add func(e element, old *shape)) {
	base := len(b.elements)
	matching := true
	for position, v := range elements {
		if v.Kind() != syntax.KindObject {
			continue
		}
		if matching = matching && head < end && old.at(head).text == v.Green(); matching {
			add(element{v, position}, old.at(head))
			head++
		} else {
			b.elements = append(b.elements, element{v, position})
		}
	}
	// What follows the common start may have a common end.
	count, left := len(b.elements)-base, end-head
	tail := 0
	for tail < count && tail < left && b.elements[base+count-1-tail].value.Green() == old.at(end-1-tail).text {
		tail++
	}
	changed, gone := count-tail, left-tail
	if changed > 0 && gone > 0 && changed+gone > 2 {
		b.indexByText()
	}
	if changed != gone {
		for i := range gone {
			b.drop(old.at(head + i))
		}
	}
	for i := range count {
		var pair *shape
		switch {
		case i >= changed:
			pair = old.at(end - count + i)
		case changed == gone:
			pair = old.at(head + i)
		}
		add(b.elements[base+i], pair)
	}
	b.elements = b.elements[:base]
}

func (b *builder) indexByText() {
	if b.byText != nil || b.prev == nil {
		return
	}
	b.byText = make(map[*syntax.Node]*shape, int(b.prev.used))
	b.old.each(func(s *shape) bool {
		b.byText[s.text] = s
		return true
	}, func(*scopeShape) {})
}
