package analysis

import (
	"fmt"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/catalog/validate"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// unquote offers to write numbers and truth values without quotes where the
// schema takes them and no text: the platform reads both, people and other tools
// read the latter.
func unquote(a *asked) []offer {
	v := a.value()
	if v.Kind() != syntax.KindString {
		return nil
	}
	plain := ""
	if ids := a.placeOf(v).ids; len(ids) > 0 {
		plain = unquoted(v, ids)
	}
	if plain == "" {
		return nil
	}
	offers := []offer{{
		Refactoring: Refactoring{ID: "unquote", Kind: kindRewrite, Title: fmt.Sprintf("Write %s without quotes", plain)},
		edits: func() ([]syntax.Edit, error) {
			return []syntax.Edit{{Range: v.Range(), NewText: plain}}, nil
		},
	}}
	if !a.thorough {
		return offers
	}
	if all := a.quotedValues(); len(all) > 1 {
		offers = append(offers, offer{
			Refactoring: Refactoring{
				ID: "unquote-all", Kind: kindRewrite,
				Title: fmt.Sprintf("Write all %d quoted numbers and truth values of the document without quotes", len(all)),
			},
			edits: func() ([]syntax.Edit, error) { return all, nil },
		})
	}
	return offers
}

// unquoted returns a text as the number or truth value that its place takes;
// empty where it takes a text, or where this is none.
func unquoted(v syntax.Value, ids []catalog.SchemaID) string {
	var types catalog.TypeSet
	for _, id := range ids {
		t := id.Schema().Types
		if t == 0 || t.Has(catalog.TypeString) {
			return ""
		}
		types |= t
	}
	text := v.Text()
	plain := syntax.Parse(text)
	switch root := plain.Root(); {
	case plain.Green().HasErrors() || root.Raw() != text:
		return ""
	case root.Kind() == syntax.KindNumber && types&numberTypes != 0:
	case (root.Kind() == syntax.KindTrue || root.Kind() == syntax.KindFalse) && types.Has(catalog.TypeBoolean):
	default:
		return ""
	}
	for _, id := range ids {
		if validate.Valid(plain.Root(), id, validate.Options{}) {
			return text
		}
	}
	return ""
}

// quotedValues returns the edits that take the quotes from all numbers and truth
// values of the file that do not need them.
func (s *Snapshot) quotedValues() []syntax.Edit {
	d := catalog.Document(s.Doc.Main.Type.String())
	if d == nil {
		return nil
	}
	var out []syntax.Edit
	var walk func(v syntax.Value, ids []catalog.SchemaID)
	walk = func(v syntax.Value, ids []catalog.SchemaID) {
		switch {
		case len(ids) == 0:
		case v.Kind() == syntax.KindString:
			if plain := unquoted(v, ids); plain != "" {
				out = append(out, syntax.Edit{Range: v.Range(), NewText: plain})
			}
		default:
			for m := range v.Members() {
				if m.Value().IsValid() {
					walk(m.Value(), partSchemas(m.Value(), ids, func(f *catalog.Schema) catalog.SchemaID { return memberSchema(f, m.KeyText()) }))
				}
			}
			for e := range v.Elements() {
				walk(e, partSchemas(e, ids, func(f *catalog.Schema) catalog.SchemaID { return f.Items }))
			}
		}
	}
	walk(s.Doc.Main.Value, validate.At(s.Doc.Main.Value, d.Root, nil))
	return out
}

// partSchemas returns the schemas of a part under those of the whole.
func partSchemas(v syntax.Value, ids []catalog.SchemaID, of func(*catalog.Schema) catalog.SchemaID) []catalog.SchemaID {
	var out []catalog.SchemaID
	for _, id := range ids {
		if part := of(id.Schema()); part != 0 {
			out = append(out, validate.At(v, part, nil)...)
		}
	}
	return out
}
