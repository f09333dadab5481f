package lsp_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// fixing are the capabilities of a client that applies versioned edits.
const fixing = `{"workspace":{"workspaceEdit":{"documentChanges":true}},"textDocument":{
	"diagnostic":{},
	"codeAction":{"isPreferredSupport":true,"codeActionLiteralSupport":{"codeActionKind":{"valueSet":["quickfix","source"]}}}}}`

// mistaken has an unresolved reference and an old version, and characters of
// several widths in front of the former.
const mistaken = `{
  "apiVersion": "v1",
  "name": "Shop",
  "spec": {
    "kind": "Workflow",
    "spec": {
      "type": "sequential",
      "steps": [
        { "kind": "Project", "ref": "shop", "spec": { "name": "Shop", "region": "europe-west" } },
        { "kind": "SecretGroup", "spec": { "name": "keys", "secretType": "environment", "priority": 10, "projectId": "${refs.shop.id}", "secrets": { "variables": { "A": "\u00e9é😀\"${refs.shp.id}" } } } }
      ]
    }
  }
}
`

type codeAction struct {
	Title       string
	Kind        string
	IsPreferred bool
	Diagnostics []finding
	Data        json.RawMessage         `json:",omitempty"`
	Disabled    struct{ Reason string } `json:",omitzero"`
	Edit        struct {
		Changes         map[string][]textEdit
		DocumentChanges []struct {
			TextDocument struct {
				URI     string
				Version *int
			}
			Edits []textEdit
		}
	}
}

type textEdit struct {
	Range   json.RawMessage
	NewText string
}

// codeActions asks for the actions at "line:character-line:character", and for
// certain kinds where only is not empty.
func (s *session) codeActions(uri, at, only string) []codeAction {
	s.t.Helper()
	if only != "" {
		only = `,"only":[` + only + `]`
	}
	return decode[[]codeAction](s.t, s.request("textDocument/codeAction", fmt.Sprintf(
		`{"textDocument":{"uri":%s},"range":%s,"context":{"diagnostics":[]%s}}`, quote(uri), rangeJSON(s.t, at), only)))
}

// applied returns the text after the edits, as a client applies them.
func applied(t *testing.T, text string, edits []textEdit) string {
	t.Helper()
	type change struct {
		start, end int
		text       string
	}
	lines := syntax.NewLines(text)
	var changes []change
	for _, e := range edits {
		r := decode[struct{ Start, End syntax.Position }](t, e.Range)
		changes = append(changes, change{lines.Offset(r.Start, syntax.UTF16), lines.Offset(r.End, syntax.UTF16), e.NewText})
	}
	slices.SortStableFunc(changes, func(a, b change) int { return b.start - a.start })
	for _, c := range changes {
		text = text[:c.start] + c.text + text[c.end:]
	}
	return text
}

func TestQuickFixesAreEditsOfTheVersionThatWasAskedAbout(t *testing.T) {
	s := open(t, fixing)
	s.didOpen(docURI, "json", " "+mistaken)
	s.didChange(docURI, 2, "", mistaken)
	found := s.pull(docURI)
	if len(found.Items) != 2 {
		t.Fatalf("findings: %v", found.Items)
	}
	for _, f := range found.Items {
		t.Run(f.Code, func(t *testing.T) {
			here := fmt.Sprintf("%d:%d-%d:%d", f.Range.Start.Line, f.Range.Start.Character+1, f.Range.Start.Line, f.Range.Start.Character+1)
			actions := s.codeActions(docURI, here, `"quickfix"`)
			if len(actions) == 0 {
				t.Fatal("no fix")
			}
			a := actions[0]
			if a.Kind != "quickfix" || !a.IsPreferred || len(a.Diagnostics) != 1 || a.Diagnostics[0].Code != f.Code {
				t.Errorf("the action is %+v", a)
			}
			if a.Diagnostics[0].Range != f.Range || a.Diagnostics[0].Message != f.Message {
				t.Errorf("it names %+v and not %+v", a.Diagnostics[0], f)
			}
			changes := a.Edit.DocumentChanges
			if len(changes) != 1 || a.Edit.Changes != nil || changes[0].TextDocument.URI != docURI || *changes[0].TextDocument.Version != 2 {
				t.Fatalf("the edit is %+v", a.Edit)
			}
			mended := applied(t, mistaken, changes[0].Edits)
			want := strings.Replace(mistaken, "refs.shp", "refs.shop", 1)
			if f.Code != "unresolved-ref" {
				want = strings.Replace(mistaken, `"v1"`, `"v1.2"`, 1)
			}
			if mended != want {
				t.Errorf("after the fix:\n%s", mended)
			}
			s.didChange(docURI, 3, "", mended)
			if left := s.pull(docURI); len(left.Items) != 1 || left.Items[0].Code == f.Code {
				t.Errorf("left are %v", left.Items)
			}
			s.didChange(docURI, 2, "", mistaken)
		})
	}
}

