package lsp

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"go.lsp.dev/protocol"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
)

// What a client may have from somebody else for documents of a language, by the
// words of `initializationOptions.elsewhere`.
const (
	elsewhereSyntax     = "syntax" // mistakes in the text as JSON, and properties that stand twice
	elsewhereSymbols    = "documentSymbol"
	elsewhereFolding    = "foldingRange"
	elsewhereFormatting = "formatting"
)

// elsewhere holds, by language, what the client has from somebody else: an editor
// with JSON support of its own would show it twice.
type elsewhere map[string][]string

func readElsewhere(said loose) elsewhere {
	languages, _ := said.value.(map[string]any)
	e := make(elsewhere, len(languages))
	for language := range languages {
		e[language] = said.texts(language)
	}
	return e
}

func (e elsewhere) has(language, what string) bool { return slices.Contains(e[language], what) }

// any reports whether what is had from somebody else for some language.
func (e elsewhere) any(what string) bool {
	for language := range e {
		if e.has(language, what) {
			return true
		}
	}
	return false
}

// selective are the methods that editors offer by whether somebody provides
// them, not by what he answers: two formatters are a question to the user, two
// outlines stand below one another. For some languages only, they are registered.
var selective = []struct{ what, method, capability, options string }{
	{elsewhereSymbols, protocol.MethodTextDocumentDocumentSymbol, "documentSymbol", ""},
	{elsewhereFolding, protocol.MethodTextDocumentFoldingRange, "foldingRange", ""},
	{elsewhereFormatting, protocol.MethodTextDocumentFormatting, "formatting", ""},
	{elsewhereFormatting, protocol.MethodTextDocumentRangeFormatting, "rangeFormatting", ""},
	{elsewhereFormatting, protocol.MethodTextDocumentOnTypeFormatting, "onTypeFormatting", `,"firstTriggerCharacter":"}","moreTriggerCharacter":["]","\n"]`},
}

// registersLater says that a method is not for all languages and that the client
// can be told so.
func (c *client) registersLater(what, capability string) bool {
	return c.elsewhere.any(what) && c.registers[capability]
}

// readRegisters notes which of the selective methods can be registered.
func (f *features) readRegisters(text loose) {
	f.registers = make(map[string]bool, len(selective))
	for _, m := range selective {
		f.registers[m.capability] = text.is(m.capability, "dynamicRegistration")
	}
}

// withhold takes back what was announced for all languages and is to be
// registered for some.
func (c *client) withhold(caps *protocol.ServerCapabilities) {
	for _, m := range selective {
		if !c.registersLater(m.what, m.capability) {
			continue
		}
		switch m.capability {
		case "documentSymbol":
			caps.DocumentSymbolProvider = nil
		case "foldingRange":
			caps.FoldingRangeProvider = nil
		case "formatting":
			caps.DocumentFormattingProvider = nil
		case "rangeFormatting":
			caps.DocumentRangeFormattingProvider = nil
		case "onTypeFormatting":
			caps.DocumentOnTypeFormattingProvider = protocol.DocumentOnTypeFormattingOptions{}
		}
	}
}

// templateLanguages are the languages that templates are written in.
var templateLanguages = []string{languageNorthflank, "json", "jsonc"}

// registerSelective registers the methods for the languages that the client has
// nobody else for.
func (s *Server) registerSelective() {
	var registrations []protocol.Registration
	for _, m := range selective {
		if !s.client.registersLater(m.what, m.capability) {
			continue
		}
		var selector []map[string]string
		for _, language := range templateLanguages {
			if !s.client.elsewhere.has(language, m.what) {
				selector = append(selector, map[string]string{"language": language, "scheme": "file"}, map[string]string{"language": language, "scheme": "untitled"})
			}
		}
		encoded, err := json.Marshal(selector)
		if err != nil { // strings only
			panic(err)
		}
		registrations = append(registrations, protocol.Registration{
			ID:              "northflank-" + m.capability,
			Method:          m.method,
			RegisterOptions: protocol.LSPAny(`{"documentSelector":` + string(encoded) + m.options + `}`),
		})
	}
	if registrations == nil {
		return
	}
	s.background("registration", func(ctx context.Context) error {
		return s.conn.Call(ctx, protocol.MethodClientRegisterCapability, &protocol.RegistrationParams{Registrations: registrations}, nil)
	})
}

// leaves reports whether the client has this of the document from somebody else.
func (d *Document) leaves(what string) bool {
	return d.env != nil && d.env.client.elsewhere.has(d.Language, what)
}

// leavesFinding reports whether somebody else says the same. Comments are right in
// a language that has them and wrong on the platform, so that these stay.
func (d *Document) leavesFinding(f analysis.Finding) bool {
	if f.Code != analysis.CodeSyntaxError && f.Code != analysis.CodeDuplicateKey || !d.leaves(elsewhereSyntax) {
		return false
	}
	return d.Language != "jsonc" || !strings.HasPrefix(d.Analysis().Tree.Slice(f.Range), "/")
}
