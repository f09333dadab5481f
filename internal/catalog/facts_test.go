package catalog

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// fact is a schema of the reference's own description of nodes and documents.
type fact struct {
	Type       string
	Properties map[string]*fact
	Required   []string
	Items      *fact
	OneOf      []*fact
	AnyOf      []*fact
	Enum       []any
	Pattern    string
	MinLength  int
	MaxLength  int
	Format     string
	Expr       bool `json:"x-expr"`
	Default    any  `json:"x-default"`
}

func (f *fact) alternatives() []*fact { return append(slices.Clone(f.OneOf), f.AnyOf...) }

type facts struct {
	Documents map[string]struct {
		SpecKinds, TeardownKinds []string
		Root                     *fact
	}
	Nodes map[string]*fact
}

// extra is something that the schemas say and the reference does not, with its source.
type extra struct {
	// At is a path of the schemas, with * for any kind. What is "property", "value", "required", "pattern", "length",
	// "bound", "default", "format", "expression", "alternative" or "teardownKinds".
	At, What, Source string
	used             bool
}

func (e *extra) matches(what, path string) bool {
	pattern := strings.ReplaceAll(regexp.QuoteMeta(e.At), `\*`, `[A-Za-z]+`)
	ok := e.What == what && regexp.MustCompile("^"+pattern+"$").MatchString(path)
	e.used = e.used || ok
	return ok
}

// reference reads the facts. They are not part of the repository: the test is skipped where they are not at hand.
func reference(t *testing.T) (facts, map[string]*fact) {
	t.Helper()
	dir := os.Getenv("NF_REFERENCE")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "reference")
	}
	text, err := os.ReadFile(filepath.Join(dir, "facts", "nodes.json"))
	if err != nil {
		t.Skip("the reference is not at hand: set NF_REFERENCE")
	}
	var f facts
	if err := json.Unmarshal(text, &f); err != nil {
		t.Fatal(err)
	}
	if text, err = os.ReadFile(filepath.Join(dir, "facts", "api.json")); err != nil {
		t.Fatal(err)
	}
	var pages []struct {
		Page    string
		Request *fact
	}
	if err := json.Unmarshal(text, &pages); err != nil {
		t.Fatal(err)
	}
	requests := map[string]*fact{}
	for _, p := range pages {
		requests[p.Page] = p.Request
	}
	return f, requests
}

func extras(t *testing.T) []*extra {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "schemas", "extras.json"))
	if err != nil {
		t.Fatal(err)
	}
	var list struct{ Extras []*extra }
	if err := json.Unmarshal(text, &list); err != nil {
		t.Fatal(err)
	}
	for _, e := range list.Extras {
		if e.At == "" || e.What == "" || e.Source == "" {
			t.Errorf("an extra is not complete: %+v", e)
		}
	}
	return list.Extras
}

// comparison walks over facts and compiled schemas at once.
type comparison struct {
	t      *testing.T
	extras []*extra
	// requests are the bodies of the create operations, which list what is required more fully than the nodes do
	requests map[string]*fact
	// counts by what was compared
	properties, enums, patterns, required, expressions, bounds, defaults, formats int
}

func (c *comparison) allowed(what, path string) bool {
	for _, e := range c.extras {
		if e.matches(what, path) {
			return true
		}
	}
	return false
}

// TestSchemasSayWhatTheReferenceSays compares kinds, properties, values, patterns, lengths and what is required, both
// ways: nothing is missing, and what is more is listed in schemas/extras.json with its source.
func TestSchemasSayWhatTheReferenceSays(t *testing.T) {
	f, requests := reference(t)
	c := &comparison{t: t, extras: extras(t), requests: requests}
	if len(f.Nodes) != len(kindTable) {
		t.Errorf("%d kinds, the reference has %d", len(kindTable), len(f.Nodes))
	}
	for name, node := range f.Nodes {
		kind, ok := Lookup(name)
		if !ok {
			t.Errorf("the kind %s is missing", name)
			continue
		}
		c.schema(name, node, kind.Node)
	}
	for name, d := range f.Documents {
		ours := Document(name)
		if ours == nil {
			t.Errorf("the document type %s is missing", name)
			continue
		}
		teardown := slices.Equal(d.TeardownKinds, ours.TeardownKinds) || len(d.TeardownKinds) == 0 && c.allowed("teardownKinds", name)
		if !slices.Equal(d.SpecKinds, ours.SpecKinds) || !teardown {
			t.Errorf("%s takes other kinds than the reference says", name)
		}
		c.schema(name, d.Root, ours.Root)
	}
	for _, k := range Kinds() {
		for _, op := range k.Operations {
			if _, ok := requests[op]; !ok {
				t.Errorf("%s names an operation %q that does not exist", k.Name, op)
			}
		}
	}
	for _, e := range c.extras {
		if !e.used {
			t.Errorf("the extra %s %q is not used", e.What, e.At)
		}
	}
	t.Logf("compared %d kinds and %d document types: %d properties, %d enumerations, %d patterns, %d lengths, %d required properties, %d places of expressions, %d defaults, %d formats",
		len(f.Nodes), len(f.Documents), c.properties, c.enums, c.patterns, c.bounds, c.required, c.expressions, c.defaults, c.formats)
}

