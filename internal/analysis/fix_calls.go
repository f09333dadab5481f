package analysis

import (
	"fmt"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/catalog/validate"
	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
)

// callProblem returns the call that the finding is about, and what is wrong with it.
func (x *fixer) callProblem() (p place, call *expr.Call, problem expr.Problem) {
	p = x.placeAt(x.finding.Range.Start)
	if p.text == nil {
		return p, nil, problem
	}
	for _, part := range p.text.Parts {
		if part.Node == nil {
			continue
		}
		expr.Walk(part.Node, func(n expr.Node, _ bool) bool {
			c, ok := n.(*expr.Call)
			if !ok || call != nil || c.Bare || !c.Closed {
				return call == nil
			}
			for _, env := range []expr.TypeEnv{noTypes{}, scopeTypes{p.scope, false}, scopeTypes{p.scope, true}} {
				for _, q := range expr.CheckCall(c, env, expr.ParamsAt(part.Node, c, env)...) {
					if call == nil && q.Message == x.finding.Message && p.decoded.SourceRange(q.Start, q.End) == x.finding.Range {
						call, problem = c, q
					}
				}
			}
			return true
		})
	}
	return p, call, problem
}

// callEdits turns a change of an expression's text into edits of the file.
func (p place) callEdit(start, end int, text string) syntax.Edit {
	return syntax.Edit{Range: p.decoded.SourceRange(start, end), NewText: inner(text)}
}

// recount adds arguments that are missing, or takes away those that are too many.
func (x *fixer) recount() {
	p, c, _ := x.callProblem()
	if c == nil {
		return
	}
	f, _ := expr.LookupFunction(c.Name)
	if n := len(c.Args); f.MaxArgs >= 0 && n > f.MaxArgs {
		start := c.Open + 1
		if f.MaxArgs > 0 {
			_, start = c.Args[f.MaxArgs-1].Span()
		}
		_, end := c.Args[n-1].Span()
		x.offerVerified("Remove what is too many", p.callEdit(start, end, ""))
		return
	}
	var added []string
	for i := len(c.Args); i < f.MinArgs; i++ {
		param, ok := f.Param(i)
		if !ok {
			return
		}
		added = append(added, stub(param))
	}
	at, text := c.Open+1, strings.Join(added, ", ")
	if n := len(c.Args); n > 0 {
		_, at = c.Args[n-1].Span()
		text = ", " + text
	}
	x.offerVerified("Add what is missing", p.callEdit(at, at, text))
}

// stub is the plainest value that a parameter takes.
func stub(p *expr.Param) string {
	switch t := p.Type; {
	case t.Can(expr.ShapeFunction):
		return "(item) => item"
	case t.Can(expr.ShapeString):
		return "''"
	case t.Can(expr.ShapeArray):
		return "[]"
	case t.Can(expr.ShapeNumber):
		return "0"
	}
	return "true"
}

// sibling is the function that does the same for lists as another for texts.
var sibling = map[string]string{"length": "arrLength", "slice": "arrSlice", "arrLength": "length", "arrSlice": "slice"}

// convert makes an argument what the function takes.
func (x *fixer) convert() {
	p, c, problem := x.callProblem()
	if c == nil || problem.Argument < 0 || problem.Argument >= len(c.Args) {
		return
	}
	f, _ := expr.LookupFunction(c.Name)
	param, ok := f.Param(problem.Argument)
	if !ok {
		return
	}
	a := c.Args[problem.Argument]
	start, end := a.Span()
	text := p.text.Text[start:end]
	change := func(title, to string) bool { return x.offerVerified(title, p.callEdit(start, end, to)) }
	value, constant := expr.Fold(a)
	have := expr.TypeOf(a, scopeTypes{p.scope, true})
	switch {
	case len(param.Enum) > 0:
		if near := validate.Closest(value.Text(), param.Enum); constant && near != "" {
			x.mend("Change to '"+near+"'", p.callEdit(start, end, "'"+near+"'"))
			return
		}
		for _, word := range param.Enum {
			change("Change to '"+word+"'", "'"+word+"'")
		}
	case sibling[c.Name] != "" && problem.Argument == 0 && x.verified([]syntax.Edit{p.callEdit(c.NameStart, c.NameEnd, sibling[c.Name])}):
		x.mend("Call fn."+sibling[c.Name], p.callEdit(c.NameStart, c.NameEnd, sibling[c.Name]))
	case param.Accepts.Can(expr.ShapeFunction):
		if name, ok := identifier(a); ok {
			change("Read "+name+" of each item", "(item) => item."+name)
		}
	case param.Accepts.Can(expr.ShapeString) && have.Can(expr.ShapeArray):
		change("Join the list", "fn.join("+text+", ',')")
		change("Write the list as JSON", "fn.stringifyJSON("+text+")")
	case param.Accepts.Can(expr.ShapeString) && have.Can(expr.ShapeObject):
		change("Write the object as JSON", "fn.stringifyJSON("+text+")")
	case param.Accepts.Can(expr.ShapeArray) && have.Can(expr.ShapeString):
		change("Split the text", "fn.split("+text+", ',')")
		change("Put it in a list", "["+text+"]")
	case param.Accepts.Can(expr.ShapeArray) && have.Can(expr.ShapeNumber|expr.ShapeBool):
		change("Put it in a list", "["+text+"]")
	case param.Accepts.Can(expr.ShapeObject) && have.Can(expr.ShapeString):
		change("Read the text as JSON", "fn.parseJSON("+text+")")
	}
}

