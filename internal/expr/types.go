package expr

import "strings"

// Shape is a set of kinds that a value of a type can have.
type Shape uint16

const (
	ShapeUndefined Shape = 1 << iota
	ShapeNull
	ShapeBool
	ShapeInteger
	ShapeFraction // a number that is no integer
	ShapeString
	ShapeArray
	ShapeObject
	ShapeRegex
	ShapeFunction

	ShapeNumber = ShapeInteger | ShapeFraction
	// ShapeAny is every kind that a value of a template can have.
	ShapeAny = ShapeUndefined | ShapeNull | ShapeBool | ShapeNumber | ShapeString | ShapeArray | ShapeObject
)

// Type is a static type: a set of kinds, with the element type of arrays, the fields of objects and the result of
// functions. The zero Type holds nothing: no value has it.
type Type struct {
	shape  Shape
	elem   *Type   // arrays; nil is any
	object *object // nil is any object
	result *Type   // functions; nil is any
}

type object struct {
	fields []Field
	open   bool // there can be others
}

// Field is a field of an object type.
type Field struct {
	Name string
	Type Type
}

// The simple types.
var (
	TypeAny       = Type{shape: ShapeAny}
	TypeUndefined = Type{shape: ShapeUndefined}
	TypeNull      = Type{shape: ShapeNull}
	TypeBool      = Type{shape: ShapeBool}
	TypeInteger   = Type{shape: ShapeInteger}
	TypeNumber    = Type{shape: ShapeNumber}
	TypeString    = Type{shape: ShapeString}
	TypeArray     = Type{shape: ShapeArray}
	TypeObject    = Type{shape: ShapeObject}
	TypeRegex     = Type{shape: ShapeRegex}

	falsy  = Type{shape: ShapeUndefined | ShapeNull}
	truthy = Type{shape: ShapeArray | ShapeObject | ShapeRegex | ShapeFunction}
)

// ArrayOf is the type of arrays with elements of type t.
func ArrayOf(t Type) Type { return Type{shape: ShapeArray, elem: &t} }

// ObjectOf is the type of objects with the given fields; open says that there can be others. A field that can be left
// out has a type with undefined in it.
func ObjectOf(fields []Field, open bool) Type {
	return Type{shape: ShapeObject, object: &object{fields: fields, open: open}}
}

// FunctionOf is the type of lambdas with that result.
func FunctionOf(result Type) Type { return Type{shape: ShapeFunction, result: &result} }

// Shape returns the kinds that a value of the type can have.
func (t Type) Shape() Shape { return t.shape }

// Can reports whether a value of the type can be of one of the kinds.
func (t Type) Can(s Shape) bool { return t.shape&s != 0 }

// IsAny reports whether nothing is known.
func (t Type) IsAny() bool {
	return t.shape&ShapeAny == ShapeAny && t.elem == nil && t.object == nil
}

// Within reports whether every value of t is of a kind that u has: t is provably a u, elements and fields aside.
func (t Type) Within(u Type) bool { return t.shape != 0 && t.shape&^u.shape == 0 }

// Overlaps reports whether a value of t can be of a kind that u has. Where it is false, t is provably no u.
func (t Type) Overlaps(u Type) bool { return t.shape&u.shape != 0 }

// Without returns the type without some kinds.
func (t Type) Without(s Shape) Type {
	t.shape &^= s
	return t
}

// Only returns the type restricted to some kinds.
func (t Type) Only(s Shape) Type {
	t.shape &= s
	return t
}

// Union is the type of values that have one type or the other.
func (t Type) Union(u Type) Type {
	if t.shape == 0 {
		return u
	}
	if u.shape == 0 {
		return t
	}
	r := Type{shape: t.shape | u.shape}
	switch {
	case !t.Can(ShapeArray):
		r.elem = u.elem
	case !u.Can(ShapeArray):
		r.elem = t.elem
	case t.elem != nil && u.elem != nil:
		elem := t.elem.Union(*u.elem)
		r.elem = &elem
	}
	switch {
	case !t.Can(ShapeObject):
		r.object = u.object
	case !u.Can(ShapeObject):
		r.object = t.object
	case t.object == u.object:
		r.object = t.object
	case t.object != nil && u.object != nil:
		r.object = unite(t.object, u.object)
	}
	switch {
	case !t.Can(ShapeFunction):
		r.result = u.result
	case !u.Can(ShapeFunction):
		r.result = t.result
	case t.result != nil && u.result != nil:
		result := t.result.Union(*u.result)
		r.result = &result
	}
	return r
}

