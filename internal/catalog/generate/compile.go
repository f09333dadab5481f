package main

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// keywords are all that a schema may say; see schemas/README.md.
var keywords = []string{
	"$schema", "$id", "$defs", "$ref", "title", "description", "deprecated", "deprecationMessage", "type", "const", "enum",
	"enumDescriptions", "not", "pattern", "minLength", "maxLength", "format", "minimum", "maximum", "minItems", "maxItems",
	"items", "properties", "required", "additionalProperties", "anyOf", "oneOf", "allOf", "default", "examples",
	"x-nf-kind", "x-nf-document", "x-nf-node", "x-nf-hidden-values", "x-nf-expected", "x-nf-ref", "x-nf-role", "x-nf-secret",
	"x-nf-hidden", "x-nf-pattern", "patternErrorMessage",
}

// expressionFile is the schema of a string with ${...}: as an alternative to a value it becomes the Expr flag.
const expressionFile = "definitions/expression.json"

type compiler struct {
	src       *source
	done      map[location]*schema
	open      map[location]bool
	byContent map[string]*schema
	groups    map[string][]*schema
}

func newCompiler(src *source) *compiler {
	return &compiler{src: src, done: map[location]*schema{}, open: map[location]bool{}, byContent: map[string]*schema{}, groups: map[string][]*schema{}}
}

// group says which Go file a source's schemas go to: a kind's node and output share one.
func group(file string) string {
	dir, name := path.Split(file)
	name = strings.ToLower(strings.TrimSuffix(name, ".json"))
	if dir == "nodes/" || dir == "outputs/" && name != "shared" && name != "trigger" {
		return "kind_" + name
	}
	return strings.TrimSuffix(dir, "/")
}

// schemaAt compiles what stands at a place. A property's description belongs to the property and not to its schema.
func (c *compiler) schemaAt(loc location, o *object, asProperty bool) (*schema, error) {
	memo := loc
	if asProperty {
		memo.pointer += "\x00"
	}
	if s, ok := c.done[memo]; ok {
		return s, nil
	}
	if c.open[memo] {
		return nil, fmt.Errorf("%s: refers to itself", loc)
	}
	c.open[memo] = true
	defer delete(c.open, memo)
	for _, k := range o.keys {
		if !slices.Contains(keywords, k) {
			return nil, fmt.Errorf("%s: keyword %q is not part of the vocabulary", loc, k)
		}
	}
	s, err := c.build(loc, o)
	if err != nil {
		return nil, err
	}
	if err := annotate(s, o, asProperty); err != nil {
		return nil, fmt.Errorf("%s: %w", loc, err)
	}
	c.refer(loc, s)
	s = c.share(loc, s)
	c.done[memo] = s
	return s, nil
}

// share returns the schema that is equal to s, or gives s a number.
func (c *compiler) share(loc location, s *schema) *schema {
	if s.empty() {
		return nil
	}
	s.group, s.number = "", 0
	key := s.content()
	if known, ok := c.byContent[key]; ok {
		return known
	}
	s.group = group(loc.file)
	s.number = len(c.groups[s.group])
	c.groups[s.group] = append(c.groups[s.group], s)
	c.byContent[key] = s
	return s
}

