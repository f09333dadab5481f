package lsp

import (
	"cmp"
	"context"
	"slices"

	"go.lsp.dev/protocol"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
)

func foldingRangeMethod() method {
	return query(protocol.MethodTextDocumentFoldingRange, foldingRange).
		advertised(func(caps *protocol.ServerCapabilities, _ *client) {
			caps.FoldingRangeProvider = protocol.Boolean(true)
		})
}

func foldingRange(_ context.Context, v *View, p *protocol.FoldingRangeParams) (any, error) {
	ranges := []protocol.FoldingRange{}
	d := v.template(p.TextDocument.URI)
	if d == nil || d.leaves(elsewhereFolding) {
		return ranges, nil
	}
	folds, c := d.Analysis().Folds(), d.env.client
	if c.foldsLines {
		folds = d.lineFolds(folds)
	}
	for _, f := range outermost(folds, c.foldLimit) {
		ranges = append(ranges, d.foldingRange(f))
	}
	return ranges, nil
}

// lineFolds leaves out what a client cannot fold that hides whole lines: a line
// folds one thing, the outermost that starts in it, and the line of a closing
// bracket stays to be seen.
func (d *Document) lineFolds(folds []analysis.Fold) []analysis.Fold {
	var out []analysis.Fold
	next := uint32(0)
	for _, f := range folds {
		r := d.foldingRange(f)
		if r.EndLine > r.StartLine && r.StartLine >= next {
			out = append(out, f)
			next = r.StartLine + 1
		}
	}
	return out
}

func (d *Document) foldingRange(f analysis.Fold) protocol.FoldingRange {
	c, at := d.env.client, d.span(f.Range)
	r := protocol.FoldingRange{StartLine: at.Start.Line, EndLine: at.End.Line}
	if f.Comment {
		r.Kind = protocol.FoldingRangeKindComment
	}
	if f.Text != "" && c.foldTexts {
		r.CollapsedText = &f.Text
	}
	if !c.foldsLines {
		r.StartCharacter, r.EndCharacter = &at.Start.Character, &at.End.Character
	} else if f.Closed {
		r.EndLine--
	}
	return r
}

// outermost returns as many folds as the client takes, those first that stand in
// the fewest others; 0 is no limit.
func outermost(folds []analysis.Fold, limit int) []analysis.Fold {
	if limit == 0 || len(folds) <= limit {
		return folds
	}
	slices.SortStableFunc(folds, func(a, b analysis.Fold) int { return cmp.Compare(a.Depth, b.Depth) })
	folds = folds[:limit]
	slices.SortStableFunc(folds, func(a, b analysis.Fold) int { return cmp.Compare(a.Range.Start, b.Range.Start) })
	return folds
}
