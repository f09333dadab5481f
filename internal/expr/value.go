package expr

import (
	"fmt"
	"math"
)

// Kind tells what a Value is.
type Kind uint8

const (
	// KindUndefined is the zero Value: nothing resolved.
	KindUndefined Kind = iota
	KindNull
	KindBool
	KindNumber
	KindString
	KindArray
	KindObject
	// KindUnknown is a value that only a run can tell; a plan computes with it.
	KindUnknown
	// KindRegex and KindFunction only ever are arguments of functions.
	KindRegex
	KindFunction
)

// String names the kind as the guides do.
func (k Kind) String() string {
	return [...]string{"undefined", "null", "boolean", "number", "string", "array", "object", "unknown value", "regular expression", "function"}[k]
}

// Source is the place that a value was written at, for messages and for the way back to the file. Its fields mean what
// the environment that made the value says.
type Source struct {
	Document string
	Pointer  string
	Start    int
	End      int
}

// Value is an immutable value of the language, cheap to copy. It knows whether it is a secret, and where it came from.
// Printing it with fmt masks secrets.
type Value struct {
	kind   Kind
	secret bool    // the whole value is a secret
	tinted bool    // a part of it is
	num    float64 // numbers; booleans as 0 and 1
	str    string  // strings; unknown values: what a plan shows
	ext    any     // *list, *members, []mark (strings that are secret in part), *Type (unknown), *RegexLit, *closure
	source *Source
}

type list struct {
	items  []Value
	weight int // how large the value is in all, see weigh
}

// mark is a byte range of a string that is secret.
type mark struct{ start, end int }

// Undefined is the value of what does not resolve.
func Undefined() Value { return Value{} }

// Null is JSON's null.
func Null() Value { return Value{kind: KindNull} }

// Bool makes a boolean.
func Bool(b bool) Value {
	v := Value{kind: KindBool}
	if b {
		v.num = 1
	}
	return v
}

// Number makes a number; NaN and the infinities are numbers too.
func Number(f float64) Value { return Value{kind: KindNumber, num: f} }

// String makes a string.
func String(s string) Value { return Value{kind: KindString, str: s} }

// Array makes an array. It keeps items: the caller does not change them any more.
func Array(items []Value) Value {
	v := Value{kind: KindArray}
	l := &list{items: items, weight: 1}
	for i := range items {
		l.weight = addWeight(l.weight, items[i].weigh())
		v.tinted = v.tinted || items[i].IsSecret()
	}
	v.ext = l
	return v
}

// Unknown makes a value of which only the type is known.
func Unknown(t Type) Value {
	return Value{kind: KindUnknown, str: UnknownText, ext: &t}
}

// UnknownText stands where a value is shown that only a run can tell.
const UnknownText = "(known after run)"

// Mask stands where a secret is shown. Its length says nothing about the secret.
const Mask = "***"

// WithSecret returns the value marked as a secret as a whole.
func (v Value) WithSecret() Value {
	v.secret = true
	if v.kind == KindString {
		v.ext = nil
		v.tinted = false
	}
	return v
}

// WithSource returns the value with the place that it was written at.
func (v Value) WithSource(s *Source) Value {
	v.source = s
	return v
}

// Source returns the place that the value was written at, or nil: a computed value has none.
func (v Value) Source() *Source { return v.source }

// Kind returns what the value is.
func (v Value) Kind() Kind { return v.kind }

// IsSecret reports whether the value or any part of it is a secret.
func (v Value) IsSecret() bool { return v.secret || v.tinted }

// IsUndefined reports whether nothing resolved.
func (v Value) IsUndefined() bool { return v.kind == KindUndefined }

// IsUnknown reports whether only a run can tell the value. Known arrays and objects can hold unknown values: see Known.
func (v Value) IsUnknown() bool { return v.kind == KindUnknown }

// Known reports whether the value is known in full.
func (v Value) Known() bool {
	switch v.kind {
	case KindUnknown:
		return false
	case KindArray:
		for _, item := range v.items() {
			if !item.Known() {
				return false
			}
		}
	case KindObject:
		for _, m := range v.members() {
			if !m.Value.Known() {
				return false
			}
		}
	}
	return true
}

// AsBool returns the value of a boolean; ok is false for any other kind.
func (v Value) AsBool() (b, ok bool) { return v.num != 0, v.kind == KindBool }