// build returns a schema of its own, not yet shared.
func (c *compiler) build(loc location, o *object) (*schema, error) {
	switch {
	case o.has("$ref"):
		s, err := c.reference(loc, o.text("$ref"))
		if err != nil {
			return nil, err
		}
		return s, s.demand(loc, o)
	case o.flag("x-nf-node"):
		// What stands in allOf is the look-up by kind, for editors; here the kind's own schema takes over.
		s := &schema{node: true, types: []string{"object"}}
		return s, c.members(loc, o, s)
	case o.has("anyOf"):
		return c.alternatives(loc, o)
	}
	s := &schema{}
	for _, t := range append(o.texts("type"), o.text("type")) {
		if t != "" {
			s.types = addType(s.types, t)
		}
	}
	if err := s.readEnum(o); err != nil {
		return nil, fmt.Errorf("%s: %w", loc, err)
	}
	if o.has("not") {
		s.except = o.object("not").texts("enum")
		if len(s.except) == 0 {
			return nil, fmt.Errorf("%s: not may only hold an enum", loc)
		}
	}
	s.pattern = pattern{o.text("pattern"), o.text("x-nf-pattern"), o.text("patternErrorMessage")}
	if s.pattern.documented == "" {
		s.pattern.documented = s.pattern.source
	}
	s.format = o.text("format")
	for key, to := range map[string]*string{"minLength": &s.minLength, "maxLength": &s.maxLength, "minItems": &s.minItems, "maxItems": &s.maxItems, "minimum": &s.minimum, "maximum": &s.maximum} {
		if o.has(key) {
			*to = fmt.Sprint(o.get(key))
		}
	}
	// A string without bounds takes an expression like any other text.
	s.expr = len(s.types) == 1 && s.types[0] == "string" && s.pattern.source == "" && len(s.enum) == 0 && len(s.except) == 0 && s.minLength == "" && s.maxLength == "" && s.format == ""
	if items := o.object("items"); items != nil {
		it, err := c.schemaAt(loc.child("items"), items, false)
		if err != nil {
			return nil, err
		}
		s.items = it
	}
	return s, c.members(loc, o, s)
}

// members compiles properties, required and additionalProperties.
func (c *compiler) members(loc location, o *object, s *schema) error {
	required, expected := o.texts("required"), o.texts("x-nf-expected")
	props := o.object("properties")
	for _, name := range append(slices.Clone(required), expected...) {
		if !props.has(name) {
			return fmt.Errorf("%s: %q is required but no property", loc, name)
		}
	}
	if props != nil {
		for _, name := range props.keys {
			po := props.object(name)
			if po == nil {
				return fmt.Errorf("%s: property %q is not an object", loc, name)
			}
			ps, err := c.schemaAt(loc.child("properties", name), po, true)
			if err != nil {
				return err
			}
			if ps == nil {
				ps = &schema{}
			}
			doc := po.text("description")
			if doc == "" && po.has("$ref") {
				if _, to, err := c.src.resolve(loc, po.text("$ref")); err == nil {
					doc = to.text("description")
				}
			}
			s.properties = append(s.properties, property{
				name: name, doc: doc, schema: ps, hidden: po.flag("x-nf-hidden"),
				required: slices.Contains(required, name), expected: slices.Contains(expected, name),
			})
		}
		if len(props.keys) > 256 {
			return fmt.Errorf("%s: more than 256 properties", loc)
		}
	}
	if err := s.readOneOf(o); err != nil {
		return fmt.Errorf("%s: %w", loc, err)
	}
	switch more := o.get("additionalProperties").(type) {
	case bool:
		s.closed = !more
	case *object:
		as, err := c.schemaAt(loc.child("additionalProperties"), more, false)
		if err != nil {
			return err
		}
		s.additional = as
	}
	return nil
}

// reference compiles the schema that $ref names, and copies it so that the place of the reference may add to it.
func (c *compiler) reference(loc location, ref string) (*schema, error) {
	to, o, err := c.src.resolve(loc, ref)
	if err != nil {
		return nil, err
	}
	target, err := c.schemaAt(to, o, false)
	if err != nil || target == nil {
		return &schema{}, err
	}
	// A definition's title and text describe the definition; where it is used the property's own text stands.
	s := *target
	if !s.node {
		s.doc = ""
	}
	return &s, nil
}

// demand marks properties of a referenced schema as required or expected in this place.
func (s *schema) demand(loc location, o *object) error {
	s.properties = slices.Clone(s.properties)
	for _, name := range append(o.texts("required"), o.texts("x-nf-expected")...) {
		i := slices.IndexFunc(s.properties, func(p property) bool { return p.name == name })
		if i < 0 {
			return fmt.Errorf("%s: %q is required but no property", loc, name)
		}
		if slices.Contains(o.texts("required"), name) {
			s.properties[i].required = true
		} else {
			s.properties[i].expected = true
		}
	}
	return nil
}

