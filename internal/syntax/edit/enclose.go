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
