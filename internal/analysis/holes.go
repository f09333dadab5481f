package analysis

import (
	"strings"
	"unicode/utf8"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/catalog/validate"
	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// holes tells the schema walker what is known of the strings with expressions in
// an object, from each string alone. References may be anything here: what they
// are depends on other nodes, and findings of one node must not. The facts hold
// the expressions of the object.
func holes(owner syntax.Value, facts *template.Facts) func(syntax.Value) (validate.Hole, bool) {
	if len(facts.Expressions) == 0 {
		return hole
	}
	base := owner.Range().Start
	return func(v syntax.Value) (validate.Hole, bool) {
		if e := facts.ExpressionAt(v.Range().Start - base); e != nil {
			return holeOf(e.Text)
		}
		return hole(v)
	}
}

func hole(v syntax.Value) (validate.Hole, bool) { return holeOf(expr.Parse(v.Text())) }

func holeOf(ip *expr.Interpolation) (validate.Hole, bool) {
	if !ip.HasExpressions() {
		// `${{...}}` is filled in when a container starts, `\${` is text.
		for _, p := range ip.Parts {
			if p.Kind == expr.Runtime {
				return validate.Hole{}, true
			}
		}
		return validate.Hole{}, strings.Contains(ip.Text, "${")
	}
	if len(ip.Errors) > 0 {
		return validate.Hole{}, true
	}
	if value, ok := ip.Fold(); ok {
		if h, ok := fixed(value); ok {
			return h, true
		}
	}
	if !ip.IsSingle() {
		h := validate.Hole{Types: catalog.TypeString}
		for _, p := range ip.Parts {
			if p.Kind == expr.Literal {
				h.MinLength += utf8.RuneCountInString(p.Text)
			}
		}
		return h, true
	}
	return validate.Hole{Types: typeSet(ip.TypeOf(noTypes{}))}, true
}

// fixed is the hole of an expression that always gives the same scalar.
func fixed(v expr.Value) (validate.Hole, bool) {
	h := validate.Hole{Fixed: true, Text: v.Text()}
	switch v.Kind() {
	case expr.KindString:
		h.Types = catalog.TypeString
	case expr.KindNumber:
		h.Types = catalog.TypeNumber
		if f, _ := v.AsNumber(); f == float64(int64(f)) {
			h.Types = catalog.TypeInteger
		}
	case expr.KindBool:
		h.Types = catalog.TypeBoolean
	default:
		return validate.Hole{}, false
	}
	return h, true
}

// typeSet turns a static type into JSON types; empty where it may be anything,
// or undefined, which leaves a property out.
func typeSet(t expr.Type) catalog.TypeSet {
	if t.IsAny() || t.Can(expr.ShapeUndefined) {
		return 0
	}
	var set catalog.TypeSet
	for _, m := range shapeTypes {
		if t.Can(m.shape) {
			set |= m.bit
		}
	}
	return set
}

var shapeTypes = [...]struct {
	shape expr.Shape
	bit   catalog.TypeSet
}{
	{expr.ShapeString, catalog.TypeString}, {expr.ShapeBool, catalog.TypeBoolean},
	{expr.ShapeInteger, catalog.TypeInteger}, {expr.ShapeFraction, catalog.TypeNumber},
	{expr.ShapeNull, catalog.TypeNull}, {expr.ShapeArray, catalog.TypeArray}, {expr.ShapeObject, catalog.TypeObject},
}
