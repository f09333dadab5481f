package lsp_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/lsp"
	"github.com/nf-lsp/nf-lsp/internal/lsp/lsptest"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// fragments are what random edits insert.
var fragments = []string{
	"", "{", "}", "[", "]", ",", ":", `"`, "\\", "\n", "\r\n", "\r", " ", "é", "😀", "\x00", "//", "/*",
	`"kind": "Project"`, `"kind": "`, `"ref": "a"`, `"spec": {`, `"steps": [`, `"arguments": {"A": 1}`,
	"${", "${refs.", "refs.a.id", "args.A", "fn.if(", "fn.eq(args.A, 'x')", ")", "'", ".", "}", "${{ x }}", `\${`,
	withKind("Workflow"),
}

// atPosition are questions about a position, or about the document at it.
var atPosition = []string{
	"textDocument/hover", "textDocument/signatureHelp", "textDocument/definition", "textDocument/typeDefinition",
	"textDocument/references", "textDocument/documentHighlight", "textDocument/prepareRename", "textDocument/rename",
	"textDocument/linkedEditingRange", "textDocument/documentSymbol", "workspace/symbol", "textDocument/foldingRange",
	"textDocument/selectionRange", "textDocument/documentLink",
}

// FuzzServer plays sessions of random edits, questions, cancellations and
// garbage. However they go: no panic, a reply to each request, the text of the
// client, and an orderly end.
func FuzzServer(f *testing.F) {
	f.Add([]byte("open, type, ask, leave"), true)
	f.Add([]byte{0, 30, 0, 0, 0, 0, 1, 8, 9, 2, 8, 9, 3, 0, 9, 1, 4, 1, 5, 3, 6, 0, 7, 2, 1, 30, 9, 1, 1}, false)
	f.Add([]byte(strings.Repeat("\x00\x12\x03\x07\x01\x02\x05", 40)), true)
	f.Fuzz(func(t *testing.T, script []byte, pulls bool) {
		if len(script) > 2000 {
			t.Skip()
		}
		playRandomly(t, script, pulls)
	})
}

// settingsURI is where the settings of the document's project are, or would be.
const settingsURI = "file:///.northflank/settings.json"