func TestKindsOfActions(t *testing.T) {
	s := open(t, fixing)
	s.didOpen(docURI, "json", mistaken)
	const everything = "0:0-20:0"
	tests := []struct{ name, at, only, want string }{
		{"all kinds where nothing is said", everything, "", "quickfix quickfix source.fixAll 4 suppressions"},
		{"fixes", everything, `"quickfix"`, "quickfix quickfix 4 suppressions"},
		{"sources", everything, `"source"`, "source.fixAll"},
		{"all fixes, wherever the cursor is", "2:0-2:0", `"source.fixAll"`, "source.fixAll"},
		{"a kind below one of ours", everything, `"source.fixAll.eslint"`, ""},
		{"a kind that starts alike", everything, `"sour"`, ""},
		{"refactorings", everything, `"refactor"`, "refactor.rewrite"},
		{"refactorings of a kind", "9:53-9:53", `"refactor.extract"`, "refactor.extract"},
		{"refactorings of another kind", "9:53-9:53", `"refactor.inline"`, ""},
		{"the empty kind", everything, `""`, "quickfix quickfix source.fixAll refactor.rewrite 4 suppressions"},
		{"a place without findings", "2:0-2:0", "", ""},
		{"beyond the end", "90:0-90:5", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var kinds []string
			suppressions := 0
			for _, a := range s.codeActions(docURI, tt.at, tt.only) {
				if strings.HasPrefix(a.Title, "Suppress ") && a.Kind == "quickfix" {
					suppressions++
					continue
				}
				kinds = append(kinds, a.Kind)
			}
			if suppressions > 0 {
				kinds = append(kinds, fmt.Sprintf("%d suppressions", suppressions))
			}
			if got := strings.Join(kinds, " "); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestFixAllLeavesNothingToFix(t *testing.T) {
	s := open(t, fixing)
	s.didOpen(docURI, "json", mistaken)
	actions := s.codeActions(docURI, "0:0-0:0", `"source.fixAll"`)
	if len(actions) != 1 || actions[0].IsPreferred {
		t.Fatalf("got %+v", actions)
	}
	mended := applied(t, mistaken, actions[0].Edit.DocumentChanges[0].Edits)
	want := strings.NewReplacer("refs.shp", "refs.shop", `"v1"`, `"v1.2"`).Replace(mistaken)
	if mended != want {
		t.Errorf("got\n%s", mended)
	}
	s.didChange(docURI, 2, "", mended)
	if left := s.pull(docURI); len(left.Items) != 0 {
		t.Errorf("left are %v", left.Items)
	}
	if again := s.codeActions(docURI, "0:0-0:0", `"source.fixAll"`); len(again) != 0 {
		t.Errorf("it is offered again: %+v", again)
	}
}

func TestActionsOfClientsThatKnowLess(t *testing.T) {
	s := open(t, `{"textDocument":{"codeAction":{"codeActionLiteralSupport":{"codeActionKind":{"valueSet":[]}}}}}`)
	s.didOpen(docURI, "json", mistaken)
	actions := s.codeActions(docURI, "9:0-9:999", "")
	if len(actions) == 0 || actions[0].IsPreferred || actions[0].Edit.DocumentChanges != nil || len(actions[0].Edit.Changes[docURI]) != 1 {
		t.Errorf("without versions: %+v", actions)
	}
	for _, text := range []string{`{"name": nonsense,,}`, ``, `[1,2`} {
		s.didOpen("file:///foreign.json", "json", text)
		if got := s.codeActions("file:///foreign.json", "0:0-0:20", ""); len(got) != 0 {
			t.Errorf("in %q: %+v", text, got)
		}
	}
	if got := s.codeActions("file:///closed.json", "0:0-0:20", ""); len(got) != 0 {
		t.Errorf("in a closed document: %+v", got)
	}
}

// TestRefactoringsOfClients asks for a change that is possible and one that is
// not: clients that resolve actions get the edit later, others at once, and only
// some are shown what is not possible.
func TestRefactoringsOfClients(t *testing.T) {
	const text = `{ "apiVersion": "v1.2", "name": "Shop", "arguments": { "A": "" }, "spec": { "kind": "Message", "spec": { "message": "a ${args.A}" } } }`
	extract := strings.Index(text, `"a $`) + 1
	inline := strings.Index(text, `args.A`) + 5
	for _, tt := range []struct {
		name, capabilities      string
		edit, data, hasDisabled bool
	}{
		{"a client that resolves nothing", `{}`, true, false, false},
		{"a client that resolves edits", `{"dataSupport":true,"resolveSupport":{"properties":["edit"]},`, false, true, false},
		{"a client that resolves something else", `{"dataSupport":true,"resolveSupport":{"properties":["command"]},`, true, false, false},
		{"a client that keeps no data", `{"resolveSupport":{"properties":["edit"]},`, true, false, false},
		{"a client that shows what is not possible", `{"disabledSupport":true,`, true, false, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t, `{"textDocument":{"codeAction":`+strings.TrimSuffix(tt.capabilities, "}")+`"codeActionLiteralSupport":{"codeActionKind":{"valueSet":[]}}}}}`)
			s.didOpen(docURI, "json", text)
			at := func(from, to int) string { return fmt.Sprintf("0:%d-0:%d", from, to) }
			possible := s.codeActions(docURI, at(extract, extract+1), `"refactor.extract"`)
			if len(possible) != 1 || (len(possible[0].Edit.Changes) > 0) != tt.edit || (len(possible[0].Data) > 0) != tt.data {
				t.Fatalf("the possible one: %+v", possible)
			}
			if tt.data {
				resolved := decode[codeAction](t, s.request("codeAction/resolve", fmt.Sprintf(`{"title":"t","data":%s}`, possible[0].Data)))
				if got := applied(t, text, resolved.Edit.Changes[docURI]); !strings.Contains(got, `"message": "${args.MESSAGE} ${args.A}"`) {
					t.Errorf("resolved, it makes %s", got)
				}
			}
			impossible := s.codeActions(docURI, at(inline, inline), `"refactor.inline"`)
			if (len(impossible) == 1) != tt.hasDisabled {
				t.Fatalf("the impossible one: %+v", impossible)
			}
			if tt.hasDisabled && (impossible[0].Disabled.Reason == "" || impossible[0].Edit.Changes != nil || impossible[0].Data != nil) {
				t.Errorf("disabled: %+v", impossible[0])
			}
		})
	}
}
