package analysis

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// literal is text of the file that stands for itself, so that an argument can
// take its place.
type literal struct {
	// at is what the use of the argument replaces; in a string it is a part of
	// the content, in an expression a literal with its quotes.
	at syntax.Range
	// json is the value as an argument declares it.
	json string
	// shown is how a person reads it.
	shown string
	// use is how a use of the argument is written at the place, behind which
	// comes the name: ${args for instance. close ends it.
	open, close string
	// value is the value or the string that it is or is part of.
	value syntax.Value
	// property is the name of the nearest property.
	property string
}

// used puts a use of the argument in the literal's place.
func (l *literal) used(name string) syntax.Edit {
	return syntax.Edit{Range: l.at, NewText: l.open + suffix(name) + l.close}
}

// literalAt returns the literal that is selected or that the cursor is on. Names
// of properties, and what tells the parser of the platform what the rest means,
// are none.
func (a *asked) literalAt() (literal, bool) {
	if a.cursor.isKey || a.cursor.holder.scope.Type == template.Fragment {
		return literal{}, false
	}
	whole := a.value()
	if whole.IsValid() {
		if l, ok := a.wholeLiteral(whole); ok {
			return l, true
		}
	}
	str := a.cursor.str
	inner := content(str)
	if str.Kind() != syntax.KindString || !str.Terminated() || str.HasErrors() || a.at.Start < inner.Start || a.at.End > inner.End {
		return literal{}, false
	}
	d := str.Decode()
	start, end := d.TextOffset(a.at.Start), d.TextOffset(a.at.End)
	if d.SourceRange(start, end) != a.at {
		return literal{}, false // half of an escape
	}
	text := a.cursor.interpolation()
	part, path := text.PathAt(start)
	if part == nil {
		return literal{}, false
	}
	l := literal{value: str, property: a.property()}
	switch {
	case part.Kind == expr.Expression && len(path) > 0:
		return inExpression(l, d, path, start, end)
	case part.Kind == expr.Literal && start < end && end <= part.End && partsWell(text, part, start, end):
		l.at, l.open, l.close = a.at, "${args", "}"
		l.json = `"` + a.Tree.Slice(a.at) + `"`
		l.shown = edit.Quote(d.Text[start:end])
		return l, true
	}
	return literal{}, false
}

// wholeLiteral is a value without any expression in it.
func (a *asked) wholeLiteral(v syntax.Value) (literal, bool) {
	raw := v.Raw()
	if !isComplete(v) || mayHoldExpressions(v) {
		return literal{}, false
	}
	l := literal{at: v.Range(), json: raw, shown: shownJSON(v), value: v, property: a.property(), open: `"${args`, close: `}"`}
	switch v.Kind() {
	case syntax.KindString:
		if v.Text() == "" {
			return literal{}, false
		}
	case syntax.KindNumber, syntax.KindTrue, syntax.KindFalse:
	case syntax.KindObject, syntax.KindArray:
		if _, declares := (&template.Argument{Value: v}).Declaration(); declares {
			return literal{}, false // as an argument's value it would mean something else
		}
		if v.Len() == 0 || a.Doc.NodeAt(v.Range().Start+1) != a.cursor.holder.node || containsNodes(a.cursor.holder.node, v) {
			return literal{}, false
		}
		l.shown = fmt.Sprintf("the value of %q", l.property)
	default:
		return literal{}, false
	}
	return l, true
}

// containsNodes reports whether a node's steps or nested documents stand in v.
func containsNodes(n *template.Node, v syntax.Value) bool {
	r := v.Range()
	within := func(o syntax.Value) bool {
		return o.IsValid() && r.Start <= o.Range().Start && o.Range().End <= r.End
	}
	if n == nil || within(n.Value()) || n.Flow != template.NoFlow && within(n.Spec().Get("steps")) {
		return true
	}
	for _, s := range n.Nested() {
		if within(s.Value) {
			return true
		}
	}
	return false
}

// inExpression is a literal of the expression language, with the cursor in it or
// selected.
func inExpression(l literal, d syntax.Decoded, path []expr.Node, start, end int) (literal, bool) {
	root, innermost := path[0], path[len(path)-1]
	from, to := innermost.Span()
	if c, ok := root.(*expr.Call); ok && c.Template {
		return l, false // its arguments are those of the outer document
	}
	if start < from || end > to {
		return l, false
	}
	switch n := innermost.(type) {
	case *expr.StringLit:
		if !n.Closed || !utf8.ValidString(n.Value) || start < end && start != from && (start != from+1 || end != to-1) {
			return l, false
		}
		l.json, l.shown = edit.Quote(expr.EscapeLiteral(n.Value)), edit.Quote(n.Value)
	case *expr.NumberLit:
		l.json = expr.Number(n.Value).Text()
		l.shown = l.json
		if t := syntax.Parse(l.json); t.Root().Kind() != syntax.KindNumber || t.Green().HasErrors() {
			return l, false
		}
	case *expr.BoolLit:
		l.json = expr.Bool(n.Value).Text()
		l.shown = l.json
	default:
		return l, false
	}
	l.at, l.open = d.SourceRange(from, to), "args"
	return l, true
}

