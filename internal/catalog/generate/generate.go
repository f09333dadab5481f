package main

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// Generate compiles the schemas of a folder. The result maps the names of Go files to their text.
func Generate(fsys fs.FS) (map[string][]byte, error) {
	src, err := load(fsys)
	if err != nil {
		return nil, err
	}
	c := newCompiler(src)
	roots := map[string]*schema{}
	for _, name := range src.names {
		if strings.HasPrefix(name, "tables/") {
			continue
		}
		o := src.files[name]
		loc := location{file: name}
		if defs := o.object("$defs"); defs != nil {
			for _, d := range defs.keys {
				if _, err := c.schemaAt(loc.child("$defs", d), defs.object(d), false); err != nil {
					return nil, err
				}
			}
		}
		if o.has("type") || o.has("anyOf") || o.has("$ref") {
			s, err := c.schemaAt(loc, o, false)
			if err != nil {
				return nil, err
			}
			roots[name] = s
		}
	}
	return c.emit(func(w *writer) error {
		w.WriteString("// AnyNode is the schema of what nodes of all kinds have in common.\n")
		w.WriteString("const AnyNode SchemaID = " + id(roots["definitions/node.json"]) + "\n\n")
		w.WriteString("// TriggerOutput is the schema of what a Git trigger leaves for references.\n")
		w.WriteString("const TriggerOutput SchemaID = " + id(roots["outputs/trigger.json"]) + "\n\n")
		if err := c.kinds(w, roots); err != nil {
			return err
		}
		if err := c.documents(w, roots); err != nil {
			return err
		}
		return tables(w, src)
	})
}

// kinds writes the table of kinds, sorted by name.
func (c *compiler) kinds(w *writer, roots map[string]*schema) error {
	w.WriteString("var kindTable = [...]Kind{\n")
	for _, name := range c.src.names {
		if path.Dir(name) != "nodes" {
			continue
		}
		o := c.src.files[name]
		meta := o.object("x-nf-kind")
		kind := strings.TrimSuffix(path.Base(name), ".json")
		if meta == nil {
			return fmt.Errorf("%s: x-nf-kind is missing", name)
		}
		output := path.Join(path.Dir(name), meta.text("output"))
		if roots[output] == nil {
			return fmt.Errorf("%s: there is no output schema %s", name, output)
		}
		var spec *schema
		for _, p := range roots[name].properties {
			if p.name == "spec" {
				spec = p.schema
			}
		}
		var f fields
		f.text("Name", kind)
		f.text("Title", o.text("title"))
		f.text("Category", meta.text("category"))
		f.flag("Project", meta.flag("project"))
		if unless := meta.texts("projectUnless"); len(unless) > 0 {
			f.add("ProjectUnless", stringList(unless))
		}
		f.add("Node", id(roots[name]))
		f.add("Spec", id(spec))
		f.add("Output", id(roots[output]))
		f.text("Doc", o.text("description"))
		if ops := meta.texts("operations"); len(ops) > 0 {
			f.add("Operations", stringList(ops))
		}
		if fixed := meta.texts("fixed"); len(fixed) > 0 {
			f.add("Fixed", stringList(fixed))
		}
		if meta.has("snippet") {
			t, err := jsonText(meta.get("snippet"))
			if err != nil {
				return err
			}
			f.text("Snippet", t)
		}
		w.WriteString("{\n" + strings.Join(f, ",\n") + ",\n},\n")
	}
	w.WriteString("}\n\n")
	return nil
}

// documents writes the table of document types.
func (c *compiler) documents(w *writer, roots map[string]*schema) error {
	w.WriteString("var documentTable = [...]DocumentType{\n")
	for _, name := range c.src.names {
		if path.Dir(name) != "documents" {
			continue
		}
		o := c.src.files[name]
		meta := o.object("x-nf-document")
		if meta == nil {
			return fmt.Errorf("%s: x-nf-document is missing", name)
		}
		var f fields
		f.text("Name", meta.text("name"))
		f.text("Title", o.text("title"))
		f.text("Doc", o.text("description"))
		f.add("Root", id(roots[name]))
		f.add("SpecKinds", stringList(meta.texts("specKinds")))
		f.add("TeardownKinds", stringList(meta.texts("teardownKinds")))
		w.WriteString("{\n" + strings.Join(f, ",\n") + ",\n},\n")
	}
	w.WriteString("}\n\n")
	return nil
}
