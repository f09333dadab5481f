package lsp_test

import (
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
	textedit "github.com/nf-lsp/nf-lsp/internal/syntax/edit"
	"github.com/nf-lsp/nf-lsp/internal/syntax/format"
)

// A client that applies the edits gets what nf-run fmt writes, byte by byte, in
// whichever unit it counts and whatever ends its lines.
func TestFormattingIsThatOfTheTerminal(t *testing.T) {
	template := "{ \"apiVersion\": \"v1.2\",\n\n\n\"name\":\"Shop\",  \"description\": \"😀é\\u00e4\" , \"arguments\": {\"A\":\"😀\" },  \n" +
		"  \"spec\": {\"kind\":\"Workflow\", // 😀 comment\n\"spec\":{\"type\":\"sequential\",\"steps\":[]\n\n}} }  \n\n"
	for _, c := range []struct {
		name, capabilities, text string
		encoding                 syntax.Encoding
	}{
		{"UTF-16", `{}`, template, syntax.UTF16},
		{"UTF-8", `{"general":{"positionEncodings":["utf-8"]}}`, template, syntax.UTF8},
		{"CRLF", `{}`, strings.ReplaceAll(template, "\n", "\r\n"), syntax.UTF16},
		{"CR", `{}`, strings.ReplaceAll(template, "\n", "\r"), syntax.UTF16},
		{"a comma missing", `{}`, strings.Replace(template, `"Shop",`, `"Shop"`, 1), syntax.UTF16},
		{"a byte order mark", `{}`, "\ufeff" + template, syntax.UTF16},
		{"a long text that is nowhere as it should be", `{}`, strings.Replace(template, `"steps":[]`, `"steps":[`+strings.Repeat(`{"kind":"Message","spec":{"message":"😀"}},`, 400)+`]`, 1), syntax.UTF16},
		{"what is formatted already", `{}`, "{\n  \"apiVersion\": \"v1.2\"\n}", syntax.UTF16},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t, c.capabilities)
			s.didOpen(docURI, "json", c.text)
			reply := s.request("textDocument/formatting", `{"textDocument":{"uri":`+quote(docURI)+`},"options":{"tabSize":2,"insertSpaces":true,"insertFinalNewline":true,"trimFinalNewlines":true}}`)
			type textEdit struct {
				Range struct {
					Start, End syntax.Position
				}
				NewText string
			}
			lines := syntax.NewLines(c.text)
			var edits []syntax.Edit
			for _, e := range decode[[]textEdit](t, reply) {
				edits = append(edits, syntax.Edit{
					Range:   syntax.Range{Start: lines.Offset(e.Range.Start, c.encoding), End: lines.Offset(e.Range.End, c.encoding)},
					NewText: e.NewText,
				})
			}
			if len(edits) > 2000 {
				t.Errorf("%d edits", len(edits))
			}
			got, err := textedit.Apply(c.text, edits)
			if err != nil {
				t.Fatal(err)
			}
			want, err := textedit.Apply(c.text, format.Document(syntax.Parse(c.text), format.Options{}))
			if err != nil {
				t.Fatal(err)
			}
			if got != want {
				t.Errorf("the client has\n%q\nnf-run fmt writes\n%q", got, want)
			}
		})
	}
}
