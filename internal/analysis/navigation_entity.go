package analysis

import (
	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// entity is a thing with a name that other places use.
type entity struct {
	kind entityKind
	name string
	// scope is the document in which the name is looked up; nil for a parameter.
	scope *template.Scope
	// param is set for a parameter.
	param parameter
}

type entityKind uint8

const (
	// entityRef is what `refs.NAME` means: a node or a Git trigger.
	entityRef entityKind = iota
	// entityArgument is what `args.NAME` means.
	entityArgument
	// entityParameter is a parameter of an arrow function.
	entityParameter
)

// parameter is a parameter of an arrow function, in the string that it stands in.
type parameter struct {
	str        syntax.Value
	expression *template.Expression
	part       *expr.Part
	lambda     *expr.Lambda
	index      int
}

// find is the thing at the cursor and how it got there.
type find struct {
	entity
	// at is the text that stands for the entity: its name, or an output that is
	// read from it.
	at syntax.Range
	// output is true where the cursor is on an output of the entity and not on
	// its name.
	output bool
}

// entityAt returns the thing whose name the cursor is on.
func (s *Snapshot) entityAt(c *cursor) (find, bool) {
	if !c.str.IsValid() {
		return find{}, false
	}
	if c.expression != nil {
		// Within an escape behind the name the cursor is as if it were in front of it.
		if f, ok := c.used(); ok && f.at.Touches(c.offset) {
			return f, true
		}
	}
	e, ok := c.declared()
	if !ok || e.name == "" {
		return find{}, false
	}
	return find{entity: e, at: content(c.str)}, true
}

// used returns what the reference at the cursor means.
func (c *cursor) used() (find, bool) {
	decoded := c.str.Decode()
	at := decoded.TextOffset(c.offset)
	part, path := c.expression.Text.PathAt(at)
	if part == nil || len(path) == 0 {
		return find{}, false
	}
	span := func(start, end int) syntax.Range { return decoded.SourceRange(start, end) }
	switch n := path[len(path)-1].(type) {
	case *expr.Lambda:
		for i, p := range n.Params {
			if p.Start <= at && at <= p.End {
				return find{entity: c.parameter(part, n, i), at: span(p.Start, p.End)}, true
			}
		}
	case *expr.Ref:
		if n.Param {
			lambda, i := binding(path, n.Root)
			if lambda == nil || at < n.RootStart || at > n.RootEnd {
				return find{}, false
			}
			return find{entity: c.parameter(part, lambda, i), at: span(n.RootStart, n.RootEnd)}, true
		}
		if e, ok := leads(n, c.holder); ok && n.RootStart <= at && at <= n.RootEnd {
			return find{entity: e, at: span(n.RootStart, n.RootEnd)}, true
		}
		e, ok := meaning(n, c.holder.scope)
		if !ok || at <= n.RootEnd {
			return find{}, false
		}
		for i, seg := range n.Segments {
			if seg.Start <= at && at <= seg.End {
				return find{entity: e, at: span(seg.Start, seg.End), output: i > 0}, true
			}
		}
	case *expr.StringLit:
		if len(path) < 2 {
			break
		}
		if call, ok := path[len(path)-2].(*expr.Call); ok {
			if e, start, end, ok := looksUp(call, c.holder.scope, c.expression.Text.Text); ok && start <= at && at <= end {
				return find{entity: e, at: span(start, end)}, true
			}
		}
	}
	return find{}, false
}

func (c *cursor) parameter(part *expr.Part, lambda *expr.Lambda, i int) entity {
	return entity{
		kind: entityParameter, name: lambda.Params[i].Name,
		param: parameter{str: c.str, expression: c.expression, part: part, lambda: lambda, index: i},
	}
}

// binding returns the innermost arrow function on the path that has a parameter
// of the name.
func binding(path []expr.Node, name string) (*expr.Lambda, int) {
	for i := len(path) - 1; i >= 0; i-- {
		if l, ok := path[i].(*expr.Lambda); ok {
			if p := parameterOf(l, name); p >= 0 {
				return l, p
			}
		}
	}
	return nil, 0
}

// parameterOf returns the index of the parameter, -1 where there is none. Of two
// with one name the last counts.
func parameterOf(l *expr.Lambda, name string) int {
	for i := len(l.Params) - 1; i >= 0; i-- {
		if l.Params[i].Name == name {
			return i
		}
	}
	return -1
}

// meaning returns what a reference that stands in the scope means, as far as its
// root and its first segment say.
func meaning(r *expr.Ref, in *template.Scope) (entity, bool) {
	e, ok := rooted(r, in)
	if !ok || len(r.Segments) == 0 || r.Segments[0].Name == "" {
		return entity{}, false
	}
	e.name = r.Segments[0].Name
	return e, true
}

// leads returns the loop around a node whose ref a reference starts with, in front of the
// data of its iterations.
func leads(r *expr.Ref, in holder) (entity, bool) {
	if r.Param || r.Template || isRoot(r.Root) || loopNamed(in.node, r.Root) == nil {
		return entity{}, false
	}
	return entity{kind: entityRef, name: r.Root, scope: in.scope}, true
}

// rooted returns what the members of a reference's root are.
func rooted(r *expr.Ref, in *template.Scope) (entity, bool) {
	e := entity{scope: template.Use{Ref: r}.LookupScope(in)}
	switch {
	case r.Param || e.scope == nil:
		return entity{}, false
	case r.Root == "refs":
		e.kind = entityRef
	case r.Root == "args":
		e.kind = entityArgument
	default:
		return entity{}, false
	}
	return e, true
}

// looksUp recognises fn.get(refs, 'NAME.path'): a name in a string. It returns
// where in the text the name stands.
func looksUp(c *expr.Call, in *template.Scope, text string) (e entity, start, end int, ok bool) {
	if c.Bare || c.Name != "get" || len(c.Args) != 2 {
		return entity{}, 0, 0, false
	}
	root, isRef := c.Args[0].(*expr.Ref)
	lit, isLit := c.Args[1].(*expr.StringLit)
	if !isRef || !isLit || len(root.Segments) > 0 || root.TrailingDot || !lit.Closed {
		return entity{}, 0, 0, false
	}
	e, ok = rooted(root, in)
	if start, end = lit.Start+1, lit.End-1; !ok || text[start:end] != lit.Value {
		return entity{}, 0, 0, false // an escape: where the name stands is not plain
	}
	// The whole text counts before the path that may be in it.
	if e.name = lit.Value; !e.isDeclared() {
		for i := range len(e.name) {
			if c := e.name[i]; c == '.' || c == '[' {
				e.name = e.name[:i]
				break
			}
		}
	}
	return e, start, start + len(e.name), e.name != ""
}

// isDeclared reports whether anything in the file carries the name.
func (e *entity) isDeclared() bool {
	switch e.kind {
	case entityRef:
		return len(e.scope.ByRef(e.name)) > 0 || e.scope.Trigger(e.name) != nil
	case entityArgument:
		if e.scope.Argument(e.name) != nil {
			return true
		}
		for v := range inputArguments(e.scope) {
			if v.Text() == e.name {
				return true
			}
		}
		return false
	}
	return true
}

// declared returns what the string at the cursor names by itself, outside of
// expressions.
func (c *cursor) declared() (entity, bool) {
	scope := c.holder.scope
	is := func(v syntax.Value) bool {
		return v.IsValid() && v.Range() == c.str.Range() && v.Kind() == c.str.Kind()
	}
	if c.isKey {
		if c.holder.node != nil {
			return entity{}, false
		}
		for object := range argumentObjects(scope) {
			if object.Range().Contains(c.offset) && isMemberOf(object, c.str) {
				return entity{kind: entityArgument, name: c.str.Text(), scope: scope}, true
			}
		}
		return entity{}, false
	}
	if c.str.Kind() != syntax.KindString {
		return entity{}, false
	}
	ref := entity{kind: entityRef, name: c.str.Text(), scope: scope}
	if n := c.holder.node; n != nil {
		return ref, is(n.RefValue()) || is(nodeRefOf(n))
	}
	for _, t := range scope.Triggers() {
		if is(t.RefValue) {
			return ref, true
		}
	}
	for v := range inputArguments(scope) {
		if is(v) {
			return entity{kind: entityArgument, name: v.Text(), scope: scope}, true
		}
	}
	return entity{}, false
}

func isMemberOf(object, key syntax.Value) bool {
	for m := range object.Members() {
		if m.Key().IsValid() && m.Key().Range() == key.Range() {
			return true
		}
	}
	return false
}

// argumentObjects yields the objects whose members name the scope's arguments,
// the one that declares them first.
func argumentObjects(s *template.Scope) func(yield func(syntax.Value) bool) {
	return func(yield func(syntax.Value) bool) {
		_ = yield(s.Value.Get("arguments")) &&
			yield(s.Value.Get("argumentOverrides")) &&
			yield(s.Value.Get("options").Get("runOnCreationArgumentOverrides"))
	}
}

// inputArguments yields the strings by which the form fields of a release flow
// name the arguments that they fill.
func inputArguments(s *template.Scope) func(yield func(syntax.Value) bool) {
	return func(yield func(syntax.Value) bool) {
		for input := range s.Value.Get("richInputs").Elements() {
			for m := range input.Get("spec").Get("outputs").Members() {
				if v := m.Value(); v.Kind() == syntax.KindString && !yield(v) {
					return
				}
			}
		}
	}
}

// nodeRefOf returns the value by which a node names another one outside of any
// expression; an absent one where there is none.
func nodeRefOf(n *template.Node) syntax.Value {
	if n.Definition == nil {
		return syntax.Value{}
	}
	property, ok := n.Definition.Spec.Schema().Property("nodeRef")
	if !ok || property.Schema.Schema().Role != catalog.RoleNodeRef {
		return syntax.Value{}
	}
	v := n.Spec().Get("nodeRef")
	if v.Kind() != syntax.KindString {
		return syntax.Value{}
	}
	return v
}

// content is the range of a string between its quotes, and of other scalars
// their own.
func content(v syntax.Value) syntax.Range {
	if v.Kind() != syntax.KindString {
		return v.Range()
	}
	d := v.Decode()
	return d.SourceRange(0, len(d.Text))
}