func unite(a, b *object) *object {
	r := &object{open: a.open || b.open}
	for _, f := range a.fields {
		other, ok := b.field(f.Name)
		if !ok {
			other = b.absent()
		}
		r.fields = append(r.fields, Field{f.Name, f.Type.Union(other)})
	}
	for _, f := range b.fields {
		if _, ok := a.field(f.Name); !ok {
			r.fields = append(r.fields, Field{f.Name, f.Type.Union(a.absent())})
		}
	}
	return r
}

func (o *object) field(name string) (Type, bool) {
	for i := range o.fields {
		if o.fields[i].Name == name {
			return o.fields[i].Type, true
		}
	}
	return Type{}, false
}

// absent is the type of a field that the object does not name.
func (o *object) absent() Type {
	if o.open {
		return TypeAny
	}
	return TypeUndefined
}

// UnionOf is the type of values that have any of the types.
func UnionOf(types ...Type) Type {
	var r Type
	for _, t := range types {
		r = r.Union(t)
	}
	return r
}

// Elem is the type of an array's elements.
func (t Type) Elem() Type {
	if t.Can(ShapeArray) && t.elem != nil {
		return *t.elem
	}
	return TypeAny
}

// Fields returns the named fields of an object type; open reports whether there can be others.
func (t Type) Fields() (fields []Field, open bool) {
	if t.object == nil {
		return nil, true
	}
	return t.object.fields, t.object.open
}

// Result is the type of a lambda's result.
func (t Type) Result() Type {
	if t.result == nil {
		return TypeAny
	}
	return *t.result
}

// Field is the type of what Value.Get finds by that name in values of the type.
func (t Type) Field(name string) Type {
	var r Type
	if t.Can(ShapeObject) {
		if t.object == nil {
			return TypeAny
		}
		f, ok := t.object.field(name)
		if !ok {
			f = t.object.absent()
		}
		r = r.Union(f)
	}
	if t.Can(ShapeArray) {
		if _, ok := position(name); ok {
			r = r.Union(t.Elem()).Union(TypeUndefined)
		} else if name == "length" {
			r = r.Union(TypeInteger)
		} else {
			r = r.Union(TypeUndefined)
		}
	}
	if t.shape&^(ShapeObject|ShapeArray) != 0 {
		r = r.Union(TypeUndefined)
	}
	return r
}

// String writes the type as the guides do: `string`, `integer[]`, `string or undefined`.
func (t Type) String() string {
	if t.shape == 0 {
		return "nothing"
	}
	return strings.Join(t.names(), " or ")
}

func (t Type) names() (names []string) {
	if t.shape&ShapeAny == ShapeAny {
		return []string{"any"}
	}
	add := func(s Shape, name string) {
		if t.shape&s == s {
			names = append(names, name)
		}
	}
	add(ShapeString, "string")
	if t.shape&ShapeNumber == ShapeInteger {
		names = append(names, "integer")
	} else if t.Can(ShapeNumber) {
		names = append(names, "number")
	}
	add(ShapeBool, "boolean")
	if t.Can(ShapeArray) {
		switch elem := t.Elem(); {
		case t.elem == nil || elem.shape == 0 || elem.IsAny():
			names = append(names, "array")
		default:
			if s := elem.String(); len(elem.names()) > 1 {
				names = append(names, "("+s+")[]")
			} else {
				names = append(names, s+"[]")
			}
		}
	}
	add(ShapeObject, "object")
	add(ShapeRegex, "regex")
	add(ShapeFunction, "function")
	add(ShapeNull, "null")
	add(ShapeUndefined, "undefined")
	return names
}
