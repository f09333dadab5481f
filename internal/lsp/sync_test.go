package lsp_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/nf-lsp/nf-lsp/internal/lsp"
)

// edit is a change as it stands on the wire; an empty range is the whole text.
type edit struct{ at, text string }

func TestTheServerHasTheTextOfTheClient(t *testing.T) {
	tests := []struct {
		name  string
		text  string
		edits []edit
		want  string
	}{
		{"an insertion", "{}", []edit{{"0:1-0:1", `"a":1`}}, `{"a":1}`},
		{"a deletion", `{"a":1}`, []edit{{"0:1-0:6", ""}}, "{}"},
		{"a replacement over lines", "{\n\"a\":1\n}", []edit{{"0:1-2:0", ""}}, "{}"},
		{"a whole new text", `{"a":1}`, []edit{{"", "[]"}}, "[]"},
		{"several changes build on each other", "{}", []edit{{"0:1-0:1", `"a":1`}, {"", "[1]"}, {"0:1-0:2", "22"}}, "[22]"},
		{"columns are UTF-16 units", `{"😀":"é"}`, []edit{{"0:4-0:4", "x"}, {"0:8-0:9", "e"}}, `{"😀x":"e"}`},
		{"CRLF is one line end", "{\r\n\r\n}", []edit{{"1:0-1:0", "1"}, {"2:0-2:1", "]"}}, "{\r\n1\r\n]"},
		{"CR is a line end", "{\r}", []edit{{"1:0-1:1", "]"}}, "{\r]"},
		{"a line behind the end is the end", "{}", []edit{{"7:0-9:3", " "}}, "{} "},
		{"a column behind the line's end is its end", "{\n}", []edit{{"0:99-0:4294967295", " "}}, "{ \n}"},
		{"a range that runs backwards is turned round", `{"a":1}`, []edit{{"0:6-0:1", ""}}, "{}"},
		{"everything outside is everything", "{}", []edit{{"0:0-4294967295:4294967295", "[]"}}, "[]"},
		{"the middle of a surrogate pair is its start", `"😀"`, []edit{{"0:2-0:2", "x"}}, `"x😀"`},
		{"no change", "{}", nil, "{}"},
		{"NUL and what is no text", "{}", []edit{{"0:1-0:1", "\x00\u2028\ufffd"}}, "{\x00\u2028\ufffd}"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			seen := make(chan string, 10)
			s := openWith(t, lsp.Options{Analyse: texts(seen)}, modern)
			s.didOpen(docURI, "json", tt.text)
			var changes []string
			for _, e := range tt.edits {
				if e.at == "" {
					changes = append(changes, `{"text":`+quote(e.text)+`}`)
				} else {
					changes = append(changes, `{"range":`+rangeJSON(t, e.at)+`,"text":`+quote(e.text)+`}`)
				}
			}
			s.Notify("textDocument/didChange", `{"textDocument":{"uri":"file:///t.json","version":2},"contentChanges":[`+strings.Join(changes, ",")+`]}`)
			s.pull(docURI)
			if got := <-seen; got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestFormsOfChangesThatOldClientsSend(t *testing.T) {
	for _, change := range []string{
		`{"textDocument":{"uri":"file:///t.json","version":null},"contentChanges":[{"range":null,"rangeLength":3,"text":"[1]"}]}`,
		`{"textDocument":{"uri":"file:///t.json"},"contentChanges":[{"text":"[1]"}]}`,
		`{"textDocument":{"uri":"file:///t.json","version":0,"more":1},"contentChanges":[{"range":{"start":{"line":0,"character":0},"end":{"line":0,"character":2}},"rangeLength":2,"text":"[1]"}],"extra":{}}`,
	} {
		t.Run(change, func(t *testing.T) {
			seen := make(chan string, 10)
			s := openWith(t, lsp.Options{Analyse: texts(seen)}, modern)
			s.didOpen(docURI, "json", "{}")
			s.Notify("textDocument/didChange", change)
			s.pull(docURI)
			if got := <-seen; got != "[1]" {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestDocumentsOpenAndClose(t *testing.T) {
	s := open(t, modern)
	if got := s.pull(docURI); got.Kind != "full" || len(got.Items) != 0 {
		t.Errorf("a document that is not open has findings: %+v", got)
	}
	s.didChange(docURI, 2, "", withKind("Nonsense")) // not open: ignored
	s.didOpen(docURI, "json", withKind("Nonsense"))
	if got := s.pull(docURI); len(got.Items) != 1 {
		t.Errorf("open: %+v", got)
	}
	s.didOpen(docURI, "json", withKind("Workflow")) // again, as some clients do on a change of language
	if got := s.pull(docURI); len(got.Items) != 0 {
		t.Errorf("opened again: %+v", got)
	}
	s.didChange(docURI, 2, "", withKind("Absurd"))
	s.Notify("textDocument/didSave", about(docURI))
	if got := s.pull(docURI); !contains(got.Items, "Absurd") {
		t.Errorf("changed: %+v", got)
	}
	s.Notify("textDocument/didClose", about(docURI))
	s.Notify("textDocument/didClose", about(docURI))
	if got := s.pull(docURI); len(got.Items) != 0 {
		t.Errorf("closed: %+v", got)
	}
}

func TestOneDocumentHasOneStateHoweverItsURIIsSpelled(t *testing.T) {
	s := open(t, `{"textDocument":{"publishDiagnostics":{}}}`)
	const spelled = "file:///C:/a b/(t)+ü.json"
	s.didOpen(spelled, "json", withKind("Nonsense"))
	if got := s.awaitPublished(); got.URI != spelled {
		t.Errorf("the client calls it %q, the server %q", spelled, got.URI)
	}
	s.didChange("file:///c%3A/a%20b/%28t%29%2B%C3%BC.json", 2, "", withKind("Absurd"))
	s.Notify("textDocument/didSave", about(spelled))
	if got := s.awaitPublished(); got.URI != spelled || !contains(got.Diagnostics, "Absurd") {
		t.Errorf("got %+v", got)
	}
	s.Notify("textDocument/didClose", about("file:///C%3A/a%20b/(t)+ü.json"))
	if got := s.awaitPublished(); got.URI != spelled || len(got.Diagnostics) != 0 {
		t.Errorf("got %+v", got)
	}
}

func TestURIsThatAreNoFiles(t *testing.T) {
	s := open(t, modern)
	for _, uri := range []string{"untitled:Untitled-1", "vscode-vfs://github/a/b.json", "zed:///x%2fy", "inmemory://1", "git:/x?%7B%7D", "relative", "::::"} {
		s.didOpen(uri, "json", withKind("Nonsense"))
		if got := s.pull(uri); len(got.Items) != 1 {
			t.Errorf("%s: %+v", uri, got)
		}
	}
}

// TestRandomEdits compares the server's text with a plain implementation of
// what the protocol says about edits.
func TestRandomEdits(t *testing.T) {
	seen := make(chan string, 1000)
	s := openWith(t, lsp.Options{Analyse: texts(seen)}, modern)
	rng := rand.New(rand.NewPCG(1, 2))
	alphabet := []string{"{", "}", `"`, "a", "é", "😀", "\n", "\r\n", "\r", "${", "\\", ",", "x: "}
	text := "{\n  \"a\": 1\n}\n"
	s.didOpen(docURI, "json", text)
	for version := 2; version < 300; version++ {
		l1, l2 := rng.IntN(6), rng.IntN(6)
		c1, c2 := rng.IntN(12), rng.IntN(12)
		if l1 > l2 || l1 == l2 && c1 > c2 {
			l1, c1, l2, c2 = l2, c2, l1, c1
		}
		var insert strings.Builder
		for range rng.IntN(4) {
			insert.WriteString(alphabet[rng.IntN(len(alphabet))])
		}
		start, end := naiveOffset(text, l1, c1), naiveOffset(text, l2, c2)
		text = text[:start] + insert.String() + text[end:]
		s.didChange(docURI, version, fmt.Sprintf("%d:%d-%d:%d", l1, c1, l2, c2), insert.String())
		s.pull(docURI)
		select {
		case got := <-seen:
			if got != text {
				t.Fatalf("version %d is %q, want %q", version, got, text)
			}
		default: // the text is the same as before
		}
	}
}

// naiveOffset counts lines and UTF-16 units one by one.
func naiveOffset(text string, line, character int) int {
	at := 0
	for ; line > 0; line-- {
		i := strings.IndexAny(text[at:], "\r\n")
		if i < 0 {
			return len(text)
		}
		at += i + 1
		if text[at-1] == '\r' && at < len(text) && text[at] == '\n' {
			at++
		}
	}
	for _, r := range text[at:] {
		units := utf16.RuneLen(r)
		if units < 0 {
			units = 1
		}
		if character < units || r == '\r' || r == '\n' {
			break
		}
		character -= units
		at += len(string(r))
	}
	return at
}
