package lsp_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.lsp.dev/uri"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/fuzzing"
	"github.com/nf-lsp/nf-lsp/internal/lsp"
	"github.com/nf-lsp/nf-lsp/internal/lsp/lsptest"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// FuzzServer plays sessions of random edits of several documents, requests of
// every method, cancellations, settings, files that change and garbage. However
// they go: no panic, one reply to each request, answers about the text of their
// moment, and an orderly end that leaves nothing behind.
func FuzzServer(f *testing.F) {
	fuzzing.KeepMoving(f)
	f.Add([]byte("open, type, ask, leave"), uint8(1))
	f.Add([]byte{0, 30, 0, 0, 0, 0, 1, 8, 9, 2, 8, 9, 3, 0, 9, 1, 4, 1, 5, 3, 6, 0, 7, 2, 1, 30, 9, 1, 1}, uint8(0))
	f.Add([]byte(strings.Repeat("\x00\x12\x03\x07\x01\x02\x05", 40)), uint8(2))
	f.Fuzz(func(t *testing.T, script []byte, client uint8) {
		if len(script) > 2000 {
			t.Skip()
		}
		playRandomly(t, script, client)
	})
}

func TestRandomSessions(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for i := range 30 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			script := make([]byte, 600)
			for i := range script {
				script[i] = byte(rng.Uint32())
			}
			playRandomly(t, script, uint8(i))
		})
	}
}

// fragments are what random edits insert.
var fragments = []string{
	"", "{", "}", "[", "]", ",", ":", `"`, "\\", "\n", "\r\n", "\r", " ", "é", "😀", "\x00", "//", "/*", "\u2028", "e\u0301", "\ufeff",
	`"kind": "Project"`, `"kind": "`, `"ref": "a"`, `"spec": {`, `"steps": [`, `"arguments": {"A": 1}`, `{"kind":"Addon","ref":"a","spec":{"name":"a b"}}`,
	"${", "${refs.", "refs.a.id", "args.A", "fn.if(", "fn.eq(args.A, 'x')", ")", "'", ".", "}", "${{ x }}", `\${`, `\ud83d`, `\ude00`,
	withKind("Workflow"), withKind("Nonsense"),
}

// randomClients are the capabilities of clients that differ in what the server
// does by itself.
var randomClients = []string{
	`{}`,
	modern,
	`{"general":{"positionEncodings":["utf-8"]},"workspace":{"textDocumentContent":{},"workspaceFolders":true,"configuration":true,"didChangeConfiguration":{"dynamicRegistration":true},"didChangeWatchedFiles":{"dynamicRegistration":true},
		"diagnostics":{"refreshSupport":true},"inlayHint":{"refreshSupport":true},"codeLens":{"refreshSupport":true},"executeCommand":{},"workspaceEdit":{"documentChanges":true}},
		"window":{"workDoneProgress":true},"textDocument":{"diagnostic":{},"codeAction":{"codeActionLiteralSupport":{},"resolveSupport":{"properties":["edit"]},"dataSupport":true},"semanticTokens":{},"inlayHint":{},"codeLens":{}}}`,
	`{"workspace":{"configuration":true},"textDocument":{"publishDiagnostics":{"versionSupport":true}}}`,
}

// randomSession is a session that follows a script of bytes.
type randomSession struct {
	*session
	script  []byte
	root    string
	utf8    bool
	docs    []*randomDocument
	config  *analysis.Config // nil where the client's settings are not known
	asked   []randomQuestion
	refused int
}

type randomDocument struct {
	uri, text string
	version   int
	open      bool
}

// randomQuestion is a request without a reply yet, with what it is about.
type randomQuestion struct {
	id     string
	text   string
	open   bool
	config *analysis.Config
}

