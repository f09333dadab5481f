package lsp

import (
	"context"
	"strings"

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
	offset := d.offset(p.Position)
	var parts []string
	var at *protocol.Range
	if h := d.Analysis().Hover(offset); h != nil {
		span := d.span(h.Range)
		at, parts = &span, append(parts, h.Markdown)
	}
	for _, part := range []string{d.Analysis().LastRun(offset, d.lastRun(v)), d.atOlderVersions(d.versions(v), offset)} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	if len(parts) == 0 {
		return nil, nil
	}
	return &protocol.Hover{Contents: markup(strings.Join(parts, "\n\n---\n\n"), d.env.client.markdownHover), Range: at}, nil
}
