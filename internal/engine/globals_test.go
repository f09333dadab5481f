package engine

import (
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/engine/history"
)

// withGlobals is a state folder with one global secret, db.
func withGlobals(t *testing.T) *given {
	t.Helper()
	g := setUp(t)
	g.engine.Secrets = StoredSecrets{g.engine.Store}
	err := g.engine.Store.ChangeGlobal(t.Context(), "db", func(s *history.Global) error {
		s.Values = map[string]any{
			"host": "db.example.com", "port": 5432.0, "password": "planted-word", "hosts": []any{"a.example.com", "b.example.com"},
			"url": "postgres://${host}:${port}/${database}", "deep": map[string]any{"url": "${url}?x", "loop": "<${deep.loop}>", "escaped": `\${host}`, "open": "${host"},
			"text": "${{ runtime }} ${hosts} ${}",
		}
		s.Files = map[string]history.GlobalFile{"cert": {Data: []byte("planted\x00certificate"), Path: "/etc/cert"}, "bare": {Data: []byte("x")}}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestGlobalSecretsInTemplates(t *testing.T) {
	for _, tt := range []struct{ name, expression, want string }{
		{"a value", "${secrets.db.values.host}", `"db.example.com"`},
		{"a number", "${secrets.db.values.port}", `5432`},
		{"an element", "${secrets.db.values.hosts.1}", `"b.example.com"`},
		{"a whole array", "${secrets.db.values.hosts}", `["a.example.com","b.example.com"]`},
		{"a value that is made of others", "${secrets.db.values.deep.url}", `"postgres://db.example.com:5432/${database}?x"`},
		{"a value that is no expression", "${secrets.db.values.text}", `"${{ runtime }} ${hosts} ${}"`},
		{"an escaped one", "${secrets.db.values.deep.escaped}", `"${host}"`},
		{"one that is not closed", "${secrets.db.values.deep.open}", `"${host"`},
		{"the content of a file", "${secrets.db.files.cert.data}", `"cGxhbnRlZABjZXJ0aWZpY2F0ZQ=="`},
		{"the path of a file", "${secrets.db.files.cert.path}", `"/etc/cert"`},
		{"within a text", "at ${secrets.db.values.host}!", `"at db.example.com!"`},
		{"by a name that is worked out", "${fn.get(fn.fetchSecret(fn.join(['d', 'b'], '')), 'values.host')}", `"db.example.com"`},
		{"one that does not exist, inside of a call", "${fn.if(secrets.nope.values.x, 'a', 'b')}", `"b"`},
		{"a value that does not exist, inside of a call", "${fn.if(secrets.db.values.nope, 'a', 'b')}", `"b"`},
		{"one that does not exist by a name that is worked out, inside of a call", "${fn.if(fn.fetchSecret('nope'), 'a', 'b')}", `"b"`},
		{"what the platform resolves", "${{secrets.db.values.host}} ${{ secrets.nope.values.x }}", `"${{secrets.db.values.host}} ${{ secrets.nope.values.x }}"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := withGlobals(t).compile(steps(`{"kind": "Thing", "ref": "a", "spec": {"name": "a", "x": "` + tt.expression + `"}}`))
			plan, err := g.engine.Plan(t.Context(), g.program)
			if err != nil || len(plan.Problems) > 0 {
				t.Fatalf("%+v, %v", plan, err)
			}
			if g.run(); g.err != nil || g.result.State != StateSuccess {
				t.Fatalf("%+v, %v", g.result, g.err)
			}
			if got := toJSON(t, part(g.stage.requests["a"], "x")); got != strings.ReplaceAll(tt.want, "<", `\u003c`) {
				t.Errorf("the node got %s, want %s", got, tt.want)
			}
			shown := toJSON(t, g.view(g.result.ID)) + toJSON(t, plan)
			if strings.Contains(shown, "db.example.com") || strings.Contains(shown, "cGxhbnRlZ") {
				t.Errorf("the secret is shown: %s", shown)
			}
		})
	}
}

func TestAGlobalSecretThatDoesNotExistIsSaidBeforeAnythingRuns(t *testing.T) {
	for _, tt := range []struct{ name, expression, want string }{
		{"no secret", "${secrets.nope.values.password}", "`secrets.nope.values.password` has no value, since there is no global secret nope: set it with 'nf-run secrets set nope.values.password'"},
		{"no secret, without a path", "${secrets.nope}", "set it with 'nf-run secrets set nope.values.NAME'"},
		{"no such value", "${secrets.db.values.nope}", "the global secret db has no such value: set it with 'nf-run secrets set db.values.nope'"},
		{"no such file", "${secrets.db.files.nope.data}", "set it with 'nf-run secrets set db.files.nope.data'"},
		{"no path of a file", "${secrets.db.files.bare.path}", "set it with 'nf-run secrets set db.files.bare.path'"},
		{"by a name that is worked out", "${fn.fetchSecret('nope')}", "there is no global secret nope: set it with 'nf-run secrets set nope.values.NAME'"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := withGlobals(t).compile(steps(node("first", ""), `{"kind": "Thing", "ref": "a", "spec": {"name": "a", "x": "`+tt.expression+`"}}`))
			plan, err := g.engine.Plan(t.Context(), g.program)
			if err != nil || len(plan.Problems) != 1 || !strings.Contains(plan.Problems[0].Message, tt.want) {
				t.Errorf("planned with %+v, %v; want a problem that says %q", plan.Problems, err, tt.want)
			}
			if g.run(); g.err == nil || !strings.Contains(g.err.Error(), tt.want) || g.stage.said() != "" {
				t.Errorf("error %v, want %q and nothing done", g.err, tt.want)
			}
		})
	}
}

func TestWithoutAStateFolderThereAreNoGlobalSecrets(t *testing.T) {
	v, err := StoredSecrets{}.Secret(t.Context(), "db")
	if err != nil || !v.IsUndefined() {
		t.Errorf("%v, %v", v, err)
	}
}

func TestMakeSecret(t *testing.T) {
	for given, want := range map[string]int{
		"${fn.randomSecret(32)}": 32, "${fn.randomSecret(16, 'hex')}": 16, "key-${fn.randomString(12)}": 16,
	} {
		a, err := MakeSecret(t.Context(), given)
		if err != nil || len(a) != want || strings.Contains(a, "$") {
			t.Errorf("%s gives %q, %v", given, a, err)
		}
		if b, _ := MakeSecret(t.Context(), given); a == b {
			t.Errorf("%s gives the same secret twice", given)
		}
	}
	for _, given := range []string{"plain", "pa$$word", "${host}/users", "${fn.slug('x')}", "${fn.randomSecret(8)} ${host}", "${{x}}", `\${fn.randomSecret(8)}`, "${fn.randomSecret(8", ""} {
		if got, err := MakeSecret(t.Context(), given); err != nil || got != given {
			t.Errorf("%q gives %q, %v", given, got, err)
		}
	}
	if _, err := MakeSecret(t.Context(), "${fn.randomSecret(-1)}"); err == nil {
		t.Error("a secret of no length was made")
	}
}
