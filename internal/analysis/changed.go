package analysis

import (
	"iter"
	"maps"
	"slices"

	"github.com/nf-lsp/nf-lsp/internal/template"
)

// changed checks what has changed since an earlier version, and what depends on
// that.
func (c *checker) changed(prev *checks) *checks {
	c.nodes, c.scopes, c.noted, c.marks = prev.nodes.Edit(), prev.scopes.Edit(), prev.noted.Edit(), prev.marks.Edit()
	r := reach{checker: c, old: prev.doc, again: map[int32]bool{}, names: map[mark]bool{}}
	r.cyclic = slices.ContainsFunc(prev.cycles, func(n heldNote) bool { return n.holder < 0 })
	for _, number := range c.Doc.Changes.Scopes {
		r.scope(number)
	}
	for _, change := range c.Doc.Changes.Nodes {
		r.node(change)
	}
	c.localPass()
	r.users()
	if r.misspelt() {
		r.everybody()
	}
	for marker := range r.inOrder() {
		if marker < 0 {
			c.linkScope(c.Doc.Scope(scopeOf(marker)))
			continue
		}
		r.cyclic = r.cyclic || c.isConcurrent(marker) || c.Doc.Node(marker).HasNested()
		c.link(c.Doc.Node(marker))
		r.cyclic = r.cyclic || c.isConcurrent(marker)
	}
	c.resources()
	out := &checks{doc: c.Doc, cycles: prev.cycles}
	if r.cyclic || len(c.scopesWithContext()) > 0 {
		out.cycles = c.cycles()
	}
	return c.done(out)
}

// reach is how far the changes of a version go: which nodes and scopes have to be
// looked at again.
type reach struct {
	*checker
	old *template.Document
	// again are the nodes and scopes for the linked pass, as marks name them.
	again map[int32]bool
	// names are those that have come to mean something else.
	names map[mark]bool
	// cyclic is set where other nodes than before may wait for one another.
	cyclic bool
	// marked has room for those who have left one mark.
	marked []int32
}

// misspelt reports whether other properties that shape the document are misspelt
// than before, or elsewhere: then names and contexts are missed for other reasons.
// Where they are the same, those who miss something are looked at again, since an
// earlier one of them may have come to tell of it.
func (r *reach) misspelt() bool {
	if r.Doc.Misspelt != r.old.Misspelt {
		return true
	}
	if r.Doc.Misspelt == 0 {
		return false
	}
	for _, change := range r.Doc.Changes.Nodes {
		var was, is template.Misspelt
		if n := r.old.Node(change.Number); n != nil {
			was = n.Misspelt
		}
		if n := r.Doc.Node(change.Number); n != nil {
			is = n.Misspelt
		}
		if was != is || change.Moved && is != 0 {
			return true
		}
	}
	for _, number := range r.Doc.Changes.Scopes {
		var was, is template.Misspelt
		if s := r.old.Scope(number); s != nil {
			was = s.Misspelt
		}
		if s := r.Doc.Scope(number); s != nil {
			is = s.Misspelt
		}
		if was != is {
			return true
		}
	}
	r.markers(misspeltMark())
	return false
}

// everybody has all nodes and scopes looked at again.
func (r *reach) everybody() {
	for _, n := range r.Doc.Nodes() {
		r.again[n.Number] = true
	}
	for _, s := range r.Doc.Scopes() {
		r.again[markerOf(s.Number)] = true
	}
	r.cyclic = true
}

// inOrder yields those that are to be looked at again. Where something is
// misspelt, of which the first to miss something tells, they come in the order
// in which a new document is looked at.
func (r *reach) inOrder() iter.Seq[int32] {
	if r.Doc.Misspelt == 0 {
		return maps.Keys(r.again)
	}
	var nodes []*template.Node
	for marker := range r.again {
		if marker >= 0 {
			nodes = append(nodes, r.Doc.Node(marker))
		}
	}
	inFileOrder(nodes)
	return func(yield func(int32) bool) {
		for _, n := range nodes {
			if !yield(n.Number) {
				return
			}
		}
		for _, s := range r.Doc.Scopes() {
			if marker := markerOf(s.Number); r.again[marker] && !yield(marker) {
				return
			}
		}
	}
}

