package analysis

import (
	"fmt"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// extractArgument offers to make a value, or a selected part of a text, an
// argument of the document; and to do so with all equal values of the property.
// Numbers, truth values, lists and objects keep their type: an expression that
// is a whole string has the type of its value.
func extractArgument(a *asked) []offer {
	if a.cursor.holder.node == nil {
		return nil
	}
	l, ok := a.literalAt()
	if !ok || a.isFixed(l) || a.isSecretPlace(l) || tokenIn(l.json) != "" {
		return nil
	}
	scope := a.cursor.holder.scope
	name := argumentFor(scope, l.property)
	offers := []offer{{
		Refactoring: Refactoring{
			ID: "extract-argument", Kind: kindExtract,
			Title: fmt.Sprintf("Extract %s to the argument %q", short(l.shown), name),
		},
		edits: func() ([]syntax.Edit, error) { return a.becomesArgument(name, l.json, []literal{l}) },
	}}
	if l.at != l.value.Range() || l.property == "" {
		return offers
	}
	equal := func() []literal { return equalValues(scope, l) }
	if a.thorough && len(equal()) < 2 || !a.thorough && !a.repeats(l) {
		return offers
	}
	return append(offers, offer{
		Refactoring: Refactoring{
			ID: "extract-argument-all", Kind: kindExtract,
			Title: fmt.Sprintf("Extract every %s of %q to the argument %q", shownJSON(l.value), l.property, name),
		},
		edits: func() ([]syntax.Edit, error) { return a.becomesArgument(name, l.json, equal()) },
	})
}

// isFixed reports whether the literal stands where the platform reads no
// expressions: what a node is and how it is called.
func (a *asked) isFixed(l literal) bool {
	n := a.cursor.holder.node
	for _, v := range []syntax.Value{n.KindValue(), n.RefValue(), nodeRefOf(n)} {
		if v.IsValid() && v.Range() == l.value.Range() {
			return true
		}
	}
	return n.Flow != template.NoFlow && n.Spec().Get("type").Range() == l.value.Range()
}

// repeats reports cheaply whether the property stands with this value elsewhere
// in the file, written in the same way.
func (a *asked) repeats(l literal) bool {
	m := a.path.Member()
	if !m.IsValid() {
		return false
	}
	source, text := a.Tree.Source(), m.Key().Raw()+a.Tree.Slice(syntax.Range{Start: m.Key().Range().End, End: l.at.End})
	return strings.Contains(source[:m.Range().Start], text) || strings.Contains(source[l.at.End:], text)
}

// equalValues returns the values of a property in the nodes of a scope that are
// the same as one of them.
func equalValues(scope *template.Scope, like literal) []literal {
	var out []literal
	same := func(v syntax.Value) bool {
		if v.Kind() != like.value.Kind() || v.HasErrors() {
			return false
		}
		return v.Raw() == like.json || v.Kind() == syntax.KindString && v.Text() == like.value.Text()
	}
	for _, n := range scope.Nodes() {
		ownMembers(n, func(m syntax.Member, _ syntax.Value) {
			v := m.Value()
			if m.KeyText() != like.property || v.Kind() == syntax.KindArray && like.value.Kind() != syntax.KindArray {
				for e := range v.Elements() {
					if m.KeyText() == like.property && same(e) {
						out = append(out, literal{at: e.Range(), open: like.open, close: like.close, value: e})
					}
				}
				return
			}
			if same(v) {
				out = append(out, literal{at: v.Range(), open: like.open, close: like.close, value: v})
			}
		})
	}
	return out
}

// ownMembers visits the members of all objects in a node's own text, its steps
// and nested documents left out, each with the object that it stands in.
func ownMembers(n *template.Node, visit func(m syntax.Member, object syntax.Value)) {
	foreign := foreignTo(n)
	var walk func(v syntax.Value)
	walk = func(v syntax.Value) {
		if v.Kind().IsScalar() || foreign[v.Green()] {
			return
		}
		for m := range v.Members() {
			visit(m, v)
			walk(m.Value())
		}
		for e := range v.Elements() {
			walk(e)
		}
	}
	walk(n.Value())
}
