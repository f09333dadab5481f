package lsp_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/lsp"
)

type completions struct {
	IsIncomplete bool
	Items        []struct {
		Label, Detail, SortText, FilterText string
		Kind, InsertTextFormat              int
		Documentation                       struct{ Kind, Value string }
		TextEdit                            struct {
			Range struct {
				Start, End struct{ Line, Character int }
			}
			NewText string
		}
		Command struct{ Command string }
	}
}

// half is a template that is being typed; its steps are waiting for a node.
const half = `{
  "apiVersion": "v1.2",
  "name": "Shop",
  "arguments": { "BRANCH": "main" },
  "spec": { "kind": "Workflow", "spec": { "type": "sequential", "steps": [
    { "kind": "Project", "ref": "shop", "spec": { "name": "Shop", "region": "europe-west" } },
    { "kind": "" },
    { "kind": "SecretGroup", "spec": { "name": "${", "projectId": "${refs.shop.", "secretType": "${fn.if(args." } }
  ] } }
}
`

func (s *session) complete(position string) completions {
	s.t.Helper()
	var line, character int
	if _, err := fmt.Sscanf(position, "%d:%d", &line, &character); err != nil {
		s.t.Fatal(err)
	}
	return decode[completions](s.t, s.request("textDocument/completion", at(docURI, line, character)))
}

func (c completions) labels() string {
	var labels []string
	for _, i := range c.Items {
		labels = append(labels, i.Label)
	}
	return strings.Join(labels, " ")
}

func TestCompletionOffersWhatFits(t *testing.T) {
	s := open(t, modern)
	s.didOpen(docURI, "json", half)
	lines := strings.Split(half, "\n")
	after := func(line int, text string) string {
		return fmt.Sprintf("%d:%d", line, strings.Index(lines[line], text)+len(text))
	}
	tests := []struct{ name, position, want string }{
		{"kinds", after(6, `"kind": "`), "Addon"},
		{"roots", after(7, `"name": "${`), "refs"},
		{"the output of a node", after(7, `${refs.shop.`), "id"},
		{"nodes", after(7, `${refs.`), "shop"},
		{"arguments", after(7, `args.`), "BRANCH"},
		{"functions", after(7, `${fn.`), "if"},
		{"values", after(4, `"type": "`), "parallel"},
		{"properties", after(5, `"Shop", "`), "description"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := s.complete(tt.position); !strings.Contains(" "+got.labels(), tt.want) || got.IsIncomplete {
				t.Errorf("%q is not among %q", tt.want, got.labels())
			}
		})
	}
}

// TestEditsStayOnTheLine asks at every place of a half-typed template: an edit
// surrounds the cursor, keeps to its line and, where the client has no
// snippets, holds no place of one.
func TestEditsStayOnTheLine(t *testing.T) {
	for name, capabilities := range map[string]string{"with snippets": modern, "without snippets": `{}`} {
		t.Run(name, func(t *testing.T) {
			s := open(t, capabilities)
			s.didOpen(docURI, "json", half)
			snippets, plain := 0, 0
			for line, text := range strings.Split(half, "\n") {
				for character := range len(text) + 1 {
					for _, item := range s.complete(fmt.Sprintf("%d:%d", line, character)).Items {
						r := item.TextEdit.Range
						if r.Start.Line != line || r.End.Line != line || r.Start.Character > character || r.End.Character < character || r.End.Character > len(text) {
							t.Fatalf("at %d:%d %q replaces %v", line, character, item.Label, r)
						}
						if item.Kind < 1 || item.Kind > 18 {
							t.Fatalf("%q is of kind %d, which an older client does not have", item.Label, item.Kind)
						}
						if item.InsertTextFormat == 2 {
							snippets++
						} else {
							plain++
						}
						if name == "without snippets" && (item.InsertTextFormat == 2 || strings.Contains(item.TextEdit.NewText, "$1")) {
							t.Fatalf("a client without snippets gets %q", item.TextEdit.NewText)
						}
					}
				}
			}
			if plain == 0 || (snippets == 0) == (name == "with snippets") {
				t.Errorf("%d snippets and %d others", snippets, plain)
			}
		})
	}
}

// TestTruncatedTemplates types a template from its first to its last character
// and completes at each: every reply is one, and every edit surrounds the cursor.
func TestTruncatedTemplates(t *testing.T) {
	s := open(t, modern)
	offered := 0
	s.didOpen(docURI, "json", "")
	for end := range len(half) + 1 {
		text := half[:end]
		s.didChange(docURI, end+2, "", text)
		line := strings.Count(text, "\n")
		character := end - (strings.LastIndexByte(text, '\n') + 1)
		for _, item := range s.complete(fmt.Sprintf("%d:%d", line, character)).Items {
			offered++
			r := item.TextEdit.Range
			if r.Start.Line != line || r.End.Line != line || r.Start.Character > character || r.End.Character != character {
				t.Fatalf("behind %q, %q replaces %v", text[max(0, end-40):], item.Label, r)
			}
		}
	}
	if offered < 1000 {
		t.Errorf("only %d items were offered", offered)
	}
}

func TestDocumentationFollowsTheClient(t *testing.T) {
	kinds := fmt.Sprintf("6:%d", len(`    { "kind": "`))
	for _, tt := range []struct{ capabilities, kind string }{
		{modern, "markdown"},
		{`{}`, "plaintext"},
		{`{"textDocument":{"completion":{"completionItem":{"documentationFormat":["plaintext"]}}}}`, "plaintext"},
	} {
		t.Run(tt.kind, func(t *testing.T) {
			s := open(t, tt.capabilities)
			s.didOpen(docURI, "json", half)
			for _, item := range s.complete(kinds).Items {
				if item.Documentation.Value != "" && item.Documentation.Kind != tt.kind {
					t.Fatalf("%q is documented as %q", item.Label, item.Documentation.Kind)
				}
			}
		})
	}
}

func TestTheListIsOpenedAgainOnlyIfTheClientSaysHow(t *testing.T) {
	roots := fmt.Sprintf("7:%d", strings.Index(strings.Split(half, "\n")[7], `${`)+2)
	for options, want := range map[string]string{`{"retriggerCommand":"editor.action.triggerSuggest"}`: "editor.action.triggerSuggest", `{}`: ""} {
		t.Run(options, func(t *testing.T) {
			s := dial(t, lsp.Options{})
			s.request("initialize", `{"capabilities":`+modern+`,"initializationOptions":`+options+`}`)
			s.didOpen(docURI, "json", half)
			found := false
			for _, item := range s.complete(roots).Items {
				found = found || item.Command.Command != ""
				if c := item.Command.Command; c != "" && c != want {
					t.Errorf("%q runs %q", item.Label, c)
				}
			}
			if found != (want != "") {
				t.Errorf("commands: %v, want %q", found, want)
			}
		})
	}
}

func TestHoverFollowsTheClient(t *testing.T) {
	for capabilities, want := range map[string]string{
		modern: "**",
		`{}`:   "",
		`{"textDocument":{"hover":{"contentFormat":["plaintext","markdown"]}}}`: "",
	} {
		t.Run(capabilities, func(t *testing.T) {
			s := open(t, capabilities)
			s.didOpen(docURI, "json", half)
			got := string(s.request("textDocument/hover", at(docURI, 5, 16)))
			if !strings.Contains(got, "Project") || strings.Contains(got, "**") != (want != "") {
				t.Errorf("got %s", got)
			}
		})
	}
}
