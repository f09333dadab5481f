package lsp

import (
	"context"

	"go.lsp.dev/protocol"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
)

func inlayHintMethod() method {
	return query(protocol.MethodTextDocumentInlayHint, inlayHint).
		advertised(func(caps *protocol.ServerCapabilities, c *client) {
			if c.inlayHints {
				caps.InlayHintProvider = protocol.Boolean(true)
			}
		})
}

func inlayHint(_ context.Context, v *View, p *protocol.InlayHintParams) (any, error) {
	hints := []protocol.InlayHint{}
	d := v.template(p.TextDocument.URI)
	shown := analysis.AllHints
	if v.settings != nil {
		shown &^= v.settings.in(documentKey(p.TextDocument.URI)).hiddenHints
	}
	if d == nil || shown == 0 {
		return hints, nil
	}
	for _, h := range d.Analysis().Hints(d.bytes(p.Range), shown) {
		at := d.lines.Position(h.Offset, d.env.client.encoding)
		hint := protocol.InlayHint{
			Position: protocol.Position{Line: at.Line, Character: at.Character},
			Label:    protocol.String(h.Label),
		}
		if h.Doc != "" {
			hint.Tooltip = &protocol.MarkupContent{Kind: protocol.MarkupKindMarkdown, Value: h.Doc}
		}
		apart := true
		if h.Kind == analysis.HintParameters {
			hint.Kind, hint.PaddingRight = protocol.InlayHintKindParameter, &apart
		} else {
			hint.PaddingLeft = &apart
		}
		hints = append(hints, hint)
	}
	return hints, nil
}
