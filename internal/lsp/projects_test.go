package lsp_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.lsp.dev/uri"

	"github.com/nf-lsp/nf-lsp/internal/lsp"
	"github.com/nf-lsp/nf-lsp/internal/lsp/lsptest"
)

// quiet are settings that switch off what withKind makes a finding of.
const quiet = `{"diagnostics": {"severity": {"unknown-kind": "off"}}}`

const settingsName = ".northflank/settings.json"

// refreshed answers the server's request to ask for findings again.
func (v *survey) refreshed() {
	v.t.Helper()
	v.Send(`{"jsonrpc":"2.0","id":%s,"result":null}`, v.Await("workspace/diagnostic/refresh").ID)
}

func (v *survey) pulled(name string) string {
	v.t.Helper()
	var codes []string
	for _, f := range v.pull(v.uri(name)).Items {
		codes = append(codes, f.Code)
	}
	return strings.Join(codes, " ")
}

// becomes waits until the document has the findings, as codes with levels.
func (v *survey) becomes(what, name, want string) {
	v.t.Helper()
	for deadline := time.Now().Add(lsptest.Patience); ; time.Sleep(time.Millisecond) {
		var found []string
		for _, f := range v.pull(v.uri(name)).Items {
			found = append(found, fmt.Sprintf("%s=%d", f.Code, f.Severity))
		}
		if got := strings.Join(found, " "); got == want {
			return
		} else if time.Now().After(deadline) {
			v.t.Fatalf("%s: %s has %s, want %s", what, name, got, want)
		}
	}
}

func (v *survey) changed(name string) {
	v.t.Helper()
	v.Notify("workspace/didChangeWatchedFiles", fmt.Sprintf(`{"changes":[{"uri":%s,"type":2}]}`, quote(v.uri(name))))
}

func TestTheSettingsOfTheProjectHoldForOpenDocuments(t *testing.T) {
	v := newSurvey(t, lsp.Options{PushDelay: time.Millisecond}, surveying, map[string]string{".git/config": "", settingsName: quiet, "deep/er/a.json": withKind("Nonsense")})
	v.didOpen(v.uri("deep/er/a.json"), "json", withKind("Nonsense"))
	if got := v.pulled("deep/er/a.json"); got != "" {
		t.Errorf("found %s", got)
	}
	if got := v.ask(); got != "deep/er/a.json@1 full 0, .northflank/settings.json full 0" && got != ".northflank/settings.json full 0, deep/er/a.json@1 full 0" {
		t.Errorf("in the workspace: %s", got)
	}
	v.write(t, settingsName, `{"diagnostics": {"severity": {"unknown-kind": "hint"}}}  `)
	v.changed(settingsName)
	v.refreshed()
	v.becomes("after the change", "deep/er/a.json", "unknown-kind=4")
	if err := os.Remove(filepath.Join(v.root, settingsName)); err != nil {
		t.Fatal(err)
	}
	v.changed(settingsName)
	v.refreshed()
	v.becomes("when they are gone", "deep/er/a.json", "unknown-kind=1")
	// Saving is enough where nobody watches.
	v.write(t, "deep/"+settingsName, quiet)
	v.Notify("textDocument/didSave", about(v.uri("deep/er/a.json")))
	v.becomes("with nearer settings", "deep/er/a.json", "")
	// A change of other files changes no settings.
	v.changed("deep/er/b.json")
	v.request("shutdown", "null")
	for _, m := range v.Rest() {
		if m.Method != "workspace/diagnostic/refresh" {
			t.Errorf("unexpected %s", m.Raw)
		}
	}
}

func TestTheProjectStandsOverTheEditor(t *testing.T) {
	v := newSurvey(t, lsp.Options{}, surveying, map[string]string{".git/config": "", settingsName: `{"diagnostics": {"severity": {"unknown-kind": "information"}}}`})
	text := strings.Replace(withKind("Nonsense"), `"v1.2"`, `"v1"`, 1)
	v.didOpen(v.uri("a.json"), "json", text)
	v.didOpen("untitled:a", "json", text)
	v.Notify("workspace/didChangeConfiguration", `{"settings":{"northflank":{"diagnostics":{"severity":{"unknown-kind":"warning","deprecated-form":"error"}}}}}`)
	v.refreshed()
	for uri, want := range map[string]string{v.uri("a.json"): "deprecated-form=1 unknown-kind=3", "untitled:a": "deprecated-form=1 unknown-kind=2"} {
		var got []string
		for _, f := range v.pull(uri).Items {
			got = append(got, fmt.Sprintf("%s=%d", f.Code, f.Severity))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %s, want %s", uri, got, want)
		}
	}
}

