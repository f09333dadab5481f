package lsp

import (
	"context"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
)

func renameMethod() method {
	return query(protocol.MethodTextDocumentRename, rename).
		advertised(func(caps *protocol.ServerCapabilities, c *client) {
			if !c.preparesRename {
				caps.RenameProvider = protocol.Boolean(true)
				return
			}
			prepares := true
			caps.RenameProvider = &protocol.RenameOptions{PrepareProvider: &prepares}
		})
}

func rename(_ context.Context, v *View, p *protocol.RenameParams) (any, error) {
	d := v.template(p.TextDocument.URI)
	if d == nil {
		return nil, nil
	}
	edits, err := d.Analysis().Rename(d.offset(p.Position), p.NewName)
	if err != nil {
		return nil, refused(err)
	}
	return d.workspaceEdit(edits), nil
}

// refused is the reply to a request that was understood and is not carried out.
// Editors show its text.
func refused(err error) error {
	return jsonrpc2.Errorf(jsonrpc2.Code(protocol.LSPErrorCodesRequestFailed), "%s", err)
}
