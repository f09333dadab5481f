package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/lsp"
	"github.com/nf-lsp/nf-lsp/internal/lsp/lsptest"
)

// An editor has one document open, whose language server starts the program that is
// tested.
type editor struct {
	*lsptest.Client
	t    *testing.T
	uri  string
	text string
	ids  int
	// said is all that the server has sent.
	said strings.Builder
}

// openEditor opens a file. The processes that the server starts have the environment of
// the test.
func openEditor(t *testing.T, program, path string) *editor {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	near, far := net.Pipe()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		lsp.New(lsp.Options{Log: new(lsptest.Log).Logger()}).Run(context.WithoutCancel(t.Context()), far)
	}()
	e := &editor{t: t, uri: (&url.URL{Scheme: "file", Path: path}).String(), text: string(text), Client: lsptest.NewClient(t, near)}
	e.Seen = func(m *lsptest.Message) { fmt.Fprintf(&e.said, "%s\n%s\n%s\n", m.Raw, m.Params, m.Result) }
	t.Cleanup(func() { e.Close(); <-ended })
	e.request("initialize", map[string]any{"capabilities": map[string]any{
		"workspace":    map[string]any{"codeLens": map[string]any{"refreshSupport": true}},
		"textDocument": map[string]any{"hover": map[string]any{"contentFormat": []string{"markdown"}}, "codeLens": map[string]any{}},
	}})
	e.notify("initialized", map[string]any{})
	e.notify("workspace/didChangeConfiguration", map[string]any{"settings": map[string]any{"northflank": map[string]any{"runner": map[string]any{"path": program}}}})
	e.notify("textDocument/didOpen", map[string]any{"textDocument": map[string]any{"uri": e.uri, "languageId": "json", "version": 1, "text": e.text}})
	return e
}

func (e *editor) json(v any) string {
	e.t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		e.t.Fatal(err)
	}
	return string(text)
}

func (e *editor) notify(method string, params any) { e.Notify(method, e.json(params)) }

func (e *editor) request(method string, params any) string {
	e.t.Helper()
	e.ids++
	m := e.Call(e.ids, method, e.json(params))
	if m.Error != nil {
		e.t.Fatalf("%s failed: %s", method, m.Raw)
	}
	return string(m.Result)
}

// learnRun has the server read the newest run, and waits until it knows it.
func (e *editor) learnRun() {
	e.t.Helper()
	e.request("textDocument/codeLens", map[string]any{"textDocument": map[string]any{"uri": e.uri}})
	m := e.Await("workspace/codeLens/refresh")
	e.Send(`{"jsonrpc":"2.0","id":%s,"result":null}`, m.ID)
}

// hover is what is said at the end of a text of the document.
func (e *editor) hover(text string) string {
	e.t.Helper()
	before := e.text[:strings.Index(e.text, text)+len(text)]
	line := before[strings.LastIndex(before, "\n")+1:]
	return e.request("textDocument/hover", map[string]any{"textDocument": map[string]any{"uri": e.uri},
		"position": map[string]any{"line": strings.Count(before, "\n"), "character": len(line)}})
}

// What a run has left is read by the language server from the same history.
func TestARunShowsInTheEditor(t *testing.T) {
	dir, program := t.TempDir(), programFile(t)
	t.Setenv("NF_STATE", filepath.Join(dir, "state"))
	t.Setenv("NF_KEY", "file")
	path := filepath.Join(dir, "shop.json")
	err := os.WriteFile(path, []byte(`{
  "apiVersion": "v1.2", "name": "Shop",
  "spec": { "kind": "Workflow", "spec": { "type": "sequential", "context": { "projectId": "${refs.shop.id}" }, "steps": [
    { "kind": "Project", "ref": "shop", "spec": { "name": "Web Shop", "region": "europe-west", "description": "the first" } },
    { "kind": "LoopWorkflow", "spec": { "iterations": [{ "name": "acme" }, { "name": "globex" }], "steps": [
      { "kind": "SecretGroup", "ref": "group", "spec": { "name": "of ${name}", "secretType": "environment", "priority": 10, "secrets": { "variables": { "A": "b" } } } }
    ] } },
    { "kind": "Action", "ref": "restart", "spec": { "kind": "Service", "spec": { "type": "restart", "data": { "serviceId": "absent-${refs.group.id}" } } } }
  ] } }
}`), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	run := exec.Command(program, "run", path)
	if out, _ := run.CombinedOutput(); run.ProcessState.ExitCode() != exitFailed {
		t.Fatalf("the run has ended with %d:\n%s", run.ProcessState.ExitCode(), out)
	}
	e := openEditor(t, program, path)
	e.learnRun()
	for _, tt := range []struct{ at, want string }{
		{`${refs.sho`, ": success, "},
		{`${refs.shop.i`, "`\\\"web-shop\\\"`"},
		{`absent-${refs.group.i`, "`\\\"of-globex\\\"`"},
		{`"ref": "restar`, "failure"},
	} {
		if got := e.hover(tt.at); !strings.Contains(got, "Last run") || !strings.Contains(got, tt.want) {
			t.Errorf("at %s: %s, want %s", tt.at, got, tt.want)
		}
	}
	for range 10 {
		if said := string(e.Await("textDocument/publishDiagnostics").Params); strings.Contains(said, "failed in run") && strings.Contains(said, "absent-of-globex") {
			return
		}
	}
	t.Error("what it has failed with is no finding")
}
