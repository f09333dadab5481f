package lsp_test

import (
	"fmt"
	"strings"
	"testing"
)

// readNavigation316 asks everything about the way through compatTemplate; each
// reply is read with the types of version 3.16.
func (s *session) readNavigation316() {
	s.t.Helper()
	some := map[string]int{}
	ask := func(method, params string) {
		m := s.Reply(s.send(method, params))
		switch {
		case m.Error != nil && m.Error.Code != -32803:
			s.t.Errorf("%s failed: %s", method, m.Raw)
		case m.Error == nil && string(m.Result) != "null" && string(m.Result) != "[]":
			some[method]++
		}
	}
	for line, text := range strings.Split(compatTemplate, "\n") {
		for character := range len(text) {
			if strings.IndexByte("\"'.(,", text[character]) < 0 {
				continue
			}
			at := at(docURI, line, character+1)
			with := func(more string) string { return strings.TrimSuffix(at, "}") + "," + more + "}" }
			for _, method := range []string{"signatureHelp", "definition", "typeDefinition", "documentHighlight", "prepareRename", "linkedEditingRange"} {
				ask("textDocument/"+method, at)
			}
			ask("textDocument/references", with(`"context":{"includeDeclaration":true}`))
			ask("textDocument/rename", with(`"newName":"other"`))
			ask("textDocument/selectionRange", fmt.Sprintf(`{"textDocument":{"uri":%q},"positions":[{"line":%d,"character":%d}]}`, docURI, line, character))
		}
	}
	for _, method := range []string{"documentSymbol", "foldingRange", "documentLink"} {
		ask("textDocument/"+method, about(docURI))
	}
	ask("workspace/symbol", `{"query":""}`)
	for _, method := range []string{
		"textDocument/signatureHelp", "textDocument/definition", "textDocument/typeDefinition", "textDocument/documentHighlight",
		"textDocument/prepareRename", "textDocument/references", "textDocument/rename", "textDocument/selectionRange",
		"textDocument/linkedEditingRange", "textDocument/documentSymbol", "textDocument/foldingRange", "workspace/symbol",
	} {
		if some[method] == 0 {
			s.t.Errorf("%s answered nothing", method)
		}
	}
}

func TestPositionsOfNamesAreInBytesForAClientThatCountsBytes(t *testing.T) {
	s := open(t, `{"general":{"positionEncodings":["utf-8"]},"textDocument":{"diagnostic":{}}}`)
	s.didOpen(docURI, "json", `{ "apiVersion": "v1.2", "spec": { "kind": "Project", "ref": "é😀", "spec": { "name": "😀${refs.é😀.id}" } } }`)
	type place struct {
		Range struct{ Start, End struct{ Line, Character int } }
	}
	var got []string
	for _, p := range decode[[]place](t, s.request("textDocument/references", `{"textDocument":{"uri":"file:///t.json"},"position":{"line":0,"character":62},"context":{"includeDeclaration":true}}`)) {
		got = append(got, fmt.Sprintf("%d-%d", p.Range.Start.Character, p.Range.End.Character))
	}
	if want := "61-67 100-106"; strings.Join(got, " ") != want {
		t.Errorf("the places are %v, want %s", got, want)
	}
}

func TestNamesAreSoughtInTheLatestTextOfEveryDocument(t *testing.T) {
	s := open(t, modern)
	s.didOpen("file:///b.json", "json", `{"apiVersion":"v1.2","spec":{"kind":"Project","ref":"one"}}`)
	s.didOpen("file:///a.json", "json", `{"apiVersion":"v1.2","spec":{"kind":"Project","ref":"onset"}}`)
	s.didOpen("file:///c.txt", "plaintext", `{"apiVersion":"v1.2","spec":{"kind":"Project","ref":"one"}}`)
	s.didChange("file:///b.json", 2, "", `{"apiVersion":"v1.2","spec":{"kind":"Project","ref":"bone"}}`)
	type symbol struct {
		Name     string
		Location struct{ URI string }
	}
	ask := func() string {
		var got []string
		for _, x := range decode[[]symbol](t, s.request("workspace/symbol", `{"query":"one"}`)) {
			got = append(got, x.Name+" in "+x.Location.URI)
		}
		return strings.Join(got, ", ")
	}
	if got, want := ask(), "onset in file:///a.json, bone in file:///b.json"; got != want {
		t.Errorf("found are %s, want %s", got, want)
	}
	s.Notify("textDocument/didClose", about("file:///b.json"))
	if got, want := ask(), "onset in file:///a.json"; got != want {
		t.Errorf("after one was closed, found are %s, want %s", got, want)
	}
}
