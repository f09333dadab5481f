package analysis

import (
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// scopeTypes gives references the types that follow from what they stand for: an
// output has the type that its kind of node documents, an argument that of the
// value that the file declares. What is not known can be anything.
type scopeTypes struct {
	scope *template.Scope
	// withArguments says that the declared values count; a run may set others.
	withArguments bool
}

// RefType implements expr.TypeEnv.
func (t scopeTypes) RefType(r *expr.Ref) expr.Type {
	scope := t.scope
	if r.Template && scope != nil {
		scope = scope.Outer
	}
	if scope == nil || r.TrailingDot || len(r.Segments) == 0 {
		return expr.TypeAny
	}
	name := r.Segments[0].Name
	switch r.Root {
	case "refs":
		nodes := scope.ByRef(name)
		if len(nodes) != 1 || scope.Trigger(name) != nil || len(r.Segments) == 1 {
			return expr.TypeAny
		}
		return outputType(nodes[0], r.Segments[1:])
	case "args":
		if a := scope.Argument(name); t.withArguments && a != nil && len(r.Segments) == 1 && scope.Type == template.Template {
			return t.argumentType(a)
		}
	}
	return expr.TypeAny
}

// outputType is the documented type of a part of a node's output.
func outputType(n *template.Node, segments []expr.Segment) expr.Type {
	shape := outputShape(n)
	for _, s := range segments {
		shape = step(shape, s.Name)
	}
	if shape == nil {
		return expr.TypeAny
	}
	// What an array holds is what a function gets that is called for each of it.
	if shape.Types == catalog.TypeArray && shape.Items != 0 && len(shape.Alternatives()) == 0 {
		return expr.ArrayOf(typeOfSchema(shape.Items.Schema()))
	}
	return typeOfSchema(shape)
}

// typeOfSchema turns a schema into a static type, without what stands inside of
// arrays and objects.
func typeOfSchema(s *catalog.Schema) expr.Type {
	if alternatives := s.Alternatives(); len(alternatives) > 0 {
		var t expr.Type
		for _, a := range alternatives {
			t = t.Union(typeOfSchema(a.Schema()))
		}
		return t
	}
	if s.Types == 0 {
		return expr.TypeAny
	}
	var t expr.Type
	for _, m := range typesOfJSON {
		if s.Types.Has(m.json) {
			t = t.Union(m.typ)
		}
	}
	return t
}

var typesOfJSON = [...]struct {
	json catalog.TypeSet
	typ  expr.Type
}{
	{catalog.TypeString, expr.TypeString}, {catalog.TypeInteger, expr.TypeInteger}, {catalog.TypeNumber, expr.TypeNumber},
	{catalog.TypeBoolean, expr.TypeBool}, {catalog.TypeObject, expr.TypeObject}, {catalog.TypeArray, expr.TypeArray}, {catalog.TypeNull, expr.TypeNull},
}

// argumentType is the type of an argument's value in the file. An empty text is
// a place for a value that comes from elsewhere.
func (t scopeTypes) argumentType(a *template.Argument) expr.Type {
	v := a.Value
	if a.Override.IsValid() {
		v = a.Override
	}
	switch v.Kind() {
	case syntax.KindString:
		text := v.Text()
		switch {
		case strings.Contains(text, "${"):
			// An argument that uses others is not followed further: it may use itself.
			return expr.Parse(text).TypeOf(noTypes{})
		case isPlaceholder(text), strings.HasPrefix(text, "{"), strings.HasPrefix(text, "["):
			return expr.TypeAny
		}
		return expr.TypeString
	case syntax.KindTrue, syntax.KindFalse:
		return expr.TypeBool
	case syntax.KindNumber:
		return expr.TypeNumber
	case syntax.KindArray:
		return expr.TypeArray
	}
	return expr.TypeAny
}
