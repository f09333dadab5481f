package lsp

import (
	"context"

	"go.lsp.dev/protocol"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
)

func linkedEditingRangeMethod() method {
	return query(protocol.MethodTextDocumentLinkedEditingRange, linkedEditingRange).
		advertised(func(caps *protocol.ServerCapabilities, _ *client) {
			caps.LinkedEditingRangeProvider = protocol.Boolean(true)
		})
}

func linkedEditingRange(_ context.Context, v *View, p *protocol.LinkedEditingRangeParams) (any, error) {
	d := v.template(p.TextDocument.URI)
	if d == nil {
		return nil, nil
	}
	linked := d.Analysis().LinkedRanges(d.offset(p.Position))
	if len(linked) < 2 {
		return nil, nil
	}
	word := analysis.LinkedWord
	out := &protocol.LinkedEditingRanges{WordPattern: &word}
	for _, r := range linked {
		out.Ranges = append(out.Ranges, d.span(r))
	}
	return out, nil
}
