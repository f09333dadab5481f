package template

import (
	"slices"
	"sync"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// manyArguments is from how many on a scope keeps its arguments in a map.
const manyArguments = 16

// declared are the arguments and triggers of a document. They do not depend on
// where it stands: their cursors count from the start of the value that they
// were read from, and stand in no tree. Versions share them.
type declared struct {
	// from are those values: see sourcesOf.
	from      [sources]*syntax.Node
	arguments []Argument
	// members are the sources of the arguments' members.
	members  []uint8
	byName   map[string]int // nil where there are few
	triggers []Trigger
}

// The values that declare something.
const (
	sourceArguments = iota
	sourceOverrides
	sourceCreation
	sourceTriggers
	sources
)

func sourcesOf(object syntax.Value) [sources]syntax.Value {
	return [sources]syntax.Value{
		object.Get("arguments"), object.Get("argumentOverrides"),
		object.Get("options").Get("runOnCreationArgumentOverrides"), object.Get("triggers"),
	}
}

// declaredBy reads what a document declares, or takes it from an earlier version.
func declaredBy(object syntax.Value, old *declared) *declared {
	from := sourcesOf(object)
	d := &declared{}
	for i, v := range from {
		d.from[i] = v.Green()
	}
	if old != nil && d.from == old.from {
		return old
	}
	count := from[sourceArguments].Len() + from[sourceOverrides].Len() + from[sourceCreation].Len()
	if count >= manyArguments {
		d.byName = make(map[string]int, count)
	}
	d.arguments = make([]Argument, 0, count)
	for source := range uint8(sourceTriggers) {
		start := from[source].Range().Start
		for m := range from[source].Members() {
			a := d.argument(m.In(nil, -start), m.KeyText(), source)
			switch source {
			case sourceArguments:
				a.Value = m.Value().In(nil, -start)
			case sourceOverrides:
				a.Override = m.Value().In(nil, -start)
			}
		}
	}
	start := from[sourceTriggers].Range().Start
	for t := range from[sourceTriggers].Elements() {
		if ref := t.Get("ref"); ref.Kind() == syntax.KindString {
			d.triggers = append(d.triggers, Trigger{Ref: ref.Text(), RefValue: ref.In(nil, -start), Value: t.In(nil, -start)})
		}
	}
	return d
}

// argument returns the argument with the name, a new one if there is none yet.
func (d *declared) argument(m syntax.Member, name string, source uint8) *Argument {
	i := d.find(name)
	if i < 0 {
		if i = len(d.arguments); d.byName != nil {
			d.byName[name] = i
		}
		d.arguments = append(d.arguments, Argument{Name: name, Member: m})
		d.members = append(d.members, source)
	}
	return &d.arguments[i]
}

// find returns the index of the argument with the name, -1 if there is none.
func (d *declared) find(name string) int {
	if d.byName != nil {
		if i, ok := d.byName[name]; ok {
			return i
		}
		return -1
	}
	return slices.IndexFunc(d.arguments, func(a Argument) bool { return a.Name == name })
}

// scopeLists are what a scope has been asked for.
type scopeLists struct {
	declaredOnce, nodesOnce sync.Once
	arguments               []*Argument
	triggers                []*Trigger
	nodes                   []*Node
}

// Arguments returns the members of `arguments`, then those of `argumentOverrides`
// (and of the overrides for creation) that declare a name of their own. The
// result is shared and must not be changed.
func (s *Scope) Arguments() []*Argument {
	s.putDeclaredIn()
	return s.lists.arguments
}

// Triggers returns the Git triggers; their refs stand beside node refs. The
// result is shared and must not be changed.
func (s *Scope) Triggers() []*Trigger {
	s.putDeclaredIn()
	return s.lists.triggers
}

// putDeclaredIn puts the cursors of what is declared into the scope's tree.
func (s *Scope) putDeclaredIn() {
	s.lists.declaredOnce.Do(func() {
		d := s.shape.declared
		if len(d.arguments)+len(d.triggers) == 0 {
			return
		}
		tree, starts := s.document.Tree, [sources]int{}
		for i, v := range sourcesOf(s.Value) {
			starts[i] = v.Range().Start
		}
		arguments := make([]Argument, len(d.arguments))
		s.lists.arguments = make([]*Argument, len(d.arguments))
		for i, a := range d.arguments {
			arguments[i] = Argument{
				Name: a.Name, Member: a.Member.In(tree, starts[d.members[i]]),
				Value: a.Value.In(tree, starts[sourceArguments]), Override: a.Override.In(tree, starts[sourceOverrides]),
			}
			s.lists.arguments[i] = &arguments[i]
		}
		for _, t := range d.triggers {
			start := starts[sourceTriggers]
			s.lists.triggers = append(s.lists.triggers, &Trigger{t.Ref, t.RefValue.In(tree, start), t.Value.In(tree, start)})
		}
	})
}

// DeclaresAs reports whether the scope declares the same arguments, with the same
// values, and the same triggers as another version of it.
func (s *Scope) DeclaresAs(old *Scope) bool { return s.shape.declared == old.shape.declared }

// Argument returns the declared argument, or nil.
func (s *Scope) Argument(name string) *Argument {
	if s == nil {
		return nil
	}
	if i := s.shape.declared.find(name); i >= 0 {
		return s.Arguments()[i]
	}
	return nil
}

// Trigger returns the Git trigger with the ref, or nil.
func (s *Scope) Trigger(ref string) *Trigger {
	for i, t := range s.shape.declared.triggers {
		if t.Ref == ref {
			return s.Triggers()[i]
		}
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
	if old == nil {
		return nil, false
	}
	return s.shape.moved(old.shape)
}

func (s *scopeShape) moved(old *scopeShape) (to func(offset int) int, same bool) {
	switch {
	case old == nil:
		return nil, false
	case s.text == old.text && s.text != nil:
		return func(offset int) int { return offset }, true
	case s.layout == nil || !s.layout.same(old.layout):
		return nil, false
	}
	return func(offset int) int { return s.layout.moved(old.layout, offset) }, true
}

// ownFacts collects the facts of the document's object, or takes them from an
// earlier version.
func (s *scopeShape) ownFacts(c *collector, v syntax.Value, old *scopeShape, spec, teardown syntax.Value) {
	foreign := make([]*syntax.Node, 0, 2)
	for _, v := range []syntax.Value{spec, teardown} {
		if v.Kind() == syntax.KindObject || v.Kind() == syntax.KindArray {
			foreign = append(foreign, v.Green())
		}
	}
	s.layout = layoutOf(v, foreign)
	if to, same := s.moved(old); same {
		s.facts = old.facts.moved(to)
		return
	}
	s.facts = new(Facts)
	c.collect(s.facts, v, foreign)
}
