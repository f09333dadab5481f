package analysis

import (
	"fmt"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// secretToArgument offers to take a secret out of the file: an argument without a value
// takes its place, and whoever runs the template gives the value as an override.
func secretToArgument(a *asked) []offer {
	str := a.cursor.str
	if str.Kind() != syntax.KindString && a.path.Scalar.Kind() == syntax.KindString && a.path.Spot == syntax.SpotValue {
		str = a.path.Scalar // the quotes belong to it
	}
	if a.cursor.isKey || str.Kind() != syntax.KindString || str.HasErrors() || a.cursor.holder.scope.Type == template.Fragment {
		return nil
	}
	if a.cursor.holder.node == nil {
		return a.emptyArgument(str)
	}
	l := literal{value: str, property: a.property()}
	if !a.isSecretPlace(l) {
		l.at = a.tokenAt(str)
	} else if !strings.Contains(str.Text(), "${") && str.Text() != "" {
		l.at = content(str)
	}
	if l.at.Len() == 0 || !l.parts() {
		return nil
	}
	scope := a.cursor.holder.scope
	name := argumentFor(scope, l.property)
	return []offer{{
		Refactoring: Refactoring{
			ID: "move-secret", Kind: kindExtract,
			Title: fmt.Sprintf("Move the secret to the argument %q; its value has to be given by an override", name),
		},
		edits: func() ([]syntax.Edit, error) { return a.becomesArgument(name, `""`, []literal{l}) },
	}}
}

// isSecretPlace reports whether a secret belongs into the string, by its schema
// or by its name and its look.
func (a *asked) isSecretPlace(l literal) bool {
	if l.value.Kind() != syntax.KindString {
		return false
	}
	text := l.value.Text()
	if namesSecret(l.property) && isSecret(text) && LooksRandom(text) {
		return true
	}
	if strings.Contains(text, "PRIVATE KEY-----") {
		return true
	}
	for _, s := range a.placeOf(l.value).schemas() {
		if s.Secret {
			return true
		}
	}
	return false
}

// tokenAt returns where the token stands that the place touches.
func (a *asked) tokenAt(str syntax.Value) syntax.Range {
	var found syntax.Range
	inner := content(str)
	tokenRuns(a.Tree.Slice(inner), func(run string, start, end int) {
		r := syntax.Range{Start: inner.Start + start, End: inner.Start + end}
		if r.Start <= a.at.End && a.at.Start <= r.End && tokenName(run) != "" {
			found = r
		}
	})
	return found
}

// parts works out how a use of an argument is written in the place of a piece of
// the string; false where none can be.
func (l *literal) parts() bool {
	if l.at == content(l.value) && !strings.Contains(l.value.Text(), "${") {
		l.open, l.close = "${args", "}"
		return true
	}
	d := l.value.Decode()
	start, end := d.TextOffset(l.at.Start), d.TextOffset(l.at.End)
	text := expr.Parse(d.Text)
	part, path := text.PathAt(start)
	switch {
	case part == nil:
	case part.Kind == expr.Literal && end <= part.End && partsWell(text, part, start, end):
		l.open, l.close = "${args", "}"
		return true
	case part.Kind == expr.Expression && len(path) > 0:
		// A secret that is only a piece of a text in an expression would need the
		// expression to be put together anew.
		inner, ok := inExpression(*l, d, path, start-1, end+1)
		if ok {
			l.at, l.open = inner.at, inner.open
		}
		return ok
	}
	return false
}

// emptyArgument offers to take a secret out of the value of an argument.
func (a *asked) emptyArgument(str syntax.Value) []offer {
	arguments := a.cursor.holder.scope.Value.Get("arguments")
	m, ok := arguments.GetMember(a.property())
	if !ok || m.Value().Range() != str.Range() || strings.Contains(str.Text(), "${") {
		return nil
	}
	name, text := m.KeyText(), str.Text()
	if !(namesSecret(name) && isSecret(text) && LooksRandom(text)) && a.tokenAt(str).Len() == 0 && !strings.Contains(text, "PRIVATE KEY-----") {
		return nil
	}
	return []offer{{
		Refactoring: Refactoring{
			ID: "empty-argument", Kind: kindRewrite,
			Title: fmt.Sprintf("Empty the argument %q; its value has to be given by an override", name),
		},
		edits: func() ([]syntax.Edit, error) {
			return []syntax.Edit{{Range: str.Range(), NewText: `""`}}, nil
		},
	}}
}
