package format

import (
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// Line returns the edit that indents the line on which offset stands as its
// place in the text wants it, for use while somebody types; nil if it is right,
// or if there is no telling. A bracket that closes is put under the line on
// which its partner opens; anything else, and an empty line, under the members
// or elements before it.
func Line(t *syntax.Tree, offset int, o Options) []syntax.Edit {
	src := t.Source()
	start := lineStart(src, min(max(offset, 0), len(src)))
	first := start + len(indentOf(src, start))
	if token := t.PathAt(start).Token; token.Range.Start < start && token.Range.End > start && token.Kind != syntax.KindSpace {
		return nil // within a comment
	}
	indent, ok := lineIndent(t, start, first, o)
	if !ok {
		return nil
	}
	return appendEdit(nil, src, start, first, indent)
}

// lineIndent returns the indentation of the line that starts at start and whose
// first token starts at first.
func lineIndent(t *syntax.Tree, start, first int, o Options) (string, bool) {
	src := t.Source()
	path := t.PathAt(first)
	for i := len(path.Steps) - 1; i >= 0; i-- {
		step := path.Steps[i]
		v := step.Value
		if v.Range().Start >= start {
			continue // it opens on this line
		}
		base := indentOf(src, v.Range().Start)
		closes := first < len(src) && (src[first] == '}' || src[first] == ']')
		switch {
		case closes && v.Terminated() && v.Range().End == first+1:
			return base, true
		case closes:
			continue
		}
		unit := o.Indent
		if unit == "" {
			unit = "  "
		}
		if m := step.Member; m.IsValid() && m.Range().Start < start && path.Spot == syntax.SpotValue {
			return indentOf(src, m.Range().Start) + unit, true
		}
		if indent, ok := exampleOf(v, start); ok {
			return indent, true
		}
		return base + unit, true
	}
	return "", false
}

// exampleOf returns the indentation of the last item of a container that stands
// first on its line before the line that starts at start.
func exampleOf(v syntax.Value, start int) (string, bool) {
	src := v.Tree().Source()
	indent, ok := "", false
	for part := range v.Parts() {
		at := part.Range.Start
		if at >= start {
			break
		}
		if part.Kind != syntax.KindMember && !part.Kind.IsValue() {
			continue
		}
		from := lineStart(src, at)
		if text := src[from:at]; from > v.Range().Start && strings.Trim(text, " \t") == "" {
			indent, ok = text, true
		}
	}
	return indent, ok
}
