package lsp_test

import (
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/lsp"
	"github.com/nf-lsp/nf-lsp/internal/lsp/lsptest"
)

const off = `{"diagnostics":{"severity":{"unknown-kind":"off"}}}`

func TestSettingsAreAskedFor(t *testing.T) {
	s := open(t, strings.Replace(modern, "{", `{"workspace":{"configuration":true,"didChangeConfiguration":{"dynamicRegistration":true},"diagnostics":{"refreshSupport":true}},`, 1))
	registration := s.Await("client/registerCapability")
	if !strings.Contains(registration.Raw, `"method":"workspace/didChangeConfiguration"`) {
		t.Errorf("got %s", registration.Raw)
	}
	s.Send(`{"jsonrpc":"2.0","id":%s,"result":null}`, registration.ID)
	s.didOpen(docURI, "json", withKind("Nonsense"))
	if got := s.pull(docURI); len(got.Items) != 1 {
		t.Errorf("before the settings came: %+v", got)
	}
	question := s.Await("workspace/configuration")
	if !strings.Contains(question.Raw, `"section":"northflank"`) {
		t.Errorf("got %s", question.Raw)
	}
	answer := func(question *lsptest.Message, settings string) {
		s.Send(`{"jsonrpc":"2.0","id":%s,"result":[%s]}`, question.ID, settings)
	}
	answer(question, off)
	refresh := s.Await("workspace/diagnostic/refresh")
	s.Send(`{"jsonrpc":"2.0","id":%s,"result":null}`, refresh.ID)
	if got := s.pull(docURI); len(got.Items) != 0 {
		t.Errorf("switched off: %+v", got)
	}
	// The client says that something has changed and is asked what.
	s.Notify("workspace/didChangeConfiguration", `{"settings":null}`)
	answer(s.Await("workspace/configuration"), `{"diagnostics":{"severity":{"unknown-kind":"hint","unknown-thing":"loud"}}}`)
	refresh = s.Await("workspace/diagnostic/refresh")
	s.Send(`{"jsonrpc":"2.0","id":%s,"error":{"code":-32601,"message":"not now"}}`, refresh.ID)
	if got := s.pull(docURI); len(got.Items) != 1 || got.Items[0].Severity != 4 {
		t.Errorf("made a hint: %+v", got)
	}
	// The same settings again are no news.
	s.Notify("workspace/didChangeConfiguration", `{"settings":{}}`)
	answer(s.Await("workspace/configuration"), `{"diagnostics":{"severity":{"unknown-kind":"hint"}}}`)
	// The settings change while the client is asked: the answer is out of date
	// before it comes, and the question is asked again.
	s.Notify("workspace/didChangeConfiguration", `{"settings":{}}`)
	question = s.Await("workspace/configuration")
	s.Notify("workspace/didChangeConfiguration", `{"settings":{}}`)
	s.Notify("workspace/didChangeConfiguration", `{"settings":{}}`)
	s.pull(docURI)
	answer(question, `{}`)
	answer(s.Await("workspace/configuration"), off)
	s.Await("workspace/diagnostic/refresh")
	if got := s.pull(docURI); len(got.Items) != 0 {
		t.Errorf("the older answer has won: %+v", got)
	}
	if rest := s.Rest(); len(rest) > 0 {
		t.Errorf("unexpected %s", rest[0].Raw)
	}
}

