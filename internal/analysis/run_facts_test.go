package analysis_test

import (
	"strings"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

func TestLastRun(t *testing.T) {
	facts := &analysis.RunFacts{Run: "r-1", State: "failure", Nodes: map[string]analysis.NodeFacts{
		"/spec/spec/steps/0": {Kind: "Addon", Ref: "db", State: "success", Took: 1200 * time.Millisecond, Input: map[string]any{"spec": map[string]any{"name": "Old db", "storage": 4096.0}}, Output: map[string]any{
			"id": "my-db", "ports": []any{map[string]any{"dns": "primary.db"}}, "password": "•••",
		}},
		"/spec/spec/steps/1": {Kind: "Job", Ref: "job", State: "failure", Error: "no room", Input: map[string]any{"spec": map[string]any{"description": "é primary.db ***", "name": "a"}}},
		"/spec/spec/steps/2": {Kind: "Job", Ref: "another", State: "success", Output: map[string]any{"id": "x"}},
	}}
	const text = `{"apiVersion":"v1.2","name":"Shop","spec":{"kind":"Workflow","spec":{"type":"sequential","steps":[
{"kind":"Addon","ref":"db","spec":{"name":"My db","storage":4096}},
{"kind":"Job","ref":"job","spec":{"name":"a","description":"é😀\"${refs.db.ports.0.dns} ${fn.if(refs.db.id, refs.db.password, refs.nobody.id)}"}},
{"kind":"Job","ref":"changed","spec":{"name":"b","description":"${refs.changed.id} ${refs.db."}}
]}}}`
	tests := []struct {
		name, at string // the cursor stands behind the last letter of at
		want     string
	}{
		{"the name of a reference tells the node's state", "${refs.d", "Last run: success, 1.2s"},
		{"a step tells its value, behind escapes and pairs", "refs.db.por", "Last run: `[{\"dns\":\"primary.db\"}]`"},
		{"a position in an array", "refs.db.ports.0", "Last run: `{\"dns\":\"primary.db\"}`"},
		{"the last step", "refs.db.ports.0.dn", "Last run: `\"primary.db\"`"},
		{"among the arguments of a call", "refs.db.i", "Last run: `\"my-db\"`"},
		{"secrets stay masked", "refs.db.passw", "Last run: `\"•••\"`"},
		{"a declared ref tells why its node failed", `"ref":"jo`, "Last run: failure\n\n`no room`"},
		{"a kind does as well", `"kind":"Add`, "Last run: success, 1.2s"},
		{"a node that is another one by now has no run", `"ref":"chan`, ""},
		{"nor has a reference to it", "${refs.changed.i", ""},
		{"a ref that nobody has", "refs.nobo", ""},
		{"a half-typed reference tells the node", " ${refs.db.", "Last run: success, 1.2s"},
		{"the root of a reference tells what the text came to", "${re", "Last run: `\"é primary.db ***\"`"},
		{"a property tells what it was", `"name":"My`, "Last run: `\"Old db\"`"},
		{"by its name too", `{"na`, "Last run: `\"Old db\"`"},
		{"one that is what it was tells nothing", `"storage":40`, ""},
		{"of a text with expressions, what they came to", `"description":"é`, "Last run: `\"é primary.db ***\"`"},
		{"a property that the run did not have", `"name":"b`, ""},
	}
	s := analysis.NewSnapshot(syntax.Parse(text), nil, nil)
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			i := strings.Index(text, c.at)
			if i < 0 {
				t.Fatal("the place is not in the text")
			}
			if got := s.LastRun(i+len(c.at), facts); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	for offset := -1; offset <= len(text)+1; offset++ {
		s.LastRun(offset, facts)
		if s.LastRun(offset, nil) != "" {
			t.Fatal("something is said of no run")
		}
	}
}
