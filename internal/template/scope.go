package template

import (
	"sync"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// manyArguments is from how many on a scope keeps its arguments in a map.
const manyArguments = 16

func (s *Scope) arguments() {
	count := 0
	for _, name := range []string{"arguments", "argumentOverrides"} {
		count += s.Value.Get(name).Len()
	}
	creation := s.Value.Get("options").Get("runOnCreationArgumentOverrides")
	if count += creation.Len(); count == 0 {
		return
	}
	if count >= manyArguments {
		s.byArgument = make(map[string]*Argument, count)
	}
	s.Arguments = make([]*Argument, 0, count)
	room := make([]Argument, 0, count)
	add := func(m syntax.Member) *Argument {
		name := m.KeyText()
		if a := s.Argument(name); a != nil {
			return a
		}
		room = append(room, Argument{Name: name, Index: len(room), Member: m})
		a := &room[len(room)-1]
		if s.byArgument != nil {
			s.byArgument[name] = a
		}
		s.Arguments = append(s.Arguments, a)
		return a
	}
	for m := range s.Value.Get("arguments").Members() {
		add(m).Value = m.Value()
	}
	for m := range s.Value.Get("argumentOverrides").Members() {
		add(m).Override = m.Value()
	}
	for m := range creation.Members() {
		add(m)
	}
}

// refs finds nodes by their refs. Versions of a scope in which all refs stand at
// the same nodes share one; it is filled when it is first asked.
type refs struct {
	once  sync.Once
	first map[string]int32   // the index in the scope's nodes
	more  map[string][]int32 // all indices of refs that stand more than once
}

func (r *refs) fill(nodes []*Node) {
	r.first = make(map[string]int32, len(nodes))
	for i, n := range nodes {
		if n.Ref == "" {
			continue
		}
		first, ok := r.first[n.Ref]
		if !ok {
			r.first[n.Ref] = int32(i)
			continue
		}
		if r.more == nil {
			r.more = map[string][]int32{}
		}
		if len(r.more[n.Ref]) == 0 {
			r.more[n.Ref] = append(r.more[n.Ref], first)
		}
		r.more[n.Ref] = append(r.more[n.Ref], int32(i))
	}
}

func (r *refs) nodes(nodes []*Node, ref string) []*Node {
	r.once.Do(func() { r.fill(nodes) })
	if more := r.more[ref]; more != nil {
		out := make([]*Node, len(more))
		for i, n := range more {
			out[i] = nodes[n]
		}
		return out
	}
	if i, ok := r.first[ref]; ok {
		return nodes[i : i+1 : i+1]
	}
	return nil
}

// layout is a scope's object without what stands in its nodes: two scopes with
// the same layout have the same facts, at places that may have moved.
type layout struct {
	closed bool
	slots  []slot
}

// slot is a member of the scope's object.
type slot struct {
	key, raw string       // the name as it is written, and the value of a scalar
	node     *syntax.Node // the value of another
	foreign  bool         // the value is a node of the document
	// Where the member and its value start and where they end, from the start of
	// the object. Between them there may be space and mistakes.
	start, value, end int
}

func layoutOf(v syntax.Value, foreign []*syntax.Node) *layout {
	l := &layout{closed: v.Terminated(), slots: make([]slot, 0, v.Len())}
	base := v.Range().Start
	for m := range v.Members() {
		r, val := m.Range(), m.Value()
		s := slot{key: m.Key().Raw(), start: r.Start - base, value: r.End - base, end: r.End - base}
		if val.IsValid() {
			s.value = val.Range().Start - base
		}
		switch {
		case !val.Kind().IsScalar():
			s.node = val.Green()
			if contains(foreign, s.node) {
				s.node, s.foreign = nil, true
			}
		default:
			s.raw = val.Raw()
		}
		l.slots = append(l.slots, s)
	}
	return l
}

func contains(list []*syntax.Node, n *syntax.Node) bool {
	for _, x := range list {
		if x == n && n != nil {
			return true
		}
	}
	return false
}

func (l *layout) same(o *layout) bool {
	if o == nil || l.closed != o.closed || len(l.slots) != len(o.slots) {
		return false
	}
	for i := range l.slots {
		a, b := &l.slots[i], &o.slots[i]
		if a.key != b.key || a.raw != b.raw || a.node != b.node || a.foreign != b.foreign {
			return false
		}
	}
	return true
}

// moved returns where an offset of the old layout stands in l, which is the
// same but for places.
func (l *layout) moved(o *layout, offset int) int {
	delta := 0
	for i := range o.slots {
		now, before := &l.slots[i], &o.slots[i]
		switch {
		case offset < before.start:
			return offset + delta
		case offset < before.value:
			delta = now.start - before.start
		case offset < before.end:
			delta = now.value - before.value
		default:
			delta = now.end - before.end
		}
	}
	return offset + delta
}

// Moved reports whether the scope's object says the same as that of an earlier
// version, its nodes aside, and how to map offsets in the one, from its start
// on, to offsets in the other.
func (s *Scope) Moved(old *Scope) (to func(offset int) int, same bool) {
	switch {
	case old == nil:
		return nil, false
	case s.Value.Green() == old.Value.Green() && s.Value.IsValid():
		return func(offset int) int { return offset }, true
	case s.layout == nil || !s.layout.same(old.layout):
		return nil, false
	}
	return func(offset int) int { return s.layout.moved(old.layout, offset) }, true
}

// ownFacts collects the facts of the scope's object, or takes them from an
// earlier version.
func (s *Scope) ownFacts(c *collector, old *Scope, spec, teardown syntax.Value) {
	if old != nil && old.Value.Green() == s.Value.Green() {
		s.layout, s.Facts = old.layout, old.Facts
		return
	}
	foreign := make([]*syntax.Node, 0, 2)
	for _, v := range []syntax.Value{spec, teardown} {
		if v.Kind() == syntax.KindObject || v.Kind() == syntax.KindArray {
			foreign = append(foreign, v.Green())
		}
	}
	s.layout = layoutOf(s.Value, foreign)
	if to, same := s.Moved(old); same {
		s.Facts = old.Facts.moved(to)
		return
	}
	s.Facts = c.collect(s.Value, foreign)
}
