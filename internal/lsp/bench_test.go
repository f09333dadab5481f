package lsp_test

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/nf-lsp/nf-lsp/internal/lsp"
	"github.com/nf-lsp/nf-lsp/internal/lsp/lsptest"
)

// bigTemplate is a template of about size bytes: projects, secrets that refer
// to them, and one value in the middle that the benchmark types.
func bigTemplate(size int) (text string, line, column int) {
	var b strings.Builder
	b.WriteString("{\n  \"apiVersion\": \"v1.2\",\n  \"name\": \"Shop\",\n  \"spec\": { \"kind\": \"Workflow\", \"spec\": { \"type\": \"sequential\", \"steps\": [\n")
	typed := false
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, "    { \"kind\": \"Project\", \"ref\": \"p%d\", \"spec\": { \"name\": \"Shop %d\", \"region\": \"europe-west\" } },\n", i, i)
		value := fmt.Sprintf("${refs.p%d.id}", i)
		if !typed && b.Len() > size/2 {
			typed = true
			start := strings.LastIndexByte(b.String(), '\n') + 1
			prefix := fmt.Sprintf("    { \"kind\": \"SecretGroup\", \"spec\": { \"name\": \"keys %d\", \"secretType\": \"environment\", \"priority\": 10, \"projectId\": \"", i)
			line, column = strings.Count(b.String()[:start], "\n"), len(prefix)
			value = ""
		}
		fmt.Fprintf(&b, "    { \"kind\": \"SecretGroup\", \"spec\": { \"name\": \"keys %d\", \"secretType\": \"environment\", \"priority\": 10, \"projectId\": \"%s\" } },\n", i, value)
	}
	b.WriteString("    { \"kind\": \"Project\", \"spec\": { \"name\": \"Last\", \"region\": \"europe-west\" } }\n  ] } }\n}\n")
	return b.String(), line, column
}

// BenchmarkKeystroke is one character typed in the middle of a template, with
// what an editor asks for after it: completion and findings, over the wire.
func BenchmarkKeystroke(b *testing.B) {
	for _, size := range []int{20_000, 200_000, 2_000_000} {
		b.Run(fmt.Sprintf("%dKB", size/1000), func(b *testing.B) {
			near, far := net.Pipe()
			go lsp.New(lsp.Options{}).Run(context.Background(), far)
			c := lsptest.NewClient(b, near)
			defer c.Close()
			c.Call(0, "initialize", `{"capabilities":`+modern+`}`)
			text, line, column := bigTemplate(size)
			c.Notify("textDocument/didOpen", fmt.Sprintf(`{"textDocument":{"uri":%q,"languageId":"json","version":1,"text":%s}}`, docURI, quote(text)))
			c.Call(1, "textDocument/diagnostic", about(docURI))
			const typed = "${refs.p1.id}"
			id, version, at0 := 1, 1, 0
			for b.Loop() {
				version++
				change := fmt.Sprintf(`{"range":{"start":{"line":%d,"character":%d},"end":{"line":%d,"character":%d}},"text":%q}`, line, column+at0, line, column+at0, typed[at0:at0+1])
				at0++
				if at0 == len(typed) { // and start again
					change = fmt.Sprintf(`{"range":{"start":{"line":%d,"character":%d},"end":{"line":%d,"character":%d}},"text":""}`, line, column, line, column+at0-1)
					at0 = 0
				}
				c.Notify("textDocument/didChange", fmt.Sprintf(`{"textDocument":{"uri":%q,"version":%d},"contentChanges":[%s]}`, docURI, version, change))
				id += 2
				c.Send(`{"jsonrpc":"2.0","id":%d,"method":"textDocument/completion","params":%s}`, id, at(docURI, line, column+at0))
				c.Send(`{"jsonrpc":"2.0","id":%d,"method":"textDocument/diagnostic","params":%s}`, id+1, about(docURI))
				c.Reply(fmt.Sprint(id))
				c.Reply(fmt.Sprint(id + 1))
			}
		})
	}
}

// vsCodeCompletes is what VS Code says of completion.
const vsCodeCompletes = `"completion":{"insertTextMode":2,` +
	`"completionItem":{"snippetSupport":true,"labelDetailsSupport":true,"insertTextModeSupport":{"valueSet":[1,2]},` +
	`"resolveSupport":{"properties":["documentation","detail","additionalTextEdits"]}},` +
	`"completionList":{"itemDefaults":["commitCharacters","editRange","insertTextFormat","insertTextMode","data"]}}`

