package validate_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/catalog/validate"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// FuzzValue gives the walker any text under any schema: it may not panic, points only into the text, counts as many
// problems when it tries as when it reports, and finds the schemas of any place.
func FuzzValue(f *testing.F) {
	for _, seed := range []string{
		`{"kind":"CombinedService","spec":{"name":"web","ports":[{"name":"p01","internalPort":"80","public":tru`,
		`{"kind":"Condition","spec":{"kind":"Service","spec":{"type":"running","data":{"addonId":"${refs.payload.id}"}}}}`,
		`{"kind":"Addon","spec":{"type":"postgresql","type":"mongodb","version":7,"billing":null}}`,
		`{"kind":"Workflow","spec":{"type":"sequential","steps":[{"kind":"Workflo"},{"kind":7},{},"x",{"kind":"Workflow","updateMode":"patch","spec":{}}]}}`,
		`{"apiVersion":"v1.2","spec":{"kind":"Project","spec":{"region":"europe-west","clusterId":"a"}},"options":[1,2]}`,
		`{"a":{"b":[1,{"c":`, `[[[[`, `"\ud800${"`, `{"":1,"":{}}`, "",
	} {
		for _, kind := range []uint16{0, 11, 12, 45} {
			f.Add(seed, kind)
		}
	}
	kinds := catalog.Kinds()
	ids := []catalog.SchemaID{catalog.AnyNode, catalog.Document("template").Root, catalog.Document("releaseFlow").Root, catalog.Document("previewEnv").Root}
	for _, k := range kinds {
		ids = append(ids, k.Node, k.Spec, k.Output)
	}
	f.Fuzz(func(t *testing.T, text string, which uint16) {
		id := ids[int(which)%len(ids)]
		root := syntax.Parse(text).Root()
		found := slices.DeleteFunc(problems(t, text, id, validate.Options{}), func(p validate.Problem) bool { return p.Code == validate.CodeDeprecatedForm })
		for _, p := range found {
			for _, fix := range p.Fixes() {
				for _, e := range fix.Edits {
					if e.Range.Start < p.Range.Start || e.Range.End > p.Range.End {
						t.Errorf("a fix changes more than the problem points at: %+v", fix)
					}
				}
			}
		}
		if validate.Valid(root, id, validate.Options{}) != (len(found) == 0) {
			t.Errorf("Valid disagrees with %d problems", len(found))
		}
		everywhere(root, nil, func(path []string) { validate.At(root, id, path) })
		validate.At(root, id, []string{"spec", "spec", "data", "0", "x"})
		var v any
		if json.Unmarshal([]byte(text), &v) == nil {
			once := validate.Coerce(id, v)
			if a, b := marshal(t, once), marshal(t, validate.Coerce(id, once)); a != b {
				t.Errorf("coercing twice gives %s, once %s", b, a)
			}
		}
	})
}

// everywhere visits the path of every value.
func everywhere(v syntax.Value, path []string, visit func([]string)) {
	visit(path)
	path = path[:len(path):len(path)]
	if len(path) > 20 {
		return
	}
	for m := range v.Members() {
		everywhere(m.Value(), append(path, m.KeyText()), visit)
	}
	i := 0
	for e := range v.Elements() {
		everywhere(e, append(path, string(rune('0'+i%10))), visit)
		i++
	}
}
