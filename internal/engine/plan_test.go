package engine

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/sourcegraph/go-diff/diff"
)

func (g *given) plan() *Plan {
	g.t.Helper()
	p, err := g.engine.Plan(g.t.Context(), g.program)
	if err != nil {
		g.t.Fatal(err)
	}
	return p
}

func TestPlan(t *testing.T) {
	g := setUp(t).compile(steps(
		node("a", `"size": 3`),
		`{"kind": "Thing", "ref": "b", "spec": {"name": "${refs.a.id}-b", "address": "https://${refs.a.dns}", "password": "${fn.randomSecret(16)}"}}`,
		`{"kind": "Thing", "ref": "c", "skipNodeExecution": "${fn.eq(refs.a.dns, 'x')}", "spec": {"name": "c"}}`,
		`{"kind": "Thing", "ref": "d", "skipNodeExecution": "true", "spec": {"name": "d"}}`,
	))
	p := g.plan()
	if len(p.Problems) != 0 {
		t.Fatalf("%+v", p.Problems)
	}
	var got []string
	for _, n := range p.Nodes[1:] {
		line := n.Label + " " + string(n.Action)
		if n.Maybe {
			line += " maybe"
		}
		got = append(got, line+" "+string(n.Input))
	}
	want := []string{
		`a create {"spec":{"name":"a","size":3}}`,
		`b create {"spec":{"address":"(known after apply)","name":"a-b","password":"***"}}`,
		`c create maybe {"spec":{"name":"c"}}`,
		`d skip `,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("planned:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if s := p.Summary; s.Create != 3 || s.Skip != 1 || s.Requests != 3 || s.Cost != nil {
		t.Errorf("summary %+v", s)
	}
	if after := p.Nodes[2].After; len(after) != 1 || after[0] != "/spec/spec/steps/0" {
		t.Errorf("b comes after %v", after)
	}
	if changes := toJSON(t, p.Nodes[2].Changes); changes != `[{"path":"/address","after":"(known after apply)","unknown":true},{"path":"/name","after":"a-b"},{"path":"/password","after":"(known after apply)","unknown":true,"secret":true}]` {
		t.Errorf("changes of b: %s", changes)
	}
	again := g.plan()
	if toJSON(t, p) != toJSON(t, again) {
		t.Error("a second plan is different")
	}
	if said := g.stage.said(); said != "" {
		t.Errorf("the plan %s", said)
	}
	if kept, err := g.engine.Store.KeptPlaces(t.Context(), ""); err != nil || len(kept) != 0 {
		t.Errorf("the plan kept %v, %v", kept, err)
	}
}

func TestAPlanKnowsKeptSecretsAndDoesNotTellThem(t *testing.T) {
	g := setUp(t).compile(steps(`{"kind": "Thing", "ref": "a", "spec": {"name": "a", "value": "${fn.randomSecret(24)}"}}`)).run()
	secret, _ := part(g.stage.requests["a"], "value").(string)
	if len(secret) != 24 {
		t.Fatalf("the secret is %q", secret)
	}
	p := g.plan()
	if text := toJSON(t, p); strings.Contains(text, secret) || p.Nodes[1].Changes[1].Unknown {
		t.Errorf("plan %s", text)
	}
}

func TestProblemsOfAPlan(t *testing.T) {
	tests := []struct{ name, given, code, want string }{
		{"a kind that is not supported", steps(`{"kind": "Unheard", "ref": "a", "spec": {}}`), CodeUnsupported, "a: nodes of kind Unheard are not supported yet"},
		{"an argument that nobody gave", steps(`{"kind": "Thing", "ref": "a", "spec": {"name": "${args.NAME}"}}`), CodeEvaluation, "a: spec.name: `args.NAME` has no value"},
		{"a reference to a node that is always skipped", steps(`{"kind": "Thing", "ref": "a", "skipNodeExecution": "${fn.eq(1, 1)}", "spec": {"name": "a"}}`, `{"kind": "Thing", "ref": "b", "spec": {"name": "${refs.a.id}"}}`),
			"skipped-ref", "b: spec.name: `refs.a` has no output: the node was skipped"},
		{"what the platform refuses", steps(node("a", `"refuse": true`)), CodeRefused, "a: name cannot be changed"},
		{"a mistake in an argument", `{"apiVersion": "v1.2", "name": "T", "arguments": {"A": "${args.B}", "B": "${args.A}"}, "spec": ` + sequence(`{"kind": "Thing", "ref": "a", "spec": {"name": "${args.A}"}}`) + `}`,
			CodeEvaluation, "argument A uses itself"},
		{"an argument of the wrong type for a function", steps(`{"kind": "Thing", "ref": "a", "spec": {"name": "${fn.nope(1)}"}}`), CodeEvaluation, "fn.nope"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := setUp(t).compile(tt.given)
			p := g.plan()
			if len(p.Problems) != 1 || p.Problems[0].Code != tt.code || !strings.Contains(p.Problems[0].Message, tt.want) {
				t.Errorf("problems %+v, want %s %q", p.Problems, tt.code, tt.want)
			}
			if tt.code == CodeRefused {
				return // only the platform knows that
			}
			_, err := g.engine.Run(t.Context(), g.program, RunOptions{})
			var refused *RefusedError
			if !errors.As(err, &refused) || refused.Problems[0].Code != tt.code {
				t.Errorf("running gave %v", err)
			}
			if runs, err := g.engine.Store.List(t.Context(), historyAll, Describe); err != nil || len(runs) != 0 || g.stage.said() != "" {
				t.Errorf("something was begun: %v, %v", runs, err)
			}
		})
	}
}

