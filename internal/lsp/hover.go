package lsp

import (
	"context"

	"go.lsp.dev/protocol"
)

func hoverMethod() method {
	return query(protocol.MethodTextDocumentHover, hover).
		advertised(func(caps *protocol.ServerCapabilities, _ *client) {
			caps.HoverProvider = protocol.Boolean(true)
		})
}

func hover(_ context.Context, v *View, p *protocol.HoverParams) (any, error) {
	d := v.template(p.TextDocument.URI)
	if d == nil {
		return nil, nil
	}
	h := d.Analysis().Hover(d.offset(p.Position))
	if h == nil {
		return nil, nil
	}
	if run := d.Analysis().LastRun(d.offset(p.Position), d.lastRun(v)); run != "" {
		h.Markdown += "\n\n---\n\n" + run
	}
	if older := d.atOlderVersions(d.versions(v), d.offset(p.Position)); older != "" {
		h.Markdown += "\n\n---\n\n" + older
	}
	at := d.span(h.Range)
	return &protocol.Hover{Contents: markup(h.Markdown, d.env.client.markdownHover), Range: &at}, nil
}
