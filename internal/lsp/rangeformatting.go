package lsp

import (
	"context"

	"go.lsp.dev/protocol"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/format"
)

func rangeFormattingMethod() method {
	return query(protocol.MethodTextDocumentRangeFormatting, rangeFormatting).
		advertised(func(caps *protocol.ServerCapabilities, _ *client) {
			caps.DocumentRangeFormattingProvider = protocol.Boolean(true)
		})
}

// rangeFormatting formats the lines of a range and leaves all others alone.
func rangeFormatting(_ context.Context, v *View, p *protocol.DocumentRangeFormattingParams) (any, error) {
	return v.formatted(p.TextDocument.URI, func(d *Document, t *syntax.Tree) []syntax.Edit {
		r := syntax.Range{Start: d.offset(p.Range.Start), End: d.offset(p.Range.End)}
		return format.Range(t, r, formatOptions(p.Options))
	})
}
