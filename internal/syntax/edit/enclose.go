package edit

import (
	"errors"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// Enclosed stands, as a JSON string, for what Enclose puts into a new value.
const Enclosed = `"\u0000enclosed"`

// Enclose puts a value, or an array's elements from first to last with all that
// stands between them, into a new value. json is the text of that value, in any
// formatting, with Enclosed once in it. What is enclosed keeps its text and its
// comments; its lines are indented further.
func (b *Builder) Enclose(first, last syntax.Value, json string) *Builder {
	ours := first.IsValid() && last.IsValid() && first.Tree() == b.tree && last.Tree() == b.tree
	if !b.belongs(ours && first.Range().Start <= last.Range().Start, "enclose a value") {
		return b
	}
	s := b.styled()
	r := syntax.Range{Start: first.Range().Start, End: last.Range().End}
	l := layout{indent: s.indentAt(r.Start)}
	l.lines = s.startsLine(r.Start) || strings.ContainsAny(s.src[r.Start:r.End], "\r\n")
	head, tail, ok := strings.Cut(s.value(json, l), Enclosed)
	if !ok {
		b.fail(errors.New("there is no room for what is enclosed"))
		return b
	}
	b.edits = append(b.edits, insertAt(r.Start, head))
	if i := strings.LastIndexAny(head, "\r\n"); i >= 0 {
		line := head[i+1:]
		inner := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
		b.indentLines(r, strings.TrimPrefix(inner, l.indent))
	}
	b.edits = append(b.edits, insertAt(r.End, tail))
	return b
}

// indentLines puts more space in front of the lines that start within r, empty
// ones left out.
func (b *Builder) indentLines(r syntax.Range, more string) {
	for at := r.Start; ; {
		i := strings.IndexAny(b.style.src[at:r.End], "\r\n")
		if i < 0 {
			return
		}
		at += i + 1
		if at < r.End && strings.IndexByte("\r\n", b.style.src[at]) < 0 {
			b.edits = append(b.edits, insertAt(at, more))
		}
	}
}

// Dissolve puts the elements of an array in the place of a value that the array
// stands in. They keep their text and the comments among them; their lines are
// indented as the value was. Comments that stand in the value outside of the
// elements would be lost: then it is refused by Edits.
func (b *Builder) Dissolve(v, array syntax.Value) *Builder {
	outer, inner := v.Range(), array.Range()
	if !b.belongs(v.IsValid() && v.Tree() == b.tree && array.Tree() == b.tree && outer.Start <= inner.Start && inner.End <= outer.End, "dissolve a value") {
		return b
	}
	n := array.Len()
	if array.Kind() != syntax.KindArray || n == 0 {
		b.fail(errors.New("there is nothing to put in its place"))
		return b
	}
	kept := syntax.Range{Start: array.Index(0).Range().Start, End: array.Index(n - 1).Range().End}
	for t := range b.tree.Tokens() {
		if isComment(t.Kind) && outer.Start <= t.Range.Start && t.Range.End <= outer.End && (t.Range.Start < kept.Start || t.Range.End > kept.End) {
			b.fail(errors.New("a comment would be lost"))
			return b
		}
	}
	s := b.styled()
	b.edits = append(b.edits, syntax.Edit{Range: syntax.Range{Start: outer.Start, End: kept.Start}})
	if s.startsLine(kept.Start) {
		b.outdentLines(kept, s.indentAt(outer.Start), s.indentAt(kept.Start))
	}
	b.edits = append(b.edits, syntax.Edit{Range: syntax.Range{Start: kept.End, End: outer.End}})
	return b
}

// outdentLines takes out of the lines that start within r what one indentation
// has more than another.
func (b *Builder) outdentLines(r syntax.Range, to, from string) {
	if !strings.HasPrefix(from, to) {
		return
	}
	for at := r.Start; ; {
		i := strings.IndexAny(b.style.src[at:r.End], "\r\n")
		if i < 0 {
			return
		}
		if at += i + 1; strings.HasPrefix(b.style.src[at:r.End], from) && len(from) > len(to) {
			b.edits = append(b.edits, syntax.Edit{Range: syntax.Range{Start: at + len(to), End: at + len(from)}})
		}
	}
}
