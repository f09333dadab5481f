package gitops

import (
	"encoding/json"
	"errors"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
)

// Override is one value of a document's argumentOverrides.
type Override struct {
	Name  string
	Value json.RawMessage
}

// TakeOverrides returns a template without its argumentOverrides, and these. They are values
// of whoever runs the template, secrets among them, and have no place in a repository.
func TakeOverrides(text string) (without string, taken []Override, err error) {
	tree := syntax.Parse(text)
	m, ok := tree.Root().GetMember("argumentOverrides")
	if !ok {
		return text, nil, nil
	}
	if m.Value().Kind() != syntax.KindObject || m.Value().HasErrors() {
		return text, nil, errors.New("argumentOverrides is no object of names and values, so it cannot be moved to the encrypted store")
	}
	seen := map[string]int{}
	for o := range m.Value().Members() {
		value := json.RawMessage(o.Value().Raw())
		if i, again := seen[o.KeyText()]; again {
			taken[i].Value = value
			continue
		}
		seen[o.KeyText()] = len(taken)
		taken = append(taken, Override{o.KeyText(), value})
	}
	without, err = edit.New(tree).RemoveMember(m).Apply()
	return without, taken, err
}
