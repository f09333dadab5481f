package analysis

import (
	"fmt"

	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// outerArgument reports an argument that only the template around the document
// declares, and returns it; nil where it is none.
func (l *linker) outerArgument(u *use, lookup *template.Scope, name string) *template.Argument {
	outer := lookup.Outer.Argument(name)
	if u.Ref.Template || outer == nil {
		return nil
	}
	start, _ := u.Ref.Span()
	l.reporter.add(CodeNestedScope, u.segment(0),
		fmt.Sprintf("argument %q is declared by the template around this document, which runs on its own later; write template.args.%s to have the value put in when that template runs.", name, name),
		withFix("Write template.args."+name, syntax.Edit{Range: rangeOf(u.owner, u.expression, start, start), NewText: "template."}))
	return outer
}

// scopes reports `template.` where it reaches nothing: in a document that stands
// in no other, and in an expression that is left for the nested document's own run.
func (x *expressionCheck) scopes() {
	if x.node == nil || x.node.Scope.Type == template.Fragment {
		return
	}
	x.reporter.doubts = x
	defer func() { x.reporter.doubts = nil }()
	outermost := x.node.Scope.Outer == nil
	for i := range x.expression.Text.Parts {
		p := &x.expression.Text.Parts[i]
		if p.Kind != expr.Expression || !p.Closed {
			continue
		}
		if outermost {
			x.reachesNothing(p.Node)
		} else if c, ok := p.Node.(*expr.Call); ok && !c.Template {
			x.leftForLater(c)
		}
	}
}

// doubtful reports whether the expression stands under a property that is
// misspelt, so that a nested document may not be seen as one.
func (x *expressionCheck) doubtful() bool { return x.snapshot.misplaced(x.node, x.owner, x.expression) }

// reachesNothing reports `template.` in an outermost document; references to
// nodes are reported as such.
func (x *expressionCheck) reachesNothing(n expr.Node) {
	expr.Walk(n, func(n expr.Node, _ bool) bool {
		start, end := n.Span()
		switch n := n.(type) {
		case *expr.Call:
			if n.Template {
				x.outermost(start, n.NameEnd)
			}
		case *expr.Ref:
			if n.Template && n.Root != "refs" {
				x.outermost(start, end)
			}
		}
		return true
	})
}

func (x *expressionCheck) outermost(start, end int) {
	level := Warning
	if x.node.Scope.Type == template.Template && x.snapshot.Doc.Certain && !inUnknownPlace(x.expression, x.node) {
		level = Error
	}
	const prefix = "template."
	x.reporter.addAt(level, CodeNestedScope, x.at(start, end),
		"template. reaches the template around a nested document, but this is the outermost one; leave it out.",
		withFix("Remove template.", syntax.Edit{Range: x.at(start, start+len(prefix))}))
}

// leftForLater reports `template.` among the arguments of a call without it: the
// whole expression is kept as it is, and the nested document's run knows no
// template around it.
func (x *expressionCheck) leftForLater(c *expr.Call) {
	expr.Walk(c, func(n expr.Node, _ bool) bool {
		r, ok := n.(*expr.Ref)
		if !ok || !r.Template {
			return true
		}
		start, end := r.Span()
		call, _ := c.Span()
		x.reporter.add(CodeNestedScope, x.at(start, end),
			fmt.Sprintf("fn.%s is called when this document runs, which cannot see the template around it; write template.fn.%s to have it called when that template runs.", c.Name, c.Name),
			withFix("Write template.fn."+c.Name, syntax.Edit{Range: x.at(call, call), NewText: "template."}))
		return false
	})
}
