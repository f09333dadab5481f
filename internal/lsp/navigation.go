package lsp

import (
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// navigationFeatures are the client's capabilities that go with finding one's
// way through documents.
type navigationFeatures struct {
	definitionLinks     bool // it takes the text that led to a definition
	typeDefinitionLinks bool
	preparesRename      bool
	symbolTrees         bool // it takes an outline with levels

	foldsLines   bool // it folds whole lines only
	foldLimit    int  // how many folds it takes, 0 for any number
	foldTexts    bool // it shows a text in the place of what is folded
	linkTooltips bool

	markdownSignatures bool
	parameterOffsets   bool // it takes the place of a parameter in the signature
	noActiveParameter  bool // it takes a signature of which no parameter is active
}

func (f *navigationFeatures) read(text loose) {
	f.definitionLinks = text.is("definition", "linkSupport")
	f.typeDefinitionLinks = text.is("typeDefinition", "linkSupport")
	f.preparesRename = text.is("rename", "prepareSupport")
	f.symbolTrees = text.is("documentSymbol", "hierarchicalDocumentSymbolSupport")

	folding := text.at("foldingRange")
	f.foldsLines = folding.is("lineFoldingOnly")
	f.foldTexts = folding.is("foldingRange", "collapsedText")
	if limit, ok := folding.number("rangeLimit"); ok && limit >= 1 {
		f.foldLimit = int(min(limit, 1<<20))
	}
	f.linkTooltips = text.is("documentLink", "tooltipSupport")

	signature := text.at("signatureHelp", "signatureInformation")
	f.noActiveParameter = signature.is("noActiveParameterSupport")
	f.parameterOffsets = signature.is("parameterInformation", "labelOffsetSupport")
	if formats := signature.texts("documentationFormat"); len(formats) > 0 {
		f.markdownSignatures = formats[0] == "markdown"
	}
}

// location is a place in this document.
func (d *Document) location(r syntax.Range) protocol.Location {
	return protocol.Location{URI: uri.URI(d.URI), Range: d.span(r)}
}

// targets answers where something leads to, for clients that take it with the
// text that led there and for those that do not. It returns nil where there is
// nothing.
func (d *Document) targets(origin syntax.Range, targets []analysis.Target, links bool) any {
	switch {
	case len(targets) == 0:
		return nil
	case !links:
		out := make(protocol.LocationSlice, len(targets))
		for i, t := range targets {
			out[i] = d.location(t.Range)
		}
		return out
	}
	out := make(protocol.DefinitionLinkSlice, len(targets))
	from := d.span(origin)
	for i, t := range targets {
		out[i] = protocol.DefinitionLink{
			OriginSelectionRange: &from,
			TargetURI:            uri.URI(d.URI),
			TargetRange:          d.span(t.Whole),
			TargetSelectionRange: d.span(t.Range),
		}
	}
	return out
}
