package analysis

import (
	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/catalog/validate"
	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// linker is the linked pass: it looks up what the references of a node stand for
// and judges what follows from that. It reads the small facts of the nodes and
// not their text, so that a clean node costs little; places are worked out only
// where there is something to say.
//
// What it finds about a node may depend on the node itself and what stands around
// it and, for every name that it has left a mark for, on the signatures of the
// nodes that carry it and what stands around those, or on the argument. Then an
// edit of any of these has the node looked at again. The references in the node's
// expressions leave their marks by themselves; a rule that looks up something else
// has to leave one (leave). A rule that needs more of another node than its
// template.Signature says has to have that put into it.
type linker struct {
	*Snapshot
	reporter *reporter
	// marks are those of the node at hand.
	marks
	// places are what the local pass says about its expressions.
	places []typedPlace
	// typed are the types that the expression at hand is looked at with.
	typed scopeTypes
	// named are the kinds whose resources get their identifiers from a name, as
	// far as somebody has asked.
	named map[*catalog.Kind]bool
	// lacking says for each scope, by its number, why refs may be missed; nil
	// until it is asked.
	lacking map[int32]template.Misspelt
	// closest are the refs that missing ones probably stand for, as far as somebody
	// has asked.
	closest map[missing]string
	// refsOf says which refs documents have, by their numbers, as far as somebody has
	// asked.
	refsOf map[int32]string
	// withoutContext are the objects with a misspelt context of which a node has
	// told.
	withoutContext map[syntax.Range]bool
	// holder, owner, expression and using are the reference at hand; holder is nil
	// in a document's own properties.
	holder     *template.Node
	owner      syntax.Value
	expression *template.Expression
	using      *expr.Ref
}

// node checks one node.
func (l *linker) node(n *template.Node) {
	l.marks = l.marks[:0]
	l.duplicateRef(n)
	l.nodeRef(n)
	l.context(n)
	l.fork(n)
	l.release(n)
	l.waits(n)
	l.unusedRef(n)
	if len(n.Facts.Expressions) > 0 {
		l.uses(n.Scope, n.Value(), n.Facts, n)
		l.nameLength(n)
		l.types(n)
	}
}

// scope checks the document's own properties.
func (l *linker) scope(s *template.Scope) {
	l.marks = l.marks[:0]
	l.uses(s, s.Value, s.Facts, nil)
}

func (l *linker) uses(scope *template.Scope, owner syntax.Value, facts *template.Facts, n *template.Node) {
	for _, e := range facts.Expressions {
		if len(e.Text.Errors) > 0 {
			l.leave(unreadableMark())
		}
		for i := range e.Uses {
			l.expression, l.using, l.owner, l.holder, l.reporter.doubts = e, e.Uses[i].Ref, owner, n, l
			u := use{Use: e.Uses[i], scope: scope, owner: owner, expression: e, node: n}
			if name, ok := u.RefName(); ok {
				l.ref(&u, name)
			} else if !u.Ref.Param && u.Ref.Root == "args" {
				l.argument(&u)
			} else {
				l.root(&u)
			}
		}
	}
	l.reporter.doubts = nil
}

// doubtful reports whether it is not certain what the reference at hand means:
// what is not closed is being typed, so that a name may not be complete, and
// under a misspelt property the document is not read.
func (l *linker) doubtful() bool {
	return !closedAround(l.expression.Text, l.using) || l.misplaced(l.holder, l.owner, l.expression)
}

// misplaced reports whether an expression of a node or, where that is nil, of a
// document stands under a property that is misspelt.
func (s *Snapshot) misplaced(n *template.Node, owner syntax.Value, e *template.Expression) bool {
	if n != nil {
		return n.Definition != nil && validate.Misspelt(owner, n.Definition.Node, pointerNames(e.Pointer))
	}
	d := catalog.Document(s.Doc.Type.String())
	return d != nil && validate.Misspelt(owner, d.Root, pointerNames(e.Pointer))
}

// closedAround reports whether the `${` that a reference stands in is closed.
func closedAround(text *expr.Interpolation, ref *expr.Ref) bool {
	if len(text.Errors) == 0 {
		return true
	}
	start, _ := ref.Span()
	for i := range text.Parts {
		if p := &text.Parts[i]; p.Start <= start && start < p.End {
			return p.Closed
		}
	}
	return true
}

// use is a use with the way back to its place.
type use struct {
	template.Use
	scope      *template.Scope
	owner      syntax.Value
	expression *template.Expression
	// node is nil in a scope's own properties.
	node *template.Node
}

// segment returns the place of the reference's segment i in the file.
func (u *use) segment(i int) syntax.Range {
	s := u.Ref.Segments[i]
	return rangeOf(u.owner, u.expression, s.Start, s.End)
}

// place returns the place of the reference in the file.
func (u *use) place() syntax.Range {
	start, end := u.Ref.Span()
	return rangeOf(u.owner, u.expression, start, end)
}

// rangeOf maps a span of the expression's text to the file.
func rangeOf(owner syntax.Value, e *template.Expression, start, end int) syntax.Range {
	return e.Value(owner).Decode().SourceRange(start, end)
}
