package lsp_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

type codeLens struct {
	Range   json.RawMessage
	Command *struct {
		Title, Command string
		Arguments      []json.RawMessage
	}
	Data json.RawMessage
}

func TestCodeLenses(t *testing.T) {
	s := dial(t, pushSoon)
	s.request("initialize", `{"processId":null,"rootUri":null,"initializationOptions":{"referencesCommand":"editor.showReferences"},"capabilities":`+running+`}`)
	s.Notify("initialized", `{}`)
	s.didOpen(docURI, "json", mistaken)
	lenses := decode[[]json.RawMessage](t, s.request("textDocument/codeLens", about(docURI)))
	var titles []string
	for _, raw := range lenses {
		lens := decode[codeLens](t, raw)
		if lens.Command == nil {
			lens = decode[codeLens](t, s.request("codeLens/resolve", string(raw)))
		}
		titles = append(titles, fmt.Sprintf("%s %s %s", lens.Command.Title, lens.Command.Command, lens.Command.Arguments))
	}
	at := `{"start":{"line":9,"character":125},"end":{"line":9,"character":129}}`
	want := []string{
		`Check nf.check ["file:///t.json"]`,
		`Plan nf.plan ["file:///t.json"]`,
		`Run nf.run ["file:///t.json"]`,
		`1 reference editor.showReferences ["file:///t.json" {"line":8,"character":36} [{"uri":"file:///t.json","range":` + at + `}]]`,
		`Run up to here nf.run ["file:///t.json" {"until":"/spec/spec/steps/0"}]`,
		`Run up to here nf.run ["file:///t.json" {"until":"/spec/spec/steps/1"}]`, // it has no ref
	}
	if got := strings.Join(titles, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
	last := string(lenses[3]) // the references
	s.didChange(docURI, 2, "", strings.ReplaceAll(mistaken, "refs.shp", "refs.shop"))
	if got := decode[codeLens](t, s.request("codeLens/resolve", last)); got.Command.Title != "2 references" {
		t.Errorf("after an edit: %+v", got.Command)
	}
	s.didChange(docURI, 3, "", "{}\n")
	if got := decode[codeLens](t, s.request("codeLens/resolve", last)); got.Command == nil || got.Command.Command != "" {
		t.Errorf("where no ref is any more: %+v", got.Command)
	}
	if got := string(s.request("textDocument/codeLens", about(docURI))); got != "[]" {
		t.Errorf("in foreign JSON: %s", got)
	}
}
