package edit

import (
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// style is how a file is written.
type style struct {
	tree    *syntax.Tree
	src     string
	newline string // LF, CRLF or CR
	unit    string // one level of indentation
	colon   string // between name and value, as in ": "
	comma   string // between items on one line, as in ", "
	pad     string // inside the braces of an object on one line
}

// layout is how one value is written.
type layout struct {
	lines  bool   // its parts stand on lines of their own
	indent string // of the line that it starts on
}

// maxSample is how many parts of a file are looked at for its style.
const maxSample = 4000

func detect(t *syntax.Tree) *style {
	s := &style{tree: t, src: t.Source(), newline: "\n"}
	if i := strings.IndexAny(s.src, "\r\n"); i >= 0 {
		switch {
		case s.src[i] == '\n':
		case strings.HasPrefix(s.src[i:], "\r\n"):
			s.newline = "\r\n"
		default:
			s.newline = "\r"
		}
	}
	sample := sampler{style: s, left: maxSample}
	sample.value(t.Root(), 0)
	if !sample.colon {
		s.colon = ": "
	}
	if !sample.unit {
		s.unit = "  "
	}
	if !sample.comma {
		s.comma = ","
		if s.colon != ":" {
			s.comma = ", "
		}
	}
	return s
}

// sampler looks for the first example of each habit.
type sampler struct {
	*style
	left                    int
	unit, colon, comma, pad bool
}

func (s *sampler) value(v syntax.Value, depth int) {
	const deepest = 100
	if s.left <= 0 || depth > deepest || s.unit && s.colon && s.comma && s.pad {
		return
	}
	items, gap := 0, ""
	for p := range v.Parts() {
		s.left--
		switch {
		case p.Kind == syntax.KindSpace:
			gap = p.Text()
			continue
		case p.Kind == syntax.KindMember || p.Kind.IsValue():
			s.item(v, p, items, gap)
			items++
		}
		gap = ""
	}
	for p := range v.Parts() {
		inner := p.Value()
		if p.Kind == syntax.KindMember {
			inner = p.Member().Value()
		}
		if k := inner.Kind(); k == syntax.KindObject || k == syntax.KindArray {
			s.value(inner, depth+1)
		}
	}
}

func (s *sampler) item(v syntax.Value, p syntax.Part, index int, gap string) {
	own := strings.ContainsAny(gap, "\r\n")
	switch {
	case own && !s.unit:
		outer := s.indentAt(v.Range().Start)
		if inner := s.indentAt(p.Range.Start); len(inner) > len(outer) && strings.HasPrefix(inner, outer) {
			s.style.unit, s.unit = inner[len(outer):], true
		}
	case !own && index > 0 && !s.comma:
		s.style.comma, s.comma = ","+gap, true
	case !own && index == 0 && !s.pad && p.Kind == syntax.KindMember:
		s.style.pad, s.pad = gap, true
	}
	if m := p.Member(); m.IsValid() && !s.colon {
		if text, ok := colonOf(s.src, m); ok {
			s.style.colon, s.colon = text, true
		}
	}
}

// colonOf returns what stands between the name and the value of a member.
func colonOf(src string, m syntax.Member) (string, bool) {
	k, v := m.Key(), m.Value()
	if !k.IsValid() || !v.IsValid() || !m.HasColon() {
		return "", false
	}
	text := src[k.Range().End:v.Range().Start]
	return text, strings.Trim(text, " \t") == ":"
}

// afterColon is the space behind a colon.
func (s *style) afterColon() string { return s.colon[strings.IndexByte(s.colon, ':')+1:] }

// lineStart returns where the line starts on which offset stands.
func (s *style) lineStart(offset int) int { return strings.LastIndexAny(s.src[:offset], "\r\n") + 1 }

// indentAt returns the spaces and tabs that the line starts with on which
// offset stands, up to offset.
func (s *style) indentAt(offset int) string {
	line := s.src[s.lineStart(offset):offset]
	return line[:len(line)-len(strings.TrimLeft(line, " \t"))]
}

// startsLine reports whether nothing but space stands before offset on its line.
func (s *style) startsLine(offset int) bool {
	return s.lineStart(offset)+len(s.indentAt(offset)) == offset
}

// layoutAt returns the layout of a new value of the member or element at start.
func (s *style) layoutAt(start int) layout {
	return layout{lines: s.startsLine(start), indent: s.indentAt(start)}
}

// layoutOf returns the layout of a value that takes the place of v.
func (s *style) layoutOf(v syntax.Value) layout {
	start := v.Range().Start
	l := layout{lines: strings.ContainsAny(v.Raw(), "\r\n"), indent: s.indentAt(start)}
	if l.lines || v.Len() > 0 {
		return l
	}
	p := s.tree.PathAt(start)
	if len(p.Steps) == 0 {
		l.lines = true
	} else if m := p.Member(); m.IsValid() {
		l.lines = s.startsLine(m.Range().Start)
	} else {
		l.lines = s.startsLine(start)
	}
	return l
}
