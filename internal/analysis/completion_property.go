package analysis

import (
	"strconv"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
)

// properties completes the name of a property: those that the alternatives in
// question know and that the object does not have yet.
func (c *completer) properties() {
	p := c.place
	present := map[string]bool{}
	for m := range p.object.Members() {
		if m.Range() != p.member.Range() {
			present[m.KeyText()] = true
		}
	}
	seen := map[string]bool{}
	for _, s := range p.schemas() {
		for i := range s.Properties {
			prop := &s.Properties[i]
			if present[prop.Name] || seen[prop.Name] || prop.Hidden {
				continue
			}
			seen[prop.Name] = true
			c.property(prop, i)
		}
	}
}

func (c *completer) property(prop *catalog.Property, order int) {
	p := c.place
	schema := prop.Schema.Schema()
	item := CompletionItem{
		Label: prop.Name, Kind: ItemProperty, Detail: typeName(schema), Doc: propertyDoc(prop),
		Sort: "1" + pad(order), Deprecated: schema.Deprecated != "",
	}
	if prop.Required {
		item.Detail += ", required"
		item.Sort = "0" + pad(order)
	}
	switch {
	case p.hasColon && p.str.IsValid():
		// The value is there already: only the name changes, inside its quotes.
		item.Range, item.Insert = p.inside(), prop.Name
	default:
		item.Range = p.token()
		item.Filter = edit.Quote(prop.Name)
		if !p.quoted() {
			item.Filter = prop.Name
		}
		item.Snippet = true
		item.Insert = snippetText(edit.Quote(prop.Name)) + ": " + c.valueSnippet(schema, 1)
		if p.followedByMember {
			item.Insert += ","
		}
		item.Retrigger = wantsValue(schema)
	}
	c.add(item)
}

func pad(i int) string {
	s := strconv.Itoa(i)
	if len(s) < 3 {
		s = strings.Repeat("0", 3-len(s)) + s
	}
	return s
}

func propertyDoc(p *catalog.Property) string {
	if p.Doc != "" {
		return p.Doc
	}
	return p.Schema.Schema().Doc
}

// wantsValue reports whether a list of values follows naturally.
func wantsValue(s *catalog.Schema) bool {
	return len(s.Enum) > 0 || s.Types == catalog.TypeBoolean || s.Role != "" || len(s.RefKinds) > 0
}

// valueSnippet is a first value for a property, with tab stops from n on.
func (c *completer) valueSnippet(s *catalog.Schema, n int) string {
	stop := "$" + strconv.Itoa(n)
	if a := s.Alternatives(); len(a) > 0 && s.Types == 0 {
		return c.valueSnippet(a[0].Schema(), n)
	}
	switch {
	case s.Default != "" && !s.Types.Has(catalog.TypeObject) && !s.Types.Has(catalog.TypeArray):
		if strings.HasPrefix(s.Default, `"`) {
			return `"${` + strconv.Itoa(n) + ":" + snippetText(strings.Trim(s.Default, `"`)) + `}"`
		}
		return "${" + strconv.Itoa(n) + ":" + snippetText(s.Default) + "}"
	case s.Types.Has(catalog.TypeString), len(s.Enum) > 0 && s.Enum[0].Type == catalog.TypeString:
		return `"` + stop + `"`
	case s.Types.Has(catalog.TypeObject) || len(s.Properties) > 0:
		return "{" + stop + "}"
	case s.Types.Has(catalog.TypeArray):
		return "[" + stop + "]"
	}
	return stop
}

// token is the range of the key or value that is being typed, quotes included;
// it is empty where nothing is there yet. It never leaves the line.
func (p place) token() syntax.Range {
	if p.str.IsValid() {
		r := p.str.Range()
		return r
	}
	return syntax.Range{Start: p.offset, End: p.offset}
}

// inside is the range between the quotes of the string that is being typed.
func (p place) inside() syntax.Range {
	r := p.str.Range()
	if p.str.Kind() != syntax.KindString {
		return r
	}
	r.Start++
	if p.str.Terminated() {
		r.End--
	}
	return r
}

// quoted reports whether the token starts with a quote.
func (p place) quoted() bool {
	return p.str.IsValid() && p.str.Kind() == syntax.KindString
}
