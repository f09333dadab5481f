package lsp

import (
	"context"

	"go.lsp.dev/protocol"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
)

func documentSymbolMethod() method {
	return query(protocol.MethodTextDocumentDocumentSymbol, documentSymbol).
		advertised(func(caps *protocol.ServerCapabilities, _ *client) {
			caps.DocumentSymbolProvider = protocol.Boolean(true)
		})
}

func documentSymbol(_ context.Context, v *View, p *protocol.DocumentSymbolParams) (any, error) {
	d := v.template(p.TextDocument.URI)
	if d == nil || d.leaves(elsewhereSymbols) {
		return []protocol.DocumentSymbol{}, nil
	}
	symbols := d.Analysis().Symbols()
	if d.env.client.symbolTrees {
		return d.symbolTree(symbols), nil
	}
	flat := []protocol.SymbolInformation{}
	d.flatSymbols(symbols, "", func(s protocol.SymbolInformation) { flat = append(flat, s) })
	return flat, nil
}

func (d *Document) symbolTree(symbols []analysis.Symbol) []protocol.DocumentSymbol {
	out := make([]protocol.DocumentSymbol, len(symbols))
	for i, s := range symbols {
		out[i] = protocol.DocumentSymbol{
			Name: s.Name, Kind: symbolKind(s.Kind), Range: d.span(s.Range), SelectionRange: d.span(s.Selection),
		}
		if s.Detail != "" {
			out[i].Detail = &symbols[i].Detail
		}
		if len(s.Children) > 0 {
			out[i].Children = d.symbolTree(s.Children)
		}
	}
	return out
}

// flatSymbols tells symbols and what is in them one by one, each with the name
// of what it stands in.
func (d *Document) flatSymbols(symbols []analysis.Symbol, container string, tell func(protocol.SymbolInformation)) {
	for _, s := range symbols {
		info := protocol.SymbolInformation{Location: d.location(s.Range)}
		info.Name, info.Kind = s.Name, symbolKind(s.Kind)
		if container != "" {
			info.ContainerName = &container
		}
		tell(info)
		d.flatSymbols(s.Children, s.Name, tell)
	}
}

// symbolKind chooses the kinds whose pictures in editors come closest.
func symbolKind(k analysis.SymbolKind) protocol.SymbolKind {
	switch k {
	case analysis.SymbolDocument:
		return protocol.SymbolKindModule
	case analysis.SymbolGroup:
		return protocol.SymbolKindNamespace
	case analysis.SymbolArgument:
		return protocol.SymbolKindVariable
	case analysis.SymbolTrigger:
		return protocol.SymbolKindEvent
	case analysis.SymbolWorkflow:
		return protocol.SymbolKindPackage
	default:
		return protocol.SymbolKindClass
	}
}
