package template

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// Relatives says of each node of a scope what OrderOf does, whoever looks.
func TestRelativesSayWhatOrderOfSays(t *testing.T) {
	texts := []string{flow, nestedFlow, `[{"kind":"Volume","ref":"v"},1,{"kind":"Build","ref":"b"}]`, `{"apiVersion":"v1.2",
		"teardownSpec":{"spec":{"kind":"Workflow","spec":{"type":"sequential","steps":[1,2,3,{"kind":"Build"},{"kind":"Volume"}]}}},
		"spec":{"kind":"Workflow","spec":{"type":"sequential","steps":[
			{"kind":"Workflow","spec":{"type":"parallel","steps":[{"kind":"Build"},{"kind":"Workflow","spec":{"type":"sequential","steps":[{"kind":"Build"},{"kind":"Volume"}]}}]}},
			{"kind":"LoopWorkflow","spec":{"steps":[{"kind":"Build"},{"kind":"Workflow","spec":{"steps":[{"kind":"Build"},{"kind":"Volume"}]}},{"kind":"Job"}]}}]}}}`}
	files, err := filepath.Glob("../../testdata/templates/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("there are no templates", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(text))
	}
	seen := map[Order]int{}
	for _, text := range texts {
		d := Build(syntax.Parse(text), nil)
		for _, s := range d.Scopes() {
			for _, n := range append(slices.Clone(d.Nodes()), nil) {
				i := 0
				for r := range s.Relatives(n) {
					if i == len(s.Nodes()) {
						t.Fatalf("more nodes are yielded than the %d of the scope in\n%s", i, text)
					}
					other := s.Nodes()[i]
					want := Unordered
					if n != nil {
						want = OrderOf(n, other)
					}
					if r.Number != other.Number || r.Facts != other.Facts || r.Order != want || r.Range != other.Value().Range() {
						t.Fatalf("as number %d of the scope comes node %d with order %d, not %s with order %d, in\n%s", i, r.Number, r.Order, other.Path(), want, text)
					}
					seen[want]++
					i++
				}
				forward := slices.Collect(s.Relatives(n))
				slices.Reverse(forward)
				if backward := slices.Collect(s.RelativesBackward(n)); !slices.Equal(backward, forward) {
					t.Fatalf("backward come others in\n%s", text)
				}
				if i != len(s.Nodes()) {
					t.Fatalf("%d of %d nodes are yielded in\n%s", i, len(s.Nodes()), text)
				}
			}
		}
	}
	for _, order := range []Order{Unordered, Before, After, Concurrent, Around, Within, Same} {
		if seen[order] == 0 {
			t.Errorf("no node has the order %d", order)
		}
	}
}

func TestCarrierIsTheFirstThatHasTheRef(t *testing.T) {
	d := Build(syntax.Parse(`{"apiVersion":"v1.2","spec":{"kind":"Workflow","ref":"a","spec":{"type":"sequential","steps":[
		{"kind":"Build","ref":"b"},{"kind":"Build","ref":"a"},{"kind":"Volume","ref":"b"}]}}}`), nil)
	nodes := d.Nodes() // a, b, a, b
	for _, tt := range []struct {
		name    string
		ref     string
		besides *Node
		want    *Node
	}{
		{"of two the first one", "b", nil, nodes[1]},
		{"the other one besides the first", "b", nodes[1], nodes[3]},
		{"the first one besides the other", "b", nodes[3], nodes[1]},
		{"a workflow in front of its steps", "a", nil, nodes[0]},
		{"none that has another", "c", nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			number, found := d.Main.Carrier(tt.ref, tt.besides)
			if found != (tt.want != nil) || found && number != tt.want.Number {
				t.Errorf("got %d, %v", number, found)
			}
		})
	}
}