// node follows the change of a node.
func (r *reach) node(change template.Change) {
	was, is := r.old.Node(change.Number), r.Doc.Node(change.Number)
	if is == nil {
		r.means(was)
		r.means(nil)
		r.forget(change.Number)
		return
	}
	r.again[is.Number] = true
	if was == nil || was.Facts != is.Facts {
		r.checker.node(is)
	}
	switch {
	case change.Moved:
		r.surroundings(is)
		r.means(was)
		r.means(is)
		r.means(nil)
	case was.Ref != is.Ref:
		r.means(was)
		r.means(is)
		r.means(nil)
	case was.Signature != is.Signature:
		r.means(is)
	}
	if was != nil && was.Bearing() != is.Bearing() {
		r.branch(is)
	}
}

// means says that the ref of a node means something else than before or, for
// nil, that there are others than before.
func (r *reach) means(n *template.Node) {
	switch {
	case n == nil:
		r.names[namesMark()] = true
	case n.Ref != "":
		r.ref(n.Scope, n.Ref)
	}
}

// ref says that a ref means something else than before, also to its carriers.
func (r *reach) ref(s *template.Scope, ref string) {
	if k := refMark(s, ref); !r.names[k] {
		r.names[k] = true
		for _, n := range r.Doc.Scope(s.Number).ByRef(ref) {
			r.again[n.Number] = true
		}
	}
}

// branch follows a change that concerns all that stands in a node: in which order
// it runs, whether, in which project.
func (r *reach) branch(n *template.Node) {
	if n == nil {
		return
	}
	for n := range n.All() {
		r.again[n.Number] = true
		r.surroundings(n)
		r.means(n)
	}
}

// surroundings has the local pass look at a node again if its circumstances are
// others.
func (r *reach) surroundings(n *template.Node) {
	if r.nodes.Get(n.Number).circumstances != circumstancesOf(r.Doc, n) {
		r.checker.node(n)
	}
}

// forget drops what is kept about a node that is gone.
func (r *reach) forget(number int32) {
	r.cyclic = r.cyclic || r.isConcurrent(number)
	at := r.nodes.At(number)
	r.remark(&at.marks, nil, number)
	r.unmark(at.resource, number)
	r.contest(at.resource)
	r.noted.Put(number, false)
	*at = nodeChecks{}
}

// isConcurrent reports whether a node needs the output of one beside it, or has its
// steps need that of one in it or beside it.
func (c *checker) isConcurrent(number int32) bool {
	marks := c.nodes.Get(number).marks
	return slices.Contains(marks, concurrentMark()) || slices.Contains(marks, contextMark())
}

// scope follows the change of a scope's own properties.
func (r *reach) scope(number int32) {
	was, is := r.old.Scope(number), r.Doc.Scope(number)
	if is == nil {
		r.remark(&r.scopeAt(number).marks, nil, markerOf(number))
		r.scopes.Set(number, nil)
		return
	}
	r.checker.scope(is, was)
	r.again[markerOf(number)] = true
	if was == nil {
		return
	}
	if was.Type != is.Type || was.GivesProject != is.GivesProject {
		r.branch(is.Root)
		r.branch(is.Teardown)
	}
	if !is.DeclaresAs(was) {
		r.declared(was, is)
	}
	if was.Linked != is.Linked || was.Misnamed.Green() != is.Misnamed.Green() {
		r.means(nil) // which is what names that are not declared depend on
	}
}

// declared follows a change of what a scope declares.
func (r *reach) declared(was, is *template.Scope) {
	for _, a := range was.Arguments() {
		b := is.Argument(a.Name)
		if b == nil {
			r.names[mentionMark(is, a.Name)] = true
			r.means(nil)
		}
		if b == nil || a.Value.Raw() != b.Value.Raw() || a.Override.Raw() != b.Override.Raw() {
			r.names[argumentMark(is, a.Name)] = true
		}
	}
	for _, a := range is.Arguments() {
		if was.Argument(a.Name) == nil {
			r.names[mentionMark(is, a.Name)] = true
			r.names[argumentMark(is, a.Name)] = true
			r.means(nil)
		}
	}
	if slices.EqualFunc(was.Triggers(), is.Triggers(), func(a, b *template.Trigger) bool { return a.Ref == b.Ref }) {
		return
	}
	for _, t := range slices.Concat(was.Triggers(), is.Triggers()) {
		r.ref(is, t.Ref)
	}
	r.means(nil)
}

// users adds those who have left marks for names that mean something else.
func (r *reach) users() {
	for k := range r.names {
		r.markers(k)
	}
}

// markers adds those who have left a mark.
func (r *reach) markers(k mark) {
	r.marked = r.marks.Append(r.marked[:0], k)
	for _, marker := range r.marked {
		if marker < 0 && r.Doc.Scope(scopeOf(marker)) != nil || marker >= 0 && r.Doc.Node(marker) != nil {
			r.again[marker] = true
		}
	}
}