func TestOpenSettingsCountAsTheEditorHasThem(t *testing.T) {
	v := newSurvey(t, lsp.Options{PushDelay: time.Millisecond}, surveying, map[string]string{".git/config": "", settingsName: quiet})
	v.didOpen(v.uri("a.json"), "json", withKind("Nonsense"))
	if got := v.pulled("a.json"); got != "" {
		t.Errorf("at first: %s", got)
	}
	v.didOpen(v.uri(settingsName), "jsonc", quiet) // as it is on disk: nobody has to ask again
	v.didChange(v.uri(settingsName), 2, "", `{}`)
	v.refreshed()
	if got := v.pulled("a.json"); got != "unknown-kind" {
		t.Errorf("with the settings emptied: %s", got)
	}
	// While it is half typed, what was there last counts, and the mistake is told.
	v.didChange(v.uri(settingsName), 3, "", `{"diagnostics": {"severity": {"unknown-kind": "off"`)
	if got := v.pulled(settingsName); !strings.HasPrefix(got, "invalid-settings") {
		t.Errorf("half typed they have %s", got)
	}
	if got := v.pulled("a.json"); got != "unknown-kind" {
		t.Errorf("half typed they hide: %s", got)
	}
	v.didChange(v.uri(settingsName), 4, "", quiet)
	v.refreshed()
	if got := v.pulled("a.json"); got != "" {
		t.Errorf("typed to the end: %s", got)
	}
	v.didChange(v.uri(settingsName), 5, "", `{ }`)
	v.refreshed()
	v.Notify("textDocument/didClose", about(v.uri(settingsName)))
	v.refreshed()
	if got := v.pulled("a.json"); got != "" {
		t.Errorf("closed unsaved, the file counts: %s", got)
	}
	// Nothing else of the server speaks about settings.
	v.didOpen(v.uri(settingsName), "json", `{"diagnostics": {"severity": {"unknown-kind": ""}}}`)
	for _, method := range []string{"textDocument/hover", "textDocument/completion", "textDocument/definition"} {
		if got := string(v.request(method, at(v.uri(settingsName), 0, 20))); got != "null" && got != "[]" && !strings.Contains(got, `"items":[]`) {
			t.Errorf("%s: %s", method, got)
		}
	}
}

func TestMistakesInSettingsArePublishedToClientsThatDoNotAsk(t *testing.T) {
	v := newSurvey(t, lsp.Options{PushDelay: time.Millisecond}, `{"workspace":{"workspaceFolders":true}}`, map[string]string{".git/config": "", settingsName: `{"diagnostics": {"severity": {"unknown-kind": "of"}}}`})
	// What is sent again on the way does not matter.
	await := func(name string, findings int) published {
		t.Helper()
		for {
			if p := v.awaitPublished(); p.URI == v.uri(name) && len(p.Diagnostics) == findings {
				return p
			}
		}
	}
	v.didOpen(v.uri("a.json"), "json", withKind("Nonsense"))
	if p := await(settingsName, 1); p.Diagnostics[0].Code != "invalid-settings" || p.Version != nil {
		t.Errorf("published is %+v", p)
	}
	await("a.json", 1)
	// A second template does not repeat it.
	v.didOpen(v.uri("b.json"), "json", withKind("Nonsense"))
	if p := v.awaitPublished(); p.URI != v.uri("b.json") {
		t.Errorf("published is %+v", p)
	}
	v.write(t, settingsName, quiet)
	v.changed(settingsName)
	await(settingsName, 0)
	await("a.json", 0)
	// Open, they are told of as a document.
	v.didOpen(v.uri(settingsName), "json", `{"diagnostics": []}`)
	await(settingsName, 1)
	v.Notify("textDocument/didClose", about(v.uri(settingsName)))
	await(settingsName, 0)
	// Broken and then gone.
	v.write(t, settingsName, `{"diagnostics": `)
	v.changed(settingsName)
	await(settingsName, 1)
	if err := os.Remove(filepath.Join(v.root, settingsName)); err != nil {
		t.Fatal(err)
	}
	v.changed(settingsName)
	await(settingsName, 0)
}

