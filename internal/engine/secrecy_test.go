package engine

import (
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// secretArguments lists the arguments that are taken for secrets.
func secretArguments(t *testing.T, source string, opts Options) string {
	t.Helper()
	if opts.ProjectID == "" {
		opts.ProjectID = "shop"
	}
	p, problems := compile(t, source, opts)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	var names []string
	for _, a := range p.Arguments {
		if a.Secret {
			names = append(names, a.Name)
		}
	}
	return strings.Join(names, " ")
}

func TestWhichArgumentsAreSecrets(t *testing.T) {
	group := func(kind, variables string) string {
		return `{"kind": "SecretGroup", "ref": "g", "spec": {"name": "g", "type": "` + kind + `", "secretType": "environment", "priority": 1, "secrets": {"variables": {` + variables + `}}}}`
	}
	service := func(more string) string {
		return `{"kind": "DeploymentService", "ref": "s", "spec": {"name": "s", ` + more + `}}`
	}
	for _, tt := range []struct {
		name, arguments, more, node string
		opts                        Options
		want                        string
	}{
		{"those that are called so", `{"DB_PASSWORD": "x", "BRANCH": "main"}`, ``, node("x", ""), Options{}, "DB_PASSWORD"},
		{"those that are declared so", `{"A": {"type": "secret", "default": "x"}, "B": {"secret": true, "default": "x"}, "C": {"type": "string", "default": "x"}}`, ``, node("x", ""), Options{}, "A B"},
		{"but not those that are declared to be none", `{"DB_PASSWORD": {"secret": false, "default": "x"}}`, `, "argumentOverrides": {"DB_PASSWORD": "y"}`, node("x", ""), Options{}, ""},
		{"overrides, but for numbers and truth values", `{"A": {"type": "integer"}, "B": {"type": "boolean"}, "PIN_SECRET": {"type": "number"}}`, `, "argumentOverrides": {"A": 1, "B": true, "PIN_SECRET": 3}`, node("x", ""), Options{}, "PIN_SECRET"},
		{"overrides", `{"A": "", "B": ""}`, `, "argumentOverrides": {"A": "x"}`, node("x", ""), Options{}, "A"},
		{"overrides, whatever replaces their value", `{"A": ""}`, `, "argumentOverrides": {"A": "x"}`, node("x", ""), Options{Arguments: []Layer{{From: FromFlag, Values: map[string]any{"A": "y"}}}}, "A"},
		{"stored ones", `{"A": ""}`, ``, node("x", ""), Options{Stored: []Layer{{From: FromStored, Values: map[string]any{"A": "x"}, Secret: true}}}, "A"},
		{"but not stored ones that are open", `{"API_KEY": ""}`, ``, node("x", ""), Options{Stored: []Layer{{From: FromStored, Values: map[string]any{"API_KEY": "x"}, Open: true}}}, ""},
		{"those that a secret group takes", `{"A": "x", "B": "x", "C": "x"}`, ``, group("secret", `"K": "${args.A}", "L": "at ${fn.toBase64(args.B)}"`), Options{}, "A B"},
		{"but not those that a group of settings takes", `{"A": "x", "B": "x"}`, ``, group("config", `"MODE": "${args.A}", "API_TOKEN": "${args.B}"`), Options{}, "B"},
		{"those that other arguments for secrets are made of", `{"A": "x", "B": "${args.A}-${args.C}", "C": "y", "D": "z"}`, ``, group("secret", `"K": "${args.B}"`), Options{}, "A B C"},
		{"those that a property for passwords takes", `{"A": "x"}`, ``, service(`"ports": [{"security": {"credentials": [{"username": "u", "password": "${args.A}"}]}}]`), Options{}, "A"},
		{"those that a file takes", `{"A": "x"}`, ``, service(`"runtimeFiles": {"/etc/x": {"data": "${fn.toBase64(args.A)}", "encoding": "utf-8"}}`), Options{}, "A"},
		{"in an environment, those of variables that are called so", `{"A": "x", "B": "x"}`, ``, service(`"runtimeEnvironment": {"MODE": "${args.A}", "API_TOKEN": "${args.B}"}`), Options{}, "B"},
		{"credentials of a registry", `{"A": "x", "B": "u"}`, ``, `{"kind": "CustomDockerCredentials", "ref": "r", "spec": {"name": "r", "credentials": {"username": "${args.B}", "password": "${args.A}"}}}`, Options{}, "A"},
		{"but no identifiers", `{"A": "", "B": ""}`, `, "argumentOverrides": {"A": "europe-west", "B": "Shop"}`, `{"kind": "Project", "ref": "p", "spec": {"name": "${args.B} project", "region": "${args.A}"}}`, Options{}, ""},
		{"though those of which an identifier shows a part", `{"A": ""}`, `, "argumentOverrides": {"A": "x"}`, `{"kind": "Project", "ref": "p", "spec": {"name": "p-${fn.slice(args.A, 0, 4)}", "region": "europe-west"}}`, Options{}, "A"},
		{"and those that are called so, identifiers or not", `{"API_KEY": "x"}`, ``, `{"kind": "Project", "ref": "p", "spec": {"name": "${args.API_KEY}", "region": "europe-west"}}`, Options{}, "API_KEY"},
		{"under template. in a document that a node carries", `{"A": "x"}`, ``, `{"kind": "PreviewBlueprint", "ref": "b", "spec": {"name": "b", "spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [` +
			group("secret", `"K": "${template.args.A}"`) + `]}}}}`, Options{}, "A"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := secretArguments(t, withArguments(tt.arguments, tt.more, tt.node), tt.opts); got != tt.want {
				t.Errorf("secrets are %q, want %q", got, tt.want)
			}
		})
	}
}

