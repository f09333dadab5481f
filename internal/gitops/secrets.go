package gitops

import (
	"slices"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// holdsSecrets reports whether a text has what a push would keep out of a repository:
// literal secrets, whatever the settings suppress, and values of arguments.
func holdsSecrets(text string) bool {
	s := analysis.NewSnapshot(syntax.Parse(text), nil, nil)
	if s.Tree.Root().Get("argumentOverrides").IsValid() {
		return true
	}
	if !s.IsTemplate() {
		_, holds := SecretIn("", s.Tree.Root())
		return holds
	}
	return slices.ContainsFunc(s.Findings(), func(f analysis.Finding) bool { return f.Code == analysis.CodeSecretInTemplate })
}

// SecretIn returns the first text in JSON of any kind, of which no schema says what is a
// secret, that has the form of one: a well-known token, a key, an address with a password, or
// what programs make up under a name that says so.
func SecretIn(name string, v syntax.Value) (at syntax.Value, ok bool) {
	switch v.Kind() {
	case syntax.KindString:
		text := v.Text()
		return v, analysis.Confidential("", text) || analysis.Confidential(name, "") && analysis.LooksRandom(text)
	case syntax.KindObject:
		for m := range v.Members() {
			if at, ok := SecretIn(m.KeyText(), m.Value()); ok {
				return at, true
			}
		}
	case syntax.KindArray:
		for e := range v.Elements() {
			if at, ok := SecretIn(name, e); ok {
				return at, true
			}
		}
	}
	return v, false
}
