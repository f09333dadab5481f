package syntax

import (
	"encoding/json"
	"iter"
	"strconv"
	"strings"
)

// Value is a cursor: a value of a tree together with its place. It is cheap to
// copy. The zero Value is absent: all of its methods may be called.
type Value struct {
	tree  *Tree
	node  *Node // of a container
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
	case v.node != nil:
		return v.node
	case v.green.kind.IsScalar():
		return &scalarNodes[v.green.kind]
	}
	return nil
}

// Tree returns the tree that the value belongs to, nil if it is absent.
func (v Value) Tree() *Tree { return v.tree }

// In returns the cursor to the same value in another tree, in which it stands by
// bytes further on. That it does is for the caller to know. A cursor in no tree
// (nil) can be kept without its text, and has to be put into one to be read.
func (v Value) In(t *Tree, by int) Value {
	if v.green.kind == KindInvalid {
		return v
	}
	v.tree, v.start = t, v.start+by
	return v
}

// HasEscapes reports whether a string is written with a backslash.
func (v Value) HasEscapes() bool { return v.green.kind == KindString && v.green.flags&flagEscape != 0 }

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
		at, node := v.start, 0
		for i, g := range v.node.parts {
			if g.flags&flagMember != 0 && !yield(Member{v.tree, v.node, i, node, at}) {
				return
			}
			if g.kind.isContainer() {
				node++
			}
			at += int(g.width)
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
		at, node := v.start, 0
		for _, g := range v.node.parts {
			e := Value{v.tree, nil, g, at}
			if g.kind.isContainer() {
				e.node = v.node.nodes[node]
				node++
			}
			if g.kind.IsValue() && !yield(e) {
				return
			}
			at += int(g.width)
		}
	}
}

// Len returns how many members or elements there are.
func (v Value) Len() int {
	n := 0
	if v.node != nil {
		for _, g := range v.node.parts {
			if g.flags&flagMember != 0 || v.green.kind == KindArray && g.kind.IsValue() {
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
	return found, found.object != nil
}

// Text returns the text of a string, and other values as they are written, but
// for the quote behind a name that has lost its first one.
func (v Value) Text() string {
	switch v.green.kind {
	case KindString:
	case KindWord:
		return strings.TrimSuffix(v.Raw(), `"`)
	default:
		return v.Raw()
	}
	raw := v.Raw()[1:]
	if v.green.flags&flagOpen == 0 {
		raw = raw[:len(raw)-1]
	}
	if v.green.flags&(flagEscape|flagHigh) == 0 {
		return raw
	}
	text, _ := decode(raw, v.quote(), false)
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
