package analysis

import (
	"slices"

	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// Selection returns what a selection that starts at the byte offset may grow
// to, each range within the next: a segment of a reference, the reference, the
// calls around it, `${...}`, the string's content, the string, the member, the
// object, the list, and so on to the whole document.
func (s *Snapshot) Selection(offset int) []syntax.Range {
	if m, at := s.meantAt(offset); m != nil {
		return slices.Compact(m.ranges(m.snapshot.Selection(at)))
	}
	if !s.IsTemplate() {
		return nil
	}
	path := s.Tree.PathAt(offset)
	g := growing{offset: path.Offset}
	g.add(syntax.Range{End: s.Tree.Size()})
	for _, step := range path.Steps {
		g.add(step.Value.Range())
		if step.Member.IsValid() {
			g.add(step.Member.Range())
		}
	}
	if path.Scalar.IsValid() {
		g.add(path.Scalar.Range())
	}
	if path.Scalar.Kind() == syntax.KindString {
		g.string(path.Scalar)
	}
	slices.Reverse(g.ranges)
	return g.ranges
}

// growing collects the ranges around an offset, the widest first.
type growing struct {
	offset int
	ranges []syntax.Range
}

// add adds a range unless it does not lie around the offset and within the last
// one, or is the same.
func (g *growing) add(r syntax.Range) {
	if !r.Touches(g.offset) {
		return
	}
	if n := len(g.ranges); n > 0 {
		if last := g.ranges[n-1]; r == last || r.Start < last.Start || r.End > last.End {
			return
		}
	}
	g.ranges = append(g.ranges, r)
}

func (g *growing) string(str syntax.Value) {
	inner := content(str)
	if !inner.Touches(g.offset) {
		return
	}
	g.add(inner)
	d := str.Decode()
	at := d.TextOffset(g.offset)
	part, path := expr.Parse(d.Text).PathAt(at)
	if part == nil || part.Kind == expr.Literal {
		return
	}
	add := func(start, end int) {
		if start <= at && at <= end {
			g.add(d.SourceRange(start, end))
		}
	}
	add(part.Start, part.End)
	for _, n := range path {
		add(n.Span())
		switch n := n.(type) {
		case *expr.Ref:
			g.segments(n, add)
		case *expr.Call:
			if n.Open >= 0 && n.Closed {
				add(n.Open+1, n.Close)
			}
			add(n.NameStart, n.NameEnd)
		case *expr.Lambda:
			for _, p := range n.Params {
				add(p.Start, p.End)
			}
		case *expr.StringLit:
			end := n.End
			if n.Closed {
				end--
			}
			add(n.Start+1, end)
		}
	}
}

// segments adds the path up to the segment at the offset, and the segment.
func (g *growing) segments(r *expr.Ref, add func(start, end int)) {
	add(r.RootStart, r.RootEnd)
	for _, seg := range r.Segments {
		add(seg.Start, seg.End)
	}
}
