package lsp_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// colouring are the capabilities of a client that shows tokens.
const colouring = `{"textDocument":{"diagnostic":{},"semanticTokens":{"requests":{"full":{"delta":true},"range":true},"tokenTypes":[],"tokenModifiers":[],"formats":["relative"]}}}`

type semanticTokens struct {
	ResultID string
	Data     []uint32
	Edits    []struct {
		Start, DeleteCount int
		Data               []uint32
	}
}

// readTokens names the tokens of a text as a client shows them: the type and
// what stands there.
func readTokens(t *testing.T, legend []string, text string, data []uint32) string {
	t.Helper()
	lines := strings.Split(text, "\n")
	var out []string
	line, character := 0, 0
	for token := range slices.Chunk(data, 5) {
		if token[0] > 0 {
			character = 0
		}
		line, character = line+int(token[0]), character+int(token[1])
		units := utf16Units(lines[line])
		out = append(out, legend[token[3]]+":"+units.text(character, character+int(token[2])))
	}
	return strings.Join(out, " ")
}

const coloured = `{
  "apiVersion": "v1.2", "name": "Shop",
  "arguments": { "A": "😀é${fn.eq('😀', args.B)}\ud83d\ude00${args.C}" },
  "spec": { "kind": "Workflow", "spec": { "type": "sequential", "steps": [
    { "kind": "Project", "ref": "p", "spec": { "name": "${args.A}", "description": "${refs.q.id}" } }
  ] } }
}
`

const colouredTokens = "operator:${ namespace:fn function:eq string:'😀' namespace:args variable:B operator:} " +
	"operator:${ namespace:args variable:C operator:} " +
	"operator:${ namespace:args variable:A operator:} " +
	"operator:${ namespace:refs class:q property:id operator:}"

func legendOf(t *testing.T, s *session) []string {
	t.Helper()
	return decode[struct {
		Capabilities struct {
			SemanticTokensProvider struct {
				Legend struct{ TokenTypes []string }
			}
		}
	}](t, s.request("initialize", `{"processId":null,"rootUri":null,"capabilities":`+colouring+`}`)).Capabilities.SemanticTokensProvider.Legend.TokenTypes
}

func TestSemanticTokens(t *testing.T) {
	s := dial(t, pushSoon)
	legend := legendOf(t, s)
	s.Notify("initialized", `{}`)
	s.didOpen(docURI, "json", coloured)
	full := decode[semanticTokens](t, s.request("textDocument/semanticTokens/full", about(docURI)))
	if got := readTokens(t, legend, coloured, full.Data); got != colouredTokens || full.ResultID == "" {
		t.Errorf("got  %s (%s)\nwant %s", got, full.ResultID, colouredTokens)
	}
	part := decode[semanticTokens](t, s.request("textDocument/semanticTokens/range", fmt.Sprintf(
		`{"textDocument":{"uri":%q},"range":%s}`, docURI, rangeJSON(t, "4:60-4:61"))))
	if got := readTokens(t, legend, coloured, part.Data); got != "operator:${ namespace:args variable:A operator:}" {
		t.Errorf("of a range: %s", got)
	}
	s.didChange(docURI, 2, "", "{\"name\":\n\"x\",\"scripts\":{\"a\":\"${args.A}\"}}")
	if got := decode[semanticTokens](t, s.request("textDocument/semanticTokens/full", about(docURI))); len(got.Data) != 0 {
		t.Errorf("in foreign JSON: %v", got)
	}
	if got := decode[semanticTokens](t, s.request("textDocument/semanticTokens/full", about("file:///closed.json"))); len(got.Data) != 0 {
		t.Errorf("in a closed document: %v", got)
	}
}

// TestTokenDeltas plays edits and applies the deltas as a client does: it must
// always have what a full reply says.
func TestTokenDeltas(t *testing.T) {
	s := dial(t, pushSoon)
	legend := legendOf(t, s)
	s.Notify("initialized", `{}`)
	s.didOpen(docURI, "json", coloured)
	have := decode[semanticTokens](t, s.request("textDocument/semanticTokens/full", about(docURI)))
	delta := func(previous string) semanticTokens {
		return decode[semanticTokens](t, s.request("textDocument/semanticTokens/full/delta", fmt.Sprintf(`{"textDocument":{"uri":%q},"previousResultId":%q}`, docURI, previous)))
	}
	edits := []struct {
		name, text string
		most       int // numbers that are sent anew at most
	}{
		{"nothing", coloured, 0},
		{"a line in front", "\n" + coloured, 5},
		{"a line in front less", coloured, 5},
		{"another expression at the end", strings.Replace(coloured, `"p", "spec"`, `"p", "skipNodeExecution": "${args.S}", "spec"`, 1), 25},
		{"one gone", strings.Replace(coloured, `\ud83d\ude00${args.C}`, ``, 1), 25},
		{"all gone", `{"apiVersion":"v1.2"}`, 0},
		{"all again", coloured, 5 * 20},
		{"a longer name", strings.Replace(coloured, "args.B", "args.BRANCH", 1), 10},
	}
	for i, e := range edits {
		t.Run(e.name, func(t *testing.T) {
			s.didChange(docURI, i+2, "", e.text)
			got := delta(have.ResultID)
			sent := 0
			for j := len(got.Edits) - 1; j >= 0; j-- {
				edit := got.Edits[j]
				have.Data = slices.Replace(have.Data, edit.Start, edit.Start+edit.DeleteCount, edit.Data...)
				sent += len(edit.Data)
			}
			if got.Data != nil || sent > e.most {
				t.Errorf("%d numbers were sent, want %d at most: %+v", sent, e.most, got)
			}
			want := decode[semanticTokens](t, s.request("textDocument/semanticTokens/range", fmt.Sprintf(
				`{"textDocument":{"uri":%q},"range":%s}`, docURI, rangeJSON(t, "0:0-99:0"))))
			if !slices.Equal(have.Data, want.Data) {
				t.Errorf("the client has  %s\nbut there are %s", readTokens(t, legend, e.text, have.Data), readTokens(t, legend, e.text, want.Data))
			}
			have.ResultID = got.ResultID
		})
	}
	if got := delta("unknown"); got.Edits != nil || !slices.Equal(got.Data, have.Data) {
		t.Errorf("after an unknown id all are sent, but: %+v", got)
	}
	s.Notify("textDocument/didClose", about(docURI))
	s.didOpen(docURI, "json", coloured)
	if got := delta(have.ResultID); got.Edits != nil || len(got.Data) == 0 {
		t.Errorf("after the document was opened again all are sent, but: %+v", got)
	}
}
