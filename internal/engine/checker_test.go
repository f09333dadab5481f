package engine

import (
	"errors"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

func TestTheCheckerLetsPassWhatIsAllowedAndNothingElse(t *testing.T) {
	node := func(description string, more string) map[string]any {
		return syntax.Parse(`{"kind": "Project", "spec": {"name": "Shop", "region": "europe-west", "description": "` + description + `"` + more + `}}`).Root().Interface().(map[string]any)
	}
	asserted := 0
	c := CatalogChecker{Assert: func(string, map[string]any) error {
		asserted++
		return errors.New("asserted")
	}}
	tests := []struct {
		name    string
		node    map[string]any
		allowed []string
		want    string
	}{
		{"nothing is allowed", node("Größe", ""), nil, `"description"`},
		{"another code is allowed", node("Größe", ""), []string{"wrong-type"}, `"description"`},
		{"the code is allowed", node("Größe", ""), []string{"pattern-mismatch"}, ""},
		{"there is another problem", node("Größe", `, "networking": 1`), []string{"pattern-mismatch"}, `"networking"`},
		{"what may be right is left to the platform", node("Size", `, "novelty": 1`), nil, ""},
		{"what may be right excuses nothing else", node("Größe", `, "novelty": 1`), nil, `"description"`},
		{"what is right is asserted all the same", node("Size", ""), []string{"pattern-mismatch"}, "asserted"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, last, err := c.Fit("Project", tt.node, tt.allowed)
			if err == nil && last != nil {
				err = last()
			}
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
	if asserted != 1 {
		t.Errorf("asserted %d times", asserted)
	}
}

func TestWhatTheSettingsAllowIsKeptWithTheProgram(t *testing.T) {
	const text = `{"apiVersion": "v1.2", "name": "Shop", "spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
		{"kind": "Project", "ref": "a", "spec": {"name": "One", "region": "europe-west"}},
		{"kind": "Project", "ref": "b", "spec": {"name": "Two", "region": "europe-west"}}
	]}}}`
	doc := analysis.NewSnapshot(syntax.Parse(text), nil, nil).Doc
	tests := []struct {
		name, a, b string
		cfg        *analysis.Config
	}{
		{"nothing", "", "", nil},
		{"a level for all nodes", "out-of-range", "out-of-range", &analysis.Config{Severities: map[analysis.Code]analysis.Severity{"out-of-range": analysis.Hint, "wrong-type": analysis.Error}}},
		{"a suppression for one of them", "", "wrong-type", &analysis.Config{Suppressions: []*analysis.Suppression{{Code: "wrong-type", Node: "b"}}}},
		{"a suppression by the place", "wrong-type", "", &analysis.Config{Suppressions: []*analysis.Suppression{{Code: "wrong-type", Node: "/spec/spec/steps/0"}}}},
		{"a suppression for the file", "wrong-type", "wrong-type", &analysis.Config{Suppressions: []*analysis.Suppression{{Code: "wrong-type"}}}},
		{"what is not about values", "", "", &analysis.Config{Suppressions: []*analysis.Suppression{{Code: "unresolved-ref"}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, problems := Compile(doc, Options{Config: tt.cfg})
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			if a, b := strings.Join(p.Nodes[1].Allowed, " "), strings.Join(p.Nodes[2].Allowed, " "); a != tt.a || b != tt.b {
				t.Errorf("got %q and %q", a, b)
			}
		})
	}
}
