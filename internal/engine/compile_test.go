package engine

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

func TestCompile(t *testing.T) {
	p, problems := compile(t, `{"apiVersion": "v1.2", "name": "Shop", "project": {"spec": {"name": "shop"}},
		"options": {"concurrencyPolicy": "queue"}, "arguments": {"NAME": "web"},
		"spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
			{"kind": "CombinedService", "ref": "web", "spec": {"name": "${args.NAME}"}, "updateMode": "patch", "settings": {"maxAttempts": 5, "backoff": {"type": "fixed", "delay": 60}}},
			{"kind": "workflow", "skipNodeExecution": "${fn.eq(refs.web.id, 'x')}", "spec": {"type": "parallel", "steps": [{"kind": "Addon", "spec": {"name": "db-${refs.web.id}"}}]}}
		]}}}`, Options{File: "/t.json"})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if len(p.Source) != 64 || p.Source == Source("") {
		t.Errorf("the hash of the text is %q", p.Source)
	}
	p.Source = ""
	text := toJSON(t, p)
	want := `{"format":1,"identity":"Shop","file":"/t.json","type":"template","policy":"queue",` +
		`"arguments":[{"name":"NAME","value":"web"}],"contexts":[{}],"nodes":[` +
		`{"path":"/project","kind":"Project","label":"project","parent":-1,"spec":{"name":"shop"},"place":"/project","context":-1},` +
		`{"path":"/spec","kind":"Workflow","label":"Workflow","parent":-1,"flow":"sequential","place":"/spec","context":-1},` +
		`{"path":"/spec/spec/steps/0","kind":"CombinedService","ref":"web","label":"web","parent":1,"spec":{"name":"${args.NAME}"},"rest":{"updateMode":"patch"},` +
		`"place":"refs.web","context":0,"project":true,"maxAttempts":5,"backoffSeconds":60,"uses":[{"ref":"/project","on":[0]}]},` +
		`{"path":"/spec/spec/steps/1","kind":"Workflow","label":"workflow","parent":1,"flow":"parallel","skip":"${fn.eq(refs.web.id, 'x')}","place":"/spec/spec/steps/1","context":-1,` +
		`"uses":[{"ref":"web","on":[2],"soft":true,"gate":true}]},` +
		`{"path":"/spec/spec/steps/1/spec/steps/0","kind":"Addon","label":"Addon db-${refs.web.id}","parent":3,"spec":{"name":"db-${refs.web.id}"},` +
		`"place":"/spec/spec/steps/1/spec/steps/0","context":0,"project":true,"uses":[{"ref":"web","on":[2]},{"ref":"/project","on":[0]}]}]}`
	if text != want {
		t.Errorf("compiled to\n%s\nwant\n%s", text, want)
	}
	var again Program
	if err := json.Unmarshal([]byte(text), &again); err != nil || toJSON(t, &again) != text || again.Hash() != p.Hash() {
		t.Errorf("a program does not survive JSON: %v", err)
	}
}

