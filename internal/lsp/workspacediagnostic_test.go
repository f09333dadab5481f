package lsp_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.lsp.dev/uri"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/lsp"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// surveying are the capabilities of a client that asks about the workspace.
const surveying = `{"workspace":{"workspaceFolders":true,"diagnostics":{"refreshSupport":true}},"textDocument":{"diagnostic":{}}}`

const watching = `{"workspace":{"workspaceFolders":true,"diagnostics":{"refreshSupport":true},"didChangeWatchedFiles":{"dynamicRegistration":true}},"textDocument":{"diagnostic":{}}}`

type workspaceItem struct {
	Kind, URI, ResultID string
	Version             *int
	Items               []finding
}

// survey is a client that asks about the workspace again and again.
type survey struct {
	*session
	root string
	had  map[string]string
}

// newSurvey opens a workspace of these files.
func newSurvey(t *testing.T, opts lsp.Options, capabilities string, files map[string]string) *survey {
	t.Helper()
	v := &survey{root: t.TempDir(), had: map[string]string{}}
	for name, text := range files {
		v.write(t, name, text)
	}
	v.session = dial(t, opts)
	v.request("initialize", fmt.Sprintf(`{"processId":null,"workspaceFolders":[{"uri":%s,"name":"w"}],"capabilities":%s}`, quote(string(uri.File(v.root))), capabilities))
	v.Notify("initialized", `{}`)
	return v
}

func (v *survey) uri(name string) string { return string(uri.File(filepath.Join(v.root, name))) }