// AsNumber returns the value of a number; ok is false for any other kind.
func (v Value) AsNumber() (f float64, ok bool) { return v.num, v.kind == KindNumber }

// AsString returns the text of a string as plain UTF-8; ok is false for any other kind.
func (v Value) AsString() (s string, ok bool) {
	if v.kind != KindString {
		return "", false
	}
	return wellFormed(v.str), true
}

// Items returns the elements of an array, and nil for any other kind. The caller does not change them.
func (v Value) Items() []Value {
	items := v.items()
	if !v.secret || items == nil {
		return items
	}
	marked := make([]Value, len(items))
	for i := range items {
		marked[i] = items[i].WithSecret()
	}
	return marked
}

func (v Value) items() []Value {
	if l, ok := v.ext.(*list); ok {
		return l.items
	}
	return nil
}

// Len is the number of elements of an array or of members of an object.
func (v Value) Len() int {
	if m, ok := v.ext.(*members); ok {
		return len(m.list)
	}
	return len(v.items())
}

// Truth is the value's truthiness in JavaScript; known is false where only a run can tell.
func (v Value) Truth() (truth, known bool) {
	switch v.kind {
	case KindUndefined, KindNull:
		return false, true
	case KindBool:
		return v.num != 0, true
	case KindNumber:
		return v.num != 0 && !math.IsNaN(v.num), true
	case KindString:
		return v.str != "", true
	case KindUnknown:
		t := v.Type()
		if t.Within(falsy) {
			return false, true
		}
		return true, t.Within(truthy)
	}
	return true, true
}

// Truthy is Truth for values that are known; an unknown value counts as false.
func (v Value) Truthy() bool {
	truth, known := v.Truth()
	return truth && known
}

// Type returns the type of the value.
func (v Value) Type() Type {
	switch v.kind {
	case KindNull:
		return TypeNull
	case KindBool:
		return TypeBool
	case KindNumber:
		if v.num == math.Trunc(v.num) && !math.IsInf(v.num, 0) {
			return TypeInteger
		}
		return TypeNumber
	case KindString:
		return TypeString
	case KindArray:
		var elem Type
		for _, item := range v.items() {
			elem = elem.Union(item.Type())
		}
		return ArrayOf(elem)
	case KindObject:
		ms := v.members()
		fields := make([]Field, len(ms))
		for i, m := range ms {
			fields[i] = Field{m.Key, m.Value.Type()}
		}
		return ObjectOf(fields, false)
	case KindUnknown:
		if t, ok := v.ext.(*Type); ok {
			return *t
		}
		return TypeString // a text of which a part is unknown and a part secret
	case KindRegex:
		return TypeRegex
	case KindFunction:
		return FunctionOf(TypeAny)
	}
	return TypeUndefined
}

// Get returns an element by its position or a member by its name, and undefined where there is none. The `length` of an
// array is its length. What is in a secret is a secret; what is in an unknown value is unknown.
func (v Value) Get(segment string) Value {
	var r Value
	switch v.kind {
	case KindArray:
		if i, ok := position(segment); ok && i < len(v.items()) {
			r = v.items()[i]
		} else if segment == "length" {
			r = Number(float64(v.Len()))
		}
	case KindObject:
		r, _ = v.ext.(*members).get(segment)
	case KindUnknown:
		r = Unknown(v.Type().Field(segment))
	}
	if v.secret {
		r = r.WithSecret()
	}
	return r
}

// position reads an array position in its canonical spelling.
func position(s string) (int, bool) {
	if s == "" || len(s) > 9 || s[0] == '0' && len(s) > 1 {
		return 0, false
	}
	n := 0
	for i := range len(s) {
		if !isDigit(s[i]) {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, true
}

// weigh estimates how many bytes the value takes when it is written out, so that an array which holds the same large
// value many times counts as large as it will become.
func (v Value) weigh() int {
	switch x := v.ext.(type) {
	case *list:
		return x.weight
	case *members:
		return x.weight
	}
	return len(v.str) + 8
}

const heaviest = 1 << 40

func addWeight(a, b int) int { return min(a+b, heaviest) }

// Format writes the value with its secrets masked, whatever the verb.
func (v Value) Format(s fmt.State, _ rune) {
	if v.kind == KindUndefined {
		_, _ = s.Write([]byte("undefined"))
		return
	}
	_, _ = s.Write(v.MaskedJSON())
}