// schema compares one place.
func (c *comparison) schema(path string, f *fact, id SchemaID) {
	s := id.Schema()
	theirs := f.alternatives()
	if len(theirs) > 0 && !oneSchema(theirs, s) {
		ours := s.Alternatives()
		if len(ours) != len(theirs) && !c.allowed("alternative", path) {
			c.t.Errorf("%s has %d alternatives, the reference %d", path, len(ours), len(theirs))
			return
		}
		for i, a := range theirs {
			c.schema(path, a, ours[i])
		}
		return
	}
	if ours := s.Alternatives(); len(ours) > 0 && len(theirs) == 0 {
		// The first of our alternatives is the documented one.
		if !c.allowed("alternative", path) {
			c.t.Errorf("%s has alternatives, the reference has none", path)
		}
		if f.Expr && !s.Expr {
			c.t.Errorf("%s takes no expression", path)
		}
		plain := *f
		plain.Expr = false
		c.schema(path, &plain, ours[0])
		return
	}
	if f.Expr {
		c.expressions++
	}
	if f.Expr && !s.Expr {
		c.t.Errorf("%s takes no expression", path)
	} else if !f.Expr && s.Expr && !takesAnyText(s) && !c.allowed("expression", path) {
		c.t.Errorf("%s takes an expression, which the reference does not say", path)
	}
	c.scalar(path, f, s)
	c.members(path, f, s)
	if f.Items != nil && (f.Items.Type != "" || len(f.Items.alternatives()) > 0) {
		c.schema(path+"[]", f.Items, s.Items)
	}
}

// takesAnyText reports whether the schema is a string without bounds: a text with an expression is one of its values, so
// that the reference need not say so.
func takesAnyText(s *Schema) bool {
	return s.Types == TypeString && len(s.Enum) == 0 && s.Pattern == nil && s.MinLength == 0 && s.MaxLength == 0
}

// oneSchema reports whether several scalar alternatives of the reference are a single schema with us: the same values,
// with some said twice.
func oneSchema(theirs []*fact, s *Schema) bool {
	return len(s.Alternatives()) == 0 && len(s.Enum) > 0
}

func (c *comparison) scalar(path string, f *fact, s *Schema) {
	if len(f.Enum) > 0 {
		c.enums++
		var theirs []string
		for _, v := range f.Enum {
			text, ok := v.(string)
			if !ok {
				b, err := json.Marshal(v)
				if err != nil {
					c.t.Fatal(err)
				}
				text = string(b)
			}
			theirs = append(theirs, text)
		}
		for _, v := range theirs {
			if !slices.ContainsFunc(s.Enum, func(e EnumValue) bool { return e.Text == v }) {
				c.t.Errorf("%s: the value %q is missing", path, v)
			}
		}
		for _, e := range s.Enum {
			if !slices.Contains(theirs, e.Text) && !c.allowed("value", path) {
				c.t.Errorf("%s: the value %q is invented", path, e.Text)
			}
		}
	}
	if f.Pattern != "" {
		c.patterns++
		if s.Pattern == nil || s.Pattern.Source != f.Pattern {
			c.t.Errorf("%s: the pattern is not %s", path, f.Pattern)
		}
	} else if s.Pattern != nil && !c.allowed("pattern", path) {
		c.t.Errorf("%s: the pattern %s is invented", path, s.Pattern.Source)
	}
	if f.MinLength != 0 || f.MaxLength != 0 {
		c.bounds++
	}
	if f.Format != "" {
		c.formats++
	}
	if s.Format != f.Format && !c.allowed("format", path) {
		c.t.Errorf("%s: the format is %q, the reference says %q", path, s.Format, f.Format)
	}
	c.fallback(path, f, s)
	if int(s.MinLength) != f.MinLength || int(s.MaxLength) != f.MaxLength {
		c.t.Errorf("%s: length %d to %d, the reference says %d to %d", path, s.MinLength, s.MaxLength, f.MinLength, f.MaxLength)
	}
	if (s.HasMinimum || s.HasMaximum) && !c.allowed("bound", path) {
		c.t.Errorf("%s: the bounds are invented", path)
	}
}