func TestWhatDoesNotCompile(t *testing.T) {
	tests := []struct{ name, given, code, want string }{
		{"an empty file", ``, CodeNotRunnable, "nothing to run"},
		{"foreign JSON", `{"dependencies": {}}`, CodeNotRunnable, "nothing to run"},
		{"a lone node", `{"kind": "Addon", "spec": {"name": "db"}}`, CodeNotRunnable, "nothing to run"},
		{"a template without a workflow", `{"apiVersion": "v1.2", "name": "T"}`, CodeNotRunnable, "no workflow"},
		{"broken JSON", `{"apiVersion": "v1.2", "name": "T", "spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [] }}`, "syntax-error", ""},
		{"a workflow of no known type", doc(`{"kind": "Workflow", "spec": {"type": "serial", "steps": []}}`), "not-in-enum", "neither"},
		{"a project node without a project", doc(sequence(node("a", ""), `{"kind": "Project", "ref": "p", "spec": {"name": "p"}}`, `{"kind": "Addon", "ref": "db", "spec": {"name": "db"}}`)), "missing-project-context", "db has no project"},
		{"a reference to a later step", steps(`{"kind": "Thing", "ref": "a", "spec": {"name": "${refs.b.id}"}}`, node("b", "")), "ref-before-it-resolves", "a refers to b, which runs after it"},
		{"a reference to a later step through an argument", `{"apiVersion": "v1.2", "name": "T", "arguments": {"B": "${refs.b.id}", "C": "${args.B}"}, "spec": ` + sequence(`{"kind": "Thing", "ref": "a", "spec": {"name": "${args.C}"}}`, node("b", "")) + `}`,
			"ref-before-it-resolves", "a refers to b"},
		{"branches that wait for each other", doc(parallel(`{"kind": "Thing", "ref": "a", "spec": {"name": "${refs.b.id}"}}`, `{"kind": "Thing", "ref": "b", "spec": {"name": "${refs.a.id}"}}`)), "reference-cycle", "wait for each other"},
		{"a ref of which every node comes later", steps(`{"kind": "Thing", "ref": "a", "spec": {"name": "${refs.b.id}"}}`, node("b", ""), `{"kind": "Thing", "ref": "b", "spec": {"name": "c"}}`), "ref-before-it-resolves", "no node with that ref"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, problems := Compile(template.Build(syntax.Parse(tt.given), nil), Options{})
			if len(problems) == 0 || problems[0].Code != tt.code || !strings.Contains(problems[0].Message, tt.want) {
				t.Errorf("problems %+v, want %s %q", problems, tt.code, tt.want)
			}
		})
	}
}