func (v *survey) write(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join(v.root, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// ask returns what has changed since the client asked before, as
// "name kind number-of-findings".
func (v *survey) ask() string {
	v.t.Helper()
	var had []map[string]string
	for u, id := range v.had {
		had = append(had, map[string]string{"uri": u, "value": id})
	}
	encoded, err := json.Marshal(had)
	if err != nil {
		v.t.Fatal(err)
	}
	if had == nil {
		encoded = []byte("[]")
	}
	got := decode[struct{ Items []workspaceItem }](v.t, v.request("workspace/diagnostic", fmt.Sprintf(`{"identifier":"northflank","previousResultIds":%s}`, encoded)))
	v.had = map[string]string{}
	var out []string
	for _, i := range got.Items {
		if i.ResultID != "" {
			v.had[i.URI] = i.ResultID
		}
		name := strings.TrimPrefix(i.URI, string(uri.File(v.root))+"/")
		if i.Version != nil {
			name += fmt.Sprintf("@%d", *i.Version)
		}
		out = append(out, fmt.Sprintf("%s %s %d", name, i.Kind, len(i.Items)))
	}
	return strings.Join(out, ", ")
}

func TestWorkspaceDiagnostics(t *testing.T) {
	v := newSurvey(t, lsp.Options{}, surveying, map[string]string{
		"a.json":                   withKind("Nonsense"),
		"deep/er/b.jsonc":          withKind("Workflow"),
		"package.json":             `{"name":"x","kind":"y"}`,
		"broken.json":              `{"kind": `,
		"notes.txt":                withKind("Nonsense"),
		"node_modules/m/c.json":    withKind("Nonsense"),
		".git/d.json":              withKind("Nonsense"),
		".northflank/preview.json": withKind("Absurd"),
	})
	want := func(what, want string) {
		t.Helper()
		if got := v.ask(); got != want {
			t.Errorf("%s: %s, want %s", what, got, want)
		}
	}
	want("at first", ".northflank/preview.json full 1, a.json full 1, deep/er/b.jsonc full 0")
	want("again", ".northflank/preview.json unchanged 0, a.json unchanged 0, deep/er/b.jsonc unchanged 0")
	v.write(t, "deep/er/b.jsonc", withKind("Nonsense"))
	want("a file has changed", "deep/er/b.jsonc full 1, .northflank/preview.json unchanged 0, a.json unchanged 0")
	v.didOpen(v.uri("a.json"), "json", withKind("Workflow"))
	want("a document is open", "a.json@1 full 0, .northflank/preview.json unchanged 0, deep/er/b.jsonc unchanged 0")
	v.Notify("textDocument/didClose", about(v.uri("a.json")))
	if err := os.Remove(filepath.Join(v.root, "deep/er/b.jsonc")); err != nil {
		t.Fatal(err)
	}
	v.write(t, ".northflank/preview.json", `{"name":"no template any more"}`)
	want("closed, removed and replaced", ".northflank/preview.json full 0, a.json full 1, deep/er/b.jsonc full 0")
	want("and then", "a.json unchanged 0")
	v.Notify("workspace/didChangeConfiguration", `{"settings":{"northflank":{"diagnostics":{"severity":{"unknown-kind":"off"}}}}}`)
	v.Send(`{"jsonrpc":"2.0","id":%s,"result":null}`, v.Await("workspace/diagnostic/refresh").ID)
	want("a rule is off", "a.json full 0")
	v.Notify("workspace/didChangeWorkspaceFolders", fmt.Sprintf(`{"event":{"added":[],"removed":[{"uri":%s,"name":"w"}]}}`, quote(string(uri.File(v.root)))))
	want("the folder is closed", "a.json full 0")
	want("for good", "")
}

func TestFilesAreExcludedByPatterns(t *testing.T) {
	v := newSurvey(t, lsp.Options{}, surveying, map[string]string{
		"a.json":               withKind("Nonsense"),
		"fixtures/b.json":      withKind("Nonsense"),
		"fixtures/shop.json":   withKind("Nonsense"),
		"deep/fixtures/c.json": withKind("Nonsense"),
		"deep/d.jsonc":         withKind("Nonsense"),
	})
	set := func(files string) {
		v.Notify("workspace/didChangeConfiguration", `{"settings":{"northflank":{"files":`+files+`}}}`)
		v.Send(`{"jsonrpc":"2.0","id":%s,"result":null}`, v.Await("workspace/diagnostic/refresh").ID)
	}
	if got, want := v.ask(), "a.json full 1, deep/d.jsonc full 1, deep/fixtures/c.json full 1, fixtures/b.json full 1, fixtures/shop.json full 1"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	set(`{"exclude":["/fixtures/*.json","!/fixtures/shop.json","*.jsonc","[",7]}`)
	if got, want := v.ask(), "deep/d.jsonc full 0, fixtures/b.json full 0, a.json unchanged 0, deep/fixtures/c.json unchanged 0, fixtures/shop.json unchanged 0"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	v.didOpen(v.uri("fixtures/b.json"), "json", withKind("Nonsense"))
	if got := v.ask(); !strings.Contains(got, "fixtures/b.json@1 full 1") {
		t.Errorf("what is open is left out: %s", got)
	}
	set(`{"exclude":"fixtures/"}`)
	if got := v.ask(); !strings.Contains(got, "deep/d.jsonc full 1") {
		t.Errorf("what is no list excludes something: %s", got)
	}
}

func TestFilesAreReadOnceAndForeignOnesAreNotAnalysed(t *testing.T) {
	analysed := make(chan string, 100)
	v := newSurvey(t, lsp.Options{Analyse: func(tree *syntax.Tree, prev *analysis.Snapshot, cfg *analysis.Config) *analysis.Snapshot {
		analysed <- tree.Source()
		return analysis.NewSnapshot(tree, prev, cfg)
	}}, surveying, map[string]string{
		"a.json":    withKind("Workflow"),
		"lock.json": `{"packages":{}}`,
		"huge.json": `{"kind":"` + strings.Repeat("x", 9<<20) + `"}`,
	})
	for range 3 {
		v.ask()
	}
	if n := len(analysed); n != 1 {
		t.Errorf("%d texts were analysed, want 1", n)
	}
}

func TestWatchedFiles(t *testing.T) {
	v := newSurvey(t, lsp.Options{}, watching, map[string]string{"a.json": withKind("Nonsense")})
	register := v.Await("client/registerCapability")
	if !strings.Contains(string(register.Params), `"**/*.{json,jsonc}"`) {
		t.Errorf("registered is %s", register.Params)
	}
	v.Send(`{"jsonrpc":"2.0","id":%s,"result":null}`, register.ID)
	changed := func(name string, kind int) {
		v.Notify("workspace/didChangeWatchedFiles", fmt.Sprintf(`{"changes":[{"uri":%s,"type":%d}]}`, quote(v.uri(name)), kind))
	}
	changed("a.json", 2) // nobody has asked yet: nobody has to ask again
	if got := v.ask(); got != "a.json full 1" {
		t.Errorf("at first: %s", got)
	}
	v.write(t, "b.json", withKind("Absurd"))
	for range 5 {
		changed("b.json", 1)
	}
	v.Send(`{"jsonrpc":"2.0","id":%s,"result":null}`, v.Await("workspace/diagnostic/refresh").ID)
	if got := v.ask(); got != "b.json full 1, a.json unchanged 0" {
		t.Errorf("after the change: %s", got)
	}
	v.didOpen(v.uri("b.json"), "json", withKind("Absurd"))
	changed("b.json", 2) // it is open, what the editor has counts
	v.request("shutdown", "null")
	if rest := v.Rest(); len(rest) > 0 {
		t.Errorf("unexpected %s", rest[0].Raw)
	}
}

func TestAskingAboutTheWorkspaceCanBeCancelled(t *testing.T) {
	files := map[string]string{}
	for i := range 20 {
		files[fmt.Sprintf("%d.json", i)] = withKind("Workflow")
	}
	started, release := make(chan struct{}, 100), make(chan struct{})
	v := newSurvey(t, lsp.Options{Analyse: func(tree *syntax.Tree, prev *analysis.Snapshot, cfg *analysis.Config) *analysis.Snapshot {
		started <- struct{}{}
		<-release
		return analysis.NewSnapshot(tree, prev, cfg)
	}}, surveying, files)
	first := v.send("workspace/diagnostic", `{"previousResultIds":[]}`)
	<-started
	second := v.send("workspace/diagnostic", `{"previousResultIds":[]}`)
	v.Notify("$/cancelRequest", `{"id":`+second+`}`)
	wantError(t, v.Reply(second), -32800, "")
	v.Notify("$/cancelRequest", `{"id":`+first+`}`)
	v.request("textDocument/hover", at(docURI, 0, 0)) // the cancellation has been read
	close(release)
	wantError(t, v.Reply(first), -32800, "")
	if n := len(started); n > 3 {
		t.Errorf("%d more files were looked at", n)
	}
	if got := strings.Count(v.ask(), "full 0"); got != 20 {
		t.Errorf("afterwards %d files are told of", got)
	}
}

// TestAWorkspaceOfManyFolders opens two folders, one of which lies in a third that
// comes later: each file is told of once, whatever folders it lies in, and for
// good only when the last of them has gone.
func TestAWorkspaceOfManyFolders(t *testing.T) {
	v := &survey{root: t.TempDir(), had: map[string]string{}}
	for _, name := range []string{"shop/a.json", "shop/inner/b.json", "site/c.json", "elsewhere/d.json"} {
		v.write(t, name, withKind("Nonsense"))
	}
	v.session = dial(t, lsp.Options{})
	// The root of older clients is one of the folders, and no other.
	v.request("initialize", fmt.Sprintf(`{"processId":null,"rootUri":%[1]s,"workspaceFolders":[{"uri":%[2]s,"name":"inner"},{"uri":%[3]s,"name":"site"}],"capabilities":%[4]s}`,
		quote(v.uri("elsewhere")), quote(v.uri("shop/inner")), quote(v.uri("site")), surveying))
	v.Notify("initialized", `{}`)
	want := func(what, want string) {
		t.Helper()
		if got := v.ask(); !sameWords(got, want) {
			t.Errorf("%s: %s, want %s", what, got, want)
		}
	}
	folders := func(what, name string) {
		added, removed := "", fmt.Sprintf(`{"uri":%s,"name":"x"}`, quote(v.uri(name)))
		if what == "added" {
			added, removed = removed, added
		}
		v.Notify("workspace/didChangeWorkspaceFolders", `{"event":{"added":[`+added+`],"removed":[`+removed+`]}}`)
	}
	want("two folders", "shop/inner/b.json full 1, site/c.json full 1")
	folders("added", "shop")
	want("one around one of them", "shop/a.json full 1, shop/inner/b.json unchanged 0, site/c.json unchanged 0")
	folders("removed", "shop/inner")
	want("the inner one has gone", "shop/a.json unchanged 0, shop/inner/b.json unchanged 0, site/c.json unchanged 0")
	folders("removed", "site")
	want("another has gone", "shop/a.json unchanged 0, shop/inner/b.json unchanged 0, site/c.json full 0")
	folders("removed", "shop")
	want("all have gone", "shop/a.json full 0, shop/inner/b.json full 0")
	want("for good", "")
}

func TestTheRootOfAnOlderClientIsItsWorkspace(t *testing.T) {
	v := &survey{root: t.TempDir(), had: map[string]string{}}
	v.write(t, "a.json", withKind("Nonsense"))
	v.session = dial(t, lsp.Options{})
	v.request("initialize", fmt.Sprintf(`{"processId":null,"rootUri":%s,"workspaceFolders":null,"capabilities":%s}`, quote(string(uri.File(v.root))), surveying))
	if got := v.ask(); got != "a.json full 1" {
		t.Errorf("told of is %s", got)
	}
}
