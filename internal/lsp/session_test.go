package lsp_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/lsp"
	"github.com/nf-lsp/nf-lsp/internal/lsp/lsptest"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// docURI is the document that most tests open.
const docURI = "file:///t.json"

// modern are the capabilities of a client of today that asks for findings.
const modern = `{"textDocument":{
	"diagnostic":{"relatedInformation":true,"tagSupport":{"valueSet":[1,2]},"codeDescriptionSupport":true},
	"completion":{"completionItem":{"snippetSupport":true,"documentationFormat":["markdown"],"preselectSupport":true,"tagSupport":{"valueSet":[1]}}},
	"hover":{"contentFormat":["markdown","plaintext"]}}}`

// session is a server and a client that talk over a pipe.
type session struct {
	*lsptest.Client
	t       *testing.T
	exit    chan int
	ids     int
	methods map[string]string // of the requests, by id
	log     *lsptest.Log
}

// dial starts a server. When the test ends, the client leaves, and the server
// has to end with it and leave nothing behind.
func dial(t *testing.T, opts lsp.Options) *session {
	t.Helper()
	near, far := net.Pipe()
	s := &session{t: t, exit: make(chan int, 1), methods: make(map[string]string), log: new(lsptest.Log)}
	opts.Log = s.log.Logger()
	opts.Version = "test"
	ran := make(chan struct{})
	go func() {
		s.exit <- lsp.New(opts).Run(context.Background(), far)
		close(ran)
	}()
	s.Client = lsptest.NewClient(t, near)
	s.Seen = s.decodable
	t.Cleanup(func() {
		s.Close()
		select {
		case <-ran:
		case <-time.After(lsptest.Patience):
			t.Error("the server does not end when the client has left")
		}
		for _, stack := range lsptest.Leaks("internal/lsp.", "internal/lsp/wire.", "jsonrpc2.", "internal/analysis.", "os/exec.") {
			t.Errorf("left behind:\n%s", stack)
		}
		if !t.Failed() && strings.Contains(s.log.String(), "msg=panic") && !strings.Contains(s.log.String(), provoked) {
			t.Errorf("the server panicked:\n%s", s.log)
		}
	})
	return s
}

// open starts a server for a client with these capabilities and initializes it.
func open(t *testing.T, capabilities string) *session {
	t.Helper()
	return openWith(t, lsp.Options{}, capabilities)
}

func openWith(t *testing.T, opts lsp.Options, capabilities string) *session {
	t.Helper()
	s := dial(t, opts)
	s.request("initialize", `{"processId":null,"rootUri":null,"capabilities":`+capabilities+`}`)
	s.Notify("initialized", `{}`)
	return s
}

// request sends a request and returns its result.
func (s *session) request(method, params string) json.RawMessage {
	s.t.Helper()
	m := s.Reply(s.send(method, params))
	if m.Error != nil {
		s.t.Fatalf("%s failed: %s", method, m.Raw)
	}
	return m.Result
}

// send sends a request and returns its id.
func (s *session) send(method, params string) string {
	s.t.Helper()
	s.ids++
	id := fmt.Sprint(s.ids)
	s.methods[id] = method
	s.Send(`{"jsonrpc":"2.0","id":%s,"method":%q,"params":%s}`, id, method, params)
	return id
}

func (s *session) didOpen(uri, language, text string) {
	s.t.Helper()
	s.Notify("textDocument/didOpen", fmt.Sprintf(`{"textDocument":{"uri":%s,"languageId":%q,"version":1,"text":%s}}`, quote(uri), language, quote(text)))
}

// didChange replaces the text between two positions, "line:character" each, or
// all of it where at is empty.
func (s *session) didChange(uri string, version int, at, text string) {
	s.t.Helper()
	r := ""
	if at != "" {
		r = `"range":` + rangeJSON(s.t, at) + `,`
	}
	s.Notify("textDocument/didChange", fmt.Sprintf(`{"textDocument":{"uri":%s,"version":%d},"contentChanges":[{%s"text":%s}]}`, quote(uri), version, r, quote(text)))
}

// rangeJSON reads "1:2-3:4" as a range.
func rangeJSON(t testing.TB, at string) string {
	t.Helper()
	var l1, c1, l2, c2 uint32
	if _, err := fmt.Sscanf(at, "%d:%d-%d:%d", &l1, &c1, &l2, &c2); err != nil {
		t.Fatalf("range %q: %v", at, err)
	}
	return fmt.Sprintf(`{"start":{"line":%d,"character":%d},"end":{"line":%d,"character":%d}}`, l1, c1, l2, c2)
}

func about(uri string) string { return `{"textDocument":{"uri":` + quote(uri) + `}}` }

func at(uri string, line, character int) string {
	return fmt.Sprintf(`{"textDocument":{"uri":%s},"position":{"line":%d,"character":%d}}`, quote(uri), line, character)
}

func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// report is a reply to textDocument/diagnostic.
type report struct {
	Kind     string
	ResultID string
	Items    []finding
}

type finding struct {
	Range struct {
		Start, End struct{ Line, Character int }
	}
	Severity           int
	Code               string
	CodeDescription    struct{ Href string }
	Source             string
	Message            string
	Tags               []int
	RelatedInformation []struct {
		Location struct{ URI string }
		Message  string
	}
}

func (f finding) String() string {
	return fmt.Sprintf("%d:%d-%d:%d %s", f.Range.Start.Line, f.Range.Start.Character, f.Range.End.Line, f.Range.End.Character, f.Code)
}

func (s *session) pull(uri string) report {
	s.t.Helper()
	return decode[report](s.t, s.request("textDocument/diagnostic", about(uri)))
}

// published is what textDocument/publishDiagnostics carries.
type published struct {
	URI         string
	Version     *int
	Diagnostics []finding
}

func (s *session) awaitPublished() published {
	s.t.Helper()
	return decode[published](s.t, s.Await("textDocument/publishDiagnostics").Params)
}

func decode[T any](t testing.TB, raw json.RawMessage) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatalf("decoding %s: %v", raw, err)
	}
	return v
}

func wantError(t *testing.T, m *lsptest.Message, code int, about string) {
	t.Helper()
	if m.Error == nil {
		t.Fatalf("no error in %s", m.Raw)
	}
	if m.Error.Code != code || !strings.Contains(m.Error.Message, about) {
		t.Errorf("error %d %q, want %d about %q", m.Error.Code, m.Error.Message, code, about)
	}
}

// withKind is a template whose only node is of this kind; one that does not
// exist makes one finding that names it.
func withKind(kind string) string {
	return fmt.Sprintf(`{"apiVersion":"v1.2","name":"Shop","spec":{"kind":%q,"spec":{"type":"sequential","steps":[]}}}`, kind)
}

// provoked is the text of panics that tests cause on purpose.
const provoked = "provoked by a test"

// texts returns an Analyse that tells the texts that are analysed.
func texts(to chan<- string) lsp.Analyse {
	return func(tree *syntax.Tree, prev *analysis.Snapshot, cfg *analysis.Config) *analysis.Snapshot {
		to <- tree.Source()
		return analysis.NewSnapshot(tree, prev, cfg)
	}
}
