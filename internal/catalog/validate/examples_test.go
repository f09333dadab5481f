package validate_test

import (
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/catalog/validate"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// What completion and hover offer for a value has to be right where it is offered.
func TestDefaultsAndExamplesFitTheirOwnSchema(t *testing.T) {
	defaults, examples := 0, 0
	seen := map[catalog.SchemaID]bool{}
	check := func(path, what, text string, id catalog.SchemaID) {
		for _, p := range problems(t, text, id, validate.Options{}) {
			t.Errorf("%s: the %s %s: %s", path, what, text, p.Message)
		}
		// A text where a number stands passes, for the platform converts it; nobody should be offered it.
		if s := id.Schema(); s.Types != 0 && s.Types&typeOf(syntax.Parse(text).Root()) == 0 {
			t.Errorf("%s: the %s %s is no %s", path, what, text, s.Types)
		}
	}
	var walk func(path string, id catalog.SchemaID)
	walk = func(path string, id catalog.SchemaID) {
		if id == 0 || seen[id] {
			return
		}
		seen[id] = true
		s := id.Schema()
		if s.Default != "" {
			defaults++
			check(path, "default", s.Default, id)
		}
		for _, e := range s.Examples {
			examples++
			check(path, "example", e, id)
		}
		for i := range s.Properties {
			walk(path+"."+s.Properties[i].Name, s.Properties[i].Schema)
		}
		walk(path+"[]", s.Items)
		walk(path+".*", s.Additional)
		for _, a := range s.Alternatives() {
			walk(path, a)
		}
	}
	for _, k := range catalog.Kinds() {
		walk(k.Name, k.Node)
	}
	for _, name := range []string{"template", "releaseFlow", "previewEnv"} {
		walk(name, catalog.Document(name).Root)
	}
	if defaults == 0 || examples == 0 {
		t.Error("there is nothing to check")
	}
	t.Logf("%d defaults and %d examples", defaults, examples)
}

// typeOf is the type of a JSON value. A whole number is both kinds of number.
func typeOf(v syntax.Value) catalog.TypeSet {
	switch v.Kind() {
	case syntax.KindString:
		return catalog.TypeString
	case syntax.KindNumber:
		return catalog.TypeNumber | catalog.TypeInteger
	case syntax.KindTrue, syntax.KindFalse:
		return catalog.TypeBoolean
	case syntax.KindObject:
		return catalog.TypeObject
	case syntax.KindArray:
		return catalog.TypeArray
	default:
		return catalog.TypeNull
	}
}
