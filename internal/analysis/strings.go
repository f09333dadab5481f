package analysis

import (
	"iter"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// dynamicString is a string with `${` in it, together with the way from its
// content to the file.
type dynamicString struct {
	text *expr.Interpolation
	syntax.Decoded
	token syntax.Range
	isKey bool
	node  *template.Node // the innermost around it; nil outside of nodes
	scope *template.Scope
}

// dynamicStrings returns the strings with `${` that touch a range of bytes. Their
// order is that of the nodes, which is not that of the text where a workflow
// says something behind its steps. What lies outside costs next to nothing.
func (s *Snapshot) dynamicStrings(within syntax.Range) iter.Seq[dynamicString] {
	return func(yield func(dynamicString) bool) {
		if !s.IsTemplate() {
			return
		}
		of := func(owner syntax.Value, facts *template.Facts, node *template.Node, scope *template.Scope) bool {
			at := owner.Range()
			if !owner.IsValid() || at.End < within.Start || at.Start > within.End {
				return true
			}
			for _, e := range facts.Expressions {
				token := syntax.Range{Start: at.Start + e.Offset, End: at.Start + e.Offset + e.Width}
				if token.End < within.Start || token.Start > within.End {
					continue
				}
				v := e.Value(owner)
				if !v.IsValid() {
					continue
				}
				if !yield(dynamicString{e.Text, v.Decode(), token, e.Key, node, scope}) {
					return false
				}
			}
			return true
		}
		for _, scope := range s.Doc.Scopes() {
			if scope.Facts != nil && !of(scope.Value, scope.Facts, scope.Owner, scope) {
				return
			}
		}
		for _, n := range s.Doc.Nodes() {
			if !of(n.Value(), n.Facts, n, n.Scope) {
				return
			}
		}
	}
}

// mayHoldExpressions reports whether a `${` stands in a value of any kind, also
// one that is written with escapes.
func mayHoldExpressions(v syntax.Value) bool {
	if v.Kind() == syntax.KindString {
		return strings.Contains(v.Text(), "${")
	}
	raw := v.Raw()
	return strings.Contains(raw, "${") || strings.Contains(raw, `\u0024`) || strings.Contains(raw, `\u007b`) || strings.Contains(raw, `\u007B`)
}