// fallback compares what holds where nothing is written. The reference writes it as text, whatever the type.
func (c *comparison) fallback(path string, f *fact, s *Schema) {
	ours := strings.Trim(s.Default, `"`)
	switch {
	case f.Default != nil:
		c.defaults++
		if theirs := fmt.Sprint(f.Default); ours != theirs {
			c.t.Errorf("%s: the default is %q, the reference says %q", path, ours, theirs)
		}
	case ours != "" && !c.allowed("default", path):
		c.t.Errorf("%s: the default %s is invented", path, s.Default)
	}
}

func (c *comparison) members(path string, f *fact, s *Schema) {
	for name, m := range f.Properties {
		c.properties++
		p, ok := s.Property(name)
		if !ok {
			c.t.Errorf("%s.%s is missing", path, name)
			continue
		}
		if slices.Contains(f.Required, name) {
			c.required++
			if !p.Required && !p.Expected {
				c.t.Errorf("%s.%s is required", path, name)
			}
		} else if c.requested(path, name, requiresAlways) {
			c.required++
			if !p.Required && !p.Expected {
				c.t.Errorf("%s.%s is required by the operation that creates it", path, name)
			}
		} else if p.Required && !c.requested(path, name, requires) && !c.allowed("required", path+"."+name) {
			c.t.Errorf("%s.%s is not required", path, name)
		}
		c.schema(path+"."+name, m, p.Schema)
	}
	if f.Properties == nil {
		return
	}
	for _, p := range s.Properties {
		if _, ok := f.Properties[p.Name]; !ok && !c.allowed("property", path+"."+p.Name) {
			c.t.Errorf("%s.%s is invented", path, p.Name)
		}
	}
}

// requested reports whether the operation that creates what a kind describes requires the property, by the given way to
// look at alternatives.
func (c *comparison) requested(path, name string, by func(f *fact, path []string, name string) bool) bool {
	kind, rest, ok := strings.Cut(path, ".spec")
	k, known := Lookup(kind)
	if !ok || !known || len(k.Operations) == 0 || c.requests[k.Operations[0]] == nil {
		return false
	}
	return by(c.requests[k.Operations[0]], strings.FieldsFunc(strings.ReplaceAll(rest, "[]", ".[]"), func(r rune) bool { return r == '.' }), name)
}

// requiresAlways reports whether every alternative that has the object at the path requires the property in it.
func requiresAlways(f *fact, path []string, name string) bool {
	if f == nil {
		return false
	}
	if len(f.alternatives()) > 0 {
		some := false
		for _, a := range f.alternatives() {
			switch {
			case requiresAlways(a, path, name):
				some = true
			case has(a, path):
				return false
			}
		}
		return some
	}
	switch {
	case len(path) == 0:
		return slices.Contains(f.Required, name)
	case path[0] == "[]":
		return requiresAlways(f.Items, path[1:], name)
	}
	return requiresAlways(f.Properties[path[0]], path[1:], name)
}

// has reports whether there is an object at the path.
func has(f *fact, path []string) bool {
	if f == nil {
		return false
	}
	if len(f.alternatives()) > 0 {
		return slices.ContainsFunc(f.alternatives(), func(a *fact) bool { return has(a, path) })
	}
	switch {
	case len(path) == 0:
		return f.Type == "object"
	case path[0] == "[]":
		return has(f.Items, path[1:])
	}
	return has(f.Properties[path[0]], path[1:])
}

// requires reports whether some alternative requires the property in the object at the path.
func requires(f *fact, path []string, name string) bool {
	if f == nil {
		return false
	}
	for _, a := range f.alternatives() {
		if requires(a, path, name) {
			return true
		}
	}
	switch {
	case len(path) == 0:
		return slices.Contains(f.Required, name)
	case path[0] == "[]":
		return requires(f.Items, path[1:], name)
	}
	return requires(f.Properties[path[0]], path[1:], name)
}
