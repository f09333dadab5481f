package edit

import (
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// value writes JSON text as the file writes it. Numbers and strings keep their
// spelling; text that is no JSON is left as it is.
func (s *style) value(json string, l layout) string {
	t := syntax.Parse(json)
	if t.Green().HasErrors() {
		return strings.TrimSpace(json)
	}
	var b strings.Builder
	s.print(&b, t.Root(), l)
	return b.String()
}

func (s *style) print(b *strings.Builder, v syntax.Value, l layout) {
	kind := v.Kind()
	if kind != syntax.KindObject && kind != syntax.KindArray || v.Len() == 0 {
		switch kind {
		case syntax.KindObject:
			b.WriteString("{}")
		case syntax.KindArray:
			b.WriteString("[]")
		default:
			b.WriteString(v.Raw())
		}
		return
	}
	inner := layout{lines: l.lines, indent: l.indent + s.unit}
	var start, between, end string
	if l.lines {
		start, between, end = s.newline+inner.indent, ","+s.newline+inner.indent, s.newline+l.indent
	} else {
		between = s.comma
		if kind == syntax.KindObject {
			start, end = s.pad, s.pad
		}
	}
	brackets := "[]"
	if kind == syntax.KindObject {
		brackets = "{}"
	}
	b.WriteString(brackets[:1])
	b.WriteString(start)
	n := 0
	for m := range v.Members() {
		if n++; n > 1 {
			b.WriteString(between)
		}
		b.WriteString(m.Key().Raw())
		b.WriteString(s.colon)
		s.print(b, m.Value(), inner)
	}
	for e := range v.Elements() {
		if n++; n > 1 {
			b.WriteString(between)
		}
		s.print(b, e, inner)
	}
	b.WriteString(end)
	b.WriteString(brackets[1:])
}
