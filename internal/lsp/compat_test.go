package lsp_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"

	lsp316 "github.com/tliron/glsp/protocol_3_16"

	"github.com/nf-lsp/nf-lsp/internal/lsp"
	"github.com/nf-lsp/nf-lsp/internal/lsp/lsptest"
)

// capabilities316 are those of a full client of version 3.16.
const capabilities316 = `{
	"workspace":{"applyEdit":true,"executeCommand":{},"workspaceEdit":{"documentChanges":true},"workspaceFolders":true,"configuration":true,"didChangeConfiguration":{"dynamicRegistration":true}},
	"textDocument":{
		"synchronization":{"dynamicRegistration":true,"willSave":true,"willSaveWaitUntil":true,"didSave":true},
		"publishDiagnostics":{"relatedInformation":true,"versionSupport":true,"tagSupport":{"valueSet":[1,2]},"codeDescriptionSupport":true,"dataSupport":true},
		"completion":{"contextSupport":true,"completionItem":{"snippetSupport":true,"commitCharactersSupport":true,"documentationFormat":["markdown","plaintext"],"deprecatedSupport":true,"preselectSupport":true,"tagSupport":{"valueSet":[1]},"insertReplaceSupport":true}},
		"hover":{"contentFormat":["markdown","plaintext"]},
		"semanticTokens":{"requests":{"full":{"delta":true},"range":true},"tokenTypes":["keyword"],"tokenModifiers":[],"formats":["relative"]},
		"codeLens":{"dynamicRegistration":true},
		"definition":{"linkSupport":true},"typeDefinition":{"linkSupport":true},"rename":{"prepareSupport":true},
		"documentSymbol":{"hierarchicalDocumentSymbolSupport":true},"documentLink":{"tooltipSupport":true},"foldingRange":{"rangeLimit":5000,"lineFoldingOnly":true},
		"signatureHelp":{"signatureInformation":{"documentationFormat":["markdown","plaintext"],"parameterInformation":{"labelOffsetSupport":true},"activeParameterSupport":true}},
		"codeAction":{"isPreferredSupport":true,"codeActionLiteralSupport":{"codeActionKind":{"valueSet":["quickfix","source.fixAll"]}}}}}`

// resultTypes are the results of version 3.16 by method, messageTypes the
// parameters of what the server sends by itself.
var (
	resultTypes = map[string]func() any{
		"initialize":              func() any { return new(lsp316.InitializeResult) },
		"shutdown":                func() any { return new(struct{}) },
		"textDocument/completion": func() any { return new(lsp316.CompletionList) },
		"textDocument/hover":      func() any { return new(lsp316.Hover) },
		"textDocument/codeAction": func() any { return new([]lsp316.CodeAction) },

		"textDocument/codeLens":                  func() any { return new([]lsp316.CodeLens) },
		"codeLens/resolve":                       func() any { return new(lsp316.CodeLens) },
		"textDocument/semanticTokens/full":       func() any { return new(lsp316.SemanticTokens) },
		"textDocument/semanticTokens/range":      func() any { return new(lsp316.SemanticTokens) },
		"textDocument/semanticTokens/full/delta": func() any { return new(tokensOrEdits) },

		"textDocument/formatting":       func() any { return new([]lsp316.TextEdit) },
		"textDocument/rangeFormatting":  func() any { return new([]lsp316.TextEdit) },
		"textDocument/onTypeFormatting": func() any { return new([]lsp316.TextEdit) },

		"textDocument/signatureHelp":      func() any { return new(lsp316.SignatureHelp) },
		"textDocument/definition":         func() any { return new(linksOrPlaces) },
		"textDocument/typeDefinition":     func() any { return new(linksOrPlaces) },
		"textDocument/references":         func() any { return new([]lsp316.Location) },
		"textDocument/documentHighlight":  func() any { return new([]lsp316.DocumentHighlight) },
		"textDocument/prepareRename":      func() any { return new(lsp316.RangeWithPlaceholder) },
		"textDocument/rename":             func() any { return new(lsp316.WorkspaceEdit) },
		"textDocument/linkedEditingRange": func() any { return new(lsp316.LinkedEditingRanges) },
		"textDocument/documentSymbol":     func() any { return new(symbolsOrPlaces) },
		"workspace/symbol":                func() any { return new([]lsp316.SymbolInformation) },
		"textDocument/foldingRange":       func() any { return new([]lsp316.FoldingRange) },
		"textDocument/selectionRange":     func() any { return new([]lsp316.SelectionRange) },
		"textDocument/documentLink":       func() any { return new([]lsp316.DocumentLink) },
	}
	messageTypes = map[string]func() any{
		"textDocument/publishDiagnostics": func() any { return new(lsp316.PublishDiagnosticsParams) },
		"client/registerCapability":       func() any { return new(lsp316.RegistrationParams) },
		"window/showMessage":              func() any { return new(lsp316.ShowMessageParams) },
		"window/workDoneProgress/create":  func() any { return new(lsp316.WorkDoneProgressCreateParams) },
		"$/progress":                      func() any { return new(lsp316.ProgressParams) },
		"workspace/configuration":         func() any { return new(lsp316.ConfigurationParams) },
	}
)

