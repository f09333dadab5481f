package validate_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/catalog/validate"
	"github.com/nf-lsp/nf-lsp/internal/catalog/validate/oracle"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// places lists the paths of a value's parts, itself excluded.
func places(v any, path []any, visit func(path []any)) {
	path = path[:len(path):len(path)]
	switch v := v.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			visit(append(path, key))
			places(v[key], append(path, key), visit)
		}
	case []any:
		for i, e := range v {
			visit(append(path, i))
			places(e, append(path, i), visit)
		}
	}
}

// change copies a value with another value in one place; a removed one if with is nil.
func change(v any, path []any, with func(old any) (any, bool)) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for key, m := range v {
			if key != path[0] {
				out[key] = m
			} else if len(path) > 1 {
				out[key] = change(m, path[1:], with)
			} else if n, ok := with(m); ok {
				out[key] = n
			}
		}
		return out
	case []any:
		var out = []any{}
		for i, e := range v {
			if i != path[0] {
				out = append(out, e)
			} else if len(path) > 1 {
				out = append(out, change(e, path[1:], with))
			} else if n, ok := with(e); ok {
				out = append(out, n)
			}
		}
		return out
	}
	return v
}

// mutation replaces a value; it returns false to remove it.
type mutation struct {
	name string
	make func(old any) (any, bool)
}

func to(v any) func(any) (any, bool) { return func(any) (any, bool) { return v, true } }

var mutations = []mutation{
	{"removed", func(any) (any, bool) { return nil, false }},
	{"null", to(nil)},
	{"a truth value", to(true)},
	{"a fraction", to(3.5)},
	{"a negative", to(-1.0)},
	{"a huge number", to(1e9)},
	{"an empty text", to("")},
	{"a strange text", to("x y?{ä")},
	{"a long text", to(strings.Repeat("a", 2000))},
	{"a number as text", to("12")},
	{"an object", to(map[string]any{})},
	{"an array", to([]any{})},
	{"an expression", to("${refs.a.b}")},
	{"an extra member", func(old any) (any, bool) {
		o, ok := old.(map[string]any)
		if !ok {
			return old, true
		}
		out := maps.Clone(o)
		out["zzz"] = 1.0
		return out, true
	}},
}

// target is a published schema with its compiled form.
type target struct {
	name, schema string
	id           catalog.SchemaID
}

func targets() []target {
	list := []target{
		{"template", "documents/template", catalog.Document("template").Root},
		{"releaseFlow", "documents/release-flow", catalog.Document("releaseFlow").Root},
		{"previewEnv", "documents/preview-environment", catalog.Document("previewEnv").Root},
	}
	for _, k := range catalog.Kinds() {
		list = append(list, target{k.Name, "nodes/" + k.Name, k.Node})
	}
	return list
}

func marshal(t testing.TB, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestFullValuesOfEveryKindAreAccepted(t *testing.T) {
	for _, target := range targets() {
		for turn := range 5 {
			text := marshal(t, oracle.Maker{Turn: turn}.Value(target.id))
			for _, p := range problems(t, text, target.id, validate.Options{}) {
				if p.Code == validate.CodeDeprecatedForm {
					continue
				}
				t.Errorf("%s, turn %d: %s", target.name, turn, p.Message)
			}
			compare(t, target.name, target.schema, target.id, text)
		}
	}
}

// TestWalkerAndOracleAgreeOnMutations breaks a full node of every kind and a full document of every type, in places and
// ways that are spread evenly over all there are. The fuzz target below tries the others.
func TestWalkerAndOracleAgreeOnMutations(t *testing.T) {
	each := 40
	if testing.Short() {
		each = 4
	}
	total := 0
	for i, target := range targets() {
		v := oracle.Maker{Turn: i}.Value(target.id)
		var all [][]any
		places(v, nil, func(path []any) { all = append(all, path) })
		n := len(all) * len(mutations)
		for j := 0; j < n; j += max(1, n/each) {
			path, m := all[j/len(mutations)], mutations[(j+j/len(mutations))%len(mutations)]
			total++
			compare(t, fmt.Sprintf("%s %v = %s", target.name, path, m.name), target.schema, target.id, marshal(t, change(v, path, m.make)))
		}
	}
	t.Logf("%d mutations", total)
}

func FuzzWalkerAndOracleAgree(f *testing.F) {
	list := targets()
	for i := 0; i < len(list); i += 7 {
		f.Add(uint8(i), uint8(i), uint16(7*i), uint8(i))
	}
	f.Fuzz(func(t *testing.T, kind, turn uint8, place uint16, how uint8) {
		target := list[int(kind)%len(list)]
		v := oracle.Maker{Turn: int(turn)}.Value(target.id)
		var all [][]any
		places(v, nil, func(path []any) { all = append(all, path) })
		path, m := all[int(place)%len(all)], mutations[int(how)%len(mutations)]
		compare(t, fmt.Sprintf("%s %v = %s", target.name, path, m.name), target.schema, target.id, marshal(t, change(v, path, m.make)))
	})
}

// TestMutationsAreReportedInTheirPlace breaks a full value of every kind by a wrong type and looks where the report is.
func TestMutationsAreReportedInTheirPlace(t *testing.T) {
	for i, k := range catalog.Kinds() {
		if testing.Short() && i%10 > 0 {
			continue
		}
		v := oracle.Maker{}.Value(k.Node)
		places(v, nil, func(path []any) {
			broken := change(v, path, func(any) (any, bool) { return map[string]any{"zzz": []any{}}, true })
			text, err := json.Marshal(broken)
			if err != nil {
				t.Fatal(err)
			}
			root := syntax.Parse(string(text)).Root()
			at := root
			for _, p := range path {
				if key, ok := p.(string); ok {
					at = at.Get(key)
				} else {
					at = at.Index(p.(int))
				}
			}
			validate.Value(root, k.Node, validate.Options{}, func(p validate.Problem) {
				r := at.Range()
				if p.Code == validate.CodeDeprecatedForm {
					return
				}
				if p.Range.Start < r.Start || p.Range.End > r.End {
					t.Errorf("%s %v: reported at %s: %s", k.Name, path, text[p.Range.Start:p.Range.End], p.Message)
				}
			})
		})
	}
}
