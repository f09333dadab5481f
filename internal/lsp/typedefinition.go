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

// typeDefinition leads to the schema of what stands at the cursor, for clients
// that read documents which are in no file; for others, to where the kind of a
// node is written.
func typeDefinition(_ context.Context, v *View, p *protocol.TypeDefinitionParams) (any, error) {
	d := v.template(p.TextDocument.URI)
	if d == nil {
		return nil, nil
	}
	if c := d.env.client; c.readsContent {
		if place, ok := d.Analysis().SchemaAt(d.offset(p.Position)); ok {
			if link, ok := d.schemaLink(place); ok && c.typeDefinitionLinks {
				return protocol.DefinitionLinkSlice{*link}, nil
			} else if ok {
				return protocol.LocationSlice{{URI: link.TargetURI, Range: link.TargetSelectionRange}}, nil
			}
		}
	}
	origin, targets := d.Analysis().TypeDefinition(d.offset(p.Position))
	return d.targets(origin, targets, d.env.client.typeDefinitionLinks), nil
}
