package analysis

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/catalog/validate"
	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// checkExpressions reports what is wrong with expressions by themselves: their
// form, their roots, their functions. n is nil for a scope's own properties.
func (s *Snapshot) checkExpressions(r *reporter, owner syntax.Value, facts *template.Facts, n *template.Node) {
	for _, e := range facts.Expressions {
		x := expressionCheck{snapshot: s, reporter: r, owner: owner, node: n, expression: e, foreign: forAnotherReader(e, n)}
		x.run()
	}
}

// expressionCheck checks one string.
type expressionCheck struct {
	snapshot   *Snapshot
	reporter   *reporter
	owner      syntax.Value
	node       *template.Node
	expression *template.Expression
	// foreign is true where `${...}` may well be meant for a shell, a program
	// or OpenTofu, so that a form which is not ours is no mistake.
	foreign bool
}

func (x *expressionCheck) at(start, end int) syntax.Range {
	return rangeOf(x.owner, x.expression, start, end)
}

func (x *expressionCheck) run() {
	for _, e := range x.expression.Text.Errors {
		level := Error
		if x.foreign || inUnknownPlace(x.expression, x.node) {
			level = Hint
		}
		x.reporter.addAt(level, CodeExpressionSyntax, x.at(e.Start, e.End), e.Message)
	}
	x.constants()
	x.scopes()
	x.expression.Text.Walk(func(n expr.Node, _ bool) bool {
		if c, ok := n.(*expr.Call); ok {
			x.call(c)
		}
		return true
	})
}

// call checks a call's name and arguments.
func (x *expressionCheck) call(c *expr.Call) {
	if c.Name == "" || c.Bare || c.Open < 0 {
		return // the parser has said so
	}
	if _, ok := expr.LookupFunction(c.Name); !ok {
		level := Error
		if x.foreign && !strings.HasPrefix(x.expression.Text.Text[c.Pos.Start:], "fn.") {
			level = Hint
		}
		names := make([]string, 0, 64)
		for _, f := range expr.Functions() {
			names = append(names, f.Name)
		}
		message := fmt.Sprintf("there is no function %q", c.Name)
		var more []func(*note)
		at := x.at(c.NameStart, c.NameEnd)
		if near := validate.Closest(c.Name, names); near != "" {
			message += fmt.Sprintf("; did you mean %q?", near)
			more = append(more, withFix("Change to "+near, syntax.Edit{Range: at, NewText: near}))
		} else {
			message += "."
		}
		x.reporter.addAt(level, CodeUnknownFunction, at, message, more...)
		return
	}
	if !c.Closed {
		return // more arguments may be on their way
	}
	for _, p := range expr.CheckCall(c, noTypes{}) {
		switch p.Code {
		case expr.CodeInvalidRegex:
			x.reporter.add(CodeInvalidRegex, x.at(p.Start, p.End), p.Message)
		default:
			if len(x.expression.Text.Errors) > 0 {
				continue // where a parenthesis is missing, the arguments of one call are taken for those of another
			}
			if p.Code == expr.CodeArgumentCount {
				x.reporter.add(CodeArgumentCount, x.at(p.Start, p.End), p.Message)
			} else {
				x.argumentType(c, p)
			}
		}
	}
}

// argumentType reports an argument that the function cannot take. Where it is a
// reference in quotes, the quotes are the mistake.
func (x *expressionCheck) argumentType(c *expr.Call, p expr.Problem) {
	message := p.Message
	var more []func(*note)
	if p.Argument >= 0 && p.Argument < len(c.Args) {
		if faulty(c.Args[p.Argument]) {
			return // what it gives follows from a mistake that is reported itself
		}
		if quoted := quotedReference(c.Args[p.Argument]); quoted != nil {
			message += withoutQuotes(quoted)
			more = append(more, x.unquote(quoted))
		}
	}
	x.reporter.add(CodeArgumentType, x.at(p.Start, p.End), message, more...)
}

// faulty reports whether a call in the expression is wrong by itself.
func faulty(n expr.Node) (wrong bool) {
	expr.Walk(n, func(n expr.Node, _ bool) bool {
		if c, ok := n.(*expr.Call); ok && !wrong {
			wrong = len(expr.CheckCall(c, noTypes{})) > 0
		}
		return !wrong
	})
	return wrong
}

// noTypes knows nothing about references: only what constants prove is reported.
type noTypes struct{}

func (noTypes) RefType(*expr.Ref) expr.Type { return expr.TypeAny }

// foreignProperties are properties whose values other programs read.
var foreignProperties = map[string]bool{
	"runtimeEnvironment": true, "buildArguments": true, "variables": true, "files": true,
	"runtimeFiles": true, "buildFiles": true, "dockerSecretMounts": true,
	"command": true, "customCommand": true, "customEntrypoint": true, "customProcess": true, "cmd": true,
	"description": true,
}

// inUnknownPlace reports whether the string stands in a property that the node's
// kind does not have, or in a node of an unknown kind: what it is for is not known,
// so its expressions prove nothing. n is nil outside of nodes.
func inUnknownPlace(e *template.Expression, n *template.Node) bool {
	if n == nil {
		return false
	}
	if n.Definition == nil {
		return true
	}
	for names := pointerNames(e.Pointer); len(names) > 0; names = names[:len(names)-1] {
		if len(validate.At(n.Value(), n.Definition.Node, names)) > 0 {
			return false
		}
		// Nothing is said about what stands there: the object around takes either any
		// member, or no such one.
		around := validate.At(n.Value(), n.Definition.Node, names[:len(names)-1])
		if len(around) > 0 {
			return !slices.ContainsFunc(around, func(id catalog.SchemaID) bool { return !id.Schema().Closed })
		}
	}
	return false
}

// forAnotherReader reports whether the string's `${...}` may be meant for
// another program: values of environments and secrets, commands, everything in
// an OpenTofu node.
func forAnotherReader(e *template.Expression, n *template.Node) bool {
	kind := ""
	if n != nil {
		kind = n.Kind
	}
	return ForAnotherReader(kind, e.Pointer)
}

// ForAnotherReader is that for the string at a JSON pointer of a node of a kind. What
// an expression there means that starts with none of the language's roots is not for
// the template to say.
func ForAnotherReader(kind, pointer string) bool {
	if kind == "OpenTofu" || kind == "OpenTofuDestroy" {
		return true
	}
	for seg := range strings.SplitSeq(pointer, "/") {
		if foreignProperties[seg] {
			return true
		}
	}
	return false
}
