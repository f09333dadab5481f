package lsp

import (
	"context"

	"go.lsp.dev/protocol"
)

func referencesMethod() method {
	return query(protocol.MethodTextDocumentReferences, references).
		advertised(func(caps *protocol.ServerCapabilities, _ *client) {
			caps.ReferencesProvider = protocol.Boolean(true)
		})
}

func references(_ context.Context, v *View, p *protocol.ReferenceParams) (any, error) {
	places := []protocol.Location{}
	d := v.template(p.TextDocument.URI)
	if d == nil {
		return places, nil
	}
	for _, r := range d.Analysis().References(d.offset(p.Position), p.Context.IncludeDeclaration) {
		places = append(places, d.location(r))
	}
	return places, nil
}
