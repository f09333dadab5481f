package lsp_test

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/lsp"
)

func TestInitializeNeedsNothing(t *testing.T) {
	for _, params := range []string{
		`,"params":{}`,
		``,
		`,"params":null`,
		`,"params":[]`,
		`,"params":{"processId":null,"rootUri":null,"capabilities":{}}`,
		`,"params":{"capabilities":null,"clientInfo":null,"initializationOptions":null,"workspaceFolders":null,"trace":"verbose"}`,
		`,"params":{"processId":"1","rootUri":7,"capabilities":{"textDocument":{"completion":5,"hover":{"contentFormat":"markdown"},"diagnostic":[]},"general":{"positionEncodings":"utf-8"}},"workspaceFolders":{"uri":"file:///x"}}`,
	} {
		t.Run(params, func(t *testing.T) {
			s := dial(t, lsp.Options{})
			s.Send(`{"jsonrpc":"2.0","id":1,"method":"initialize"` + params + `}`)
			m := s.Reply("1")
			if m.Error != nil {
				t.Fatalf("got %s", m.Raw)
			}
			s.Notify("initialized", `{}`)
			s.didOpen(docURI, "json", withKind("Nonsense"))
			if got := s.pull(docURI); len(got.Items) != 1 {
				t.Errorf("the server does not work: %+v", got)
			}
		})
	}
}

func TestNothingIsServedBeforeInitialize(t *testing.T) {
	s := dial(t, lsp.Options{})
	wantError(t, s.Call(1, "textDocument/hover", at(docURI, 0, 0)), -32002, "initialize")
	wantError(t, s.Call(2, "shutdown", "null"), -32002, "initialize")
	wantError(t, s.Call(3, "no/such", "null"), -32002, "initialize")
	s.didOpen(docURI, "json", withKind("Nonsense"))
	if m := s.Call(4, "initialize", `{"capabilities":{}}`); m.Error != nil {
		t.Fatalf("got %s", m.Raw)
	}
	if m := s.Call(5, "textDocument/hover", at(docURI, 0, 3)); string(m.Result) != "null" {
		t.Errorf("a document that came too early is open: %s", m.Raw)
	}
	wantError(t, s.Call(6, "initialize", `{"capabilities":{}}`), -32600, "already")
}

func TestOnlyExitFollowsShutdown(t *testing.T) {
	s := open(t, modern)
	if got := s.request("shutdown", "null"); string(got) != "null" {
		t.Errorf("shutdown returned %s", got)
	}
	wantError(t, s.Call(100, "textDocument/hover", at(docURI, 0, 0)), -32600, "shut down")
	wantError(t, s.Call(101, "shutdown", "null"), -32600, "shut down")
	s.didOpen(docURI, "json", withKind("Nonsense"))
	s.Notify("exit", "null")
	s.Ended()
	if code := <-s.exit; code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func TestExitCodes(t *testing.T) {
	tests := []struct {
		name string
		end  func(*session)
		code int
	}{
		{"exit without shutdown", func(s *session) { s.Notify("exit", "null") }, 1},
		{"exit after shutdown", func(s *session) { s.request("shutdown", "null"); s.Notify("exit", "{}") }, 0},
		{"the input ends without shutdown", func(s *session) { s.Close() }, 1},
		{"the input ends after shutdown", func(s *session) { s.request("shutdown", "null"); s.Close() }, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t, modern)
			tt.end(s)
			if code := <-s.exit; code != tt.code {
				t.Errorf("exit code %d, want %d", code, tt.code)
			}
		})
	}
	t.Run("exit before initialize", func(t *testing.T) {
		s := dial(t, lsp.Options{})
		s.Notify("exit", "null")
		if code := <-s.exit; code != 1 {
			t.Errorf("exit code %d", code)
		}
	})
}

func TestWhatIsAskedBeforeShutdownIsAnswered(t *testing.T) {
	s := open(t, modern)
	s.didOpen(docURI, "json", withKind("Nonsense"))
	var ids []string
	for range 20 {
		ids = append(ids, s.send("textDocument/diagnostic", about(docURI)))
	}
	down := s.send("shutdown", "null")
	s.Notify("exit", "null")
	for _, id := range append(ids, down) {
		if m := s.Reply(id); m.Error != nil {
			t.Errorf("got %s", m.Raw)
		}
	}
	s.Ended()
}

func TestTheServerEndsWithItsParent(t *testing.T) {
	parent := exec.Command("sleep", "60")
	if err := parent.Start(); err != nil {
		t.Skip(err)
	}
	s := dial(t, lsp.Options{ParentPoll: 5 * time.Millisecond})
	s.request("initialize", fmt.Sprintf(`{"processId":%d,"capabilities":{}}`, parent.Process.Pid))
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait()
	s.Ended()
	if code := <-s.exit; code != 1 {
		t.Errorf("exit code %d", code)
	}
}

func TestAParentThatCannotBeSeenIsNotMissed(t *testing.T) {
	gone := exec.Command("true")
	if err := gone.Run(); err != nil {
		t.Skip(err)
	}
	s := dial(t, lsp.Options{ParentPoll: time.Millisecond})
	s.request("initialize", fmt.Sprintf(`{"processId":%d,"capabilities":{}}`, gone.Process.Pid))
	time.Sleep(20 * time.Millisecond)
	if got := s.request("shutdown", "null"); string(got) != "null" {
		t.Errorf("got %s", got)
	}
}

