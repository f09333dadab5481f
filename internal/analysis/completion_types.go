package analysis

import (
	"strconv"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// shownTypes gives references the types that a person is shown: like scopeTypes,
// with what stands inside of arrays and objects. Arguments have the types of
// their values in the file, though a run may set others.
type shownTypes struct {
	scope *template.Scope
	// node is the one that the reference stands in, whose loops it sees; nil for none.
	node *template.Node
}

// RefType implements expr.TypeEnv.
func (t shownTypes) RefType(r *expr.Ref) expr.Type {
	scope := t.scope
	if r.Template && scope != nil {
		scope = scope.Outer
	}
	if scope == nil || len(r.Segments) == 0 && isRoot(r.Root) {
		return expr.TypeAny
	}
	name := ""
	if len(r.Segments) > 0 {
		name = r.Segments[0].Name
	}
	switch r.Root {
	case "refs":
		nodes := scope.ByRef(name)
		if len(nodes) == 0 && scope.Trigger(name) != nil {
			return partType(triggerType(), r.Segments[1:])
		}
		if len(nodes) != 1 {
			return expr.TypeAny
		}
		if loop := loopNamed(t.node, name); loop == nodes[0] {
			return t.dataType(loop, r.Segments[1:])
		}
		if kept, ok := keptType(nodes[0]); ok {
			return partType(kept, r.Segments[1:])
		}
		shape := outputShape(nodes[0])
		for _, s := range r.Segments[1:] {
			shape = step(shape, s.Name)
		}
		if shape == nil {
			return expr.TypeAny
		}
		return deepType(shape, deepestType)
	case "args":
		if a := scope.Argument(name); a != nil {
			return partType(t.argument(a), r.Segments[1:])
		}
	default:
		if loop, path := t.loopData(r, t.node); loop != nil {
			return t.dataType(loop, path)
		}
	}
	return expr.TypeAny
}

// argument is the type of an argument's value, with what is in it.
func (t shownTypes) argument(a *template.Argument) expr.Type {
	v := a.Value
	if a.Override.IsValid() {
		v = a.Override
	}
	if d, ok := a.Declaration(); ok && !a.Override.IsValid() {
		if t, known := declaredTypes[d.Type]; known && !d.Default.IsValid() {
			return t
		}
		if v = d.Default; !v.IsValid() {
			return expr.TypeAny
		}
		return valueType(v, deepestType)
	}
	if v.Kind() == syntax.KindString || !v.IsValid() {
		return scopeTypes{t.scope, true}.argumentType(a)
	}
	return valueType(v, deepestType)
}

// declaredTypes are the types that a declaration of an argument may name.
var declaredTypes = map[string]expr.Type{
	"string": expr.TypeString, "secret": expr.TypeString, "number": expr.TypeNumber, "integer": expr.TypeInteger,
	"boolean": expr.TypeBool, "array": expr.TypeArray, "object": expr.TypeObject,
}

// deepestType is how far types go into objects and arrays.
const deepestType = 4

// partType is the type of a part.
func partType(t expr.Type, segments []expr.Segment) expr.Type {
	for _, s := range segments {
		t = t.Field(s.Name)
	}
	return t
}

// deepType turns a schema into a static type. What an object holds beside its
// documented properties is not known.
func deepType(s *catalog.Schema, depth int) expr.Type {
	if alternatives := s.Alternatives(); len(alternatives) > 0 {
		var t expr.Type
		for _, a := range alternatives {
			t = t.Union(deepType(a.Schema(), depth))
		}
		return t
	}
	switch {
	case depth == 0:
	case s.Types == catalog.TypeArray && s.Items != 0:
		return expr.ArrayOf(deepType(s.Items.Schema(), depth-1))
	case (s.Types == catalog.TypeObject || s.Types == 0) && len(s.Properties) > 0:
		fields := make([]expr.Field, len(s.Properties))
		for i, p := range s.Properties {
			fields[i] = expr.Field{Name: p.Name, Type: deepType(p.Schema.Schema(), depth-1)}
		}
		return expr.ObjectOf(fields, true)
	}
	return typeOfSchema(s)
}

// valueType is the type of a value in the file.
func valueType(v syntax.Value, depth int) expr.Type {
	switch v.Kind() {
	case syntax.KindString:
		if text := v.Text(); strings.Contains(text, "${") {
			return expr.Parse(text).TypeOf(noTypes{})
		}
		return expr.TypeString
	case syntax.KindTrue, syntax.KindFalse:
		return expr.TypeBool
	case syntax.KindNumber:
		if f, ok := v.Float(); ok {
			return expr.Number(f).Type()
		}
		return expr.TypeNumber
	case syntax.KindNull:
		return expr.TypeNull
	case syntax.KindArray:
		if depth == 0 {
			return expr.TypeArray
		}
		var elem expr.Type
		for e := range v.Elements() {
			elem = elem.Union(valueType(e, depth-1))
		}
		return expr.ArrayOf(elem)
	case syntax.KindObject:
		if depth == 0 {
			return expr.TypeObject
		}
		var fields []expr.Field
		for m := range v.Members() {
			if m.Key().IsValid() {
				fields = append(fields, expr.Field{Name: m.KeyText(), Type: valueType(m.Value(), depth-1)})
			}
		}
		return expr.ObjectOf(fields, true)
	}
	return expr.TypeAny
}

func triggerType() expr.Type {
	fields := make([]expr.Field, len(triggerOutputs))
	for i, o := range triggerOutputs {
		fields[i] = expr.Field{Name: o.name, Type: expr.TypeString}
	}
	return expr.ObjectOf(fields, true)
}

// wantedType is what the place of an expression takes; any where that is not known.
func (e *expressionCompleter) wantedType() expr.Type {
	if e.call != nil && !e.call.Bare {
		if f, ok := expr.LookupFunction(e.call.Name); ok {
			if p, ok := f.Param(e.call.ArgAt(e.at)); ok && !p.Accepts.Can(expr.ShapeFunction) {
				return p.Type
			}
		}
		return expr.TypeAny
	}
	for i := range e.place.text.Parts {
		if part := &e.place.text.Parts[i]; part != e.part && (part.Kind != expr.Literal || part.Start < part.End) {
			return expr.TypeString.Union(expr.TypeNumber).Union(expr.TypeBool) // it becomes a part of a text
		}
	}
	return typeOfPlace(e.place)
}

func typeOfPlace(p place) expr.Type {
	if len(p.schemas()) == 0 {
		return expr.TypeAny
	}
	var t expr.Type
	for _, s := range p.schemas() {
		t = t.Union(typeOfSchema(s))
	}
	return t
}

// fit ranks a type for the place: yes where its values fit, else no; one of which
// nothing is known stands between the two with those that may fit.
func fit(have, want expr.Type, yes, no string) string {
	have = have.Without(expr.ShapeUndefined)
	switch {
	case want.IsAny() || want.Shape() == 0, have.IsAny() || have.Shape() == 0:
		return yes + "5"
	case have.Within(want):
		return yes + "1"
	case have.Overlaps(want):
		return yes + "3"
	}
	return no + "9"
}

// members offers what values of a type have: behind a parameter of an arrow
// function, an argument, or a path in a text.
func (e *expressionCompleter) members(t expr.Type, start, end int, whole bool) {
	offer := func(item CompletionItem, behind string) {
		item.Kind = ItemOutput
		if whole {
			item.Insert, item.Range = inner(item.Label), e.span(start, end)
		} else {
			item = e.step(item, item.Label, start, end, behind)
		}
		e.add(item)
	}
	want := e.wantedType()
	fields, _ := t.Fields()
	for _, f := range fields {
		offer(CompletionItem{Label: f.Name, Detail: f.Type.String(), Sort: fit(f.Type, want, "1", "2") + f.Name}, e.closing(end))
	}
	if t.Can(expr.ShapeArray) && !t.IsAny() {
		offer(CompletionItem{Label: "0", Detail: t.Elem().String() + ", the first one", Sort: "1"}, "")
		offer(CompletionItem{Label: "length", Detail: "integer", Sort: "2"}, "")
	}
}

// lookedUp offers the steps of a path in a text: fn.get(refs.web, 'ports.0.').
func (e *expressionCompleter) lookedUp(lit *expr.StringLit, start, end int) {
	typed := e.place.text.Text[start:e.at]
	from := start + strings.LastIndexAny(typed, ".") + 1
	to := from
	for to < end && isWord(e.place.text.Text[from:to+1]) {
		to++
	}
	steps := strings.Split(strings.TrimSuffix(e.place.text.Text[start:from], "."), ".")
	if from == start {
		steps = nil
	}
	if root, ok := e.call.Args[0].(*expr.Ref); ok && !root.Param && len(root.Segments) == 0 && (root.Root == "refs" || root.Root == "args") {
		scope := e.place.lookup(root.Template)
		switch {
		case scope == nil:
		case len(steps) == 0 && root.Root == "refs":
			e.refs(scope, from, to, "", root.Template, true)
		case len(steps) == 0:
			e.arguments(scope, from, to, "", true)
		default:
			r := &expr.Ref{Root: root.Root, Template: root.Template}
			for _, s := range steps {
				r.Segments = append(r.Segments, expr.Segment{Name: s})
			}
			e.members(shownTypes{scope: e.place.scope}.RefType(r), from, to, true)
		}
		return
	}
	t := expr.TypeOf(e.call.Args[0], shownTypes{scope: e.place.scope})
	for _, s := range steps {
		if _, err := strconv.Atoi(s); err == nil {
			t = t.Elem()
			continue
		}
		t = t.Field(s)
	}
	e.members(t, from, to, true)
}
