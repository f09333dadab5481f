package lsp

import (
	"context"
	"strings"

	"go.lsp.dev/protocol"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/format"
)

func onTypeFormattingMethod() method {
	return query(protocol.MethodTextDocumentOnTypeFormatting, onTypeFormatting).
		advertised(func(caps *protocol.ServerCapabilities, _ *client) {
			caps.DocumentOnTypeFormattingProvider = protocol.DocumentOnTypeFormattingOptions{
				FirstTriggerCharacter: "}",
				MoreTriggerCharacter:  []string{"]", "\n"},
			}
		})
}

// onTypeFormatting indents the line on which something was typed: a new line,
// or a bracket with which the line starts. Nothing else moves under the hands of
// who types.
func onTypeFormatting(_ context.Context, v *View, p *protocol.DocumentOnTypeFormattingParams) (any, error) {
	return v.formatted(p.TextDocument.URI, func(d *Document, t *syntax.Tree) []syntax.Edit {
		line := d.lines.LineRange(int(p.Position.Line))
		text := strings.TrimLeft(d.Text()[line.Start:line.End], " \t")
		if (p.Ch == "}" || p.Ch == "]") && !strings.HasPrefix(text, p.Ch) {
			return nil
		}
		return format.Line(t, line.Start, formatOptions(p.Options))
	})
}
