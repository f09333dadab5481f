package truth

import (
	"strconv"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/catalog/validate"
	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// spot is a value in a template with what its schema says.
type spot struct {
	syntax.Value
	path   path
	member syntax.Member // the value's own; absent for elements and roots
	node   *template.Node
	schema *catalog.Schema // nil where none or several apply
}

// spots visits every value of the nodes and of the outermost document.
func (s *subject) spots() []spot {
	var out []spot
	if d := catalog.Document(s.Doc.Type.String()); d != nil {
		out = s.below(out, spot{Value: s.Doc.Root}, s.Doc.Root, d.Root, nil)
	}
	for _, n := range s.Doc.Nodes() {
		if n.Definition != nil {
			out = s.below(out, spot{Value: n.Value(), path: pathOf(n.Path()), node: n}, n.Value(), n.Definition.Node, nil)
		}
	}
	return out
}

// below adds a value and all in it, other nodes aside. way leads there from root.
func (s *subject) below(out []spot, at spot, root syntax.Value, id catalog.SchemaID, way []string) []spot {
	if at.Kind() == syntax.KindObject && len(way) > 0 && s.Doc.NodeOf(at.Value) != nil && s.Doc.NodeOf(at.Value) != at.node {
		return out
	}
	if ids := validate.At(root, id, way); len(ids) == 1 {
		at.schema = ids[0].Schema()
	}
	out = append(out, at)
	way = way[:len(way):len(way)]
	switch at.Kind() {
	case syntax.KindObject:
		for m := range at.Members() {
			out = s.below(out, spot{Value: m.Value(), path: at.path.join(m.KeyText()), member: m, node: at.node}, root, id, append(way, m.KeyText()))
		}
	case syntax.KindArray:
		i := 0
		for e := range at.Elements() {
			name := strconv.Itoa(i)
			out = s.below(out, spot{Value: e, path: at.path.join(name), node: at.node}, root, id, append(way, name))
			i++
		}
	}
	return out
}

// dynamic reports whether an expression stands there.
func (s spot) dynamic() bool {
	return s.Kind() == syntax.KindString && expr.Parse(s.Text()).HasExpressions()
}

// usage is a reference in an expression.
type usage struct {
	template.Use
	expression *template.Expression
	owner      syntax.Value
	scope      *template.Scope
	node       *template.Node // nil in a document's own properties
}

// strings visits every string with expressions.
func (s *subject) strings(visit func(e *template.Expression, u usage)) {
	of := func(owner syntax.Value, facts *template.Facts, scope *template.Scope, n *template.Node) {
		for _, e := range facts.Expressions {
			visit(e, usage{expression: e, owner: owner, scope: scope, node: n})
		}
	}
	for _, scope := range s.Doc.Scopes() {
		of(scope.Value, scope.Facts, scope, nil)
	}
	for _, n := range s.Doc.Nodes() {
		of(n.Value(), n.Facts, n.Scope, n)
	}
}

// usages lists every reference.
func (s *subject) usages() []usage {
	var out []usage
	s.strings(func(e *template.Expression, u usage) {
		for _, u.Use = range e.Uses {
			out = append(out, u)
		}
	})
	return out
}

// each visits every part of every expression.
func (s *subject) each(visit func(x expr.Node, u usage)) {
	s.strings(func(e *template.Expression, u usage) {
		e.Text.Walk(func(x expr.Node, _ bool) bool {
			visit(x, u)
			return true
		})
	})
}

// calls visits every call of a function.
func (s *subject) calls(visit func(c *expr.Call, u usage)) {
	s.each(func(x expr.Node, u usage) {
		if c, ok := x.(*expr.Call); ok {
			visit(c, u)
		}
	})
}

// at is where a span of the expression's text stands in the file.
func (u usage) at(start, end int) syntax.Range {
	return u.expression.Value(u.owner).Decode().SourceRange(start, end)
}

// token is the string that the expression stands in.
func (u usage) token() syntax.Range { return u.expression.Value(u.owner).Range() }

// edited replaces a span of the expression's text.
func (u usage) edited(start, end int, text string) syntax.Edit {
	return syntax.Edit{Range: u.at(start, end), NewText: text}
}

// target is the node that a reference is for, if it is exactly one.
func (u usage) target() *template.Node {
	name, ok := u.RefName()
	if !ok {
		return nil
	}
	if scope := u.LookupScope(u.scope); scope != nil {
		if nodes := scope.ByRef(name); len(nodes) == 1 && scope.Trigger(name) == nil {
			return nodes[0]
		}
	}
	return nil
}
