package lsp_test

import (
	"fmt"
	"strings"
	"testing"
)

// hinting are the capabilities of a client that shows hints and is told when
// they have changed.
const hinting = `{"workspace":{"inlayHint":{"refreshSupport":true}},"textDocument":{"diagnostic":{},"inlayHint":{}}}`

const hintedTemplate = `{
  "apiVersion": "v1.2", "name": "Shop", "project": { "id": "shop" },
  "spec": { "kind": "Workflow", "spec": { "type": "sequential", "steps": [
    { "kind": "Addon", "spec": { "name": "😀${fn.if(args.A, 'x')}", "billing": { "deploymentPlan": "nf-compute-20" } } },
    { "kind": "Addon", "spec": { "name": "${fn.slug('D B')}" } }
  ] } }
}
`

// hints returns the hints of lines, "line:character label" each.
func (s *session) hints(from, to int) string {
	s.t.Helper()
	hints := decode[[]struct {
		Position struct{ Line, Character int }
		Label    string
	}](s.t, s.request("textDocument/inlayHint", fmt.Sprintf(`{"textDocument":{"uri":%q},"range":%s}`, docURI, rangeJSON(s.t, fmt.Sprintf("%d:0-%d:0", from, to)))))
	var out []string
	for _, h := range hints {
		out = append(out, fmt.Sprintf("%d:%d %s", h.Position.Line, h.Position.Character, h.Label))
	}
	return strings.Join(out, ", ")
}

func TestInlayHints(t *testing.T) {
	s := open(t, hinting)
	s.didOpen(docURI, "json", hintedTemplate)
	const first, second = "3:21 in shop, 3:60 then:, 3:114 $5.40 a month", `4:21 in shop, 4:60 = "d-b"`
	if got := s.hints(0, 99); got != first+", "+second {
		t.Errorf("got %s", got)
	}
	if got := s.hints(4, 5); got != second {
		t.Errorf("of the second node: %s", got)
	}
	settings := []struct{ set, want string }{
		{`{"cost":false}`, "3:21 in shop, 3:60 then:, " + second},
		{`{"context":false}`, `3:60 then:, 3:114 $5.40 a month, 4:60 = "d-b"`},
		{`{"values":false}`, first + ", 4:21 in shop"},
		{`{"parameters":false,"values":true}`, "3:21 in shop, 3:114 $5.40 a month, " + second},
		{`false`, ""},
		{`true`, first + ", " + second},
	}
	for _, tt := range settings {
		t.Run(tt.set, func(t *testing.T) {
			s.Notify("workspace/didChangeConfiguration", `{"settings":{"northflank":{"inlayHints":`+tt.set+`}}}`)
			s.Send(`{"jsonrpc":"2.0","id":%s,"result":null}`, s.Await("workspace/inlayHint/refresh").ID)
			if got := s.hints(0, 99); got != tt.want {
				t.Errorf("got %s", got)
			}
		})
	}
	s.didChange(docURI, 2, "", `{"name":"${fn.slug('D B')}"}`)
	if got := s.hints(0, 99); got != "" {
		t.Errorf("in foreign JSON: %s", got)
	}
}
