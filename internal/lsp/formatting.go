package lsp

import (
	"context"
	"slices"
	"strings"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/format"
)

func formattingMethod() method {
	return query(protocol.MethodTextDocumentFormatting, formatting).
		advertised(func(caps *protocol.ServerCapabilities, _ *client) {
			caps.DocumentFormattingProvider = protocol.Boolean(true)
		})
}

func formatting(_ context.Context, v *View, p *protocol.DocumentFormattingParams) (any, error) {
	return v.formatted(p.TextDocument.URI, func(d *Document, t *syntax.Tree) []syntax.Edit {
		return format.Document(t, formatOptions(p.Options))
	})
}

// formatted answers a request for formatting with the edits that make returns.
// The reply is null for what is no template: other JSON is for other servers.
func (v *View) formatted(u uri.URI, make func(d *Document, t *syntax.Tree) []syntax.Edit) (any, error) {
	d := v.template(u)
	if d == nil || d.leaves(elsewhereFormatting) || !d.isDeclared() && !d.Analysis().IsTemplate() {
		return nil, nil
	}
	tree := d.Analysis().Tree
	return d.textEdits(joined(tree, make(d, tree), mostEdits)), nil
}

// mostEdits is how many edits an editor is sent to format a document with: it
// takes minutes over hundreds of thousands.
const mostEdits = 2000

// joined returns edits that do the same as edits, which are in the order of the
// text, and are at most as many as told: neighbours become one.
func joined(t *syntax.Tree, edits []syntax.Edit, most int) []syntax.Edit {
	if len(edits) <= most {
		return edits
	}
	var out []syntax.Edit
	for run := range slices.Chunk(edits, (len(edits)+most-1)/most) {
		var b strings.Builder
		at := run[0].Start
		for _, e := range run {
			b.WriteString(t.Slice(syntax.Range{Start: at, End: e.Start}))
			b.WriteString(e.NewText)
			at = e.End
		}
		out = append(out, syntax.Edit{Range: syntax.Range{Start: run[0].Start, End: at}, NewText: b.String()})
	}
	return out
}

// formatOptions takes the indentation from the client.
//
// insertFinalNewline and trimFinalNewlines are not applied: the file ends as it
// did. The platform's own GitOps writer ends its files without a line end, and a
// file that goes back and forth between it and editors must not change each
// time. White space at the ends of lines goes whatever trimTrailingWhitespace
// says, for the canonical form has none.
func formatOptions(o protocol.FormattingOptions) format.Options {
	const widest = 16
	switch {
	case o.TabSize == 0: // the client has no opinion
		return format.Options{}
	case !o.InsertSpaces:
		return format.Options{Indent: "\t"}
	}
	return format.Options{Indent: strings.Repeat(" ", int(min(o.TabSize, widest)))}
}