func playRandomly(t *testing.T, script []byte, client uint8) {
	capabilities := randomClients[int(client)%len(randomClients)]
	r := &randomSession{session: dial(t, pushSoon), script: script, root: t.TempDir(), utf8: strings.Contains(capabilities, "utf-8"), config: new(analysis.Config)}
	folder := string(uri.File(r.root))
	r.request("initialize", fmt.Sprintf(`{"processId":null,"workspaceFolders":[{"uri":%q,"name":"w"}],"capabilities":%s}`, folder, capabilities))
	r.Notify("initialized", `{}`)
	r.docs = []*randomDocument{
		{uri: docURI, text: "{\n}"},
		{uri: folder + "/a b.json", text: withKind("Workflow")},
		{uri: "untitled:Untitled-1"},
	}
	for _, d := range r.docs {
		r.open(d)
	}
	for len(r.script) > 0 {
		r.act()
	}
	r.leave()
}

// next returns a number below n from the script.
func (r *randomSession) next(n int) int {
	if len(r.script) == 0 {
		return 0
	}
	b := int(r.script[0])
	r.script = r.script[1:]
	return b % n
}

func (r *randomSession) open(d *randomDocument) {
	d.version, d.open = 1, true
	r.didOpen(d.uri, "json", d.text)
}

func (r *randomSession) act() {
	d := r.docs[r.next(len(r.docs))]
	switch action := r.next(24); {
	case action < 9:
		r.edit(d)
	case action < 13:
		name := randomMethods[r.next(len(randomMethods))]
		r.asked = append(r.asked, randomQuestion{id: r.send(name, r.parameters(name, d))})
	case action < 16:
		q := randomQuestion{text: d.text, open: d.open, config: r.config}
		q.id = r.send("textDocument/diagnostic", about(d.uri))
		r.asked = append(r.asked, q)
	case action == 16:
		r.Notify("$/cancelRequest", fmt.Sprintf(`{"id":%d}`, max(1, r.ids-r.next(4))))
	case action == 17:
		r.garbage()
	case action == 18:
		r.configure()
	case action == 19 && d.open:
		d.open = false
		r.Notify("textDocument/didClose", about(d.uri))
	case action == 19, action == 20:
		r.open(d) // again, maybe
	case action == 21:
		r.files(d)
	case action == 22:
		for _, m := range r.Requests() {
			answer := []string{`"result":null`, `"result":[{"diagnostics":{}}]`, `"error":{"code":-32601,"message":"no"}`, `"result":7`}[r.next(4)]
			r.Send(`{"jsonrpc":"2.0","id":%s,%s}`, m.ID, answer)
			r.config = nil // it may have been asked for the settings
		}
	default:
		r.Notify(otherNotifications[r.next(len(otherNotifications))], `{"textDocument":{"uri":"`+docURI+`"},"token":"x","value":"off"}`)
	}
}

func (r *randomSession) edit(d *randomDocument) {
	if !d.open {
		return
	}
	line, character := r.next(8), r.next(40)
	l2, c2 := line+r.next(2), character+r.next(12)
	insert := fragments[r.next(len(fragments))]
	offset := naiveOffset
	if r.utf8 {
		offset = naiveByteOffset
	}
	start, end := offset(d.text, line, character), offset(d.text, l2, c2)
	if end < start {
		start, end = end, start
	}
	d.text = d.text[:start] + insert + d.text[end:]
	d.version++
	r.didChange(d.uri, d.version, fmt.Sprintf("%d:%d-%d:%d", line, character, l2, c2), insert)
}