// alternatives compiles anyOf. The expression alternative becomes a flag, and a single other alternative stands for
// itself.
func (c *compiler) alternatives(loc location, o *object) (*schema, error) {
	s := &schema{}
	for i, a := range o.list("anyOf") {
		ao, ok := a.(*object)
		if !ok {
			return nil, fmt.Errorf("%s: an alternative is not an object", loc)
		}
		if ref := ao.text("$ref"); ref != "" {
			if to, _, err := c.src.resolve(loc, ref); err == nil && to.file == expressionFile {
				s.expr = true
				continue
			}
		}
		as, err := c.schemaAt(loc.child("anyOf", fmt.Sprint(i)), ao, false)
		if err != nil {
			return nil, err
		}
		if as == nil {
			return nil, fmt.Errorf("%s: alternative %d accepts everything", loc, i)
		}
		s.anyOf = append(s.anyOf, as)
	}
	if len(s.anyOf) == 1 {
		one := *s.anyOf[0]
		one.expr = one.expr || s.expr
		return &one, nil
	}
	s.discriminator = discriminate(s.anyOf)
	return s, nil
}

// readOneOf reads a oneOf, of which each alternative requires one property: exactly one of them has to be there.
func (s *schema) readOneOf(o *object) error {
	for _, a := range o.list("oneOf") {
		ao, ok := a.(*object)
		if !ok || len(ao.keys) != 1 || len(ao.texts("required")) != 1 {
			return fmt.Errorf("an alternative of oneOf says more than that one property is required")
		}
		name := ao.texts("required")[0]
		if !slices.ContainsFunc(s.properties, func(p property) bool { return p.name == name }) {
			return fmt.Errorf("%q is required but no property", name)
		}
		s.exactlyOne = append(s.exactlyOne, name)
	}
	return nil
}

// readEnum reads const and enum with the texts for their values.
func (s *schema) readEnum(o *object) error {
	values := o.list("enum")
	if o.has("const") {
		values = []any{o.get("const")}
	}
	docs, hidden := o.texts("enumDescriptions"), o.texts("x-nf-hidden-values")
	if docs != nil && len(docs) != len(values) {
		return fmt.Errorf("enumDescriptions has %d texts for %d values", len(docs), len(values))
	}
	for i, v := range values {
		e := enumValue{kind: typeOf(v)}
		if t, ok := v.(string); ok {
			e.text = t
		} else {
			t, err := jsonText(v)
			if err != nil {
				return err
			}
			e.text = t
		}
		if docs != nil {
			e.doc = docs[i]
		}
		e.hidden = slices.Contains(hidden, e.text)
		s.enum = append(s.enum, e)
		if !o.has("type") {
			s.types = addType(s.types, e.kind)
		}
	}
	return nil
}

// refer says of the alternatives of a schema, too, what a text under it identifies: they are all that is looked at
// where a value stands.
func (c *compiler) refer(loc location, s *schema) {
	for i, a := range s.anyOf {
		if len(s.refKinds) > 0 && len(a.refKinds) == 0 {
			one := *a
			one.refKinds, one.refOutput = s.refKinds, s.refOutput
			s.anyOf[i] = c.share(loc, &one)
		}
	}
}

// annotate reads what a schema says beside its constraints.
func annotate(s *schema, o *object, asProperty bool) error {
	if !asProperty && o.has("description") {
		s.doc = o.text("description")
	}
	if o.has("title") {
		s.title = o.text("title")
	}
	if o.has("default") {
		t, err := jsonText(o.get("default"))
		if err != nil {
			return err
		}
		s.fallback = t
	}
	if o.has("examples") {
		s.examples = nil
		for _, e := range o.list("examples") {
			t, err := jsonText(e)
			if err != nil {
				return err
			}
			s.examples = append(s.examples, t)
		}
	}
	if o.flag("deprecated") {
		if s.deprecated = o.text("deprecationMessage"); s.deprecated == "" {
			return fmt.Errorf("deprecated needs a deprecationMessage that says what to write instead")
		}
	}
	if o.has("x-nf-role") {
		s.role = o.text("x-nf-role")
	}
	if o.flag("x-nf-secret") {
		s.secret = true
	}
	if r := o.object("x-nf-ref"); r != nil {
		s.refKinds, s.refOutput = r.texts("kinds"), r.text("output")
	}
	return nil
}