func TestArgumentsAreLaidOverEachOther(t *testing.T) {
	p, problems := compile(t, `{"apiVersion": "v1.2", "name": "T",
		"arguments": {"A": "document", "B": "document", "C": "${refs.x.id}", "DB_PASSWORD": ""}, "argumentOverrides": {"B": "override", "NEW": "override"},
		"spec": `+sequence(node("x", ""))+`}`, Options{Arguments: []Layer{
		{Values: map[string]any{"C": "${not evaluated}", "D": 3}, Literal: true},
		{Values: map[string]any{"B": "stored"}, Secret: true},
		{Values: map[string]any{"B": "given"}, Literal: true},
	}})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	want := `[{"name":"A","value":"document"},{"name":"B","value":"given","literal":true,"secret":true},{"name":"C","value":"${not evaluated}","literal":true},` +
		`{"name":"DB_PASSWORD","value":"","secret":true},{"name":"NEW","value":"override","secret":true},{"name":"D","value":3,"literal":true}]`
	if got := toJSON(t, p.Arguments); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestNamesOfSecrets(t *testing.T) {
	for name, want := range map[string]bool{
		"DB_PASSWORD": true, "apiKey": true, "API_KEY": true, "GITHUB_TOKEN": true, "clientSecret": true, "PASSWORD": true, "SIGNING_KEY": true,
		"BRANCH": false, "KEY": false, "PUBLIC_KEY": false, "TOKEN_TTL": false, "MONKEY": false, "": false, "SORT_KEY": false,
	} {
		if got := secretName(name); got != want {
			t.Errorf("%q is taken for a secret: %v", name, got)
		}
	}
}

func TestTeardownRunsWithTheOutputsOfTheLastRun(t *testing.T) {
	source := `{"apiVersion": "v1.2", "name": "T", "spec": ` + sequence(node("a", `"password": "${fn.randomSecret(12)}"`)) +
		`, "teardownSpec": {"spec": ` + sequence(`{"kind": "Thing", "ref": "end", "spec": {"name": "end-${refs.a.id}", "was": "${refs.a.password}"}}`) + `}}`
	g := setUp(t).compile(source)
	teardown, problems := compile(t, source, Options{Teardown: true})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if _, err := g.engine.Run(t.Context(), teardown, RunOptions{}); err == nil {
		t.Error("it ran without a run to tear down")
	}
	g.run()
	var err error
	if teardown.Inherited, err = g.engine.LastOutputs(t.Context(), teardown.Identity, ""); err != nil {
		t.Fatal(err)
	}
	r, err := g.engine.Run(t.Context(), teardown, RunOptions{})
	if err != nil || r.State != StateSuccess {
		t.Fatalf("%+v, %v", r, err)
	}
	if got := g.stage.said(); got != "made a, made end-a" {
		t.Errorf("the platform %s", got)
	}
	made := part(g.stage.requests["a"], "password")
	if was := part(g.stage.requests["end-a"], "was"); was != made {
		t.Errorf("it saw the password %v, not %v", was, made)
	}
	if text := toJSON(t, g.view(r.ID)); strings.Contains(text, made.(string)) {
		t.Error("an inherited secret shows in the history")
	}
}

func TestASpecThatIsADocumentKeepsItsExpressions(t *testing.T) {
	source := `{"apiVersion": "v1.2", "name": "T", "arguments": {"X": "x"}, "spec": ` + sequence(`{"kind": "WorkflowTemplate", "ref": "flow", "spec": {
		"projectId": "p", "apiVersion": "v1.2", "name": "flow", "arguments": {"WHO": "world"}, "description": "${template.args.X}",
		"spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [{"kind": "JobRun", "spec": {"jobId": "${args.WHO}"}}]}}}}`) + `}`
	g := setUp(t).compile(source)
	if g.run(); g.result.State != StateSuccess {
		t.Fatalf("%+v, %v", g.result.Error, g.err)
	}
	if spec := toJSON(t, g.stage.requests["flow"].Spec); !strings.Contains(spec, `"jobId":"${args.WHO}"`) || !strings.Contains(spec, `"description":"x"`) {
		t.Errorf("the request is %s", spec)
	}
}

func TestNestedDocumentsKeepTheirExpressions(t *testing.T) {
	pipeline := `{"kind": "Pipeline", "ref": "pipe", "spec": {"name": "pipe", "projectId": "p", "title": "${refs.a.id}",
		"stages": [{"name": "${args.X}", "releaseFlow": {"kind": "ReleaseFlow", "spec": {"apiVersion": "v1.2", "spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
			{"kind": "Message", "spec": {
				"kept": "${refs.build.branch} and \\${this}",
				"taken": "${template.refs.a.id}",
				"joined": "${template.args.X}-${refs.build.branch}",
				"inside": "${fn.if(args.deep, template.args.X, 'no')}",
				"number": "${template.fn.add(1, 2)}",
				"trap": "${template.args.TRAP}",
				"secret": "${template.args.API_TOKEN}!"}}]}}}}}]}}`
	source := `{"apiVersion": "v1.2", "name": "T", "arguments": {"X": "x'y", "TRAP": "${fn.if(true, '\\${no}')}", "API_TOKEN": "abcdefgh"}, "spec": ` + sequence(node("a", ""), pipeline) + `}`
	g := setUp(t).compile(source)
	if uses := toJSON(t, g.program.Nodes[2].Uses); uses != `[{"ref":"a","on":[1]}]` {
		t.Errorf("uses %s", uses)
	}
	if g.run(); g.result.State != StateSuccess {
		t.Fatalf("%+v, %v", g.result.Error, g.err)
	}
	spec := toJSON(t, g.stage.requests["pipe"].Spec)
	for _, want := range []string{
		`"title":"a"`, `"name":"x'y"`,
		`"kept":"${refs.build.branch} and \\${this}"`, `"taken":"a"`, `"joined":"x'y-${refs.build.branch}"`,
		`"inside":"${fn.if(args.deep, \"x'y\", 'no')}"`, `"number":3`, `"trap":"\\${no}"`, `"secret":"abcdefgh!"`,
	} {
		if !strings.Contains(spec, want) {
			t.Errorf("the request lacks %s:\n%s", want, spec)
		}
	}
	if text := toJSON(t, g.view(g.result.ID)); strings.Contains(text, "abcdefgh") {
		t.Error("a secret shows in the history")
	}
}
