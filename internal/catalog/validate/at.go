package validate

import (
	"strconv"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// At returns the schemas that apply at a place below root, which has the schema id. The path names members, and
// elements by any text; it may lead to a place where nothing stands yet. Alternatives are narrowed by what is already
// written around the place, and nodes have the schema of their kind, or AnyNode while they have none. None of the
// results has alternatives of its own, and none stands twice.
func At(root syntax.Value, id catalog.SchemaID, path []string) []catalog.SchemaID {
	now := expand(nil, root, id)
	for _, name := range path {
		child := step(root, name)
		var next []catalog.SchemaID
		for _, id := range now {
			s := id.Schema()
			if p, ok := s.Property(name); ok && root.Kind() != syntax.KindArray {
				next = expand(next, child, p.Schema)
			} else if s.Additional != 0 && root.Kind() != syntax.KindArray {
				next = expand(next, child, s.Additional)
			} else if s.Items != 0 && root.Kind() != syntax.KindObject {
				next = expand(next, child, s.Items)
			}
		}
		root, now = child, next
	}
	return now
}

// Misspelt reports whether a path from root, which has the schema id, leads through a property that is probably meant to
// be another one: what stands below it is then not what it will be.
func Misspelt(root syntax.Value, id catalog.SchemaID, path []string) bool {
	now := expand(nil, root, id)
	for _, name := range path {
		child := step(root, name)
		var next []catalog.SchemaID
		for _, id := range now {
			s := id.Schema()
			p, ok := s.Property(name)
			switch {
			case root.Kind() == syntax.KindArray && s.Items != 0:
				next = expand(next, child, s.Items)
			case ok:
				next = expand(next, child, p.Schema)
			case s.Additional != 0:
				next = expand(next, child, s.Additional)
			case !s.Closed:
				return false
			}
		}
		if len(next) == 0 {
			return root.Kind() == syntax.KindObject && meantAnother(root, now, name)
		}
		root, now = child, next
	}
	return false
}

// meantAnother reports whether a name is near one that an object may have and does not.
func meantAnother(object syntax.Value, schemas []catalog.SchemaID, name string) bool {
	for _, id := range schemas {
		for _, p := range id.Schema().Properties {
			if _, there := object.GetMember(p.Name); !there && Closest(name, []string{p.Name}) != "" {
				return true
			}
		}
	}
	return false
}

// step returns the member or element of a name; an absent value if there is none.
func step(v syntax.Value, name string) syntax.Value {
	if v.Kind() != syntax.KindArray {
		return v.Get(name)
	}
	if i, err := strconv.Atoi(name); err == nil {
		return v.Index(i)
	}
	return syntax.Value{}
}

// expand adds the schemas without alternatives that a value may have under a schema.
func expand(to []catalog.SchemaID, v syntax.Value, id catalog.SchemaID) []catalog.SchemaID {
	s := id.Schema()
	switch {
	case id == 0:
		return to
	case s.Node:
		if kind, ok := catalog.Lookup(v.Get("kind").Text()); ok {
			id = kind.Node
		}
	case len(s.Alternatives()) > 0:
		for _, a := range narrow(v, s) {
			to = expand(to, v, a)
		}
		return to
	}
	for _, known := range to {
		if known == id {
			return to
		}
	}
	return append(to, id)
}

// narrow returns the alternatives that what is written of an object leaves open; all of them for anything else.
func narrow(v syntax.Value, s *catalog.Schema) []catalog.SchemaID {
	all := s.Alternatives()
	if v.Kind() != syntax.KindObject {
		return all
	}
	var fit chosen
	for _, a := range all {
		if t := allTypes(a.Schema()); t == 0 || t.Has(catalog.TypeObject) {
			fit.add(a)
		}
	}
	if d := v.Get(s.Discriminator); s.Discriminator != "" && d.Kind() == syntax.KindString && !strings.Contains(d.Text(), "${") {
		var same chosen
		for _, a := range fit.list() {
			if p, ok := a.Schema().Property(s.Discriminator); ok && inEnum(p.Schema.Schema(), catalog.TypeString, d.Text()) {
				same.add(a)
			}
		}
		if same.n > 0 {
			fit = same
		}
	}
	narrowByMembers(v, &fit)
	return append([]catalog.SchemaID(nil), fit.list()...)
}
