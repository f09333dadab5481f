// Package jsonvalue reads, compares and merges decoded JSON values: what
// encoding/json makes of any (map[string]any, []any, string, float64 or
// json.Number, bool, nil).
//
// Values are treated as immutable: nothing here changes its arguments, results
// may share parts with them. The package knows nothing of the platform.
package jsonvalue

import (
	"encoding/json"
	"maps"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// Get returns the value at a dotted path of object properties and array
// positions, such as "deployment.internal.id" or "ports.0.name"; nil when
// there is none. An empty path is the value itself.
func Get(v any, path string) any {
	for path != "" && v != nil {
		name, rest, _ := strings.Cut(path, ".")
		switch parent := v.(type) {
		case map[string]any:
			v = parent[name]
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(parent) {
				return nil
			}
			v = parent[i]
		default:
			return nil
		}
		path = rest
	}
	return v
}

// String returns the string at a path, "" when there is none.
func String(v any, path string) string {
	s, _ := Get(v, path).(string)
	return s
}

// Bool returns the boolean at a path, false when there is none. The strings
// "true" and "false" count, as they do in templates.
func Bool(v any, path string) bool {
	switch b := Get(v, path).(type) {
	case bool:
		return b
	case string:
		return b == "true"
	}
	return false
}

// Number returns the number at a path. Numbers written as strings count, as
// they do in templates.
func Number(v any, path string) (float64, bool) {
	switch n := Get(v, path).(type) {
	case float64:
		return n, true
	case int:
		return float64(n), true
	case int64:
		return float64(n), true
	case json.Number:
		f, err := n.Float64()
		return f, err == nil
	case string:
		f, err := strconv.ParseFloat(n, 64)
		return f, err == nil
	}
	return 0, false
}

// Object returns the object at a path, nil when there is none.
func Object(v any, path string) map[string]any {
	o, _ := Get(v, path).(map[string]any)
	return o
}

// List returns the array at a path, nil when there is none.
func List(v any, path string) []any {
	l, _ := Get(v, path).([]any)
	return l
}

// Equal tells whether two values are the same JSON: numbers compare by value,
// members in any order. A value that is no JSON equals nothing.
func Equal(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for k, v := range a {
			w, ok := b[k]
			if !ok || !Equal(v, w) {
				return false
			}
		}
		return true
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, Equal)
	case string:
		b, ok := b.(string)
		return ok && a == b
	case bool:
		b, ok := b.(bool)
		return ok && a == b
	case nil:
		return b == nil
	}
	switch x := a.(type) {
	case float64:
		if y, ok := b.(float64); ok {
			return x == y
		}
		if y, ok := whole(b); ok && math.Abs(x) < exact {
			return x == float64(y)
		}
	case json.Number:
		if x, ok := whole(x); ok {
			if y, ok := b.(float64); ok && math.Abs(y) < exact {
				return float64(x) == y
			}
		}
	}
	x, ok := rational(a)
	if !ok {
		return false
	}
	y, ok := rational(b)
	return ok && x.Cmp(y) == 0
}

// exact bounds the whole numbers that a float64 holds each of.
const exact = 1 << 53

// whole is the value of a number that is written as a small whole one, which most are.
func whole(v any) (int64, bool) {
	n, ok := v.(json.Number)
	if !ok || len(n) > 15 {
		return 0, false
	}
	i, err := strconv.ParseInt(string(n), 10, 64)
	return i, err == nil
}

// rational is the exact value of a number in any of its Go forms. An exponent
// beyond what a float64 holds is no number here: its digits would fill memory.
func rational(v any) (*big.Rat, bool) {
	switch n := v.(type) {
	case float64:
		r := new(big.Rat).SetFloat64(n)
		return r, r != nil
	case int:
		return new(big.Rat).SetInt64(int64(n)), true
	case int64:
		return new(big.Rat).SetInt64(n), true
	case json.Number:
		f, err := n.Float64()
		if err != nil {
			return nil, false
		}
		if f == 0 { // or too near to it to be told: an exponent below fills memory too
			digits, _, _ := strings.Cut(strings.ToLower(n.String()), "e")
			return new(big.Rat), !strings.ContainsAny(digits, "123456789")
		}
		return new(big.Rat).SetString(n.String())
	}
	return nil, false
}

// Merge lays over on top of base: objects are merged member by member, anything
// else, arrays too, is replaced.
func Merge(base, over any) any {
	b, ok := base.(map[string]any)
	if !ok {
		return over
	}
	o, ok := over.(map[string]any)
	if !ok {
		return over
	}
	merged := make(map[string]any, len(b)+len(o))
	maps.Copy(merged, b)
	for k, v := range o {
		if old, ok := merged[k]; ok {
			merged[k] = Merge(old, v)
		} else {
			merged[k] = v
		}
	}
	return merged
}

// Normal returns the value without members that say nothing: null, empty
// strings, empty arrays and empty objects. Two specifications that ask for the
// same are equal in their normal form.
func Normal(v any) any {
	switch v := v.(type) {
	case map[string]any:
		normal := make(map[string]any, len(v))
		for k, e := range v {
			if n := Normal(e); !isEmpty(n) {
				normal[k] = n
			}
		}
		return normal
	case []any:
		normal := make([]any, len(v))
		for i, e := range v {
			normal[i] = Normal(e)
		}
		return normal
	}
	return v
}

// Same tells whether two values are equal in their normal form.
func Same(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok {
			return false
		}
		said := 0
		for k, v := range a {
			if saysNothing(v) {
				continue
			}
			said++
			if w := b[k]; saysNothing(w) || !Same(v, w) {
				return false
			}
		}
		for _, w := range b {
			if !saysNothing(w) {
				said--
			}
		}
		return said == 0
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, Same)
	}
	return Equal(a, b)
}

// saysNothing tells whether the normal form of an object has no member with the value.
func saysNothing(v any) bool {
	o, ok := v.(map[string]any)
	if !ok {
		return isEmpty(v)
	}
	for _, e := range o {
		if !saysNothing(e) {
			return false
		}
	}
	return true
}

func isEmpty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}

// Without returns the value without what stands at a dotted path, in which "*"
// stands for every element of an array or every member of an object.
func Without(v any, path string) any {
	name, rest, more := strings.Cut(path, ".")
	switch parent := v.(type) {
	case map[string]any:
		if name == "*" {
			out := make(map[string]any, len(parent))
			for k, e := range parent {
				if more {
					out[k] = Without(e, rest)
				}
			}
			return out
		}
		child, ok := parent[name]
		if !ok {
			return v
		}
		out := maps.Clone(parent)
		if more {
			out[name] = Without(child, rest)
		} else {
			delete(out, name)
		}
		return out
	case []any:
		if name != "*" || !more {
			return v
		}
		out := make([]any, len(parent))
		for i, e := range parent {
			out[i] = Without(e, rest)
		}
		return out
	}
	return v
}

// Pick returns an object's members of the given names.
func Pick(o map[string]any, names []string) map[string]any {
	picked := make(map[string]any, len(names))
	for _, name := range names {
		if v, ok := o[name]; ok {
			picked[name] = v
		}
	}
	return picked
}

// EscapePointer writes a name as a segment of a JSON pointer.
func EscapePointer(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}