func playRandomly(t *testing.T, script []byte, pulls bool) {
	var mu sync.Mutex
	analysed := map[string]bool{} // an older text may be looked at after a newer one
	capabilities := `{}`
	if pulls {
		capabilities = modern
	}
	s := openWith(t, lsp.Options{PushDelay: time.Millisecond, Analyse: func(tree *syntax.Tree, prev *analysis.Snapshot, cfg *analysis.Config) *analysis.Snapshot {
		mu.Lock()
		analysed[tree.Source()] = true
		mu.Unlock()
		return analysis.NewSnapshot(tree, prev, cfg)
	}}, capabilities)
	text, version := "{\n}", 1
	s.didOpen(docURI, "json", text)
	next := func(n int) int {
		if len(script) == 0 {
			return 0
		}
		b := int(script[0])
		script = script[1:]
		return b % n
	}
	var asked []string
	refused := 0
	for len(script) > 0 {
		line, character := next(8), next(40)
		switch next(14) {
		case 0, 1, 2, 3, 4:
			l2, c2 := line+next(2), character+next(12)
			insert := fragments[next(len(fragments))]
			start, end := naiveOffset(text, line, character), naiveOffset(text, l2, c2)
			if end < start {
				start, end = end, start
			}
			text = text[:start] + insert + text[end:]
			version++
			s.didChange(docURI, version, fmt.Sprintf("%d:%d-%d:%d", line, character, l2, c2), insert)
		case 5:
			asked = append(asked, s.send("textDocument/completion", at(docURI, line, character)))
		case 6:
			method := atPosition[next(len(atPosition))]
			asked = append(asked, s.send(method, strings.TrimSuffix(at(docURI, line, character), "}")+`,"newName":"b","context":{"includeDeclaration":true},"positions":[{"line":0,"character":3}],"query":"a"}`))
		case 7:
			asked = append(asked, s.send("textDocument/diagnostic", about(docURI)))
		case 8:
			s.Notify("$/cancelRequest", fmt.Sprintf(`{"id":%d}`, max(1, s.ids-next(4))))
		case 9:
			refused++
			switch next(4) {
			case 0:
				s.Raw("noise " + strings.Repeat("x", character) + "\r\n")
			case 1:
				s.Raw(lsptest.Frame(`{"jsonrpc":"2.0","id":1,` + fragments[next(len(fragments))]))
			case 2:
				s.Raw(lsptest.Frame("[" + strings.Repeat("1,", character) + "1]"))
			case 3:
				s.Raw(fmt.Sprintf("Content-Length: -%d\r\n\r\n", character))
			}
		case 10:
			s.Notify("workspace/didChangeConfiguration", fmt.Sprintf(`{"settings":{"diagnostics":{"severity":{"unknown-kind":%q}}}}`, []string{"off", "hint", "?"}[next(3)]))
		case 11:
			s.Notify("textDocument/didClose", about(docURI))
			version = 1
			s.didOpen(docURI, "json", text)
		case 12:
			place := fmt.Sprintf(`{"textDocument":{"uri":%q},"range":{"start":{"line":0,"character":%d},"end":{"line":%d,"character":%d}},"context":{"diagnostics":[]}}`, docURI, character, line, character)
			switch next(7) {
			case 0:
				asked = append(asked, s.send("textDocument/codeAction", place))
			case 1:
				asked = append(asked, s.send("textDocument/inlayHint", place))
			case 2:
				asked = append(asked, s.send("textDocument/semanticTokens/range", place))
			case 3:
				asked = append(asked, s.send("textDocument/semanticTokens/full", about(docURI)))
			case 4:
				asked = append(asked, s.send("textDocument/semanticTokens/full/delta", fmt.Sprintf(`{"textDocument":{"uri":%q},"previousResultId":"1-%d"}`, docURI, line)))
			case 5:
				asked = append(asked, s.send("textDocument/codeLens", about(docURI)))
			case 6:
				asked = append(asked, s.send("workspace/diagnostic", `{"previousResultIds":[]}`))
			}
		case 13:
			// The project's settings: opened, or edited, or closed, or changed on disk.
			switch settings := fmt.Sprintf(`{"diagnostics":{"severity":{"unknown-kind":"off"},"suppressions":[%s]}}`, fragments[next(len(fragments))]); next(5) {
			case 0:
				s.didOpen(settingsURI, "json", settings)
			case 1, 2:
				s.didOpen(settingsURI, "json", "{}")
				s.didChange(settingsURI, line, "0:0-0:1", settings)
				asked = append(asked, s.send("textDocument/diagnostic", about(settingsURI)))
			case 3:
				s.Notify("textDocument/didClose", about(settingsURI))
			case 4:
				s.Notify("workspace/didChangeWatchedFiles", fmt.Sprintf(`{"changes":[{"uri":%q,"type":2}]}`, settingsURI))
			}
		}
	}
	for _, id := range asked {
		if m := s.Reply(id); m.Error != nil && m.Error.Code != -32800 && m.Error.Code != -32803 {
			t.Errorf("a question failed: %s", m.Raw)
		}
	}
	s.request("textDocument/diagnostic", about(docURI))
	mu.Lock()
	if !analysed[text] {
		t.Errorf("the server never had the client's text %q", text)
	}
	mu.Unlock()
	s.request("shutdown", "null")
	s.Notify("exit", "null")
	errors := 0
	for _, m := range s.Ended() {
		if m.IsReply() {
			errors++
			if m.Error == nil || string(m.ID) != "null" {
				t.Errorf("nobody asked for %s", m.Raw)
			}
		}
	}
	// Noise directly behind noise is one run and costs one error.
	if errors > refused || refused > 0 && errors == 0 {
		t.Errorf("%d pieces of garbage cost %d errors", refused, errors)
	}
	if code := <-s.exit; code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func TestRandomSessions(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for i := range 20 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			script := make([]byte, 400)
			for i := range script {
				script[i] = byte(rng.Uint32())
			}
			playRandomly(t, script, i%2 == 0)
		})
	}
}
