package analysis

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/catalog/validate"
	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// types reports expressions of a node whose references have types that cannot
// stand where they do. What constants alone prove the local pass has reported.
func (l *linker) types(n *template.Node) {
	if n.Definition == nil {
		return
	}
	for _, e := range n.Facts.Expressions {
		if len(e.Uses) == 0 || len(e.Text.Errors) > 0 {
			continue
		}
		if e.Text.IsSingle() && !e.Key {
			l.resultType(n, e)
		}
		for i := range e.Text.Parts {
			if p := &e.Text.Parts[i]; p.Kind == expr.Expression {
				l.callTypes(n, e, p.Node)
			}
		}
	}
}

const (
	numberTypes = catalog.TypeInteger | catalog.TypeNumber
	scalarTypes = catalog.TypeString | numberTypes | catalog.TypeBoolean
)

// resultType compares the type of an expression with that of its place.
func (l *linker) resultType(n *template.Node, e *template.Expression) {
	want := catalog.TypeSet(0)
	for _, p := range l.places {
		if p.offset == e.Offset {
			want = p.types
		}
	}
	if have := typeSet(e.Text.TypeOf(noTypes{})); have != 0 && want != 0 && !mayBecome(have, want) {
		return // the local pass has said so
	}
	for _, sure := range []bool{true, false} {
		l.typed = scopeTypes{n.Scope, !sure}
		have := typeSet(e.Text.TypeOf(&l.typed))
		if have == 0 {
			continue
		}
		if want == 0 {
			if have&scalarTypes != 0 {
				continue // a scalar becomes the text that stands here
			}
			if want = l.wanted(n, e); want == 0 {
				return
			}
		}
		if mayBecome(have, want) {
			continue
		}
		level, from := Error, "the output that it reads is documented as"
		if !sure {
			level, from = Warning, "the value that the file declares for it is"
		}
		l.reportResult(n, e, level, want, from+" "+articled(have))
		return
	}
	if text, ok := declaredText(n.Scope, e); ok && want != 0 && !textBecomes(text, want) {
		l.reportResult(n, e, Warning, want, fmt.Sprintf("the value that the file declares for it is %q", text))
	}
}

func (l *linker) reportResult(n *template.Node, e *template.Expression, level Severity, want catalog.TypeSet, but string) {
	_, name, _ := cutLast(e.Pointer, "/")
	l.reporter.addAt(level, CodeResultType, e.Value(n.Value()).Range(), fmt.Sprintf("%q takes %s, but %s.", name, articled(want), but))
}

// mayBecome reports whether a value of one of the types can be made one of the
// wanted: scalars are converted into each other where that makes sense.
func mayBecome(have, want catalog.TypeSet) bool {
	return have&want != 0 ||
		have&numberTypes != 0 && want&(numberTypes|catalog.TypeString) != 0 ||
		have&catalog.TypeBoolean != 0 && want&catalog.TypeString != 0 ||
		have&catalog.TypeString != 0 && want&(numberTypes|catalog.TypeBoolean) != 0
}

// declaredText returns the text that the file declares for the argument that an
// expression consists of.
func declaredText(scope *template.Scope, e *template.Expression) (string, bool) {
	r, ok := e.Text.Parts[0].Node.(*expr.Ref)
	if !ok || r.Root != "args" || len(r.Segments) != 1 || r.Param || r.TrailingDot {
		return "", false
	}
	if r.Template {
		scope = scope.Outer
	}
	a := scope.Argument(r.Segments[0].Name)
	if a == nil || a.Override.IsValid() || a.Value.Kind() != syntax.KindString || scope.Type != template.Template {
		return "", false
	}
	text := a.Value.Text()
	return text, !isPlaceholder(text)
}

// textBecomes reports whether a text is converted into one of the types.
func textBecomes(text string, want catalog.TypeSet) bool {
	if want&^(numberTypes|catalog.TypeBoolean) != 0 {
		return true
	}
	if _, err := strconv.ParseFloat(strings.TrimSpace(text), 64); err == nil && want&numberTypes != 0 {
		return true
	}
	return want.Has(catalog.TypeBoolean) && (text == "true" || text == "false")
}

// cutLast cuts s around the last separator.
func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

func articled(t catalog.TypeSet) string {
	var names []string
	for _, name := range t.Names() {
		switch name[0] {
		case 'a', 'i', 'o':
			name = "an " + name
		default:
			name = "a " + name
		}
		names = append(names, name)
	}
	return strings.Join(names, " or ")
}

// wanted returns the types that the place of an expression takes; empty where it
// takes any, or where that depends on more than the place.
func (l *linker) wanted(n *template.Node, e *template.Expression) catalog.TypeSet {
	var want catalog.TypeSet
	for _, id := range validate.At(n.Value(), n.Definition.Node, pointerNames(e.Pointer)) {
		t := id.Schema().Types
		if t == 0 {
			return 0
		}
		want |= t
	}
	return want
}

func pointerNames(pointer string) []string {
	names := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	if strings.IndexByte(pointer, '~') >= 0 {
		for i, name := range names {
			names[i] = pointerEscapes.Replace(name)
		}
	}
	return names
}

var pointerEscapes = strings.NewReplacer("~1", "/", "~0", "~")

// callTypes reports references, and parameters of lambdas, that a function
// cannot take.
func (l *linker) callTypes(n *template.Node, e *template.Expression, in expr.Node) {
	expr.Walk(in, func(node expr.Node, _ bool) bool {
		c, ok := node.(*expr.Call)
		if !ok || c.Bare || !c.Closed {
			return true
		}
		f, ok := expr.LookupFunction(c.Name)
		if !ok {
			return true
		}
		for i, a := range c.Args {
			if _, ok := a.(*expr.Ref); !ok {
				continue
			}
			if p, ok := f.Param(i); ok {
				l.callType(n, e, in, c, i, p.Accepts)
			}
		}
		return true
	})
}

func (l *linker) callType(n *template.Node, e *template.Expression, in expr.Node, c *expr.Call, i int, accepts expr.Type) {
	for _, sure := range []bool{true, false} {
		l.typed = scopeTypes{n.Scope, !sure}
		var params []expr.ParamType
		if c.Args[i].(*expr.Ref).Param {
			params = expr.ParamsAt(in, c, &l.typed)
		}
		t := expr.TypeOf(c.Args[i], &l.typed, params...)
		if t.IsAny() || t.Shape() == 0 || t.Overlaps(accepts) {
			continue
		}
		level := Error
		// Where the reference does not resolve it is undefined, which the
		// function may take.
		if !sure || accepts.Can(expr.ShapeUndefined) {
			level = Warning
		}
		for _, p := range expr.CheckCall(c, &l.typed, params...) {
			if p.Argument == i {
				l.reporter.addAt(level, CodeArgumentType, rangeOf(n.Value(), e, p.Start, p.End), p.Message)
			}
		}
		return
	}
}
