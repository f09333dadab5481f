package syntax

import (
	"encoding/json"
	"iter"
	"strconv"
)

// Value is a cursor: a value of a tree together with its place. It is cheap to
// copy. The zero Value is absent: all of its methods may be called.
type Value struct {
	tree  *Tree
	green green
	start int
}

// IsValid reports whether there is a value.
func (v Value) IsValid() bool { return v.tree != nil }

// Kind says what the value is; KindInvalid if it is absent.
func (v Value) Kind() Kind { return v.green.kind }

// Range returns the bytes of the value, quotes and brackets included.
func (v Value) Range() Range { return Range{v.start, v.start + int(v.green.width)} }

// Raw returns the value as it is written.
func (v Value) Raw() string {
	if v.tree == nil {
		return ""
	}
	return v.tree.text.slice(v.start, v.start+int(v.green.width))
}

// Green returns the node of an object or an array, whose pointer identifies
// its text across edits. Scalars have no node of their own: theirs says only
// what kind they are. It is nil for an absent value.
func (v Value) Green() *Node {
	switch {
	case v.green.node != nil:
		return v.green.node
	case v.green.kind.IsScalar():
		return &scalarNodes[v.green.kind]
	}
	return nil
}

// Tree returns the tree that the value belongs to, nil if it is absent.
func (v Value) Tree() *Tree { return v.tree }

// HasErrors reports whether there is a syntax error in the value.
func (v Value) HasErrors() bool { return v.green.flags&flagError != 0 }

// Terminated reports whether a string, an object or an array is closed. Other
// values always are; an absent one is not.
func (v Value) Terminated() bool { return v.tree != nil && v.green.flags&flagOpen == 0 }

// Members yields the members of an object in their order, with duplicates and
// with those that lack a name, a colon or a value. Others have none.
func (v Value) Members() iter.Seq[Member] {
	return func(yield func(Member) bool) {
		if v.green.kind != KindObject {
			return
		}
		at := v.start
		parts := v.green.node.children
		for i := range parts {
			if parts[i].kind == KindMember && !yield(Member{v.tree, parts[i].node, at}) {
				return
			}
			at += int(parts[i].width)
		}
	}
}

// Elements yields the elements of an array. Holes, as in [1,,2], are left out.
// Others have none.
func (v Value) Elements() iter.Seq[Value] {
	return func(yield func(Value) bool) {
		if v.green.kind != KindArray {
			return
		}
		at := v.start
		parts := v.green.node.children
		for i := range parts {
			if parts[i].kind.IsValue() && !yield(Value{v.tree, parts[i], at}) {
				return
			}
			at += int(parts[i].width)
		}
	}
}

// Len returns how many members or elements there are.
func (v Value) Len() int {
	n := 0
	if v.green.node != nil {
		for i := range v.green.node.children {
			if k := v.green.node.children[i].kind; k == KindMember || v.green.kind == KindArray && k.IsValue() {
				n++
			}
		}
	}
	return n
}

// Index returns element i of an array, an absent value if there is none.
func (v Value) Index(i int) Value {
	if i >= 0 {
		for e := range v.Elements() {
			if i == 0 {
				return e
			}
			i--
		}
	}
	return Value{}
}

// Get returns the value of the last member with the name key, as encoding/json
// takes it; an absent value if there is none or if it has none.
func (v Value) Get(key string) Value {
	m, _ := v.GetMember(key)
	return m.Value()
}

// GetMember returns the last member with the name key.
func (v Value) GetMember(key string) (Member, bool) {
	var found Member
	for m := range v.Members() {
		if m.hasKey(key) {
			found = m
		}
	}
	return found, found.node != nil
}

// Text returns the text of a string, and other values as they are written.
func (v Value) Text() string {
	if v.green.kind != KindString {
		return v.Raw()
	}
	raw := v.Raw()[1:]
	if v.green.flags&flagOpen == 0 {
		raw = raw[:len(raw)-1]
	}
	if v.green.flags&(flagEscape|flagHigh) == 0 {
		return raw
	}
	text, _ := decode(raw, v.quote(), nil)
	return text
}

