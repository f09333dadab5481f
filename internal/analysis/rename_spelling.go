package analysis

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
)

// validName refuses names that nothing can have.
func validName(name string) error {
	switch {
	case strings.TrimSpace(name) == "":
		return refuse("a name is needed")
	case strings.TrimSpace(name) != name:
		return refuse("a name cannot start or end with white space")
	case !utf8.ValidString(name) || strings.ContainsFunc(name, unwritable):
		return refuse("a name cannot hold control characters, or white space other than blanks")
	case strings.Contains(name, "${"):
		return refuse("a name cannot hold ${: that starts an expression")
	}
	return nil
}

// unwritable reports characters that no one sees, or that end a name.
func unwritable(r rune) bool {
	return unicode.IsControl(r) || r == utf8.RuneError || r != ' ' && unicode.IsSpace(r)
}

// suffix is how a segment of the name is written behind a root: `.name` or `['a b']`.
func suffix(name string) string {
	return (&expr.Ref{Segments: []expr.Segment{{Name: name}}}).String()
}

// isWord reports whether the name can stand behind a dot.
func isWord(name string) bool { return expr.IsName(name) }

// renamed returns the edit that puts another name at the place. It changes the
// name alone, unless it takes brackets to write it.
func (o *occurrence) renamed(name string) (syntax.Edit, error) {
	start, end, text := o.start, o.end, name
	switch o.spelled {
	case spelledWhole:
		if o.str.Kind() != syntax.KindString && !isBareWord(name) {
			return syntax.Edit{Range: o.at, NewText: edit.Quote(name)}, nil
		}
	case spelledDot:
		if !isWord(name) {
			start, text = start-1, suffix(name)
		}
	case spelledBare:
		if !isWord(name) {
			text = strings.Trim(suffix(name), "[]")
		}
	case spelledQuoted:
		text = escaped(name, o.decoded.Text[o.start-1])
	case spelledRoot:
		if !isWord(name) || isRoot(name) {
			return syntax.Edit{}, refuse("the ref %q stands in front of the data of its iterations, where %q cannot be written", o.decoded.Text[o.start:o.end], name)
		}
	case spelledPath:
		if strings.ContainsAny(name, `.[]'"\`) {
			return syntax.Edit{}, refuse("%q is looked up by a path in a string, where %q cannot be written", o.decoded.Text[o.start:o.end], name)
		}
	}
	return syntax.Edit{Range: o.decoded.SourceRange(start, end), NewText: o.json(text)}, nil
}

// escaped writes a name between the quotes of an expression's string.
func escaped(name string, quote byte) string {
	return strings.NewReplacer(`\`, `\\`, string(quote), `\`+string(quote)).Replace(name)
}

// json writes text as the content of the JSON string or word of the place.
func (o *occurrence) json(text string) string {
	if o.str.Kind() != syntax.KindString {
		return text
	}
	quoted := edit.Quote(text)
	quoted = quoted[1 : len(quoted)-1]
	if strings.HasPrefix(o.str.Raw(), "'") { // no JSON, but people write it
		quoted = strings.ReplaceAll(quoted, "'", `\'`)
	}
	return quoted
}

// isBareWord reports whether the name can stand without quotes where one did.
func isBareWord(name string) bool {
	for i := range len(name) {
		c := name[i] | 0x20
		if !(c >= 'a' && c <= 'z' || name[i] == '_' || i > 0 && name[i] >= '0' && name[i] <= '9') {
			return false
		}
	}
	return true
}

// reserved are the words that mean something else in an expression.
var reserved = [...]string{"refs", "args", "secrets", "fn", "template", "true", "false", "null", "undefined"}

// admits refuses names that the parameter cannot have.
func (p *parameter) admits(name string) error {
	if !isWord(name) || name[0] >= '0' && name[0] <= '9' || name[0] == '-' {
		return refuse("a parameter is called by a word such as item")
	}
	for _, word := range reserved {
		if name == word {
			return refuse("%q means something else in an expression", name)
		}
	}
	if parameterOf(p.lambda, name) >= 0 {
		return refuse("the function has a parameter %q already", name)
	}
	var err error
	own := p.lambda.Params[p.index].Name
	// A use of the parameter would be caught by an inner function that has the
	// new name, and one of an outer parameter of that name by this one.
	expr.Walk(p.lambda.Body, func(n expr.Node, _ bool) bool {
		switch n := n.(type) {
		case *expr.Lambda:
			if parameterOf(n, name) < 0 {
				break
			}
			if parameterOf(n, own) >= 0 {
				return false
			}
			boundUses(n.Body, own, func(*expr.Ref) {
				err = refuse("a function within this one has a parameter %q, which would hide this one there", name)
			})
			return false
		case *expr.Ref:
			if n.Root == name && !n.Template {
				err = refuse("%q is used in this function and means something else there", name)
			}
		}
		return err == nil
	})
	return err
}
