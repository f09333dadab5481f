package settings

import (
	"errors"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
)

// schemaURL is where the schema of settings files is published.
const schemaURL = "https://raw.githubusercontent.com/nf-lsp/nf-lsp/main/schemas/settings.json"

// New returns the text of a settings file with one suppression. path is the
// template's, from the root and with slashes.
func New(path string, s analysis.Suppression) string {
	tree := syntax.Parse("{\n  \"$schema\": " + edit.Quote(schemaURL) + "\n}\n")
	b := edit.New(tree)
	addSuppression(b, tree.Root(), suppressionJSON(path, s))
	text, err := b.Apply()
	if err != nil { // both texts are our own
		panic("settings: " + err.Error())
	}
	return text
}

// addSuppression adds a suppression to the object of a settings file.
func addSuppression(b *edit.Builder, root syntax.Value, entry string) {
	diagnostics := root.Get("diagnostics")
	switch suppressions := diagnostics.Get("suppressions"); {
	case suppressions.IsValid():
		b.InsertElement(suppressions, suppressions.Len(), entry)
	case diagnostics.IsValid():
		b.Insert(diagnostics, edit.Last(), "suppressions", "["+entry+"]")
	default:
		b.Insert(root, edit.Last(), "diagnostics", `{"suppressions": [`+entry+`]}`)
	}
}

// suppressionJSON writes a suppression for one file.
func suppressionJSON(path string, s analysis.Suppression) string {
	var b strings.Builder
	b.WriteString(`{ "file": `)
	b.WriteString(edit.Quote(patternFor(path)))
	if s.Node != "" {
		b.WriteString(`, "node": `)
		b.WriteString(edit.Quote(s.Node))
	}
	b.WriteString(`, "code": `)
	b.WriteString(edit.Quote(string(s.Code)))
	b.WriteString(" }")
	return b.String()
}

// Suppress returns the edits that add a suppression for the template at path,
// which has to lie below the root. It is an error where what is added would not
// count, because of mistakes in the file.
func (f *File) Suppress(path string, s analysis.Suppression) ([]syntax.Edit, error) {
	relative, ok := f.relative(path)
	if !ok {
		return nil, errors.New("the template does not lie below the folder of the settings")
	}
	var edits []syntax.Edit
	if root := f.Tree.Root(); root.IsValid() {
		b := edit.New(f.Tree)
		addSuppression(b, root, suppressionJSON(relative, s))
		var err error
		if edits, err = b.Edits(); err != nil {
			return nil, err
		}
	} else {
		end := len(f.Tree.Source())
		edits = []syntax.Edit{{Range: syntax.Range{Start: end, End: end}, NewText: New(relative, s)}}
	}
	text, err := edit.Apply(f.Tree.Source(), edits)
	if err != nil {
		return nil, err
	}
	for _, x := range Parse(f.Path, syntax.Parse(text)).Config(path, nil).Suppressions {
		if *x == s {
			return edits, nil
		}
	}
	return nil, errors.New("the settings have mistakes, which have to be mended first")
}

// removal takes an element of a list away.
func (f *File) removal(at syntax.Range) []analysis.Fix {
	b := edit.New(f.Tree)
	for e := range f.Tree.Root().Get("diagnostics").Get("suppressions").Elements() {
		if e.Range() == at {
			b.RemoveElement(e)
		}
	}
	edits, err := b.Edits()
	if err != nil || len(edits) == 0 {
		return nil
	}
	return []analysis.Fix{{Title: "Remove the suppression", Edits: edits}}
}
