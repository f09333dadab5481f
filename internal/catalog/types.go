package catalog

import "strings"

// TypeSet is a set of JSON types. The empty set stands for "any type".
type TypeSet uint8

// The JSON types. A schema that takes TypeNumber takes integers as well.
const (
	TypeString TypeSet = 1 << iota
	TypeInteger
	TypeNumber
	TypeBoolean
	TypeObject
	TypeArray
	TypeNull
)

var typeNames = [...]string{"string", "integer", "number", "boolean", "object", "array", "null"}

// Has reports whether every type of o is in the set.
func (t TypeSet) Has(o TypeSet) bool { return t&o == o }

// Names lists the types by their JSON Schema names, in a fixed order.
func (t TypeSet) Names() []string {
	var names []string
	for i, name := range typeNames {
		if t&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}

// String joins the names with "or"; the empty set is "any value".
func (t TypeSet) String() string {
	if t == 0 {
		return "any value"
	}
	return strings.Join(t.Names(), " or ")
}
