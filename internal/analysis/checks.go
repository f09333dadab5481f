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
// uses stand for; it is done again for the users of what changed in a way that
// others can see. The last one looks at the document as a whole; it reads only
// what the other two left in flat lists.
type checks struct {
	doc           *template.Document
	circumstances []circumstances
	localChecks
	linkedChecks
	scopes []scopeChecks
	// collisions are pairs of nodes whose names come to the same, of which the
	// second is pointed at.
	collisions []collision
}

// localChecks is what the local pass left about nodes.
type localChecks struct {
	local notesByNode
	// places are where strings with expressions stand for other types than text.
	places byNode[typedPlace]
}

// linkedChecks is what the linked pass left about nodes.
type linkedChecks struct {
	linked notesByNode
	uses   uses
	// concurrent are the nodes that need the output of one beside them.
	concurrent byNode[struct{}]
	// awaited is what conditions wait for.
	awaited byNode[awaited]
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
	apart := prev == nil || d.Reshaped || standsApart(d, prev.doc)
	var changed []int32
	switch {
	case prev == nil:
		c.circumstances = circumstancesOf(d)
		changed = all(d)
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
		c.local, c.places = prev.local.renumbered(now), prev.places.renumbered(now)
	default:
		c.circumstances, c.localChecks = prev.circumstances, prev.localChecks
		for i, j := range d.Kept {
			if j < 0 {
				changed = append(changed, int32(i))
			}
		}
	}
	c.checkLocally(s, r, changed)
	c.checkScopes(s, r, prev)
	if apart {
		c.link(s, r, all(d))
		c.collisions = collisions(d)
		return c
	}
	c.linkedChecks, c.collisions = prev.linkedChecks, prev.collisions
	c.link(s, r, c.relinked(prev.doc, changed))
	if namesDiffer(d, prev.doc, changed) {
		c.collisions = collisions(d)
	}
	return c
}

// all lists all nodes.
func all(d *template.Document) []int32 {
	out := make([]int32, len(d.Nodes))
	for i := range out {
		out[i] = int32(i)
	}
	return out
}

// standsApart reports whether the documents, whose nodes stand at the same
// places, differ in what every node may depend on: which name stands where, and
// in which order the nodes run.
func standsApart(d, old *template.Document) bool {
	if d.Type != old.Type || d.Certain != old.Certain || d.Misspelt|old.Misspelt != 0 {
		return true // what is misspelt concerns all
	}
	for i, s := range d.Scopes {
		if scopeDiffers(s, old.Scopes[i]) {
			return true
		}
	}
	for i, j := range d.Kept {
		if j >= 0 {
			continue
		}
		n, o := d.Nodes[i], old.Nodes[i]
		if n.Ref != o.Ref || n.Signature != o.Signature && (n.Flow != template.NoFlow || o.Flow != template.NoFlow || len(n.Scope.ByRef(n.Ref)) > 1) {
			return true
		}
	}
	return false
}

func scopeDiffers(s, o *template.Scope) bool {
	if s.Type != o.Type || s.GivesProject != o.GivesProject || s.Linked != o.Linked || s.Misnamed.Green() != o.Misnamed.Green() || len(s.Arguments) != len(o.Arguments) || len(s.Triggers) != len(o.Triggers) {
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

// relinked lists the nodes that the linked pass has to look at again: those that
// changed, and the users of what has changed for others. Nothing has moved.
func (c *checks) relinked(old *template.Document, changed []int32) []int32 {
	d := c.doc
	var seen map[target]bool
	see := func(t target) {
		if seen == nil {
			seen = map[target]bool{}
		}
		seen[t] = true
	}
	addons := false
	for _, i := range changed {
		if d.Nodes[i].Signature != old.Nodes[i].Signature {
			see(toNode(d.Nodes[i]))
			addons = addons || copied(d.Nodes[i].Kind) || copied(old.Nodes[i].Kind)
		}
	}
	number := 0
	for i, s := range d.Scopes {
		if _, same := s.Moved(old.Scopes[i]); !same {
			for j, a := range s.Arguments {
				if before := old.Scopes[i].Arguments[j]; a.Value.Raw() != before.Value.Raw() || a.Override.Raw() != before.Override.Raw() {
					see(toArgument(number + j))
				}
			}
		}
		number += len(s.Arguments)
	}
	if seen == nil {
		return changed
	}
	out := slices.Clone(changed)
	for i, n := range d.Nodes {
		if addons && n.Kind == "Addon" {
			out = append(out, int32(i)) // a copy depends on a source that it does not name itself
			continue
		}
		for _, t := range c.uses.of(i) {
			if seen[t] {
				out = append(out, int32(i))
				// What carries a document may look into it.
				for owner := n.Scope.Owner; owner != nil; owner = owner.Scope.Owner {
					out = append(out, owner.Index)
				}
				break
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// copied reports whether a copy of an addon depends on nodes of the kind.
func copied(kind string) bool { return kind == "Addon" || kind == "AddonBackup" }

// checkLocally runs the local pass on the changed nodes.
func (c *checks) checkLocally(s *Snapshot, r *reporter, changed []int32) {
	l := localCheck{Snapshot: s, reporter: r}
	var notes notesByNode
	var places byNode[typedPlace]
	for _, i := range changed {
		n := s.Doc.Nodes[i]
		l.check(n)
		notes = notes.add(i, r.take(n.Value().Range().Start))
		places = places.add(i, l.places)
	}
	c.local, c.places = c.local.with(changed, notes), c.places.with(changed, places)
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

// link runs the linked pass on the changed nodes, which may be all.
func (c *checks) link(s *Snapshot, r *reporter, changed []int32) {
	l := newLinker(s, r, c.places)
	var notes notesByNode
	var concurrent byNode[struct{}]
	var waits byNode[awaited]
	whole := len(changed) == len(s.Doc.Nodes)
	if whole {
		c.linkedChecks = linkedChecks{}
		c.uses.start = make([]int32, 1, len(s.Doc.Nodes)+1)
	}
	for _, i := range changed {
		n := s.Doc.Nodes[i]
		l.node(n)
		notes = notes.add(i, r.take(n.Value().Range().Start))
		if l.concurrent {
			concurrent = concurrent.add(i, make([]struct{}, 1))
		}
		waits = waits.add(i, l.awaited)
		if whole {
			c.uses.add(l.targets)
		} else {
			c.uses = c.uses.with(int(i), l.targets)
		}
	}
	c.linked, c.concurrent, c.awaited = c.linked.with(changed, notes), c.concurrent.with(changed, concurrent), c.awaited.with(changed, waits)
}