func TestMistakesInSettingsAboveTheWorkspaceArePublishedToClientsThatAskToo(t *testing.T) {
	root := t.TempDir()
	write := func(text string) {
		t.Helper()
		for name, text := range map[string]string{".git/config": "", settingsName: text, "deep/a.json": withKind("Nonsense")} {
			path := filepath.Join(root, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	write(`{"diagnostics": {"severity": {"unknown-kind": "of"}}}`)
	u := func(name string) string { return string(uri.File(filepath.Join(root, name))) }
	s := dial(t, lsp.Options{PushDelay: time.Millisecond})
	s.request("initialize", fmt.Sprintf(`{"processId":null,"workspaceFolders":[{"uri":%q,"name":"deep"}],"capabilities":%s}`, u("deep"), surveying))
	s.Notify("initialized", `{}`)
	await := func(what string, findings int) {
		t.Helper()
		for range 5 { // what is sent again on the way does not matter
			if p := s.awaitPublished(); p.URI == u(settingsName) && len(p.Diagnostics) == findings {
				return
			}
		}
		t.Errorf("%s: %d findings are not published", what, findings)
	}
	s.didOpen(u("deep/a.json"), "json", withKind("Nonsense"))
	await("when a template is opened", 1)
	s.didOpen(u(settingsName), "json", `{"diagnostics": []}`)
	await("when they are opened", 0)
	if got := s.pull(u(settingsName)); len(got.Items) != 1 {
		t.Errorf("open they have %+v", got)
	}
	s.Notify("textDocument/didClose", about(u(settingsName)))
	await("when they are closed", 1)
	write(quiet + "  ")
	s.Notify("textDocument/didSave", about(u("deep/a.json")))
	await("when they are mended", 0)
}

func TestSettingsAreWatched(t *testing.T) {
	v := newSurvey(t, lsp.Options{}, `{"workspace":{"didChangeWatchedFiles":{"dynamicRegistration":true}}}`, nil)
	register := v.Await("client/registerCapability")
	if !strings.Contains(string(register.Params), `"**/.northflank/settings.json"`) {
		t.Errorf("registered is %s", register.Params)
	}
}

// suppressing are the capabilities of a client that cannot make files.
const suppressing = `{"workspace":{"workspaceFolders":true,"workspaceEdit":{"documentChanges":true}},"textDocument":{"diagnostic":{},
	"codeAction":{"codeActionLiteralSupport":{"codeActionKind":{"valueSet":["quickfix"]}}}}}`

// suppress returns the edit of the action with the title in the document a.json.
func (v *survey) suppress(title string) (target string, version *int, edits []textEdit) {
	v.t.Helper()
	for _, a := range v.codeActions(v.uri("a.json"), "0:0-99:0", `"quickfix"`) {
		if a.Title == title {
			if len(a.Edit.DocumentChanges) != 1 || a.IsPreferred {
				v.t.Fatalf("the action is %+v", a)
			}
			c := a.Edit.DocumentChanges[0]
			return strings.TrimPrefix(c.TextDocument.URI, v.uri("")+"/"), c.TextDocument.Version, c.Edits
		}
	}
	return "", nil, nil
}

func TestSuppressionsAreWrittenIntoTheSettingsOfTheProject(t *testing.T) {
	const title = "Suppress unknown-kind at this node"
	tests := []struct {
		name   string
		files  map[string]string
		target string // empty: none is offered
	}{
		{"there are none", map[string]string{".git/config": ""}, settingsName},
		{"there is no repository", nil, settingsName},
		{"they are there", map[string]string{".git/config": "", settingsName: "{\r\n  // ours\r\n  \"diagnostics\": {}\r\n}\r\n"}, settingsName},
		{"they are empty", map[string]string{".git/config": "", settingsName: ""}, settingsName},
		{"they are broken", map[string]string{".git/config": "", settingsName: `{"diagnostics": {`}, ""},
		{"something else is there", map[string]string{".git/config": "", settingsName: `{"diagnostics": {"suppressions": 1}}`}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := newSurvey(t, lsp.Options{}, suppressing, tt.files)
			v.didOpen(v.uri("a.json"), "json", withKind("Nonsense"))
			target, version, edits := v.suppress(title)
			if target != tt.target || version != nil {
				t.Fatalf("it is written to %q, version %v", target, version)
			}
			if target == "" {
				return
			}
			text := applied(t, tt.files[target], edits)
			v.write(t, target, text)
			v.Notify("textDocument/didSave", about(v.uri("a.json")))
			v.becomes("with "+text, "a.json", "")
		})
	}
}

func TestSuppressingIsOfferedWhereItMakesSense(t *testing.T) {
	v := newSurvey(t, lsp.Options{}, suppressing, nil)
	titles := func(uri, text string) string {
		t.Helper()
		v.didOpen(uri, "json", text)
		defer v.Notify("textDocument/didClose", about(uri))
		var out []string
		for _, a := range v.codeActions(uri, "0:0-99:0", "") {
			if rest, ok := strings.CutPrefix(a.Title, "Suppress "); ok {
				out = append(out, rest)
			}
		}
		return strings.Join(out, ", ")
	}
	const two = `{"apiVersion":"v1.2","name":"Shop","arguments":{"A":"a"},"project":{"id":"shop"},"spec":{"kind":"Workflow","spec":{"type":"sequential","steps":[
		{"kind":"Volume","ref":"one","spec":{"name":"one","x":1,"y":2}},{"kind":"Volume","ref":"one","spec":{"name":"two","x":1}}]}}}`
	if got, want := titles(v.uri("a.json"), two), "unused-argument for /arguments/A, unused-argument in this file, "+
		"duplicate-ref at this node, duplicate-ref in this file, unknown-property at this node, unknown-property in this file, unknown-property at this node"; !sameWords(got, want) {
		t.Errorf("offered are %s", got)
	}
	if got := titles(v.uri("a.json"), `{"apiVersion":"v1.2","name":"Shop","spec":{"kind":"Workflow","spec":{"type":"sequential","steps":[]}}`); strings.Contains(got, "syntax-error") {
		t.Errorf("for broken text: %s", got)
	}
	if got := titles("untitled:a.json", two); got != "" {
		t.Errorf("in no file: %s", got)
	}
	if got := titles(v.uri("b.json"), `{"name": nonsense,,}`); got != "" {
		t.Errorf("in foreign JSON: %s", got)
	}
}

// sameWords compares lists without regard to their order.
func sameWords(a, b string) bool {
	count := map[string]int{}
	for _, s := range strings.Split(a, ", ") {
		count[s]++
	}
	for _, s := range strings.Split(b, ", ") {
		count[s]--
	}
	for _, n := range count {
		if n != 0 {
			return false
		}
	}
	return true
}

func TestASuppressionTakesItsFindingAwayAndNoOther(t *testing.T) {
	const text = `{"apiVersion":"v1.2","name":"Shop","project":{"id":"shop"},"spec":{"kind":"Workflow","spec":{"type":"sequential","steps":[
		{"kind":"Volume","ref":"one","spec":{"name":"one","x":1}},{"kind":"Volume","ref":"two","spec":{"name":"two","x":1}},{"kind":"Nonsense"}]}}}`
	const ours = "{\n  // ours\n  \"diagnostics\": {\n    \"severity\": { \"unused-ref\": \"off\" }\n  }\n}\n"
	v := newSurvey(t, lsp.Options{}, suppressing, map[string]string{".git/config": "", settingsName: ours})
	v.didOpen(v.uri("a.json"), "json", text)
	codes := func() string {
		t.Helper()
		n := map[string]int{}
		for _, f := range v.pull(v.uri("a.json")).Items {
			n[f.Code]++
		}
		return fmt.Sprint(n)
	}
	before := codes()
	if !strings.Contains(before, "unknown-property:2") || !strings.Contains(before, "unknown-kind:1") {
		t.Fatalf("the findings are %s", before)
	}
	for _, tt := range []struct{ title, left string }{
		{"Suppress unknown-property for the node one", " unknown-property:1"},
		{"Suppress unknown-property in this file", ""},
	} {
		_, _, edits := v.suppress(tt.title)
		if edits == nil {
			t.Fatalf("%q is not offered", tt.title)
		}
		settings := applied(t, ours, edits)
		if !strings.Contains(settings, "// ours") || !strings.Contains(settings, `"severity": { "unused-ref": "off" }`) {
			t.Errorf("%q makes of the settings\n%s", tt.title, settings)
		}
		v.write(t, settingsName, settings)
		v.Notify("textDocument/didSave", about(v.uri("a.json")))
		want := strings.Replace(before, " unknown-property:2", tt.left, 1)
		becomes(t, fmt.Sprintf("%q leaves %s", tt.title, want), func() bool { return codes() == want })
		v.write(t, settingsName, ours)
		v.Notify("textDocument/didSave", about(v.uri("a.json")))
		becomes(t, "all are there again", func() bool { return codes() == before })
	}
}