// parameters fit every method: each reads what it needs, and only a command is
// something else in others.
func (r *randomSession) parameters(name string, d *randomDocument) string {
	command := ""
	if name == "workspace/executeCommand" {
		command = fmt.Sprintf(`"command":%q,"arguments":[%s],`, randomCommands[r.next(len(randomCommands))], quote(d.uri))
	}
	line, character, size := r.next(8), r.next(40), r.next(30)
	at := fmt.Sprintf(`{"line":%d,"character":%d}`, line, character)
	return fmt.Sprintf(`{"textDocument":{"uri":%s},"position":%s,"positions":[%s],"range":{"start":%s,"end":{"line":%d,"character":%d}},
		"newName":%q,"query":"a","ch":"}","options":{"tabSize":2,"insertSpaces":true},"previousResultId":"1-%d","previousResultIds":[{"uri":%s,"value":"x"}],
		"context":{"includeDeclaration":true,"diagnostics":[],"triggerKind":1},"title":"t",%s"uri":"northflank-schema:/nodes/Addon.json",
		"data":{"uri":%s,"version":%d,"start":%d,"end":%d,"id":"sort-node"}}`,
		quote(d.uri), at, at, at, line+size/20, character+size, []string{"b", "a b", "", "😀"}[r.next(4)], size, quote(d.uri), command, quote(d.uri), d.version, character, character+size)
}

func (r *randomSession) garbage() {
	r.refused++
	n := r.next(40)
	switch r.next(4) {
	case 0:
		r.Raw("noise " + strings.Repeat("x", n) + "\r\n")
	case 1:
		r.Raw(lsptest.Frame(`{"jsonrpc":"2.0","id":1,` + fragments[r.next(len(fragments))]))
	case 2:
		r.Raw(lsptest.Frame("[" + strings.Repeat("1,", n) + "1]"))
	case 3:
		r.Raw(fmt.Sprintf("Content-Length: -%d\r\n\r\n", n))
	}
}

func (r *randomSession) configure() {
	level := r.next(3)
	r.Notify("workspace/didChangeConfiguration", fmt.Sprintf(`{"settings":{"diagnostics":{"severity":{"unknown-kind":%q}}}}`, []string{"off", "hint", "?"}[level]))
	if r.config != nil {
		r.config = []*analysis.Config{
			{Severities: map[analysis.Code]analysis.Severity{analysis.CodeUnknownKind: analysis.Off}},
			{Severities: map[analysis.Code]analysis.Severity{analysis.CodeUnknownKind: analysis.Hint}},
			{},
		}[level]
	}
}

// files changes a file beside the editor, or the folders.
func (r *randomSession) files(d *randomDocument) {
	path := filepath.Join(r.root, "f.json")
	u := string(uri.File(path))
	switch kind := 1 + r.next(4); kind {
	case 1, 2:
		if err := os.WriteFile(path, []byte(d.text), 0o644); err != nil {
			r.t.Fatal(err)
		}
		r.Notify("workspace/didChangeWatchedFiles", fmt.Sprintf(`{"changes":[{"uri":%q,"type":%d}]}`, u, kind))
	case 3:
		_ = os.Remove(path)
		r.Notify("workspace/didChangeWatchedFiles", fmt.Sprintf(`{"changes":[{"uri":%q,"type":3}]}`, u))
	case 4:
		change := []string{"added", "removed"}[r.next(2)]
		r.Notify("workspace/didChangeWorkspaceFolders", strings.Replace(fmt.Sprintf(`{"event":{"added":[],"removed":[],%q:[{"uri":%q,"name":"w"}]}}`, change, uri.File(r.root)), `"`+change+`":[],`, "", 1))
	}
}

