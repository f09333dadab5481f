package format

import (
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// Options are what people may choose.
type Options struct {
	// Indent is one level of indentation, spaces or tabs; two spaces if empty.
	Indent string
}

// maxWidth is how many columns a line with an array on it may have. A tab
// counts as tabWidth of them, any other character as one.
const (
	maxWidth = 100
	tabWidth = 4
)

// Document returns the edits that bring the whole text into canonical form, in
// the order of their places; none if it is formatted.
func Document(t *syntax.Tree, o Options) []syntax.Edit {
	edits := layOut(t, syntax.Range{End: t.Size()}, o)
	if len(edits) == 0 || !t.Green().HasErrors() {
		return edits
	}
	// How text that is no JSON is understood may depend on its indentation. So
	// go on until nothing changes, and leave alone what does not come to rest.
	const rounds = 5
	text := apply(t.Source(), edits)
	for range rounds {
		next := syntax.Parse(text)
		edits = layOut(next, syntax.Range{End: next.Size()}, o)
		if len(edits) == 0 {
			return difference(t, next)
		}
		text = apply(text, edits)
	}
	return nil
}

// Range returns the edits that format the lines on which r stands. Other lines
// do not change: what is formatted takes its indentation from the members and
// elements before it, else from the line on which the bracket around it opens.
func Range(t *syntax.Tree, r syntax.Range, o Options) []syntax.Edit {
	src := t.Source()
	start := min(max(r.Start, 0), len(src))
	end := min(max(r.End, start), len(src))
	if end > start && startsLine(src, end) {
		end-- // a selection of whole lines ends where the next line starts
	}
	window := syntax.Range{Start: lineStart(src, start), End: len(src)}
	if i := strings.IndexAny(src[end:], "\r\n"); i >= 0 {
		window.End = end + i
	}
	edits := layOut(t, window, o)
	if len(edits) > 0 && t.Green().HasErrors() && !sameTokens(t, syntax.Parse(apply(src, edits))) {
		return nil
	}
	return edits
}

func layOut(t *syntax.Tree, window syntax.Range, o Options) []syntax.Edit {
	p := newPrinter(t, window, o)
	p.document(t)
	return p.edits
}

// apply makes edits that are in order and do not overlap.
func apply(src string, edits []syntax.Edit) string {
	var b strings.Builder
	b.Grow(len(src))
	at := 0
	for _, e := range edits {
		b.WriteString(src[at:e.Start])
		b.WriteString(e.NewText)
		at = e.End
	}
	b.WriteString(src[at:])
	return b.String()
}

// tokensOf returns the tokens of a text that are no space.
func tokensOf(t *syntax.Tree) []syntax.Token {
	var out []syntax.Token
	for token := range t.Tokens() {
		if token.Kind != syntax.KindSpace {
			out = append(out, token)
		}
	}
	return out
}

// sameTokens reports whether two texts differ in their space only.
func sameTokens(a, b *syntax.Tree) bool {
	x, y := tokensOf(a), tokensOf(b)
	if len(x) != len(y) {
		return false
	}
	s, t := a.Source(), b.Source()
	for i := range x {
		if x[i].Kind != y[i].Kind || s[x[i].Range.Start:x[i].Range.End] != t[y[i].Range.Start:y[i].Range.End] {
			return false
		}
	}
	return true
}

// difference returns the edits that make the text of b from that of a; none if
// they differ in more than their space.
func difference(a, b *syntax.Tree) []syntax.Edit {
	if !sameTokens(a, b) {
		return nil
	}
	var out []syntax.Edit
	x, y := tokensOf(a), tokensOf(b)
	i, j := 0, 0
	for k := range x {
		out = appendEdit(out, a.Source(), i, x[k].Range.Start, b.Source()[j:y[k].Range.Start])
		i, j = x[k].Range.End, y[k].Range.End
	}
	return appendEdit(out, a.Source(), i, a.Size(), b.Source()[j:])
}

// appendEdit adds the edit that puts text in the place of src[start:end], cut
// down to what differs. It never starts or ends within CR LF, which no editor
// has a position for.
func appendEdit(edits []syntax.Edit, src string, start, end int, text string) []syntax.Edit {
	old := src[start:end]
	if old == text {
		return edits
	}
	most := min(len(old), len(text))
	head := 0
	for head < most && old[head] == text[head] {
		head++
	}
	for head > 0 && splitsLineEnd(src, start+head) {
		head--
	}
	tail := 0
	for tail < most-head && old[len(old)-1-tail] == text[len(text)-1-tail] {
		tail++
	}
	for tail > 0 && splitsLineEnd(src, end-tail) {
		tail--
	}
	return append(edits, syntax.Edit{
		Range:   syntax.Range{Start: start + head, End: end - tail},
		NewText: text[head : len(text)-tail],
	})
}

func splitsLineEnd(src string, i int) bool {
	return i > 0 && i < len(src) && src[i-1] == '\r' && src[i] == '\n'
}

// lineStart returns where the line starts on which offset stands.
func lineStart(src string, offset int) int { return strings.LastIndexAny(src[:offset], "\r\n") + 1 }

func startsLine(src string, offset int) bool {
	return offset > 0 && (src[offset-1] == '\n' || src[offset-1] == '\r') && !splitsLineEnd(src, offset)
}

// indentOf returns the spaces and tabs that the line starts with on which
// offset stands.
func indentOf(src string, offset int) string {
	line := src[lineStart(src, offset):]
	return line[:len(line)-len(strings.TrimLeft(line, " \t"))]
}
