package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/api/page"
	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/history"
)

const approvedTemplate = `{
  "apiVersion": "v1.2", "name": "Gated", "arguments": { "FLAG_TOKEN": "" },
  "spec": { "kind": "Workflow", "spec": { "type": "sequential", "steps": [
    { "kind": "Project", "ref": "project", "spec": { "name": "gated", "region": "europe-west", "description": "with ${fn.slice(args.FLAG_TOKEN, 0, 8)}" } },
    { "kind": "Approval", "ref": "gate", "spec": { "amount": 1 } },
    { "kind": "Project", "ref": "behind", "spec": { "name": "behind", "region": "europe-west", "description": "${refs.project.description}" } }
  ] } }
}`

// A run is seen in drawings, by people who approve, on the page of a server and in an
// editor as well.
func TestPlantedSecretsAreInNoView(t *testing.T) {
	p := newPlantation(t)
	p.set()
	p.write("gated.json", approvedTemplate)
	fail := "once=1:cannot start with " + plants["flag"] + " in " + url.QueryEscape(plants["file"])
	p.must("", append([]string{"run", "--fail", fail}, plantedRun()...)...)
	p.learn()
	for format := range graphFormats {
		p.must("", "graph", "planted.json", "--run", "latest", "--format", format)
	}
	if code := p.run("", "run", "gated.json", "--wait=no", "--arg", "FLAG_TOKEN="+plants["flag"]); code != exitNeedsPerson {
		t.Fatalf("the run does not wait for people: exit code %d", code)
	}
	p.must("", "approve", "latest", "gate", "--reason", "since it is "+plants["flag"])
	p.must("", "show", "latest", "--json")
	p.page()
	p.editor()
	p.read("in the end")
	p.search()
}

// page reads all that the page of a server shows of the runs.
func (p *plantation) page() {
	p.t.Helper()
	c := &command{state: filepath.Join(p.dir, "state")}
	store, err := c.openState(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	shown := page.New(servedRuns{c, store})
	defer shown.Close()
	get := func(at string) string {
		p.t.Helper()
		answer := httptest.NewRecorder()
		shown.ServeHTTP(answer, httptest.NewRequestWithContext(p.t.Context(), http.MethodGet, at, nil))
		if answer.Code != http.StatusOK {
			p.t.Errorf("GET %s: %d %s", at, answer.Code, answer.Body)
		}
		p.written["the page at "+at] = answer.Body.String()
		return answer.Body.String()
	}
	get("/page/runs")
	runs, err := servedRuns{c, store}.List(p.t.Context(), history.Filter{Limit: 10})
	if err != nil || len(runs) != 2 {
		p.t.Fatalf("%d runs, %v", len(runs), err)
	}
	for _, run := range runs {
		at := "/page/runs/" + run.ID
		for _, part := range []string{"", "/graph", "/changes"} {
			get(at + part)
		}
		view, err := engine.View(p.t.Context(), store, run.ID)
		if err != nil {
			p.t.Fatal(err)
		}
		for i := range view.Nodes {
			get(at + "/node?path=" + url.QueryEscape(view.Nodes[i].Path))
		}
	}
}

// editor has a language server plan the template and tell of its run.
func (p *plantation) editor() {
	p.t.Helper()
	given := []string{"NF_ARG_FLAG_TOKEN=" + plants["flag"], "NF_ARG_FILE_PASSWORD=" + plants["file"], "NF_ARG_DECLARED=" + plants["declared"], "NF_ARG_NEUTRAL=" + plants["neutral"]}
	for _, e := range slices.Concat(p.env, given) {
		if name, value, _ := strings.Cut(e, "="); strings.HasPrefix(name, "NF_") {
			p.t.Setenv(name, value)
		}
	}
	e := openEditor(p.t, p.program, filepath.Join(p.dir, "planted.json"))
	order := func(command string, more ...any) string {
		return e.request("workspace/executeCommand", map[string]any{"command": command, "arguments": append([]any{e.uri}, more...)})
	}
	var plan struct{ Nodes []engine.Planned }
	if answer := order("nf.plan"); json.Unmarshal([]byte(answer), &plan) != nil || len(plan.Nodes) < 9 {
		p.t.Errorf("the plan is %s", answer)
	}
	e.learnRun()
	for _, at := range []string{`${refs.db.i`, `${refs.job.i`, `${refs.linked.addonSecrets.0.variables.DATABASE_UR`, `${refs.group.secrets.variables.WHOL`, `"ref": "onc`, `"ref": "we`, `${args.FLAG_TOKE`} {
		e.hover(at)
	}
	order("nf.graph", map[string]any{"format": "mermaid"})
	p.written["what the language server said"] = e.said.String()
}