// leave takes all replies and ends the session.
func (r *randomSession) leave() {
	t := r.t
	for _, q := range r.asked {
		m := r.Reply(q.id)
		method := r.methods[q.id]
		// Cancelled, changed since, and refused with a reason.
		if m.Error != nil && !slices.Contains([]int{-32800, -32801, -32803}, m.Error.Code) {
			t.Errorf("%s failed: %s", method, m.Raw)
		}
		if method == "textDocument/diagnostic" && m.Error == nil && q.config != nil && (q.text != "" || q.open) {
			if got, want := r.places(decode[report](t, m.Result).Items), r.expected(q); got != want {
				t.Errorf("the findings are %s, those of the text of that moment %s:\n%q", got, want, q.text)
			}
		}
	}
	r.request("shutdown", "null")
	r.Notify("exit", "null")
	errors := 0
	for _, m := range r.Ended() {
		if m.IsReply() {
			errors++
			if m.Error == nil || string(m.ID) != "null" {
				t.Errorf("nobody asked for %s", m.Raw)
			}
		}
	}
	// Noise directly behind noise is one run and costs one error.
	if errors > r.refused || r.refused > 0 && errors == 0 {
		t.Errorf("%d pieces of garbage cost %d errors", r.refused, errors)
	}
	if code := <-r.exit; code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func (r *randomSession) places(items []finding) string {
	var out []string
	for _, f := range items {
		out = append(out, f.String())
	}
	return strings.Join(out, ", ")
}

// expected are the findings of a text, worked out without a server.
func (r *randomSession) expected(q randomQuestion) string {
	if !q.open {
		return ""
	}
	encoding := syntax.UTF16
	if r.utf8 {
		encoding = syntax.UTF8
	}
	s := analysis.NewSnapshot(syntax.Parse(q.text), nil, q.config)
	var items []finding
	for _, f := range s.Findings() {
		var i finding
		start, end := s.Tree.Lines().Position(f.Range.Start, encoding), s.Tree.Lines().Position(f.Range.End, encoding)
		i.Range.Start.Line, i.Range.Start.Character = int(start.Line), int(start.Character)
		i.Range.End.Line, i.Range.End.Character = int(end.Line), int(end.Character)
		i.Code = string(f.Code)
		items = append(items, i)
	}
	return r.places(items)
}

// randomMethods are all requests about a document, a place in it, or the
// workspace. What ends a session, and textDocument/diagnostic, have turns of
// their own.
var randomMethods = func() []string {
	var names []string
	for name, isCall := range lsp.Methods() {
		switch name {
		case "initialize", "shutdown", "textDocument/diagnostic":
		default:
			if isCall {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names
}()

// randomCommands are all commands; the documents are in no file, so no run starts.
var randomCommands = []string{"nf.abort", "nf.approve", "nf.check", "nf.graph", "nf.plan", "nf.run", "nf.show", "nf.sync.pull", "nf.sync.push", "nf.sync.resolve", "nf.sync.status"}

// otherNotifications are those without a turn of their own.
var otherNotifications = []string{"$/setTrace", "textDocument/didSave", "window/workDoneProgress/cancel", "northflank/runEnded", "no/such"}

// TestRandomSessionsKnowAllMethods fails where the server has learnt something
// that random sessions do not play.
func TestRandomSessionsKnowAllMethods(t *testing.T) {
	played := slices.Concat(randomMethods, otherNotifications, []string{
		"initialize", "initialized", "shutdown", "exit", "$/cancelRequest", "textDocument/diagnostic",
		"textDocument/didOpen", "textDocument/didChange", "textDocument/didClose",
		"workspace/didChangeConfiguration", "workspace/didChangeWatchedFiles", "workspace/didChangeWorkspaceFolders",
	})
	for name := range lsp.Methods() {
		if !slices.Contains(played, name) {
			t.Errorf("%s is not played", name)
		}
	}
	s := dial(t, lsp.Options{})
	commands := decode[struct {
		Capabilities struct {
			ExecuteCommandProvider struct{ Commands []string }
		}
	}](t, s.request("initialize", `{"processId":null,"capabilities":{"workspace":{"executeCommand":{}}}}`)).Capabilities.ExecuteCommandProvider.Commands
	slices.Sort(commands)
	if !slices.Equal(commands, randomCommands) {
		t.Errorf("the commands are %q, played are %q", commands, randomCommands)
	}
}

// naiveByteOffset is naiveOffset for a client that counts bytes.
func naiveByteOffset(text string, line, character int) int {
	start := naiveOffset(text, line, 0)
	end := start
	for end < len(text) && text[end] != '\r' && text[end] != '\n' {
		end++
	}
	at := min(start+character, end)
	for at > start && at < len(text) && text[at]&0xC0 == 0x80 {
		at--
	}
	return at
}
