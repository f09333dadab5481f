package lsp_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/lsp"
)

// TestEachTriggerCharacterOpensTheListThatBelongsThere types the characters that
// the server asks to be told of, each into a template that is not whole: in one
// run it ends behind the character, in the other quotes, braces and brackets are
// missing and more lines follow. The list opens, what is wanted in this place
// comes first in it, and what is chosen stands where it belongs.
func TestEachTriggerCharacterOpensTheListThatBelongsThere(t *testing.T) {
	const before = `{
  "apiVersion": "v1.2",
  "name": "Shop",
  "arguments": { "BRANCH": "main" },
  "spec": { "kind": "Workflow", "spec": { "type": "sequential", "context": { "projectId": "shop" }, "steps": [
    { "kind": "BuildService", "ref": "web", "spec": { "name": "web" } },
    { "kind": "Build", "ref": "build", "spec": { "id": "${refs.web.id}" } },
    { "kind": "ManualJob", "ref": "job", "spec": { "name": "job" } },
`
	const behind = `
    { "kind": "Message", "spec": { "message": "${refs.build.id}" } }
  ] } }
}
`
	tests := []struct {
		character, line, first, chosen string
		// offered must be in the list as well, absent must not.
		offered, absent string
	}{
		{`"`, `    { "kind": "Workflow", "spec": { "type": "`, "sequential", `    { "kind": "Workflow", "spec": { "type": "sequential"`, "parallel", "Addon"},
		{`"`, `    { "`, "kind", `    { "kind": "$1"`, "ref", "apiVersion"},
		{`"`, `    { "kind": "`, "Workflow", `    { "kind": "Workflow"`, "Addon", "sequential"},
		{`:`, `    { "kind": "Workflow", "spec": { "type":`, "sequential", `    { "kind": "Workflow", "spec": { "type": "sequential"`, "parallel", "Addon"},
		{`$`, `    { "kind": "JobRun", "spec": { "jobId": "$`, "${refs.job.id}", `    { "kind": "JobRun", "spec": { "jobId": "${refs.job.id}"`, "${args.BRANCH}", "${refs.build.id}"},
		{`{`, `    { "kind": "Message", "spec": { "message": "${`, "args.BRANCH", `    { "kind": "Message", "spec": { "message": "${args.BRANCH}`, "refs", "kind"},
		{`{`, `    { "kind": "Message", "spec": { "message": "see ${`, "args.BRANCH", `    { "kind": "Message", "spec": { "message": "see ${args.BRANCH}`, "fn", "kind"},
		{`.`, `    { "kind": "Message", "spec": { "message": "${refs.`, "build", `    { "kind": "Message", "spec": { "message": "${refs.build.`, "web", "args"},
		{`.`, `    { "kind": "Message", "spec": { "message": "${refs.build.`, "id", `    { "kind": "Message", "spec": { "message": "${refs.build.id}`, "branch", "web"},
		{`.`, `    { "kind": "Message", "spec": { "message": "${args.`, "BRANCH", `    { "kind": "Message", "spec": { "message": "${args.BRANCH}`, "", "refs"},
		{`.`, `    { "kind": "Message", "spec": { "message": "${fn.`, "add", `    { "kind": "Message", "spec": { "message": "${fn.add(${1:a}, ${2:b})}`, "slug", "args"},
		{`(`, `    { "kind": "Message", "spec": { "message": "${fn.toLower(`, "args.BRANCH", `    { "kind": "Message", "spec": { "message": "${fn.toLower(args.BRANCH`, "refs", "kind"},
		{`,`, `    { "kind": "Message", "spec": { "message": "${fn.eq(args.BRANCH,`, "args.BRANCH", `    { "kind": "Message", "spec": { "message": "${fn.eq(args.BRANCH,args.BRANCH`, "refs", "kind"},
		{`'`, `    { "kind": "Message", "spec": { "message": "${fn.randomSecret(32, '`, "base64", `    { "kind": "Message", "spec": { "message": "${fn.randomSecret(32, 'base64`, "hex", "refs"},
		{`'`, `    { "kind": "Message", "spec": { "message": "${fn.get(refs.build, '`, "branch", `    { "kind": "Message", "spec": { "message": "${fn.get(refs.build, 'branch`, "id", "web"},
	}

	s := dial(t, lsp.Options{})
	init := decode[struct {
		Capabilities struct {
			CompletionProvider struct{ TriggerCharacters []string }
		}
	}](t, s.request("initialize", `{"processId":null,"rootUri":null,"capabilities":`+modern+`}`))
	var typed []string
	for _, tt := range tests {
		if !slices.Contains(typed, tt.character) {
			typed = append(typed, tt.character)
		}
	}
	asked := init.Capabilities.CompletionProvider.TriggerCharacters
	slices.Sort(typed)
	slices.Sort(asked)
	if !slices.Equal(typed, asked) || len(asked) != 8 {
		t.Errorf("the server asks for %q, and tried are %q", asked, typed)
	}

	s.didOpen(docURI, "json", "")
	version := 1
	line := strings.Count(before, "\n")
	for _, tt := range tests {
		for _, rest := range []struct{ name, text string }{{"at the end", ""}, {"in the middle", behind}} {
			t.Run(tt.line+" "+rest.name, func(t *testing.T) {
				// The character arrives as an edit of its own, as from an editor.
				version++
				s.didChange(docURI, version, "", before+strings.TrimSuffix(tt.line, tt.character)+rest.text)
				version++
				at := len(tt.line)
				s.didChange(docURI, version, fmt.Sprintf("%d:%d-%d:%d", line, at-1, line, at-1), tt.character)
				list := decode[completions](t, s.request("textDocument/completion", fmt.Sprintf(
					`{"textDocument":{"uri":%q},"position":{"line":%d,"character":%d},"context":{"triggerKind":2,"triggerCharacter":%s}}`,
					docURI, line, at, quote(tt.character))))
				if len(list.Items) == 0 {
					t.Fatal("nothing is offered")
				}
				first := list.Items[0]
				labels := make(map[string]bool)
				for _, item := range list.Items {
					labels[item.Label] = true
					if item.SortText < first.SortText {
						first = item
					}
				}
				if first.Label != tt.first {
					t.Errorf("%q is first of %q", first.Label, list.labels())
				}
				if tt.offered != "" && !labels[tt.offered] {
					t.Errorf("%q is not among %q", tt.offered, list.labels())
				}
				if labels[tt.absent] {
					t.Errorf("%q is among %q", tt.absent, list.labels())
				}
				r := first.TextEdit.Range
				if r.Start.Line != line || r.End.Line != line || r.Start.Character > at || r.End.Character != at {
					t.Fatalf("%q replaces %v", first.Label, r)
				}
				got := tt.line[:r.Start.Character] + first.TextEdit.NewText
				if first.InsertTextFormat == 2 {
					got = strings.NewReplacer(`\$`, "$", `\}`, "}").Replace(got)
				}
				if !strings.HasPrefix(got, tt.chosen) {
					t.Errorf("with %q: %s", first.Label, got)
				}
			})
		}
	}
}
