package main

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"
)

// The schemas for editors say what the platform takes from a file, as far as JSON
// Schema can: next to a value a string with an expression, and next to a number or
// a truth value the same as text, for the platform converts it. The sources say
// what the values are once all of that is done, so they refuse some right files.

const (
	editorBase = "https://raw.githubusercontent.com/nf-lsp/nf-lsp/main/schemas/editor/"
	// formatFile holds the definitions that the documents share.
	formatFile = "format.json"
	draft      = "https://json-schema.org/draft/2020-12/schema"
)

// EditorSchemas makes the schemas for editors: a small file for each type of
// document, and one with all that they share. The result maps names below
// schemas/editor to texts.
func (src *source) EditorSchemas() (map[string][]byte, error) {
	defs := &object{}
	for _, t := range textForms {
		defs.set(t.name, t.schema())
	}
	files := map[string][]byte{}
	for _, name := range src.names {
		switch path.Dir(name) {
		case "definitions", "nodes", "documents":
		default:
			continue
		}
		e := editor{src: src, file: name}
		s, err := e.file2def(src.files[name])
		if err != nil {
			return nil, err
		}
		defs.set(defName(name), s)
		if path.Dir(name) != "documents" {
			continue
		}
		base := path.Base(name)
		document := newObject("$schema", draft, "$id", editorBase+base, "title", s.text("title"), "description", s.text("description"),
			"$ref", formatFile+"#/$defs/"+defName(name))
		if files[base], err = lines(document); err != nil {
			return nil, err
		}
	}
	format := newObject("$schema", draft, "$id", editorBase+formatFile, "title", "Northflank's format",
		"description", "What the schemas of the documents share. Made from the sources beside; do not edit.", "$defs", defs)
	var err error
	files[formatFile], err = lines(format)
	return files, err
}

// defName is the name of a source file among the definitions.
func defName(file string) string {
	return strings.ReplaceAll(strings.TrimSuffix(file, ".json"), "/", ".")
}

// textForm is a way to write a value as text.
type textForm struct{ name, description, pattern string }

var textForms = []textForm{
	{"expression", "A string with `${...}`: its value is known when the document runs.", `\$\{[\s\S]*\}`},
	{"numberAsText", "A number written as text.", `^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*$`},
	{"booleanAsText", "A truth value written as text.", `^(true|false)$`},
}

func (t textForm) schema() *object {
	return newObject("description", t.description, "type", "string", "pattern", t.pattern)
}

func (t textForm) ref() *object { return newObject("$ref", formatFile+"#/$defs/"+t.name) }

// editor rewrites the schemas of one source file.
type editor struct {
	src  *source
	file string
}

// file2def rewrites a whole file, with its definitions.
func (e *editor) file2def(o *object) (*object, error) {
	out, err := e.keywords(o)
	if err != nil || !o.has("$defs") {
		return out, err
	}
	defs := &object{}
	for _, k := range o.object("$defs").keys {
		d, err := e.value(o.object("$defs").values[k])
		if err != nil {
			return nil, err
		}
		defs.set(k, d)
	}
	out.set("$defs", defs)
	return out, nil
}

// value rewrites the schema of a place where a value stands in a file.
func (e *editor) value(v any) (any, error) {
	o, ok := v.(*object)
	if !ok {
		return v, nil
	}
	out, err := e.keywords(o)
	if err != nil {
		return nil, err
	}
	forms := e.forms(o)
	if len(forms) == 0 {
		return out, nil
	}
	var alternatives []any
	if o.has("anyOf") {
		alternatives = out.list("anyOf")
		out.remove("anyOf")
	} else {
		inner := &object{}
		for _, k := range slices.Clone(out.keys) {
			if !slices.Contains(annotations, k) {
				inner.set(k, out.values[k])
				out.remove(k)
			}
		}
		alternatives = []any{inner}
	}
	for _, f := range forms {
		to := f.ref()
		if !slices.ContainsFunc(alternatives, func(a any) bool { return a.(*object).text("$ref") == to.text("$ref") }) {
			alternatives = append(alternatives, to)
		}
	}
	out.set("anyOf", alternatives)
	return out, nil
}

// annotations stay beside the alternatives, where editors look for them.
var annotations = []string{"description", "default", "examples", "deprecated", "deprecationMessage", "doNotSuggest"}

