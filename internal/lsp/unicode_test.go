package lsp_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// torture is a template in which nothing is one byte, one UTF-16 unit and one
// character at once: a byte order mark, combining marks, an emoji of several,
// surrogate pairs, plain and escaped, text from right to left, line separators
// that are none in JSON, halves of pairs, and Windows line ends.
var torture = "\ufeff" + strings.ReplaceAll(`{
  "apiVersion": "v1.2",
  "name": "e\u0301té 👩‍👩‍👧 \ud83d\ude00",
  "arguments": { "é́": "عربي\u202e", "👩‍👩‍👧": "`+"\u2028"+`x\ud800", "\ud83d\ude00b": "😀😀", "lone\udc00": "${args['é́']}" },
  "spec": { "kind": "Workflow", "spec": { "type": "sequential", "context": { "projectId": "${refs.عربي.id}" }, "steps": [
    { "kind": "Project", "ref": "عربي", "spec": { "name": "Shöp 😀", "region": "europe-west" } },
    { "kind": "SecretGroup", "ref": "👩‍👩‍👧", "spec": { "name": "keys-é́", "secretType": "environment", "priority": 10, "projectId": "😀\u0024{refs.عربي.id}", "secrets": { "variables": {
      "😀${args['👩‍👩‍👧']}": "${fn.if(fn.eq(args['\ud83d\ude00b'], '😀é́\ud800'), '`+"\u2028"+`', fn.slug(args['é́']))} 😀 ${refs['👩‍👩‍👧'].id}",
      "عربي": "${fn.find(args['é́'], (😀) => fn.eq(😀.name, '\ud83d\ude00'))}", "é": "${refs.عرب.id} ${args.é́} ${fn.toLower('É́`+"\u2028"+`')}"
    } } } }
  ] } }
}
`, "\n", "\r\n")

// textRange is a range as it is on the wire.
type textRange struct {
	Start, End struct{ Line, Character int }
}

type writtenEdit struct {
	Range   textRange
	NewText string
}

// rangesIn calls do with every range in a value.
func rangesIn(v any, do func(textRange)) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			rangesIn(e, do)
		}
	case map[string]any:
		if _, ok := v["start"].(map[string]any); ok {
			var r textRange
			if encoded, err := json.Marshal(v); err == nil && json.Unmarshal(encoded, &r) == nil {
				do(r)
			}
			return
		}
		for _, e := range v {
			rangesIn(e, do)
		}
	}
}

// tortured is a session about torture.
type tortured struct {
	*session
	lines  []string
	faults int
}

// offset returns the byte offset of a position that lies on a boundary of a
// character in the text.
func (u *tortured) offset(line, character int) (int, error) {
	if line < 0 || line >= len(u.lines) {
		return 0, fmt.Errorf("there is no line %d", line)
	}
	at := 0
	for i := range line {
		at += len(u.lines[i])
	}
	for i, r := range strings.TrimRight(u.lines[line], "\r\n") + "\n" {
		switch {
		case character == 0:
			return at + i, nil
		case character < 0:
			return 0, fmt.Errorf("%d:… is half a character", line)
		}
		character -= utf16.RuneLen(r)
	}
	return 0, fmt.Errorf("line %d is shorter", line)
}

// apply returns the text with edits, which have to lie within it and apart.
func (u *tortured) apply(edits []writtenEdit) (string, error) {
	type span struct {
		start, end int
		text       string
	}
	spans := make([]span, len(edits))
	for i, e := range edits {
		start, err := u.offset(e.Range.Start.Line, e.Range.Start.Character)
		if err != nil {
			return "", err
		}
		end, err := u.offset(e.Range.End.Line, e.Range.End.Character)
		if err != nil || end < start {
			return "", fmt.Errorf("%+v is no range: %w", e.Range, err)
		}
		spans[i] = span{start, end, e.NewText}
	}
	slices.SortStableFunc(spans, func(a, b span) int { return a.start - b.start })
	var out strings.Builder
	at := 0
	for _, s := range spans {
		if s.start < at {
			return "", fmt.Errorf("edits overlap: %+v", edits)
		}
		out.WriteString(torture[at:s.start] + s.text)
		at = s.end
	}
	return out.String() + torture[at:], nil
}

// check applies edits; what comes out has to be as well formed as before.
func (u *tortured) check(what string, edits []writtenEdit) {
	u.t.Helper()
	text, err := u.apply(edits)
	switch {
	case err != nil:
		u.t.Errorf("%s: %v", what, err)
	case !utf8.ValidString(text):
		u.t.Errorf("%s: no UTF-8 any more", what)
	case len(broken(text)) > u.faults:
		u.t.Errorf("%s: %+v leaves %v", what, edits, broken(text))
	}
}

// broken is what is wrong with a text as JSON, save values that are yet to be
// typed: there a property that was chosen leaves the cursor.
func broken(text string) []syntax.Error {
	return slices.DeleteFunc(syntax.Parse(text).Errors(), func(e syntax.Error) bool { return e.Code == syntax.ErrMissingValue })
}

