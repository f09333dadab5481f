package analysis

import (
	"slices"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/persistent"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// checks is what the passes found in one version of a document, by the numbers
// of its nodes and scopes, with places relative to them. The next version shares
// what still holds, and what it has to look at again it finds by the marks.
//
// There are two passes over the nodes. The local one depends on a node's own text
// and its circumstances. The linked one depends also on what the names that the
// node uses stand for.
type checks struct {
	doc    *template.Document
	nodes  persistent.List[nodeChecks]
	scopes persistent.List[*scopeChecks]
	marks  persistent.Index
	// noted are the nodes with notes.
	noted persistent.Set
	// cycles are notes about nodes that wait for one another.
	cycles []heldNote
}

// nodeChecks is what there is about a node.
type nodeChecks struct {
	circumstances circumstances
	// marks are those that the node has left; resource is the one for what it
	// makes.
	marks    []mark
	resource mark
	// found is what the passes found; nil for most.
	found *found
}

// found is what the passes found out about a node. It is shared between versions
// and never changed.
type found struct {
	local, linked []note
	// shared are notes about what other nodes make as well.
	shared []note
	// places are where strings with expressions stand for other types than text.
	places []typedPlace
}

// scopeChecks is what there is about a document's own properties.
type scopeChecks struct {
	local, linked []note
	marks         []mark
}

// heldNote is a note with the node or the scope that its places count from, as marks
// name it.
type heldNote struct {
	holder int32
	note   note
}

// circumstances are what a node's own findings take into account of its
// surroundings: a template.Type and the bits below.
type circumstances uint16

const (
	inCertain circumstances = 1 << (iota + 8)
	inTeardown
	inLoop
	inNested
)

func circumstancesOf(d *template.Document, n *template.Node) circumstances {
	c := circumstances(n.Scope.Type)
	if d.Certain {
		c |= inCertain
	}
	if n.InTeardown {
		c |= inTeardown
	}
	if n.Scope.Outer != nil {
		c |= inNested
	}
	if n.InLoop() {
		c |= inLoop
	}
	return c
}

// checker makes checks.
type checker struct {
	*Snapshot
	reporter reporter
	linker   linker

	// due are the nodes that the local pass has to look at.
	due    []*template.Node
	nodes  *persistent.ListEdit[nodeChecks]
	scopes *persistent.ListEdit[*scopeChecks]
	noted  *persistent.SetEdit
	// marks is the index as it is changed; nil where all is new and the pairs of
	// it are collected.
	marks *persistent.IndexEdit
	pairs []persistent.Pair
	room  []mark
	// contested are resources that several nodes may make: all of them have to be
	// looked at.
	contested map[mark]bool
	// makers are the resources that a node makes, where all is new.
	makers map[mark]struct{}
}

// check runs the passes. prev, which may be nil, is what they found in the
// version that the document was built from.
func (s *Snapshot) check(prev *checks) *checks {
	c := &checker{Snapshot: s, contested: map[mark]bool{}}
	c.reporter.config = s.Config
	c.linker = linker{Snapshot: s, reporter: &c.reporter, named: map[*catalog.Kind]bool{}}
	if prev == nil || s.Doc.Changes == nil || s.Doc.Type != prev.doc.Type || s.Doc.Certain != prev.doc.Certain {
		return c.all()
	}
	return c.changed(prev)
}

// all checks everything.
func (c *checker) all() *checks {
	d := c.Doc
	nodes := d.Nodes()
	out := &checks{doc: d}
	c.nodes, c.scopes, c.noted = out.nodes.Edit(), out.scopes.Edit(), out.noted.Edit()
	c.nodes.Grow(int32(len(nodes)))
	c.makers = make(map[mark]struct{}, len(nodes))
	c.due = make([]*template.Node, 0, len(nodes))
	c.pairs = make([]persistent.Pair, 0, 3*len(nodes))
	for _, n := range nodes {
		c.node(n)
	}
	c.localPass()
	for _, n := range nodes {
		c.link(n)
	}
	for _, s := range d.Scopes() {
		c.scope(s, nil)
		c.linkScope(s)
	}
	c.marks = persistent.NewIndex(c.pairs).Edit()
	c.resources()
	out.cycles = c.cycles()
	return c.done(out)
}

// done completes the checks.
func (c *checker) done(out *checks) *checks {
	out.nodes, out.scopes, out.noted, out.marks = c.nodes.Done(), c.scopes.Done(), c.noted.Done(), c.marks.Done()
	return out
}

// node has the local pass look at a node.
func (c *checker) node(n *template.Node) {
	c.nodes.At(n.Number).circumstances = circumstancesOf(c.Doc, n)
	c.due = append(c.due, n)
}

// link runs the linked pass on a node.
func (c *checker) link(n *template.Node) {
	at := c.nodes.At(n.Number)
	f := at.kept()
	c.linker.places = f.places
	c.linker.node(n)
	f.linked = c.reporter.take(n.Value().Range().Start)
	resource := c.linker.resource(n)
	if resource != at.resource {
		c.contest(at.resource)
		c.unmark(at.resource, n.Number)
		c.mark(resource, n.Number)
		at.resource, f.shared = resource, nil
	}
	c.contest(resource)
	c.keep(n.Number, at, f)
	c.remark(&at.marks, c.linker.marks, n.Number)
}

// scopeAt returns what there is about a scope, to be changed. Most documents have one
// scope, and a change of it copies no room for others.
func (c *checker) scopeAt(number int32) *scopeChecks {
	at := c.scopes.At(number)
	changed := new(scopeChecks)
	if *at != nil {
		*changed = **at
	}
	*at = changed
	return changed
}

// scope runs the local pass on a document's own properties. old, which may be nil,
// is an earlier version of it.
func (c *checker) scope(s, old *template.Scope) {
	at := c.scopeAt(s.Number)
	if to, same := s.Moved(old); same && s.Type == old.Type {
		at.local = movedNotes(at.local, to)
		return
	}
	c.checkScope(&c.reporter, s)
	at.local = c.reporter.take(s.Value.Range().Start)
}

func movedNotes(notes []note, to func(int) int) []note {
	if len(notes) == 0 {
		return nil
	}
	out := make([]note, len(notes))
	for i, n := range notes {
		out[i] = n.mapped(to)
	}
	return out
}

// linkScope runs the linked pass on a document's own properties.
func (c *checker) linkScope(s *template.Scope) {
	at := c.scopeAt(s.Number)
	c.linker.scope(s)
	at.linked = c.reporter.take(s.Value.Range().Start)
	c.remark(&at.marks, c.linker.marks, markerOf(s.Number))
}

// kept returns what is kept about the node.
func (n *nodeChecks) kept() found {
	if n.found == nil {
		return found{}
	}
	return *n.found
}

// keep keeps what was found about a node.
func (c *checker) keep(number int32, at *nodeChecks, f found) {
	notes := len(f.local)+len(f.linked)+len(f.shared) > 0
	if at.found = nil; notes || len(f.places) > 0 {
		kept := f
		at.found = &kept
	}
	c.noted.Put(number, notes)
}

// remark replaces the marks of a node or a scope.
func (c *checker) remark(at *[]mark, marks []mark, marker int32) {
	if slices.Equal(*at, marks) {
		return
	}
	for _, k := range *at {
		c.unmark(k, marker)
	}
	for _, k := range marks {
		c.mark(k, marker)
	}
	if len(c.room) < len(marks) {
		c.room = make([]mark, max(len(marks), min(1024, 4*len(c.pairs))))
	}
	*at = append(c.room[:0:len(marks)], marks...)
	c.room = c.room[len(marks):]
}

func (c *checker) mark(k mark, marker int32) {
	if c.marks != nil {
		c.marks.Add(k, marker)
	} else if k != 0 {
		c.pairs = append(c.pairs, persistent.Pair{Key: k, Number: marker})
	}
}

func (c *checker) unmark(k mark, marker int32) {
	if c.marks != nil {
		c.marks.Remove(k, marker)
	}
}

// contest notes a resource of which a node that makes it, or made it, has been
// looked at again; where all is new, one that several nodes make.
func (c *checker) contest(resource mark) {
	if resource == 0 {
		return
	}
	if c.makers == nil {
		c.contested[resource] = true
	} else if _, again := c.makers[resource]; again {
		c.contested[resource] = true
	} else {
		c.makers[resource] = struct{}{}
	}
}

// resources looks at all nodes that make one of the contested resources.
func (c *checker) resources() {
	for resource := range c.contested {
		nodes := c.nodesMarked(resource)
		for i, n := range nodes {
			at := c.nodes.At(n.Number)
			f := at.kept()
			collide(&c.reporter, nodes, i)
			notes := c.reporter.take(n.Value().Range().Start)
			if len(notes)+len(f.shared) > 0 {
				f.shared = notes
				c.keep(n.Number, at, f)
			}
		}
	}
}

// nodesMarked returns the nodes that have left a mark, in file order.
func (c *checker) nodesMarked(k mark) []*template.Node {
	var nodes []*template.Node
	for _, marker := range c.marks.Append(nil, k) {
		if marker >= 0 {
			nodes = append(nodes, c.Doc.Node(marker))
		}
	}
	inFileOrder(nodes)
	return nodes
}

func inFileOrder(nodes []*template.Node) {
	slices.SortFunc(nodes, func(a, b *template.Node) int {
		if a.Before(b) {
			return -1
		}
		return 1
	})
}

// cycles looks for nodes that wait for one another, and for those that need a project
// before it is there.
func (c *checker) cycles() (found []heldNote) {
	holders := append(c.nodesMarked(concurrentMark()), c.nodesMarked(contextMark())...)
	scopes := c.scopesWithContext()
	if len(holders)+len(scopes) > 0 {
		inFileOrder(holders)
		c.checkCycles(slices.Compact(holders), scopes, func(holder int32, n note) { found = append(found, heldNote{holder, n}) })
	}
	return found
}

// scopesWithContext are the documents whose project is made by one of their nodes.
func (c *checker) scopesWithContext() (scopes []*template.Scope) {
	for _, marker := range c.marks.Append(nil, contextMark()) {
		if marker < 0 {
			scopes = append(scopes, c.Doc.Scope(scopeOf(marker)))
		}
	}
	slices.SortFunc(scopes, func(a, b *template.Scope) int { return a.Value.Range().Start - b.Value.Range().Start })
	return scopes
}
