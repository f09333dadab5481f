package truth

import (
	"slices"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// expressionFaults break expressions by themselves.
var expressionFaults = []*mutator{
	{code: analysis.CodeExpressionSyntax, name: "an expression is not closed", faults: func(s *subject) (out []fault) {
		for _, u := range s.parts() {
			e := u.edited(u.part.End-1, u.part.End, "")
			out = append(out, fault{edits: []syntax.Edit{e}, places: []place{grown(u.token(), e)}})
		}
		return out
	}},
	{code: analysis.CodeExpressionSyntax, name: "a name is missing behind a dot", faults: func(s *subject) (out []fault) {
		for _, u := range s.usages() {
			if n := len(u.Ref.Segments); n > 1 && !u.Ref.Param {
				last := u.Ref.Segments[n-1]
				e := u.edited(last.Start, last.End, "")
				out = append(out, fault{edits: []syntax.Edit{e}, places: []place{grown(u.token(), e)}})
			}
		}
		return out
	}},
	{code: analysis.CodeExpressionSyntax, name: "an operator", faults: func(s *subject) (out []fault) {
		for _, u := range s.usages() {
			if !u.InCall && !u.Ref.Param {
				_, end := u.Ref.Span()
				e := u.edited(end, end, " || 'x'")
				out = append(out, fault{edits: []syntax.Edit{e}, places: []place{grown(u.token(), e)}})
			}
		}
		return out
	}},
	{code: analysis.CodeExpressionSyntax, name: "a parenthesis is missing", faults: func(s *subject) (out []fault) {
		s.calls(func(c *expr.Call, u usage) {
			if c.Close >= 0 {
				e := u.edited(c.Close, c.Close+1, "")
				out = append(out, fault{edits: []syntax.Edit{e}, places: []place{grown(u.token(), e)}})
			}
		})
		return out
	}},
	{code: analysis.CodeUnknownFunction, name: "a function is misspelt", faults: func(s *subject) (out []fault) {
		s.calls(func(c *expr.Call, u usage) {
			if _, is := expr.LookupFunction(swapped(c.Name)); !is && !c.Bare {
				e := u.edited(c.NameStart, c.NameEnd, swapped(c.Name))
				out = append(out, fault{edits: []syntax.Edit{e}, places: []place{written(e)}, mended: len(c.Name) > 2})
			}
		})
		return out
	}},
	{code: analysis.CodeUnknownFunction, name: "a function that there is not", faults: func(s *subject) (out []fault) {
		s.calls(func(c *expr.Call, u usage) {
			e := u.edited(c.NameStart, c.NameEnd, "quuxzzz")
			out = append(out, fault{edits: []syntax.Edit{e}, places: []place{written(e)}})
		})
		return out
	}},
	{code: analysis.CodeArgumentCount, name: "arguments too many", faults: func(s *subject) (out []fault) {
		s.calls(func(c *expr.Call, u usage) {
			if f, ok := expr.LookupFunction(c.Name); ok && f.MaxArgs >= 0 && c.Close >= 0 {
				more := strings.Repeat(", args.QUUX", f.MaxArgs-len(c.Args)+1)
				if len(c.Args) == 0 {
					more = more[2:]
				}
				e := u.edited(c.Close, c.Close, more)
				out = append(out, fault{edits: []syntax.Edit{e}, places: []place{grown(u.at(c.Span()), e)}})
			}
		})
		return out
	}},
	{code: analysis.CodeArgumentCount, name: "arguments too few", faults: func(s *subject) (out []fault) {
		s.calls(func(c *expr.Call, u usage) {
			if f, ok := expr.LookupFunction(c.Name); ok && f.MinArgs > 0 && len(c.Args) > 0 && c.Close >= 0 {
				e := u.edited(c.Open+1, c.Close, "")
				out = append(out, fault{edits: []syntax.Edit{e}, places: []place{grown(u.at(c.Span()), e)}})
			}
		})
		return out
	}},
	{code: analysis.CodeArgumentType, name: "an argument of another type", faults: func(s *subject) (out []fault) {
		s.calls(func(c *expr.Call, u usage) {
			f, ok := expr.LookupFunction(c.Name)
			if !ok || u.foreign() {
				return
			}
			for i, a := range c.Args {
				p, ok := f.Param(i)
				if !ok || p.Accepts.IsAny() {
					continue
				}
				for literal, shape := range map[string]expr.Shape{"[1, 2]": expr.ShapeArray, "'x'": expr.ShapeString, "/x/": expr.ShapeRegex} {
					if p.Accepts.Can(shape) {
						continue
					}
					start, end := a.Span()
					e := u.edited(start, end, literal)
					out = append(out, fault{edits: []syntax.Edit{e}, places: []place{written(e)}})
				}
			}
		})
		return out
	}},
	{code: analysis.CodeInvalidRegex, name: "a regular expression that is not valid", faults: func(s *subject) (out []fault) {
		s.each(func(x expr.Node, u usage) {
			if r, ok := x.(*expr.RegexLit); ok {
				e := u.edited(r.PatternStart, r.PatternStart, "(")
				out = append(out, fault{edits: []syntax.Edit{e}, places: []place{grown(u.at(r.Span()), e)}})
			}
		})
		return out
	}},
	{code: analysis.CodeConstantCondition, name: "a reference in a condition stands in quotes", faults: func(s *subject) []fault {
		return s.quoted("eq", "neq")
	}},
	{code: analysis.CodeArgumentType, name: "a reference that is compared with a number stands in quotes", faults: func(s *subject) []fault {
		return s.quoted("gt", "gte", "lt", "lte")
	}},
}

// quoted puts what functions compare with a constant in quotes.
func (s *subject) quoted(functions ...string) (out []fault) {
	s.calls(func(c *expr.Call, u usage) {
		if !slices.Contains(functions, c.Name) {
			return
		}
		_, constant := expr.Fold(c.Args[1])
		if r, ok := c.Args[0].(*expr.Ref); ok && !r.Param && constant {
			start, end := r.Span()
			e := u.edited(start, end, "'"+u.expression.Text.Text[start:end]+"'")
			// What stands around may be constant with it.
			out = append(out, fault{edits: []syntax.Edit{e}, places: []place{grown(u.token(), e)}, mended: true})
		}
	})
	return out
}

// partOf is an expression in a string.
type partOf struct {
	usage
	part expr.Part
}

// parts visits every `${...}`.
func (s *subject) parts() []partOf {
	var out []partOf
	s.strings(func(e *template.Expression, u usage) {
		for _, p := range e.Text.Parts {
			if p.Kind == expr.Expression && p.Closed {
				out = append(out, partOf{u, p})
			}
		}
	})
	return out
}

// grown is a stretch of text in which an edit was made.
func grown(r syntax.Range, e syntax.Edit) place { return at(r.Start, r.End+len(e.NewText)-e.Len()) }

// foreign reports whether the expression may be meant for another program.
func (u usage) foreign() bool { return u.node != nil && strings.HasPrefix(u.node.Kind, "OpenTofu") }