// Of the settings of several folders those of the innermost count for a document.
func TestFoldersHaveSettingsOfTheirOwn(t *testing.T) {
	s := dial(t, lsp.Options{})
	s.request("initialize", `{"capabilities":`+strings.Replace(modern, "{", `{"workspace":{"configuration":true,"workspaceFolders":true,"diagnostics":{"refreshSupport":true}},`, 1)+
		`,"workspaceFolders":[{"uri":"file:///w","name":"w"},{"uri":"file:///w/in%20ner","name":"i"},{"uri":"file:///other/","name":"o"}]}`)
	s.Notify("initialized", `{}`)
	question := s.Await("workspace/configuration")
	if !strings.Contains(question.Raw, `"scopeUri":"file:///w"`) || strings.Count(question.Raw, `"section"`) != 4 {
		t.Errorf("got %s", question.Raw)
	}
	levels := map[string]int{"file:///w/a.json": 2, "file:///w/in%20ner/deep/b.json": 4, "file:///w/in ner/c.json": 4, "file:///w/inner/d.json": 2, "file:///other/e.json": 0, "file:///else/f.json": 1, "untitled:g": 1}
	for u := range levels {
		s.didOpen(u, "json", withKind("Nonsense"))
	}
	level := func(name string) string { return `{"diagnostics":{"severity":{"unknown-kind":"` + name + `"}}}` }
	s.Send(`{"jsonrpc":"2.0","id":%s,"result":[null,%s,%s,%s]}`, question.ID, level("warning"), level("hint"), level("off"))
	s.Send(`{"jsonrpc":"2.0","id":%s,"result":null}`, s.Await("workspace/diagnostic/refresh").ID)
	check := func() {
		t.Helper()
		for u, want := range levels {
			got := 0
			if items := s.pull(u).Items; len(items) > 0 {
				got = items[0].Severity
			}
			if got != want {
				t.Errorf("%s has the level %d, want %d", u, got, want)
			}
		}
	}
	check()
	// A folder that is added may have its own; fewer answers than questions are fine.
	s.Notify("workspace/didChangeWorkspaceFolders", `{"event":{"added":[{"uri":"file:///else","name":"e"}],"removed":[{"uri":"file:///other","name":"o"}]}}`)
	s.Send(`{"jsonrpc":"2.0","id":%s,"result":[%s,%s,%s]}`, s.Await("workspace/configuration").ID, level("information"), level("warning"), level("information"))
	s.Send(`{"jsonrpc":"2.0","id":%s,"result":null}`, s.Await("workspace/diagnostic/refresh").ID)
	levels = map[string]int{"file:///w/a.json": 2, "file:///w/in%20ner/deep/b.json": 3, "file:///other/e.json": 3, "file:///else/f.json": 3, "untitled:g": 3}
	check()
}

func TestAnswersThatAreNoSettings(t *testing.T) {
	for _, result := range []string{`"result":null`, `"result":[]`, `"result":[null]`, `"result":{"diagnostics":1}`, `"result":[{"diagnostics":{"severity":{"unknown-kind":3}}}]`, `"result":"x"`, `"error":{"code":1,"message":"no"}`} {
		t.Run(result, func(t *testing.T) {
			s := open(t, strings.Replace(modern, "{", `{"workspace":{"configuration":true},`, 1))
			s.didOpen(docURI, "json", withKind("Nonsense"))
			s.Send(`{"jsonrpc":"2.0","id":%s,%s}`, s.Await("workspace/configuration").ID, result)
			if got := s.pull(docURI); len(got.Items) != 1 {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestSettingsThatAreSentAlong(t *testing.T) {
	for _, form := range []string{`{"settings":{"northflank":` + off + `}}`, `{"settings":` + off + `}`} {
		t.Run(form, func(t *testing.T) {
			s := open(t, `{}`)
			s.didOpen(docURI, "json", withKind("Nonsense"))
			if got := s.awaitPublished(); len(got.Diagnostics) != 1 {
				t.Errorf("before: %+v", got)
			}
			s.Notify("workspace/didChangeConfiguration", form)
			if got := s.awaitPublished(); len(got.Diagnostics) != 0 {
				t.Errorf("switched off: %+v", got)
			}
			s.Notify("workspace/didChangeConfiguration", `{"settings":{"northflank":{}}}`)
			if got := s.awaitPublished(); len(got.Diagnostics) != 1 {
				t.Errorf("back to the defaults: %+v", got)
			}
		})
	}
}

func TestSettingsInTheOptionsOfInitialize(t *testing.T) {
	s := dial(t, lsp.Options{})
	s.request("initialize", `{"capabilities":`+modern+`,"initializationOptions":`+off+`}`)
	s.didOpen(docURI, "json", withKind("Nonsense"))
	if got := s.pull(docURI); len(got.Items) != 0 {
		t.Errorf("got %+v", got)
	}
}

func TestWorkspaceFoldersComeAndGo(t *testing.T) {
	s := dial(t, lsp.Options{})
	result := s.request("initialize", `{"capabilities":{"workspace":{"workspaceFolders":true}},"workspaceFolders":[{"uri":"file:///a","name":"a"},{"uri":"file:///b","name":"b"}]}`)
	if !strings.Contains(string(result), `"workspaceFolders":{"supported":true,"changeNotifications":true}`) {
		t.Errorf("got %s", result)
	}
	s.Notify("workspace/didChangeWorkspaceFolders", `{"event":{"added":[{"uri":"file:///c","name":"c"}],"removed":[{"uri":"file:///a","name":"a"}]}}`)
	s.request("shutdown", "null")
	if strings.Contains(s.log.String(), "level=WARN") {
		t.Errorf("the log has\n%s", s.log)
	}
}
