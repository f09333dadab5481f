package lsp_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/lsp"
)

// An editor with JSON support of its own says what that does: it is left to it, in
// the languages that it is for.
const besideJSON = `{"processId":null,"rootUri":null,"initializationOptions":{"elsewhere":{
	"json":["syntax","documentSymbol","foldingRange","formatting"],
	"jsonc":["syntax","documentSymbol","foldingRange","formatting"]}},
	"capabilities":{"textDocument":{"diagnostic":{},%s}}}`

const registering = `"documentSymbol":{"dynamicRegistration":true,"hierarchicalDocumentSymbolSupport":true},"foldingRange":{"dynamicRegistration":true},
	"formatting":{"dynamicRegistration":true},"rangeFormatting":{"dynamicRegistration":true},"onTypeFormatting":{"dynamicRegistration":true}`

const doublyMistaken = `{"apiVersion":"v1.2","name":"Shop","name":"Store",// no
"spec":{"kind":"Nonsense","spec":{}},}`

func TestWhatAnEditorHasFromSomebodyElseIsLeftToHim(t *testing.T) {
	for _, tt := range []struct {
		language string
		codes    string
	}{
		{"northflank", "duplicate-key syntax-error unknown-kind syntax-error"},
		{"json", "unknown-kind"},
		{"jsonc", "syntax-error unknown-kind"}, // comments are wrong on the platform alone
	} {
		t.Run(tt.language, func(t *testing.T) {
			s := dial(t, lsp.Options{})
			s.request("initialize", fmt.Sprintf(besideJSON, registering))
			s.Notify("initialized", `{}`)
			s.didOpen(docURI, tt.language, doublyMistaken)
			var codes []string
			for _, f := range s.pull(docURI).Items {
				codes = append(codes, f.Code)
			}
			if got := strings.Join(codes, " "); got != tt.codes {
				t.Errorf("findings: %s, not %s", got, tt.codes)
			}
			ours := tt.language == "northflank"
			for method, nothing := range map[string]string{
				"textDocument/documentSymbol": "[]", "textDocument/foldingRange": "[]", "textDocument/formatting": "null",
			} {
				got := string(s.request(method, fmt.Sprintf(`{"textDocument":{"uri":%q},"options":{"tabSize":2,"insertSpaces":true}}`, docURI)))
				if (got != nothing) != ours {
					t.Errorf("%s in %s: %.80s", method, tt.language, got)
				}
			}
		})
	}
}

func TestProvidersThatASecondOneWouldDoubleAreRegisteredForTheOtherLanguages(t *testing.T) {
	s := dial(t, lsp.Options{})
	answer := string(s.request("initialize", fmt.Sprintf(besideJSON, registering)))
	for _, provider := range []string{"documentSymbolProvider", "foldingRangeProvider", "documentFormattingProvider", "documentRangeFormattingProvider", "documentOnTypeFormattingProvider"} {
		if strings.Contains(answer, provider) {
			t.Errorf("%s is announced for all languages", provider)
		}
	}
	s.Notify("initialized", `{}`)
	var asked struct {
		Registrations []struct {
			Method          string
			RegisterOptions struct {
				DocumentSelector []struct{ Language string }
			}
		}
	}
	if err := json.Unmarshal(s.Await("client/registerCapability").Params, &asked); err != nil {
		t.Fatal(err)
	}
	if len(asked.Registrations) != 5 {
		t.Fatalf("registered: %+v", asked)
	}
	for _, r := range asked.Registrations {
		for _, f := range r.RegisterOptions.DocumentSelector {
			if f.Language != "northflank" {
				t.Errorf("%s is registered for %s", r.Method, f.Language)
			}
		}
		if len(r.RegisterOptions.DocumentSelector) == 0 {
			t.Errorf("%s is registered for nothing", r.Method)
		}
	}
}

// A client that takes no registrations is answered with nothing.
func TestClientsWithoutRegistrationAreAnnouncedEverything(t *testing.T) {
	s := dial(t, lsp.Options{})
	if answer := string(s.request("initialize", fmt.Sprintf(besideJSON, `"formatting":{}`))); !strings.Contains(answer, "documentFormattingProvider") {
		t.Errorf("got %s", answer)
	}
}

// What is declared a template is looked after before it shows that it is one:
// nobody else reads its text.
func TestDeclaredTemplatesAreJSONAtLeast(t *testing.T) {
	long := `{"data":[` + strings.Repeat(`"nothing of a template",`, 100) + `]}`
	for name, text := range map[string]string{"a short text": `{"a":1,}`, "a long text": long} {
		t.Run(name, func(t *testing.T) {
			s := open(t, modern)
			s.didOpen(docURI, "northflank", text)
			if got := s.pull(docURI); len(got.Items) != 1 || got.Items[0].Code != "syntax-error" {
				t.Errorf("%+v", got)
			}
			if got := string(s.request("textDocument/formatting", fmt.Sprintf(`{"textDocument":{"uri":%q},"options":{"tabSize":2,"insertSpaces":true}}`, docURI))); got == "null" {
				t.Error("it is not formatted")
			}
		})
	}
	t.Run("half-typed", func(t *testing.T) {
		s := open(t, modern)
		s.didOpen(docURI, "northflank", `{"name": "not a template yet"}`)
		if got := s.pull(docURI); len(got.Items) != 0 {
			t.Errorf("%+v", got)
		}
	})
}
