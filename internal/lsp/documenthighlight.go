package lsp

import (
	"context"

	"go.lsp.dev/protocol"
)

func documentHighlightMethod() method {
	return query(protocol.MethodTextDocumentDocumentHighlight, documentHighlight).
		advertised(func(caps *protocol.ServerCapabilities, _ *client) {
			caps.DocumentHighlightProvider = protocol.Boolean(true)
		})
}

func documentHighlight(_ context.Context, v *View, p *protocol.DocumentHighlightParams) (any, error) {
	highlights := []protocol.DocumentHighlight{}
	d := v.template(p.TextDocument.URI)
	if d == nil {
		return highlights, nil
	}
	for _, h := range d.Analysis().Highlights(d.offset(p.Position)) {
		kind := protocol.DocumentHighlightKindRead
		if h.Write {
			kind = protocol.DocumentHighlightKindWrite
		}
		highlights = append(highlights, protocol.DocumentHighlight{Range: d.span(h.Range), Kind: kind})
	}
	return highlights, nil
}
