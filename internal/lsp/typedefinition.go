package lsp

import (
	"context"

	"go.lsp.dev/protocol"
)

func typeDefinitionMethod() method {
	return query(protocol.MethodTextDocumentTypeDefinition, typeDefinition).
		advertised(func(caps *protocol.ServerCapabilities, _ *client) {
			caps.TypeDefinitionProvider = protocol.Boolean(true)
		})
}

func typeDefinition(_ context.Context, v *View, p *protocol.TypeDefinitionParams) (any, error) {
	d := v.template(p.TextDocument.URI)
	if d == nil {
		return nil, nil
	}
	origin, targets := d.Analysis().TypeDefinition(d.offset(p.Position))
	return d.targets(origin, targets, d.env.client.typeDefinitionLinks), nil
}
