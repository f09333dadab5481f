package assert_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/catalog/assert"
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