func TestUnifiedDiff(t *testing.T) {
	before := map[string]any{"a": 1.0, "b": map[string]any{"c": "x", "d": "stays"}, "list": []any{"one", "two"}, "password": "old", "z": true}
	after := map[string]any{"a": 1.0, "b": map[string]any{"c": "y", "d": "stays", "e": platform.Unknown}, "list": []any{"one", "2", "3"}, "password": "new", "e/f": "slash"}
	got, err := unifiedDiff(before, after, []string{"/password"}, &masker{})
	want := `@@ -2,1 +2,1 @@
-b.c: "x"
+b.c: "y"
@@ -3,0 +4,2 @@
+b.e: (known after apply)
+e/f: "slash"
@@ -5,3 +7,3 @@
-list.1: "two"
-password: "***"
-z: true
+list.1: "2"
+list.2: "3"
+password: "***"
`
	if err != nil || got != want {
		t.Errorf("%v\n%s\nwant\n%s", err, got, want)
	}
	hunks, err := diff.ParseHunks([]byte(got))
	if err != nil || len(hunks) != 3 {
		t.Errorf("it is no diff: %d hunks, %v", len(hunks), err)
	}
	if same, err := unifiedDiff(before, before, nil, &masker{}); err != nil || same != "" {
		t.Errorf("nothing changes: %q, %v", same, err)
	}
}

func TestDifference(t *testing.T) {
	tests := []struct{ name, before, after, secret, want string }{
		{"nothing", `{"a": 1, "b": [1, 2]}`, `{"a": 1, "b": [1, 2]}`, "", `null`},
		{"a changed property", `{"a": 1, "b": {"c": "x"}}`, `{"a": 1, "b": {"c": "y"}}`, "", `[{"path":"/b/c","before":"x","after":"y"}]`},
		{"a new one and one that goes", `{"a": 1}`, `{"b": 2}`, "", `[{"path":"/a","before":1},{"path":"/b","after":2}]`},
		{"an element", `{"a": [1, 2]}`, `{"a": [1, 3, 4]}`, "", `[{"path":"/a/1","before":2,"after":3},{"path":"/a/2","after":4}]`},
		{"another type", `{"a": {"b": 1}}`, `{"a": "text"}`, "", `[{"path":"/a","before":{"b":1},"after":"text"}]`},
		{"a secret", `{"a": "old", "b": 1}`, `{"a": "new", "b": 1}`, "/a", `[{"path":"/a","before":"***","after":"***","secret":true}]`},
		{"a secret in a value that changes as a whole", `{"a": {"b": "old"}}`, `{"a": 3}`, "/a/b", `[{"path":"/a","before":"***","after":"***","secret":true}]`},
		{"a name with a slash", `{}`, `{"a/b": 1}`, "", `[{"path":"/a~1b","after":1}]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var before, after any
			if err := json.Unmarshal([]byte(tt.before), &before); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal([]byte(tt.after), &after); err != nil {
				t.Fatal(err)
			}
			if got := toJSON(t, difference(before, after, strings.Fields(tt.secret), &masker{})); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}
