package analysis

import (
	"fmt"

	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// constants reports conditions that always come to the same: what somebody meant
// to compare is mostly written as a text there, with quotes around it.
func (x *expressionCheck) constants() {
	for i := range x.expression.Text.Parts {
		if p := &x.expression.Text.Parts[i]; p.Kind == expr.Expression && p.Closed {
			x.constantIn(p.Node)
		}
	}
}

// constantIn looks for the outermost conditions that are constant.
func (x *expressionCheck) constantIn(n expr.Node) {
	c, ok := n.(*expr.Call)
	if !ok {
		return
	}
	if isCondition(c.Name) && !c.Bare && len(c.Args) > 0 {
		if v, ok := expr.Fold(c); ok {
			x.reportConstant(c, v)
			return
		}
	}
	for i, a := range c.Args {
		if c.Name == "if" && !c.Bare && i == 0 && c.Closed {
			if v, ok := expr.Fold(a); ok {
				x.reportConstant(a, v)
				continue
			}
		}
		x.constantIn(a)
	}
}

// isCondition reports whether a function gives a truth value.
func isCondition(name string) bool {
	switch name {
	case "eq", "neq", "gt", "gte", "lt", "lte", "and", "or", "not":
		return true
	}
	return false
}

func (x *expressionCheck) reportConstant(n expr.Node, v expr.Value) {
	truth, known := v.Truth()
	if !known {
		return
	}
	start, end := n.Span()
	message := fmt.Sprintf("this condition is always %v", truth)
	var more []func(*note)
	if quoted := quotedReference(n); quoted != nil {
		message += withoutQuotes(quoted)
		more = append(more, x.unquote(quoted))
	}
	x.reporter.add(CodeConstantCondition, x.at(start, end), message+".", more...)
}

// withoutQuotes is the part of a message about a reference in quotes.
func withoutQuotes(quoted *expr.StringLit) string {
	return fmt.Sprintf("; '%s' is a text here, write %s without quotes for its value", quoted.Value, quoted.Value)
}

// unquote is the fix for a reference in quotes.
func (x *expressionCheck) unquote(quoted *expr.StringLit) func(*note) {
	from, to := quoted.Span()
	return withFix("Write "+quoted.Value+" without quotes", syntax.Edit{Range: x.at(from, to), NewText: quoted.Value})
}

// quotedReference returns the first text in the expression that reads as a
// reference; nil where there is none.
func quotedReference(n expr.Node) *expr.StringLit {
	var found *expr.StringLit
	expr.Walk(n, func(n expr.Node, _ bool) bool {
		if s, ok := n.(*expr.StringLit); ok && found == nil && isReference(s.Value) {
			found = s
		}
		return true
	})
	return found
}

func isReference(text string) bool {
	ref, ok := parsedReference(text)
	return ok && len(ref.Segments) > 0 && (ref.Root == "args" || ref.Root == "refs" || ref.Root == "secrets")
}

// parsedReference reads a text as a reference alone.
func parsedReference(text string) (*expr.Ref, bool) {
	ip := expr.Parse("${" + text + "}")
	if len(ip.Errors) > 0 || !ip.IsSingle() {
		return nil, false
	}
	ref, ok := ip.Parts[0].Node.(*expr.Ref)
	return ref, ok
}
