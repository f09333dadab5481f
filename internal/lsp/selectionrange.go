package lsp

import (
	"context"

	"go.lsp.dev/protocol"
)

func selectionRangeMethod() method {
	return query(protocol.MethodTextDocumentSelectionRange, selectionRange).
		advertised(func(caps *protocol.ServerCapabilities, _ *client) {
			caps.SelectionRangeProvider = protocol.Boolean(true)
		})
}

// selectionRange answers one chain of ranges for each position, or nothing at
// all where the client's own way of growing a selection is as good.
func selectionRange(_ context.Context, v *View, p *protocol.SelectionRangeParams) (any, error) {
	d := v.template(p.TextDocument.URI)
	if d == nil || !d.Analysis().IsTemplate() {
		return nil, nil
	}
	out := make([]protocol.SelectionRange, len(p.Positions))
	for i, position := range p.Positions {
		var around *protocol.SelectionRange
		ranges := d.Analysis().Selection(d.offset(position))
		for k := len(ranges) - 1; k >= 0; k-- {
			around = &protocol.SelectionRange{Range: d.span(ranges[k]), Parent: around}
		}
		out[i] = *around
	}
	return out, nil
}