// forms are the ways in which a value of a schema may be written as text, those
// aside that the schema takes anyway. A schema that refers to another one leaves
// that to it, what tells alternatives apart is written out, and so are objects of
// known properties: editors say more about them where they have to be objects.
func (e *editor) forms(o *object) []textForm {
	types := e.types(o)
	if o.has("$ref") || o.has("const") || o.has("properties") || len(types) == 0 && !o.has("enum") {
		return nil
	}
	var out []textForm
	if !types["string"] || bounded(o) {
		out = append(out, textForms[0])
	}
	if types["integer"] || types["number"] {
		out = append(out, textForms[1])
	}
	if types["boolean"] {
		out = append(out, textForms[2])
	}
	return out
}

// bounded reports whether a schema does not take every string.
func bounded(o *object) bool {
	if slices.ContainsFunc([]string{"pattern", "enum", "minLength", "maxLength", "not"}, o.has) {
		return true
	}
	return slices.ContainsFunc(o.list("anyOf"), func(a any) bool {
		ao, ok := a.(*object)
		return ok && (bounded(ao) || ao.has("$ref") || ao.text("type") != "string")
	})
}

// types are the types that a schema names, itself or in its alternatives.
func (e *editor) types(o *object) map[string]bool {
	out := map[string]bool{}
	if t := o.text("type"); t != "" {
		out[t] = true
	}
	for _, v := range o.list("enum") {
		if _, ok := v.(string); !ok {
			out["number"] = true
		}
	}
	for _, a := range o.list("anyOf") {
		if ao, ok := a.(*object); ok && !ao.has("$ref") {
			for t := range e.types(ao) {
				out[t] = true
			}
		}
	}
	return out
}

// keywords copies a schema, with the schemas in it rewritten and our own keywords
// left out, or written as editors know them.
func (e *editor) keywords(o *object) (*object, error) {
	out := &object{}
	for _, k := range o.keys {
		v := o.values[k]
		switch {
		case k == "$schema", k == "$id", k == "$defs", strings.HasPrefix(k, "x-nf-") && k != "x-nf-hidden":
			continue
		case k == "x-nf-hidden":
			k = "doNotSuggest"
		case k == "$ref":
			to, err := e.ref(v.(string))
			if err != nil {
				return nil, err
			}
			v = to
		case k == "properties":
			members := &object{}
			for _, name := range v.(*object).keys {
				m, err := e.value(v.(*object).values[name])
				if err != nil {
					return nil, err
				}
				members.set(name, m)
			}
			v = members
		case k == "items", k == "additionalProperties":
			to, err := e.value(v)
			if err != nil {
				return nil, err
			}
			v = to
		case k == "anyOf":
			list := []any{}
			for _, a := range v.([]any) {
				to, err := e.alternative(a.(*object))
				if err != nil {
					return nil, err
				}
				list = append(list, to)
			}
			v = list
		case k == "allOf":
			// The kinds of nodes: conditions stay as they are.
			list := []any{}
			for _, a := range v.([]any) {
				then, err := e.keywords(a.(*object).object("then"))
				if err != nil {
					return nil, err
				}
				list = append(list, newObject("if", a.(*object).object("if"), "then", then))
			}
			v = list
		}
		out.set(k, v)
	}
	if out.text("type") == "string" && !out.has("enum") && !out.has("const") {
		out.set("type", []any{"string", "number", "boolean"}) // which become text
	}
	return out, nil
}

// alternative rewrites one of several schemas. The forms as text stand beside it,
// among the alternatives.
func (e *editor) alternative(o *object) (any, error) {
	if o.has("anyOf") {
		return e.value(o)
	}
	return e.keywords(o)
}

// ref leads a reference between files to the definitions.
func (e *editor) ref(ref string) (string, error) {
	to, _, err := e.src.resolve(location{file: e.file}, ref)
	if err != nil {
		return "", err
	}
	if to.file == expressionFile {
		return formatFile + "#/$defs/" + textForms[0].name, nil
	}
	return formatFile + "#/$defs/" + defName(to.file) + to.pointer, nil
}

// lines writes a schema, with one of its definitions on a line.
func lines(o *object) ([]byte, error) {
	var b bytes.Buffer
	head := &object{}
	for _, k := range o.keys {
		if k != "$defs" {
			head.set(k, o.values[k])
		}
	}
	text, err := marshal(head)
	if err != nil {
		return nil, err
	}
	b.Write(text[:len(text)-1])
	if defs := o.object("$defs"); defs != nil {
		b.WriteString(",\"$defs\":{\n")
		for i, k := range defs.keys {
			text, err := marshal(defs.values[k])
			if err != nil {
				return nil, err
			}
			if i > 0 {
				b.WriteString(",\n")
			}
			fmt.Fprintf(&b, "%q:%s", k, text)
		}
		b.WriteString("\n}")
	}
	b.WriteString("}\n")
	return b.Bytes(), nil
}
