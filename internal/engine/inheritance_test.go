package engine

import (
	"context"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/expr"
)

// globals are global secrets as JSON texts of their values and files.
type globals map[string]string

func (g globals) Secret(_ context.Context, id string) (expr.Value, error) {
	text, ok := g[id]
	if !ok {
		return expr.Undefined(), nil
	}
	return expr.ParseJSON([]byte(text))
}

func inheriting(t *testing.T, secrets globals) *given {
	g := setUp(t)
	g.engine.Secrets = secrets
	g.engine.Platform = Inheriting{g.stage, secrets}
	return g
}

func merging(spec string) string {
	return `{"kind": "SecretInheritance", "ref": "merged", "spec": {` + spec + `}}`
}

var layers = globals{
	"base":   `{"values": {"KEY": "base-key-1234567", "DB": {"host": "db", "port": 5432}, "LIST": [1, 2]}, "files": {"cert": {"data": "QkFTRS1DRVJU", "path": "/cert"}}}`,
	"club":   `{"values": {"KEY": "club-key-1234567", "DB": {"host": "club-db"}, "LIST": [3]}, "files": {}}`,
	"config": `{"values": {"KEY": "from the configuration", "MODE": "fast"}, "files": {}}`,
}

func TestSecretsAreMergedInOrder(t *testing.T) {
	tests := []struct{ name, spec, read, want string }{
		{"the last one wins", `"secrets": ["base", "club"]`, "${refs.merged.values.KEY}", "club-key-1234567"},
		{"in whatever order they are given", `"secrets": ["club", "base"]`, "${refs.merged.values.KEY}", "base-key-1234567"},
		{"objects are merged member by member", `"secrets": ["base", "club"]`, "${refs.merged.values.DB.host}:${refs.merged.values.DB.port}", "club-db:5432"},
		{"lists are replaced", `"secrets": ["base", "club"]`, "${fn.arrLength(refs.merged.values.LIST)}-${refs.merged.values.LIST.0}", "1-3"},
		{"files are merged too", `"secrets": ["base", "club"]`, "${refs.merged.files.cert.path}", "/cert"},
		{"configurations stand below secrets", `"secrets": ["base"], "configs": ["config"]`, "${refs.merged.values.KEY} ${refs.merged.values.MODE}", "base-key-1234567 fast"},
		{"what is required is there", `"secrets": ["base"], "requiredKeys": ["KEY", "DB.port"], "requiredFiles": ["cert"]`, "${refs.merged.values.KEY}", "base-key-1234567"},
		{"containers read the secret that the value is from", `"secrets": ["base", "club"]`, "${{ refs.merged.values.KEY }}/${{refs.merged.values.DB.port}}/${{refs.merged.files.cert.data}}",
			"${{ secrets.club.values.KEY }}/${{secrets.base.values.DB.port}}/${{secrets.base.files.cert.data}}"},
		{"or what is written where several make it up", `"secrets": ["base", "club"]`, "${{refs.merged.values.DB}}", "${{refs.merged.values.DB}}"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := inheriting(t, layers).compile(steps(merging(tt.spec), `{"kind": "Thing", "ref": "user", "spec": {"name": "user", "value": "`+tt.read+`"}}`)).run()
			if g.err != nil || g.result.State != StateSuccess {
				t.Fatalf("%+v, %+v, %v", g.result, g.result.Error, g.err)
			}
			if got := part(g.stage.requests["user"], "value"); got != tt.want {
				t.Errorf("%v, want %s", got, tt.want)
			}
			for _, text := range []string{"base-key-1234567", "club-key-1234567"} {
				if shown := toJSON(t, g.view(g.result.ID)); strings.Contains(shown, text) {
					t.Errorf("the history shows %s: %s", text, shown)
				}
			}
			plan, err := g.engine.Plan(t.Context(), g.program)
			if err != nil || len(plan.Problems) > 0 {
				t.Fatal(err, plan.Problems)
			}
			if shown := toJSON(t, plan); strings.Contains(shown, "key-1234567") {
				t.Errorf("the plan shows a secret: %s", shown)
			}
		})
	}
}

func TestSecretsThatCannotBeMerged(t *testing.T) {
	tests := []struct{ name, spec, problem string }{
		{"one that there is not", `"secrets": ["base", "nobody"]`, `there is no global secret "nobody"`},
		{"without a required key", `"secrets": ["base"], "requiredKeys": ["KEY", "API", "DB.user"], "requiredFiles": ["key"]`, "the merged secrets lack file key, key API, key DB.user"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := inheriting(t, layers).compile(steps(merging(tt.spec), node("after", "")))
			plan, err := g.engine.Plan(t.Context(), g.program)
			if err != nil || len(plan.Problems) != 1 || !strings.Contains(plan.Problems[0].Message, tt.problem) {
				t.Errorf("the plan says %+v, %v", plan.Problems, err)
			}
			if g.run(); g.result.State != StateFailure || !strings.Contains(g.result.Error.Message, tt.problem) || g.stage.said() != "" {
				t.Errorf("%+v, %v", g.result.Error, g.err)
			}
		})
	}
}

func TestMergedSecretsStayAsTheyWereWhenARunIsResumed(t *testing.T) {
	secrets := globals{"base": layers["base"]}
	g := inheriting(t, secrets).compile(steps(merging(`"secrets": ["base"]`), node("a", ""), `{"kind": "Thing", "ref": "user", "spec": {"name": "user", "value": "${refs.merged.values.KEY}", "later": "${{refs.merged.values.KEY}}"}}`))
	id := g.interruptIn("start a", 1)
	secrets["base"] = `{"values": {"KEY": "another"}, "files": {}}`
	if r, err := g.engine.Resume(t.Context(), id, g.options()); err != nil || r.State != StateSuccess {
		t.Fatalf("%+v, %v", r, err)
	}
	if req := g.stage.requests["user"]; part(req, "value") != "base-key-1234567" || part(req, "later") != "${{secrets.base.values.KEY}}" {
		t.Errorf("%v", req.Spec)
	}
}