func TestWhatAPropertyForSecretsHoldsIsHiddenWhateverItIs(t *testing.T) {
	object := map[string]any{"spec": map[string]any{
		"name": "g", "secrets": map[string]any{
			"variables": map[string]any{"MODE": "production", "API_TOKEN": "word", "URL": "https://u:pass@h/", "MADE": "k3Jx9QpLz7Vb2NmW8tRy", "PORT": 8080.0, "ON": true, "EMPTY": "", "LATER": platform.UnknownText},
			"files":     map[string]any{"/etc/x": map[string]any{"data": "abc", "encoding": "utf-8"}}},
	}}
	c := confidentialOf("SecretGroup", object, nil)
	m := &masker{}
	c.learn(object, m)
	want := `{"spec":{"name":"g","secrets":{"files":{"/etc/x":{"data":"***","encoding":"***"}},"variables":{"API_TOKEN":"***","EMPTY":"","LATER":"` + platform.UnknownText +
		`","MADE":"***","MODE":"***","ON":"***","PORT":"***","URL":"***"}}}}`
	if got := toJSON(t, c.hideIn(object)); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if object["spec"].(map[string]any)["name"] != "g" || object["spec"].(map[string]any)["secrets"].(map[string]any)["variables"].(map[string]any)["MODE"] != "production" {
		t.Error("the node itself was changed")
	}
	// What looks like a secret is hidden elsewhere too; words are only in what is
	// said of the node.
	const text = "production word k3Jx9QpLz7Vb2NmW8tRy https://u:pass@h/ 8080 true utf-8"
	if got := m.hide(text); got != "production *** *** *** 8080 true utf-8" {
		t.Errorf("everywhere: %s", got)
	}
	if got := m.with(c.texts).hide(text); got != "*** *** *** *** 8080 true ***" {
		t.Errorf("of the node: %s", got)
	}
}

func TestNodesThatANodeCarriesHaveConfidentialPropertiesToo(t *testing.T) {
	object := map[string]any{"spec": map[string]any{"spec": map[string]any{"kind": "Workflow", "spec": map[string]any{"steps": []any{
		map[string]any{"kind": "SecretGroup", "spec": map[string]any{"name": "g", "secrets": map[string]any{"variables": map[string]any{"A": "x"}}}},
		map[string]any{"kind": "CustomDockerCredentials", "spec": map[string]any{"credentials": map[string]any{"password": "x"}}},
		map[string]any{"kind": 3},
	}}}}}
	c := confidentialOf("PreviewBlueprint", object, []string{"/spec"})
	want := `{"spec":{"spec":{"kind":"Workflow","spec":{"steps":[{"kind":"SecretGroup","spec":{"name":"g","secrets":{"variables":{"A":"***"}}}},` +
		`{"kind":"CustomDockerCredentials","spec":{"credentials":{"password":"***"}}},{"kind":3}]}}}}`
	if got := toJSON(t, c.hideIn(object)); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// A platform that has it from an earlier run may show in an answer about one node what
// another one, which has yet to run, makes of a secret.
func TestWhatNodesWillMakeOfSecretsIsHiddenBefore(t *testing.T) {
	source := `{"apiVersion": "v1.2", "name": "Test", "arguments": {"API_TOKEN": ""}, "spec": ` + sequence(
		node("a", `"services": ["lanted-to", "a word of its own"]`),
		`{"kind": "Thing", "ref": "b", "spec": {"name": "b", "title": "${fn.slice(args.API_TOKEN, 1, 10)}", "made": "${fn.randomSecret(20)}", "of": "${refs.a.id} ${fn.toLower(args.API_TOKEN)}"}}`) + `}`
	g := setUp(t).compile(source, Options{Arguments: []Layer{{Values: map[string]any{"API_TOKEN": "planted-token"}, Literal: true}}}).run()
	if g.err != nil || g.result.State != StateSuccess {
		t.Fatalf("%+v, %v", g.result.Error, g.err)
	}
	if out := string(g.view(g.result.ID).node("a").Attempts[0].Response); strings.Contains(out, "lanted-to") || !strings.Contains(out, "a word of its own") {
		t.Errorf("the first node's answer is shown as %s", out)
	}
	if made := part(g.stage.requests["b"], "made"); made == nil || len(made.(string)) != 20 {
		t.Errorf("the second node was given %v", made)
	}
}