func TestEveryAnswerAboutEveryCharacterLiesOnCharacters(t *testing.T) {
	s := open(t, `{"textDocument":{"diagnostic":{"relatedInformation":true},"codeAction":{"codeActionLiteralSupport":{}},"semanticTokens":{},"inlayHint":{},"codeLens":{},
		"documentSymbol":{"hierarchicalDocumentSymbolSupport":true},"definition":{"linkSupport":true},"rename":{"prepareSupport":true}},"workspace":{"executeCommand":{}}}`)
	u := &tortured{session: s, lines: strings.SplitAfter(torture, "\n"), faults: len(broken(torture))}
	s.didOpen(docURI, "json", torture)
	ask := func(method, params string) any {
		t.Helper()
		m := s.Reply(s.send(method, params))
		if m.Error != nil {
			if m.Error.Code != -32803 { // refused, with a reason
				t.Errorf("%s failed: %s", method, m.Raw)
			}
			return nil
		}
		result := decode[any](t, m.Result)
		rangesIn(result, func(r textRange) {
			start, err := u.offset(r.Start.Line, r.Start.Character)
			end, err2 := u.offset(r.End.Line, r.End.Character)
			if err != nil || err2 != nil || end < start {
				t.Errorf("%s %s: the range %+v: %v %v", method, params, r, err, err2)
			}
		})
		return result
	}
	for _, method := range []string{"textDocument/diagnostic", "textDocument/documentSymbol", "textDocument/foldingRange", "textDocument/documentLink", "textDocument/codeLens"} {
		ask(method, about(docURI))
	}
	u.tokens()
	whole := fmt.Sprintf(`{"start":{"line":0,"character":0},"end":{"line":%d,"character":0}}`, len(u.lines)-1)
	ask("textDocument/inlayHint", fmt.Sprintf(`{"textDocument":{"uri":%q},"range":%s}`, docURI, whole))
	for _, method := range []string{"textDocument/formatting", "textDocument/rangeFormatting"} {
		if edits := ask(method, fmt.Sprintf(`{"textDocument":{"uri":%q},"range":%s,"options":{"tabSize":2,"insertSpaces":true}}`, docURI, whole)); edits != nil {
			u.check(method, again[[]writtenEdit](t, edits))
		}
	}
	for line, text := range u.lines {
		// Halves of pairs are asked about, too.
		for character := range len(utf16.Encode([]rune(strings.TrimRight(text, "\r\n")))) + 1 {
			if testing.Short() && (line+character)%8 > 0 {
				continue
			}
			u.place(ask, line, character)
			if t.Failed() {
				t.Fatalf("at %d:%d", line, character)
			}
		}
	}
}

// place asks all that there is to ask about a place.
func (u *tortured) place(ask func(method, params string) any, line, character int) {
	here := fmt.Sprintf(`{"line":%d,"character":%d}`, line, character)
	params := fmt.Sprintf(`{"textDocument":{"uri":%q},"position":%s,"positions":[%s],"range":{"start":%s,"end":%s},"context":{"includeDeclaration":true,"diagnostics":[]},
		"newName":"n\u00e9\u0301w \ud83d\ude00","ch":"}","options":{"tabSize":2,"insertSpaces":true}}`, docURI, here, here, here, here)
	for _, method := range []string{"hover", "definition", "typeDefinition", "references", "documentHighlight", "selectionRange", "linkedEditingRange", "prepareRename", "signatureHelp"} {
		ask("textDocument/"+method, params)
	}
	type workspaceEdit struct {
		Changes map[string][]writtenEdit
	}
	if renamed := ask("textDocument/rename", params); renamed != nil {
		u.check("rename", again[workspaceEdit](u.t, renamed).Changes[docURI])
	}
	if edits := ask("textDocument/onTypeFormatting", params); edits != nil {
		u.check("onTypeFormatting", again[[]writtenEdit](u.t, edits))
	}
	for _, a := range again[[]struct {
		Title string
		Edit  *workspaceEdit
	}](u.t, ask("textDocument/codeAction", params)) {
		if a.Edit != nil && len(a.Edit.Changes[docURI]) > 0 {
			u.check(a.Title, a.Edit.Changes[docURI])
		}
	}
	for _, i := range again[struct {
		Items []struct {
			Label               string
			TextEdit            writtenEdit
			AdditionalTextEdits []writtenEdit
		}
	}](u.t, ask("textDocument/completion", params)).Items {
		u.check(i.Label, append([]writtenEdit{i.TextEdit}, i.AdditionalTextEdits...))
	}
}

// tokens looks at what semantic tokens cover.
func (u *tortured) tokens() {
	data := decode[struct{ Data []int }](u.t, u.request("textDocument/semanticTokens/full", about(docURI))).Data
	line, character := 0, 0
	for i := 0; i+4 < len(data); i += 5 {
		if data[i] > 0 {
			character = 0
		}
		line, character = line+data[i], character+data[i+1]
		for _, c := range []int{character, character + data[i+2]} {
			if _, err := u.offset(line, c); err != nil {
				u.t.Errorf("the token %v at %d:%d: %v", data[i:i+5], line, character, err)
			}
		}
	}
	if len(data) < 5*20 {
		u.t.Errorf("%d tokens", len(data)/5)
	}
}

// again decodes a value anew, as something else.
func again[T any](t *testing.T, v any) T {
	t.Helper()
	encoded, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return decode[T](t, encoded)
}
