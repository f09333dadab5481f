package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// schema is a compiled schema before it has a number. Its fields are those of catalog.Schema.
type schema struct {
	group  string // of sources that share a Go file
	number int    // within the group, from 0

	types                        []string
	expr, closed, node, secret   bool
	role, title, doc             string
	additional, items            *schema
	minLength, maxLength         string
	minItems, maxItems           string
	minimum, maximum             string
	properties                   []property
	enum                         []enumValue
	pattern                      pattern
	anyOf                        []*schema
	discriminator                string
	format, fallback, deprecated string
	examples                     []string
	refKinds                     []string
	refOutput                    string
	except, exactlyOne           []string
}

// pattern is a regular expression in the portable form that is published, the form that the reference documents, and
// what it means in words.
type pattern struct{ source, documented, form string }

type property struct {
	name, doc                  string
	schema                     *schema
	required, expected, hidden bool
}

type enumValue struct {
	text, kind, doc string
	hidden          bool
}

// content is a text that two schemas share exactly if they are equal, given that their parts were shared already.
func (s *schema) content() string {
	c := *s
	c.group, c.number = "", 0
	part := func(p *schema) string { return fmt.Sprintf("%p", p) }
	var b strings.Builder
	for _, p := range c.properties {
		fmt.Fprintf(&b, "%q %q %s %v %v %v;", p.name, p.doc, part(p.schema), p.required, p.expected, p.hidden)
	}
	for _, a := range c.anyOf {
		b.WriteString(part(a))
	}
	b.WriteString(part(c.items) + part(c.additional))
	c.properties, c.anyOf, c.items, c.additional = nil, nil, nil, nil
	return fmt.Sprintf("%+v %s", c, b.String())
}

// empty reports a schema that accepts everything and says nothing: it needs no entry of its own.
func (s *schema) empty() bool { return s.content() == (&schema{}).content() }

// only returns the single value that a property of an alternative takes, if it takes only one.
func (s *schema) only(name string) (string, bool) {
	for _, p := range s.properties {
		if p.name == name && len(p.schema.enum) == 1 {
			return p.schema.enum[0].text, true
		}
	}
	return "", false
}

// discriminate finds the property that tells object alternatives apart: each has it with one value, and not all values
// are the same.
func discriminate(alternatives []*schema) string {
	if len(alternatives) < 2 {
		return ""
	}
	for _, p := range alternatives[0].properties {
		values := map[string]bool{}
		complete := true
		for _, a := range alternatives {
			v, ok := a.only(p.name)
			complete = complete && ok
			values[v] = true
		}
		if complete && len(values) > 1 {
			return p.name
		}
	}
	return ""
}

// jsonText is the JSON text of a decoded value.
func jsonText(v any) (string, error) {
	b, err := marshal(v)
	return string(b), err
}

// typeOf names the JSON type of a decoded value.
func typeOf(v any) string {
	switch v := v.(type) {
	case string:
		return "string"
	case bool:
		return "boolean"
	case nil:
		return "null"
	case json.Number:
		if !strings.ContainsAny(v.String(), ".eE") {
			return "integer"
		}
		return "number"
	case []any:
		return "array"
	}
	return "object"
}

// typeOrder is the order in which types are written.
var typeOrder = []string{"string", "integer", "number", "boolean", "object", "array", "null"}

func addType(types []string, t string) []string {
	if !slices.Contains(types, t) {
		types = append(types, t)
	}
	slices.SortFunc(types, func(a, b string) int { return slices.Index(typeOrder, a) - slices.Index(typeOrder, b) })
	return types
}