// partsWell reports whether a piece of a literal part can be replaced by an
// expression, so that what stands around it and the piece itself keep their
// meaning: a backslash in front would take the expression for text.
func partsWell(text *expr.Interpolation, part *expr.Part, start, end int) bool {
	const use = "${args.X}"
	piece := expr.Parse(text.Text[start:end])
	if len(piece.Parts) != 1 || piece.Parts[0].Kind != expr.Literal {
		return false
	}
	var meant strings.Builder
	for _, p := range expr.Parse(text.Text[:start] + use + text.Text[end:]).Parts {
		switch {
		case p.Kind == expr.Expression && p.Start == start && p.End == start+len(use):
			meant.WriteString(piece.Parts[0].Text)
		case p.Kind == expr.Literal:
			meant.WriteString(p.Text)
		}
	}
	var before strings.Builder
	for _, p := range text.Parts {
		if p.Kind == expr.Literal {
			before.WriteString(p.Text)
		}
	}
	return meant.String() == before.String()
}

// property returns the name of the property that the place belongs to: in a
// list, that of the list.
func (a *asked) property() string {
	for i := len(a.path.Steps) - 1; i >= 0; i-- {
		if m := a.path.Steps[i].Member; m.IsValid() {
			return m.KeyText()
		}
	}
	return ""
}

// argumentFor makes the name of an argument that the scope does not have yet and
// that nothing in the file uses, from a property's name and in the manner of the
// arguments that it has.
func argumentFor(scope *template.Scope, property string) string {
	words := wordsOf(property)
	if len(words) == 0 {
		words = []string{"value"}
	}
	upper, lower := 0, 0
	for _, a := range scope.Arguments() {
		if strings.ToUpper(a.Name) == a.Name {
			upper++
		} else {
			lower++
		}
	}
	base := strings.ToUpper(strings.Join(words, "_"))
	if lower > upper {
		for i, w := range words[1:] {
			words[i+1] = strings.ToUpper(w[:1]) + w[1:]
		}
		base = strings.Join(words, "")
	}
	name, source := base, scope.Value.Tree().Source()
	for i := 2; scope.Argument(name) != nil || isUsed(source, name); i++ {
		name = fmt.Sprintf("%s%d", base, i)
		if lower <= upper {
			name = fmt.Sprintf("%s_%d", base, i)
		}
	}
	return name
}

// isUsed reports whether an argument's name stands behind args. in the text. It
// looks at the text alone, which is fast; what it misses is found once the name
// is given.
func isUsed(source, name string) bool {
	const root = "args."
	for {
		i := strings.Index(source, root+name)
		if i < 0 {
			return false
		}
		source = source[i+len(root)+len(name):]
		if next, _ := utf8.DecodeRuneInString(source); next != '_' && next != '-' && !unicode.IsLetter(next) && !unicode.IsDigit(next) {
			return true
		}
	}
}

// wordsOf splits a name into its words, in lower case: deploymentPlan, API_KEY.
func wordsOf(name string) []string {
	var words []string
	var word strings.Builder
	end := func() {
		if word.Len() > 0 {
			words = append(words, word.String())
			word.Reset()
		}
	}
	previous := ' '
	for _, r := range name {
		switch {
		case r >= utf8.RuneSelf || !unicode.IsLetter(r) && !unicode.IsDigit(r):
			end()
		case unicode.IsUpper(r):
			if !unicode.IsUpper(previous) {
				end()
			}
			word.WriteRune(unicode.ToLower(r))
		default:
			word.WriteRune(r)
		}
		previous = r
	}
	end()
	return words
}

// becomesArgument returns the edits that declare an argument and put its uses in
// the place of literals. It refuses what would be wrong afterwards.
func (a *asked) becomesArgument(name, json string, literals []literal) ([]syntax.Edit, error) {
	scope := a.cursor.holder.scope
	if err := a.admits(&entity{kind: entityArgument, scope: scope}, name); err != nil {
		return nil, err
	}
	edits := declareArgument(scope, name, json)
	if edits == nil {
		return nil, refuse("the document has no room for arguments: %q is not an object", "arguments")
	}
	for i := range literals {
		edits = append(edits, literals[i].used(name))
	}
	return edits, a.spoils(edits)
}
