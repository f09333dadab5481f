package lsp

import (
	"path"
	"strconv"
	"strings"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/schemas"
)

// schemaScheme is that of the documents that hold the published schemas. They are
// in no file: the client asks for their text.
const schemaScheme = "northflank-schema"

// documentSchemas are the schemas of the types of documents.
var documentSchemas = map[string]string{
	"template": "documents/template.json", "releaseFlow": "documents/release-flow.json", "previewEnv": "documents/preview-environment.json",
}

// schemaText returns the text of a schema by its path among the published ones.
func schemaText(file string) (string, bool) {
	text, err := schemas.FS.ReadFile(file)
	return string(text), err == nil
}

// schemaCursor is a place in the published schemas.
type schemaCursor struct {
	file  string
	value syntax.Value
	// name is what names the value: the property that it is the schema of; absent
	// at the start of a file.
	name syntax.Value
}

// openSchema returns the start of a schema.
func openSchema(file string) (schemaCursor, bool) {
	text, ok := schemaText(file)
	if !ok {
		return schemaCursor{}, false
	}
	return schemaCursor{file: file, value: syntax.Parse(text).Root()}, true
}

// mostReferences is how many references of schemas to others are followed in a
// row.
const mostReferences = 16

// follow goes where a schema refers to; it stays where it refers to nothing.
func (c schemaCursor) follow() (schemaCursor, bool) {
	for range mostReferences {
		ref := c.value.Get("$ref")
		if ref.Kind() != syntax.KindString {
			return c, true
		}
		file, pointer, _ := strings.Cut(ref.Text(), "#")
		next := schemaCursor{file: c.file, value: c.value.Tree().Root(), name: c.name}
		if file != "" {
			opened, ok := openSchema(path.Join(path.Dir(c.file), file))
			if !ok {
				return c, false
			}
			next.file, next.value = opened.file, opened.value
		}
		next.value = next.value.Tree().Find(pointer)
		if !next.value.IsValid() {
			return c, false
		}
		c = next
	}
	return c, false
}

// find goes as far as the schemas say on the way that names lead from a value, of
// which c is the schema. Of alternatives that what is written leaves open, the one
// counts that leads farthest. It returns how many names it has gone.
func (c schemaCursor) find(v syntax.Value, names []string, depth int) (best schemaCursor, gone int) {
	c, ok := c.follow()
	if !ok || len(names) == 0 || depth > mostReferences {
		return c, 0
	}
	best = c
	into := func(m syntax.Member) {
		next := schemaCursor{c.file, m.Value(), m.Key()}
		if found, n := next.find(child(v, names[0]), names[1:], depth); n+1 > gone {
			best, gone = found, n+1
			if n == 0 {
				best = next
			}
		}
	}
	if m, ok := c.value.Get("properties").GetMember(names[0]); ok {
		into(m)
	} else if m, ok := c.value.GetMember("items"); ok {
		into(m)
	}
	for _, list := range []string{"anyOf", "oneOf", "allOf"} {
		for alternative := range c.value.Get(list).Elements() {
			a, ok := schemaCursor{file: c.file, value: alternative}.follow()
			if !ok || !a.admits(v) {
				continue
			}
			if found, n := a.find(v, names, depth+1); n > gone {
				best, gone = found, n
			}
		}
	}
	if m, ok := c.value.GetMember("additionalProperties"); ok && gone == 0 && m.Value().Kind() == syntax.KindObject {
		into(m)
	}
	return best, gone
}

// child returns the member or the element of a name.
func child(v syntax.Value, name string) syntax.Value {
	if i, err := strconv.Atoi(name); err == nil && v.Kind() == syntax.KindArray {
		return v.Index(i)
	}
	return v.Get(name)
}

// admits reports whether no property of an object has another value than the one
// that the schema lets it have.
func (c schemaCursor) admits(v syntax.Value) bool {
	for p := range c.value.Get("properties").Members() {
		want, is := p.Value().Get("const"), v.Get(p.KeyText())
		if want.IsValid() && is.IsValid() && is.Text() != want.Text() {
			return false
		}
	}
	return true
}

// schemaLink leads from a place to where a schema describes it, as near as the
// schemas say.
func (d *Document) schemaLink(p analysis.SchemaPlace) (*protocol.DefinitionLink, bool) {
	file := documentSchemas[p.Document]
	if kind, ok := catalog.Lookup(p.Kind); ok {
		file = "nodes/" + kind.Name + ".json"
	}
	c, ok := openSchema(file)
	if !ok {
		return nil, false
	}
	if found, gone := c.find(p.Value, p.Names, 0); gone > 0 {
		c = found
	}
	lines := c.value.Tree().Lines()
	span := func(r syntax.Range) protocol.Range {
		start, end := lines.Position(r.Start, d.env.client.encoding), lines.Position(r.End, d.env.client.encoding)
		return protocol.Range{
			Start: protocol.Position{Line: start.Line, Character: start.Character},
			End:   protocol.Position{Line: end.Line, Character: end.Character},
		}
	}
	whole, name := c.value.Range(), c.value.Get("title").Range()
	if c.name.IsValid() && c.name.Tree() == c.value.Tree() {
		name = c.name.Range()
		whole.Start = name.Start
	}
	if name.Len() == 0 {
		name = syntax.Range{Start: whole.Start, End: whole.Start + 1}
	}
	from := d.span(p.Origin)
	return &protocol.DefinitionLink{
		OriginSelectionRange: &from,
		TargetURI:            uri.URI(schemaScheme + ":/" + c.file),
		TargetRange:          span(whole),
		TargetSelectionRange: span(name),
	}, true
}
