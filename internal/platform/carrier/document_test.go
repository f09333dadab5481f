package carrier

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

func written(t *testing.T, req platform.NodeRequest) (stored map[string]any, text string) {
	t.Helper()
	raw, err := document(req)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &stored); err != nil {
		t.Fatal(err)
	}
	return stored, string(raw)
}

const specAt = "spec.spec.steps.0.spec"

func TestATemplateResolvesToTheNodeThatItCarries(t *testing.T) {
	for _, text := range []string{"plain", "$5 {x}", "${a}", `\${a}`, `\\${a}`, "$${a}", "a${b}c${d}", "${", "${}", "${args.X}", "$", `\`, `\${{a}}`} {
		stored, _ := written(t, platform.NodeRequest{Kind: "Pipeline", Token: "r-1-1", Spec: map[string]any{"name": text}})
		if got := plainText(t, jsonvalue.String(stored, specAt+".name")); got != text {
			t.Errorf("%q is resolved to %q", text, got)
		}
	}
	stored, _ := written(t, platform.NodeRequest{Kind: "Pipeline", Token: "r-1-1", Spec: map[string]any{"name": "${{secrets.A}} ${b}"}})
	if got := jsonvalue.String(stored, specAt+".name"); got != `${{secrets.A}} \${b}` {
		t.Errorf("what a container resolves is written %q", got)
	}
}

// plainText is what a string without expressions is resolved to.
func plainText(t *testing.T, s string) string {
	t.Helper()
	text := ""
	for _, part := range expr.Parse(s).Parts {
		if part.Kind != expr.Literal {
			t.Errorf("%q still holds an expression", s)
		}
		text += part.Text
	}
	return text
}

func TestSecretsTravelAsOverridesOfArguments(t *testing.T) {
	stored, text := written(t, platform.NodeRequest{
		Kind: "Pipeline", ProjectID: "shop", Token: "r-1-1",
		Spec: map[string]any{
			"name": "Shop", "token": "planted-1", "pair": map[string]any{"a/b": "planted-2", "n": 7.0, "none": nil},
			"flow": map[string]any{"spec": map[string]any{"x": "${refs.own.id}", "key": `planted-\${3}`, "mixed": "planted-4 ${refs.own.id}"}},
		},
		Documents: []string{"/spec/flow/spec"},
		Secret:    []string{"/token", "/pair", "/flow/spec/key", "/flow/spec/mixed"},
	})
	overrides := jsonvalue.Object(stored, "argumentOverrides")
	spec := jsonvalue.Object(stored, specAt)
	resolve := func(v any) any {
		s, _ := v.(string)
		for name, value := range overrides {
			if s == "${args."+name+"}" || s == "${template.args."+name+"}" {
				return value
			}
		}
		return v
	}
	for at, want := range map[string]any{"token": "planted-1", "pair.a/b": "planted-2", "pair.n": 7.0, "pair.none": nil, "flow.spec.key": `planted-\${3}`,
		"flow.spec.x": "${refs.own.id}"} {
		if got := resolve(jsonvalue.Get(spec, at)); !reflect.DeepEqual(got, want) {
			t.Errorf("%s is %v, want %v", at, got, want)
		}
	}
	if key := jsonvalue.String(spec, "flow.spec.key"); !strings.HasPrefix(key, "${template.args.") {
		t.Errorf("a secret in a document is referred to as %s", key)
	}
	if mixed := jsonvalue.String(spec, "flow.spec.mixed"); !strings.HasPrefix(mixed, "${template.args.") || !strings.HasSuffix(mixed, "}${refs.own.id}") {
		t.Errorf("a secret beside an expression of the document is %s", mixed)
	}
	delete(stored, "argumentOverrides")
	if rest, _ := json.Marshal(stored); strings.Contains(string(rest), "planted") {
		t.Errorf("a secret stands beside the overrides: %s", text)
	}
}

func TestTheNodeKeepsWhatIsThePlatformsAndLosesWhatIsTheEngines(t *testing.T) {
	stored, _ := written(t, platform.NodeRequest{Kind: "OpenTofu", Token: "r-1-1", Spec: map[string]any{},
		Node: map[string]any{"ref": "mine", "condition": "success", "settings": map[string]any{"maxAttempts": 9.0}, "timeoutDuration": 60.0, "skipNodeExecution": "false"}})
	want := map[string]any{"kind": "OpenTofu", "ref": ref, "spec": map[string]any{}, "condition": "success", "timeoutDuration": 60.0,
		"settings": map[string]any{"maxAttempts": 1.0}}
	if got := jsonvalue.Get(stored, "spec.spec.steps.0"); !reflect.DeepEqual(got, want) {
		t.Errorf("%v", got)
	}
	if context := jsonvalue.Get(stored, "spec.spec.context"); context != nil {
		t.Errorf("a node without a project has the context %v", context)
	}
}

func TestTheNameIsThatOfOneAttempt(t *testing.T) {
	a, again := nameOf(platform.NodeRequest{Token: "secret-run-1-1"}), nameOf(platform.NodeRequest{Token: "secret-run-1-1"})
	if b := nameOf(platform.NodeRequest{Token: "secret-run-1-2"}); a != again || a == b || strings.Contains(a, "secret") {
		t.Errorf("%q, %q, %q", a, again, b)
	}
}
