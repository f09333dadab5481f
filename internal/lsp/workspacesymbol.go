package lsp

import (
	"context"
	"slices"
	"strings"

	"go.lsp.dev/protocol"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
)

func workspaceSymbolMethod() method {
	return query(protocol.MethodWorkspaceSymbol, workspaceSymbol).
		advertised(func(caps *protocol.ServerCapabilities, _ *client) {
			caps.WorkspaceSymbolProvider = protocol.Boolean(true)
		})
}

// workspaceSymbol looks a name up in the open documents.
func workspaceSymbol(ctx context.Context, v *View, p *protocol.WorkspaceSymbolParams) (any, error) {
	found := []protocol.SymbolInformation{}
	for _, d := range v.openTemplates() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		d.flatSymbols(d.Analysis().Symbols(), "", func(s protocol.SymbolInformation) {
			if s.Kind != protocol.SymbolKindNamespace && analysis.Matches(s.Name, p.Query) {
				found = append(found, s)
			}
		})
	}
	return found, nil
}

// openTemplates returns the open documents that may be templates, in the order
// of their names.
func (v *View) openTemplates() []*Document {
	out := make([]*Document, 0, len(v.docs))
	for _, d := range v.docs {
		if d.isJSON() {
			out = append(out, d)
		}
	}
	slices.SortFunc(out, func(a, b *Document) int { return strings.Compare(a.URI, b.URI) })
	return out
}
