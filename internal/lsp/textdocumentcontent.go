package lsp

import (
	"context"
	"strings"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
)

// textDocumentContentMethod gives clients the text of the schemas, which are in
// no file.
func textDocumentContentMethod() method {
	return query(protocol.MethodWorkspaceTextDocumentContent, textDocumentContent).
		advertised(func(caps *protocol.ServerCapabilities, c *client) {
			if !c.readsContent {
				return
			}
			if caps.Workspace == nil {
				caps.Workspace = new(protocol.WorkspaceOptions)
			}
			caps.Workspace.TextDocumentContent = &protocol.TextDocumentContentOptions{Schemes: []string{schemaScheme}}
		})
}

func textDocumentContent(_ context.Context, _ *View, p *protocol.TextDocumentContentParams) (any, error) {
	file, ok := strings.CutPrefix(string(p.URI), schemaScheme+":/")
	if !ok {
		return nil, jsonrpc2.Errorf(jsonrpc2.InvalidParams, "%s is not a document of this server: those start with %s:/", p.URI, schemaScheme)
	}
	text, ok := schemaText(strings.TrimLeft(file, "/"))
	if !ok {
		return nil, jsonrpc2.Errorf(jsonrpc2.InvalidParams, "there is no schema %s", file)
	}
	return &protocol.TextDocumentContentResult{Text: text}, nil
}