func TestUnknownMethods(t *testing.T) {
	s := open(t, modern)
	wantError(t, s.Call(100, "textDocument/teleport", "{}"), -32601, "textDocument/teleport")
	wantError(t, s.Call(101, "$/magic", "{}"), -32601, "$/magic")
	s.Notify("$/setTrace", `{"value":"verbose"}`)
	s.Notify("textDocument/didTeleport", `{}`)
	s.Notify("workspace/didChangeWatchedFiles", `{"changes":[]}`)
	wantError(t, s.Call(102, "textDocument/didOpen", "{}"), -32600, "notification")
	s.Notify("textDocument/hover", at(docURI, 0, 0))
	s.request("shutdown", "null")
	if rest := s.Rest(); len(rest) > 0 {
		t.Errorf("unexpected %s", rest[0].Raw)
	}
}

func TestBadParameters(t *testing.T) {
	s := open(t, modern)
	s.didOpen(docURI, "json", withKind("Nonsense"))
	for _, params := range []string{
		`{"textDocument":5}`,
		`{"textDocument":{"uri":["x"]},"position":{"line":0,"character":0}}`,
		`{"textDocument":{"uri":"file:///t.json"},"position":{"line":"0","character":0}}`,
		`{"textDocument":{"uri":"file:///t.json"},"position":{"line":-1,"character":0}}`,
		`[1,2]`,
		`"x"`,
	} {
		for _, method := range []string{"textDocument/hover", "textDocument/completion"} {
			s.ids++
			wantError(t, s.Call(s.ids, method, params), -32602, "")
		}
	}
	for _, params := range []string{`{"textDocument":5}`, `{}`, `[]`, `7`} {
		for _, method := range []string{"textDocument/didOpen", "textDocument/didChange", "textDocument/didClose", "textDocument/didSave", "workspace/didChangeConfiguration", "workspace/didChangeWorkspaceFolders"} {
			s.Notify(method, params)
		}
	}
	for _, changes := range []string{`5`, `[5]`, `[{"range":5,"text":""}]`, `[{"range":{"start":{"line":0,"character":-1},"end":{"line":0,"character":5}},"text":"x"}]`, `[{"text":5}]`} {
		s.Notify("textDocument/didChange", `{"textDocument":{"uri":"file:///t.json","version":2},"contentChanges":`+changes+`}`)
	}
	if got := s.pull(docURI); len(got.Items) != 1 {
		t.Errorf("the document has suffered: %+v", got)
	}
}

func TestThePositionEncodingIsNegotiated(t *testing.T) {
	tests := []struct {
		name, offered string
		want          any
		column        int // where the finding starts behind a smiley
	}{
		{"a client that says nothing counts UTF-16", `{}`, nil, 2},
		{"the client's first choice is taken: UTF-8", `{"general":{"positionEncodings":["utf-8","utf-32","utf-16"]}}`, "utf-8", 4},
		{"the client's first choice is taken: UTF-16", `{"general":{"positionEncodings":["utf-16","utf-8"]}}`, "utf-16", 2},
		{"an encoding that the server lacks is passed over", `{"general":{"positionEncodings":["utf-32","utf-8"]}}`, "utf-8", 4},
		{"UTF-16 need not be offered", `{"general":{"positionEncodings":["utf-32"]}}`, "utf-16", 2},
		{"an empty offer", `{"general":{"positionEncodings":[]}}`, "utf-16", 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := dial(t, lsp.Options{})
			result := decode[struct{ Capabilities map[string]any }](t, s.request("initialize", `{"rootUri":null,"capabilities":`+tt.offered+`}`))
			if got := result.Capabilities["positionEncoding"]; got != tt.want {
				t.Errorf("encoding %v, want %v", got, tt.want)
			}
			s.didOpen(docURI, "json", `{"apiVersion":"v1.2","name":"😀","spec":{"kind":"Nonsense","spec":{}}}`)
			before := len(`{"apiVersion":"v1.2","name":"","spec":{"kind":`)
			for _, f := range s.pull(docURI).Items {
				if f.Code == "unknown-kind" && f.Range.Start.Character != before+tt.column {
					t.Errorf("the finding starts at %d, want %d", f.Range.Start.Character, before+tt.column)
				}
			}
			// An edit right behind the smiley, in the same columns.
			column := len(`{"apiVersion":"v1.2","name":"`) + tt.column
			s.didChange(docURI, 2, fmt.Sprintf("0:%d-0:%d", column, column+len(`","spec":{"kind":"Nonsense`)), `","spec":{"kind":"Absurd`)
			got := s.pull(docURI).Items
			if len(got) == 0 || !contains(got, "Absurd") {
				t.Errorf("the edit went wrong: %+v", got)
			}
		})
	}
}

func contains(findings []finding, text string) bool {
	for _, f := range findings {
		if strings.Contains(f.Message, text) {
			return true
		}
	}
	return false
}