// linksOrPlaces and symbolsOrPlaces are what a client takes that said it can do
// more, and what any other takes.
type linksOrPlaces []struct {
	*lsp316.LocationLink
	*lsp316.Location
}

type symbolsOrPlaces []struct {
	*lsp316.DocumentSymbol
	Location      *lsp316.Location `json:"location,omitempty"`
	ContainerName *string          `json:"containerName,omitempty"`
}

// tokensOrEdits is what may answer a question for a delta.
type tokensOrEdits struct {
	ResultID *string                     `json:"resultId,omitempty"`
	Data     []lsp316.UInteger           `json:"data,omitempty"`
	Edits    []lsp316.SemanticTokensEdit `json:"edits,omitempty"`
}

// decodable checks, in every test, that a client whose types are those of
// version 3.16 can decode a message. It may lose what is newer.
func (s *session) decodable(m *lsptest.Message) {
	s.t.Helper()
	newValue, raw := messageTypes[m.Method], m.Params
	if m.IsReply() {
		newValue, raw = resultTypes[s.methods[string(m.ID)]], m.Result
	}
	if newValue == nil || m.Error != nil || string(raw) == "null" {
		return
	}
	if err := json.Unmarshal(raw, newValue()); err != nil {
		s.t.Errorf("a client of 3.16 cannot read %s: %v", m.Raw, err)
	}
}

// readAs316 decodes JSON with a type of version 3.16 and encodes it again: what
// such a client does not know is gone then, and that is an error.
func readAs316(t *testing.T, what string, newValue func() any, raw json.RawMessage) {
	t.Helper()
	if string(raw) == "null" {
		return
	}
	value := newValue()
	if err := json.Unmarshal(raw, value); err != nil {
		t.Errorf("%s: a client of 3.16 cannot read %s: %v", what, raw, err)
		return
	}
	again, err := json.Marshal(value)
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	lost(t, what, decode[any](t, raw), decode[any](t, again))
}

// lost reports what stands in sent and not in read.
func lost(t *testing.T, path string, sent, read any) {
	t.Helper()
	switch sent := sent.(type) {
	case map[string]any:
		read, _ := read.(map[string]any)
		for name, value := range sent {
			if got, ok := read[name]; !ok && !isEmpty(value) {
				t.Errorf("%s.%s is not part of version 3.16", path, name)
			} else if name != "code" && name != "changeNotifications" { // the library's types for them read nothing
				lost(t, path+"."+name, value, got)
			}
		}
	case []any:
		read, _ := read.([]any)
		if len(read) != len(sent) {
			t.Errorf("%s has %d elements, a client of 3.16 reads %d", path, len(sent), len(read))
			return
		}
		for i := range sent {
			lost(t, fmt.Sprintf("%s[%d]", path, i), sent[i], read[i])
		}
	default:
		if !isEmpty(sent) && !reflect.DeepEqual(sent, read) {
			t.Errorf("%s is %v, a client of 3.16 reads %v", path, sent, read)
		}
	}
}

// isEmpty reports whether the library leaves a value away when it encodes.
func isEmpty(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		return len(v) == 0
	case []any:
		return len(v) == 0
	}
	return v == nil || reflect.ValueOf(v).IsZero()
}