func (v Value) quote() byte {
	if v.green.flags&flagSingle != 0 {
		return v.tree.text.slice(v.start, v.start+1)[0]
	}
	return '"'
}

// Float returns a number. It is false for what is no JSON number, and for one
// that is out of the range of a float64.
func (v Value) Float() (float64, bool) {
	if v.green.kind != KindNumber || v.green.flags&flagError != 0 {
		return 0, false
	}
	f, err := strconv.ParseFloat(v.Raw(), 64)
	return f, err == nil
}

// Bool returns true or false, and whether the value is one of them.
func (v Value) Bool() (val, ok bool) {
	return v.green.kind == KindTrue, v.green.kind == KindTrue || v.green.kind == KindFalse
}

// Interface returns the value as encoding/json decodes it into an any. Where
// the text is no JSON, a word is a string, a member without a value is nil, and
// one without a name is left out. A number that no float64 holds, which
// encoding/json refuses, is a json.Number.
func (v Value) Interface() any {
	switch v.green.kind {
	case KindObject:
		m := make(map[string]any)
		for member := range v.Members() {
			if key := member.Key(); key.IsValid() {
				m[key.Text()] = member.Value().Interface()
			}
		}
		return m
	case KindArray:
		a := make([]any, 0, v.Len())
		for e := range v.Elements() {
			a = append(a, e.Interface())
		}
		return a
	case KindNumber:
		if f, ok := v.Float(); ok {
			return f
		}
		return json.Number(v.Raw())
	case KindTrue, KindFalse:
		return v.green.kind == KindTrue
	case KindNull, KindInvalid:
		return nil
	}
	return v.Text()
}

// Member is a cursor to a member of an object. The zero Member is absent.
type Member struct {
	tree  *Tree
	node  *Node
	start int
}

// Tree returns the tree that the member belongs to, nil if it is absent.
func (m Member) Tree() *Tree { return m.tree }

// IsValid reports whether there is a member.
func (m Member) IsValid() bool { return m.node != nil }

// Range returns the bytes from the name to the end of the value, or of what
// there is of them.
func (m Member) Range() Range {
	if m.node == nil {
		return Range{}
	}
	return Range{m.start, m.start + int(m.node.width)}
}

// Green returns the node of the member, whose pointer identifies its text
// across edits.
func (m Member) Green() *Node { return m.node }

// Key returns the name: a string, or a word or another scalar where the quotes
// are missing; an absent value where the member starts with its colon or value.
func (m Member) Key() Value {
	if m.node != nil {
		if g := m.node.children[0]; g.kind.IsScalar() {
			return Value{m.tree, g, m.start}
		}
	}
	return Value{}
}

// KeyText returns the text of the name, "" if there is none.
func (m Member) KeyText() string { return m.Key().Text() }

func (m Member) hasKey(key string) bool {
	g := m.node.children[0]
	if !g.kind.IsScalar() {
		return false
	}
	if g.kind == KindString && g.flags == 0 {
		return int(g.width) == len(key)+2 && m.tree.text.slice(m.start+1, m.start+1+len(key)) == key
	}
	return m.Key().Text() == key
}

// HasColon reports whether there is a colon between the name and the value.
func (m Member) HasColon() bool {
	_, ok := m.Colon()
	return ok
}

// Colon returns the place of the colon, and whether there is one.
func (m Member) Colon() (Range, bool) {
	if m.node != nil {
		at := m.start
		for _, g := range m.node.children {
			if g.kind == KindColon {
				return Range{at, at + int(g.width)}, true
			}
			at += int(g.width)
		}
	}
	return Range{}, false
}

// Value returns the value of the member; an absent one if it is missing.
func (m Member) Value() Value {
	if m.node != nil {
		parts := m.node.children
		last := parts[len(parts)-1]
		if last.kind.IsValue() && (len(parts) > 1 || last.kind.isContainer()) {
			return Value{m.tree, last, m.start + int(m.node.width-last.width)}
		}
	}
	return Value{}
}
