package assert_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/catalog/assert"
	"github.com/nf-lsp/nf-lsp/internal/catalog/validate/oracle"
)

func TestTheExampleOfEveryKindIsAccepted(t *testing.T) {
	for _, k := range catalog.Kinds() {
		var node map[string]any
		if err := json.Unmarshal([]byte(k.Snippet), &node); err != nil {
			t.Fatalf("%s: %v", k.Name, err)
		}
		if err := assert.Node(k.Name, node); err != nil {
			t.Errorf("%s: %v", k.Name, err)
		}
	}
}

func TestARefusalNamesThePlaceAndNoValue(t *testing.T) {
	node := map[string]any{
		"kind": "SecretGroup",
		"spec": map[string]any{"name": "x", "secretType": "hunter2", "priority": 10.0},
	}
	err := assert.Node("SecretGroup", node)
	if err == nil {
		t.Fatal("a node with two mistakes is accepted")
	}
	if got := err.Error(); !strings.Contains(got, "spec.") || strings.Contains(got, "hunter2") {
		t.Errorf("got %q; want the place and no value", got)
	}
}

func TestAnUnknownKindIsNotJudged(t *testing.T) {
	if err := assert.Node("Nonsense", map[string]any{}); err != nil {
		t.Errorf("got %v", err)
	}
}

// The two implementations of JSON Schema have to be of one mind about the example of
// every kind, and about each of its values in turn replaced by one of each type.
func TestTheVerdictIsTheOraclesForEveryKindAndChange(t *testing.T) {
	for _, k := range catalog.Kinds() {
		s, err := oracle.Schema("nodes/" + k.Name)
		if err != nil {
			t.Fatal(err)
		}
		var node map[string]any
		if err := json.Unmarshal([]byte(k.Snippet), &node); err != nil {
			t.Fatalf("%s: %v", k.Name, err)
		}
		refusals := 0
		change(node, func(what string) {
			got, want := assert.Node(k.Name, node), s.Validate(node)
			if (got == nil) != (want == nil) {
				text, _ := json.Marshal(node)
				t.Errorf("%s with %s: assert says %v, the oracle %v\n%s", k.Name, what, got, want, text)
			}
			if got != nil {
				refusals++
			}
		})
		if refusals == 0 {
			t.Errorf("%s: nothing is refused, whatever is changed", k.Name)
		}
	}
}

// change puts other values, one after the other, in the place of each value
// below v, and takes each back.
func change(v any, try func(what string)) {
	others := []any{nil, true, -3.5, 1e9, "", "no such word", []any{}, map[string]any{"noSuchProperty": 1.0}}
	replace := func(name string, old any, set func(any)) {
		for _, other := range others {
			set(other)
			try(fmt.Sprintf("%s = %v", name, other))
		}
		set(old)
		change(old, try)
	}
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			old := v[name]
			delete(v, name)
			try("no " + name)
			replace(name, old, func(other any) { v[name] = other })
		}
		v["noSuchProperty"] = 1.0
		try("one property more")
		delete(v, "noSuchProperty")
	case []any:
		for i, old := range v {
			replace(strconv.Itoa(i), old, func(other any) { v[i] = other })
		}
	}
}

func TestARefusalNamesThePlaceInListsAndBehindReferences(t *testing.T) {
	for name, c := range map[string]struct {
		kind, node, want string
	}{
		"a property of the spec":    {"SecretGroup", `{"kind":"SecretGroup","spec":{"name":"abc","secretType":7,"priority":10}}`, "spec.secretType does not fit the schema of SecretGroup (type)"},
		"a value that $ref judges":  {"SecretGroup", `{"kind":"SecretGroup","spec":{"name":"x","secretType":"environment","priority":10}}`, "spec.name does not fit the schema of SecretGroup (anyOf)"},
		"the node itself":           {"SecretGroup", `{"kind":"SecretGroup"}`, "SecretGroup does not fit the schema of SecretGroup (required)"},
		"a property of a list item": {"SecretGroup", `{"kind":"SecretGroup","spec":{"name":"abc","secretType":"environment","priority":10,"addonDependencies":[{"addonId":1,"keys":[]}]}}`, "spec.addonDependencies.[].addonId does not fit the schema of SecretGroup (anyOf)"},
	} {
		t.Run(name, func(t *testing.T) {
			var node map[string]any
			if err := json.Unmarshal([]byte(c.node), &node); err != nil {
				t.Fatal(err)
			}
			err := assert.Node(c.kind, node)
			if err == nil || err.Error() != c.want {
				t.Errorf("got %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestANumberOfAnyGoTypeIsANumber(t *testing.T) {
	for _, n := range []any{10, int64(10), 10.0, json.Number("10")} {
		node := map[string]any{"kind": "SecretGroup", "spec": map[string]any{"name": "group", "secretType": "environment", "priority": n}}
		if err := assert.Node("SecretGroup", node); err != nil {
			t.Errorf("%T: %v", n, err)
		}
	}
}

func BenchmarkNode(b *testing.B) {
	k, _ := catalog.Lookup("CombinedService")
	var node map[string]any
	if err := json.Unmarshal([]byte(k.Snippet), &node); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := assert.Node(k.Name, node); err != nil {
			b.Fatal(err)
		}
	}
}

func TestPreparedKindsAreJudgedAsOthers(t *testing.T) {
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() { assert.Prepare([]string{"Project", "Nonsense", "Addon", "Project"}) })
	}
	for _, kind := range []string{"Project", "Addon"} {
		if err := assert.Node(kind, map[string]any{"kind": kind, "spec": map[string]any{"name": 1.0}}); err == nil {
			t.Errorf("a %s whose name is a number is accepted", kind)
		}
	}
	all.Wait()
}