// identifier returns a text literal that may be the name of a property.
func identifier(n expr.Node) (string, bool) {
	s, ok := n.(*expr.StringLit)
	if !ok {
		return "", false
	}
	r, ok := parsedReference("item." + s.Value)
	return s.Value, ok && len(r.Segments) == 1
}

// literalSearch looks for a text as it is where it is no regular expression, and
// takes away flags that there are not.
func (x *fixer) literalSearch() {
	p, c, problem := x.callProblem()
	if c == nil || problem.Argument < 0 || problem.Argument >= len(c.Args) {
		return
	}
	if c.Name == "search" {
		if s, ok := c.Args[problem.Argument].(*expr.StringLit); ok && s.Closed {
			x.offerVerified("Look for the text as it is", p.callEdit(c.NameStart, c.NameEnd, "indexOf"))
		}
		return
	}
	r, ok := c.Args[problem.Argument].(*expr.RegexLit)
	if !ok {
		return
	}
	start, end := r.Span()
	if flags := knownFlags(r.Flags); flags != r.Flags {
		x.offerVerified("Remove the flags that there are not", p.callEdit(r.PatternStart, end, r.Pattern+"/"+flags))
		return
	}
	text := strings.ReplaceAll(r.Pattern, `\/`, "/")
	if r.Flags == "" && !strings.ContainsAny(text, `'\`) {
		x.offerVerified("Look for the text as it is", p.callEdit(start, end, "'"+text+"'"))
	}
}

// knownFlags returns the flags of a regular expression without those that are
// none and those that stand twice.
func knownFlags(flags string) string {
	var b strings.Builder
	for _, f := range flags {
		if strings.ContainsRune("dgimsuy", f) && !strings.ContainsRune(b.String(), f) {
			b.WriteRune(f)
		}
	}
	return b.String()
}

// rewrap turns the result of an expression into what its place takes.
func (x *fixer) rewrap() {
	p := x.placeAt(x.finding.Range.Start + 1)
	if p.text == nil || !p.text.IsSingle() || !p.text.Parts[0].Closed {
		return
	}
	start, end := p.text.Parts[0].Node.Span()
	text := p.text.Text[start:end]
	for _, way := range [...]struct{ title, before, behind string }{
		{"Join the list", "fn.join(", ", ',')"}, {"Write it as JSON", "fn.stringifyJSON(", ")"}, {"Read the text as JSON", "fn.parseJSON(", ")"},
	} {
		if x.offerVerified(way.title, p.callEdit(start, end, way.before+text+way.behind)) {
			return
		}
	}
	x.offerVerified("Put it in a list", syntax.Edit{Range: p.str.Range(), NewText: "[" + p.str.Raw() + "]"})
}

// branch writes what a conditional with a constant condition always gives.
func (x *fixer) branch() {
	if len(x.out) > 0 {
		return // what was meant is clearer
	}
	p := x.placeAt(x.finding.Range.Start)
	if p.text == nil {
		return
	}
	p.text.Walk(func(n expr.Node, _ bool) bool {
		c, ok := n.(*expr.Call)
		if !ok || c.Name != "if" || c.Bare || !c.Closed || len(c.Args) < 2 {
			return true
		}
		start, end := c.Args[0].Span()
		if p.decoded.SourceRange(start, end) != x.finding.Range {
			return true
		}
		v, ok := expr.Fold(c.Args[0])
		truth, known := v.Truth()
		if !ok || !known || !truth && len(c.Args) < 3 {
			return true
		}
		taken := c.Args[2-btoi(truth)]
		from, to := taken.Span()
		callStart, callEnd := c.Span()
		x.offerVerified(fmt.Sprintf("Write %s alone", edit.Quote(p.text.Text[from:to])), p.callEdit(callStart, callEnd, p.text.Text[from:to]))
		return false
	})
}

// btoi is 1 for true.
func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// repair closes what is not closed in an expression, and writes what is no
// expression as one.
func (x *fixer) repair() {
	p := x.placeAt(x.finding.Range.Start)
	if p.text == nil {
		p = x.placeAt(x.finding.Range.Start + 1)
	}
	if p.text == nil {
		return
	}
	for _, e := range p.text.Errors {
		if e.Message != x.finding.Message || p.decoded.SourceRange(e.Start, e.End) != x.finding.Range {
			continue
		}
		c, ok := p.text.Repair(e)
		if !ok {
			return
		}
		title := "Insert " + c.Text
		switch {
		case c.Text == "":
			title = "Remove " + strings.TrimSpace(p.text.Text[c.Start:c.End])
		case c.End > c.Start:
			title = "Write " + c.Text
		}
		add := x.mend
		if e.Code == expr.CodeShellExpansion {
			title, add = keepAsItIs, x.offer
		}
		add(title, p.callEdit(c.Start, c.End, c.Text))
		return
	}
}