// BenchmarkTyping types a template from its first character to its last, once for
// each run, and asks for completion and findings at one in ten. What is reported of
// each keystroke is the least that it ever took, so that what else the machine does
// counts little with many runs (-benchtime 20x); the slowest are logged.
func BenchmarkTyping(b *testing.B) {
	const every = 10
	data, err := os.ReadFile("../../testdata/templates/payload.json")
	if err != nil {
		b.Fatal(err)
	}
	text := []rune(string(data))
	count := len(text) / every
	best := map[string][]time.Duration{"completion": make([]time.Duration, count), "findings": make([]time.Duration, count)}
	for b.Loop() {
		near, far := net.Pipe()
		go lsp.New(lsp.Options{}).Run(context.Background(), far)
		c := lsptest.NewClient(b, near)
		c.Call(0, "initialize", `{"capabilities":{"textDocument":{"diagnostic":{},`+vsCodeCompletes+`}}}`)
		c.Notify("textDocument/didOpen", fmt.Sprintf(`{"textDocument":{"uri":%q,"languageId":"json","version":1,"text":""}}`, docURI))
		line, column, id := 0, 0, 0
		typeIn := func(typed []rune) {
			var changes []string
			for _, r := range typed {
				changes = append(changes, fmt.Sprintf(`{"range":{"start":{"line":%d,"character":%d},"end":{"line":%d,"character":%d}},"text":%s}`, line, column, line, column, quote(string(r))))
				if column += utf16.RuneLen(r); r == '\n' {
					line, column = line+1, 0
				}
			}
			id++
			c.Notify("textDocument/didChange", fmt.Sprintf(`{"textDocument":{"uri":%q,"version":%d},"contentChanges":[%s]}`, docURI, id, strings.Join(changes, ",")))
		}
		ask := func(method, params string) {
			id++
			c.Send(`{"jsonrpc":"2.0","id":%d,"method":%q,"params":%s}`, id, method, params)
			c.Reply(fmt.Sprint(id))
		}
		for i := range count {
			typed := text[i*every : (i+1)*every]
			typeIn(typed[:every-1])
			ask("textDocument/diagnostic", about(docURI))
			note := func(what string, begun time.Time) {
				if took := time.Since(begun); best[what][i] == 0 || took < best[what][i] {
					best[what][i] = took
				}
			}
			begun := time.Now()
			typeIn(typed[every-1:])
			ask("textDocument/completion", at(docURI, line, column))
			note("completion", begun)
			begun = time.Now()
			ask("textDocument/diagnostic", about(docURI))
			note("findings", begun)
		}
		c.Close()
	}
	for what, times := range best {
		order := make([]int, count)
		for i := range order {
			order[i] = i
		}
		slices.SortFunc(order, func(i, j int) int { return cmp.Compare(times[i], times[j]) })
		for share, name := range map[int]string{50: "p50", 99: "p99"} {
			b.ReportMetric(float64(times[order[count*share/100]].Microseconds()), what+"-"+name+"-µs")
		}
		for _, i := range order[count-3:] {
			end := (i + 1) * every
			b.Logf("%s took %v behind %q", what, times[i], string(text[max(0, end-40):end]))
		}
	}
}

// BenchmarkForeignDocument is one character typed in JSON that is no template: a
// lock file of 5 MB, and a list that has a word of templates in it, so that it
// has to be parsed.
func BenchmarkForeignDocument(b *testing.B) {
	for _, bb := range []struct{ name, text string }{
		{"lock file", lockFile()},
		{"word of templates", "{\n" + strings.Repeat("  \"name\": [\"value\", {\"a\": 1}],\n", 6000) + "  \"kind\": 1\n}\n"},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			near, far := net.Pipe()
			go lsp.New(lsp.Options{}).Run(context.Background(), far)
			c := lsptest.NewClient(b, near)
			defer c.Close()
			c.Call(0, "initialize", `{"capabilities":`+modern+`}`)
			c.Notify("textDocument/didOpen", fmt.Sprintf(`{"textDocument":{"uri":%q,"languageId":"json","version":1,"text":%s}}`, docURI, quote(bb.text)))
			id := 1
			for b.Loop() {
				id++
				c.Notify("textDocument/didChange", fmt.Sprintf(`{"textDocument":{"uri":%q,"version":%d},"contentChanges":[{"range":%s,"text":"x"}]}`, docURI, id, rangeJSON(b, "3000:12-3000:13")))
				c.Call(id, "textDocument/diagnostic", about(docURI))
			}
		})
	}
}

// BenchmarkCompletion is a long list that is asked for again, by a client that can
// do what VS Code can: the kinds of nodes with their skeletons, and what an
// expression may start with.
func BenchmarkCompletion(b *testing.B) {
	const capabilities = `{"textDocument":{"diagnostic":{},` + vsCodeCompletes + `}}`
	for _, bb := range []struct{ name, typed string }{{"nodes", ""}, {"expression", `{ "kind": "Project", "spec": { "name": "${`}} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			near, far := net.Pipe()
			go lsp.New(lsp.Options{}).Run(context.Background(), far)
			c := lsptest.NewClient(b, near)
			defer c.Close()
			c.Call(0, "initialize", `{"capabilities":`+capabilities+`}`)
			text, line, _ := bigTemplate(20_000)
			lines := strings.SplitAfter(text, "\n")
			lines[line] = "    " + bb.typed
			text = strings.Join(lines[:line+1], "")
			c.Notify("textDocument/didOpen", fmt.Sprintf(`{"textDocument":{"uri":%q,"languageId":"json","version":1,"text":%s}}`, docURI, quote(text)))
			id, size := 0, 0
			for b.Loop() {
				id++
				c.Send(`{"jsonrpc":"2.0","id":%d,"method":"textDocument/completion","params":%s}`, id, at(docURI, line, len(lines[line])))
				size = len(c.Reply(fmt.Sprint(id)).Raw)
			}
			b.ReportMetric(float64(size), "reply-bytes")
		})
	}
}