func TestAClientOf316ReadsEverything(t *testing.T) {
	s := dial(t, lsp.Options{})
	s.Seen = func(m *lsptest.Message) {
		switch {
		case m.IsReply() && m.Error == nil:
			method := s.methods[string(m.ID)]
			readAs316(t, method, resultTypes[method], m.Result)
		case m.Method != "":
			newValue, ok := messageTypes[m.Method]
			if !ok {
				t.Errorf("%s is not part of version 3.16", m.Method)
				return
			}
			readAs316(t, m.Method, newValue, m.Params)
		}
	}
	result := decode[struct{ Capabilities map[string]any }](t, s.request("initialize", `{"processId":null,"rootUri":null,"capabilities":`+capabilities316+`}`))
	for _, newer := range []string{"positionEncoding", "diagnosticProvider"} {
		if result.Capabilities[newer] != nil {
			t.Errorf("the client is offered %s", newer)
		}
	}
	s.Notify("initialized", `{}`)
	s.Send(`{"jsonrpc":"2.0","id":%s,"result":null}`, s.Await("client/registerCapability").ID)
	s.Send(`{"jsonrpc":"2.0","id":%s,"result":[null]}`, s.Await("workspace/configuration").ID)
	s.didOpen(docURI, "json", compatTemplate)
	found := s.awaitPublished()
	if found.Version == nil || len(found.Diagnostics) < 3 {
		t.Fatalf("the client is pushed %+v", found)
	}
	related := 0
	for _, f := range found.Diagnostics {
		related += len(f.RelatedInformation)
	}
	if related == 0 {
		t.Errorf("no finding refers to another place: %+v", found.Diagnostics)
	}
	s.readNavigation316()
	items, hovers := 0, 0
	for line := range 20 {
		for character := 0; character < 60; character += 3 {
			list := decode[lsp316.CompletionList](t, s.request("textDocument/completion", at(docURI, line, character)))
			items += len(list.Items)
			if string(s.request("textDocument/hover", at(docURI, line, character))) != "null" {
				hovers++
			}
		}
	}
	if items == 0 || hovers == 0 {
		t.Errorf("%d items and %d hovers were read", items, hovers)
	}
	if actions := s.codeActions(docURI, "0:0-99:0", ""); len(actions) == 0 {
		t.Error("no action was read")
	}
	for _, lens := range decode[[]json.RawMessage](t, s.request("textDocument/codeLens", about(docURI))) {
		s.request("codeLens/resolve", string(lens))
	}
	tokens := decode[semanticTokens](t, s.request("textDocument/semanticTokens/full", about(docURI)))
	if len(tokens.Data) == 0 {
		t.Error("no token was read")
	}
	s.didChange(docURI, 2, "0:0-0:0", "\n")
	delta := decode[semanticTokens](t, s.request("textDocument/semanticTokens/full/delta", fmt.Sprintf(`{"textDocument":{"uri":%q},"previousResultId":%q}`, docURI, tokens.ResultID)))
	if len(delta.Edits) == 0 {
		t.Error("no change of tokens was read")
	}
	s.Notify("textDocument/didClose", about(docURI))
	s.awaitPublished()
	s.request("shutdown", "null")
	s.Notify("exit", "null")
	s.Ended()
}

// compatTemplate has findings of several kinds, one that refers to another
// place, and places of every kind to complete and to hover over.
const compatTemplate = `{
  "apiVersion": "v1.2",
  "name": "Shop",
  "arguments": { "BRANCH": "main" },
  "spec": {
    "kind": "Workflow",
    "spec": {
      "type": "sequential",
      "steps": [
        { "kind": "Project", "ref": "shop", "spec": { "name": "Shop", "region": "europe-west" } },
        { "kind": "Project", "ref": "shop", "spec": { "name": "Shop 2", "colour": "#fff", "region": "europe-west" } },
        { "kind": "Nonsense", "spec": {} },
        { "kind": "SecretGroup", "spec": { "name": "s", "priority": "high", "projectId": "${refs.shp.id}", "secretType": "${fn.if(args.BRANCH, 'a', refs.shop.id)}" } }
      ]
    }
  }
}
`
