package analysis

import (
	"slices"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// checks is what the passes found in one version of a document, by node and by
// scope, with places relative to them: the next version takes over what still
// holds and checks the rest.
//
// There are three passes. The local one depends on a node's own text and its
// circumstances. The linked one depends also on what the names that the node
// uses stand for; it is done again for all nodes when one of them changed in a
// way that others can see. The last one looks at the document as a whole; it
// reads only what the linked pass left in flat lists.
type checks struct {
	doc           *template.Document
	local, linked notesByNode
	circumstances []circumstances
	uses          uses
	// concurrent are the nodes that need the output of one beside them, in order.
	concurrent []int32
	scopes     []scopeChecks
}

// scopeChecks is what a document's own properties got from the local pass.
type scopeChecks struct {
	scope *template.Scope
	local []note
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

func circumstancesOf(d *template.Document) []circumstances {
	out := make([]circumstances, len(d.Nodes))
	for i, n := range d.Nodes {
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
		if n.Flow == template.Loop || n.Parent != nil && out[n.Parent.Index]&inLoop != 0 {
			c |= inLoop
		}
		out[i] = c
	}
	return out
}

// check runs the passes. prev, which may be nil, is what they found in the
// version that the document was built from.
func (s *Snapshot) check(prev *checks) *checks {
	d := s.Doc
	if d.Kept == nil {
		prev = nil
	}
	c := &checks{doc: d}
	r := &reporter{config: s.Config}
	apart := prev == nil || d.Reshaped || seenChange(d, prev.doc)
	var changed []int32
	switch {
	case prev == nil:
		c.circumstances = circumstancesOf(d)
		changed = make([]int32, len(d.Nodes))
		for i := range changed {
			changed[i] = int32(i)
		}
	case apart:
		c.circumstances = circumstancesOf(d)
		now := make([]int32, len(prev.doc.Nodes))
		for i := range now {
			now[i] = -1
		}
		for i, j := range d.Kept {
			if j >= 0 && c.circumstances[i] == prev.circumstances[j] {
				now[j] = int32(i)
			} else {
				changed = append(changed, int32(i))
			}
		}
		c.local = prev.local.renumbered(now)
	default:
		c.circumstances, c.local = prev.circumstances, prev.local
		for i, j := range d.Kept {
			if j < 0 {
				changed = append(changed, int32(i))
			}
		}
	}
	var fresh notesByNode
	for _, i := range changed {
		n := d.Nodes[i]
		s.checkNode(r, n)
		fresh = r.deliver(fresh, n)
	}
	c.local = c.local.with(changed, fresh)
	c.checkScopes(s, r, prev)
	if apart {
		c.linkAll(s, r)
	} else {
		c.linkSome(s, r, prev, changed)
	}
	return c
}

// seenChange reports whether the documents, whose nodes stand at the same
// places, differ in something that findings of other nodes depend on.
func seenChange(d, old *template.Document) bool {
	if d.Type != old.Type || d.Certain != old.Certain {
		return true
	}
	for i, s := range d.Scopes {
		if o := old.Scopes[i]; s != o && scopeDiffers(s, o) {
			return true
		}
	}
	for i, j := range d.Kept {
		if j < 0 && d.Nodes[i].Signature != old.Nodes[i].Signature {
			return true
		}
	}
	return false
}

func scopeDiffers(s, o *template.Scope) bool {
	if s.Type != o.Type || s.GivesProject != o.GivesProject || len(s.Arguments) != len(o.Arguments) || len(s.Triggers) != len(o.Triggers) {
		return true
	}
	for i, a := range s.Arguments {
		if a.Name != o.Arguments[i].Name {
			return true
		}
	}
	for i, t := range s.Triggers {
		if t.Ref != o.Triggers[i].Ref {
			return true
		}
	}
	return false
}

// checkScopes runs the local pass on the documents' own properties.
func (c *checks) checkScopes(s *Snapshot, r *reporter, prev *checks) {
	c.scopes = make([]scopeChecks, len(s.Doc.Scopes))
	for i, scope := range s.Doc.Scopes {
		c.scopes[i].scope = scope
		if prev != nil && i < len(prev.scopes) {
			old := &prev.scopes[i]
			if to, same := scope.Moved(old.scope); same && s.Doc.Certain == prev.doc.Certain && scope.Type == old.scope.Type {
				c.scopes[i].local = movedNotes(old.local, to)
				continue
			}
		}
		s.checkScope(r, scope)
		c.scopes[i].local = r.take(scope.Value.Range().Start)
	}
}

func movedNotes(notes []note, to func(int) int) []note {
	if len(notes) == 0 {
		return nil
	}
	out := make([]note, len(notes))
	for i, n := range notes {
		n.Finding = n.mapped(func(r syntax.Range) syntax.Range {
			return syntax.Range{Start: to(r.Start), End: to(r.End)}
		})
		out[i] = n
	}
	return out
}

// linkAll runs the linked pass on all nodes.
func (c *checks) linkAll(s *Snapshot, r *reporter) {
	l := newLinker(s, r)
	c.uses.start = make([]int32, 1, len(s.Doc.Nodes)+1)
	for i, n := range s.Doc.Nodes {
		l.node(n)
		c.linked = r.deliver(c.linked, n)
		if l.concurrent {
			c.concurrent = append(c.concurrent, int32(i))
		}
		c.uses.targets = append(c.uses.targets, l.targets...)
		c.uses.start = append(c.uses.start, int32(len(c.uses.targets)))
	}
}

// linkSome runs the linked pass on the changed nodes, where nothing that others
// depend on has changed.
func (c *checks) linkSome(s *Snapshot, r *reporter, prev *checks, changed []int32) {
	c.uses, c.concurrent = prev.uses, prev.concurrent
	l := newLinker(s, r)
	var fresh notesByNode
	for _, i := range changed {
		n := s.Doc.Nodes[i]
		l.node(n)
		fresh = r.deliver(fresh, n)
		c.uses = c.uses.with(int(i), l.targets)
		c.concurrent = toggled(c.concurrent, i, l.concurrent)
	}
	c.linked = prev.linked.with(changed, fresh)
}

// toggled returns the sorted list with or without an element.
func toggled(list []int32, i int32, in bool) []int32 {
	at, found := slices.BinarySearch(list, i)
	switch {
	case in && !found:
		return slices.Insert(slices.Clone(list), at, i)
	case !in && found:
		return slices.Delete(slices.Clone(list), at, at+1)
	}
	return list
}
