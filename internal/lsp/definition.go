package lsp

import (
	"context"

	"go.lsp.dev/protocol"
)

func definitionMethod() method {
	return query(protocol.MethodTextDocumentDefinition, definition).
		advertised(func(caps *protocol.ServerCapabilities, _ *client) {
			caps.DefinitionProvider = protocol.Boolean(true)
		})
}

func definition(_ context.Context, v *View, p *protocol.DefinitionParams) (any, error) {
	d := v.template(p.TextDocument.URI)
	if d == nil {
		return nil, nil
	}
	origin, targets := d.Analysis().Definition(d.offset(p.Position))
	return d.targets(origin, targets, d.env.client.definitionLinks), nil
}
