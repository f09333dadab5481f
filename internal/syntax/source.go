package syntax

import "strings"

// source feeds the parser: a lexer over a window of the text that grows where
// a token would reach over its end.
type source struct {
	lex   lexer
	base  int   // where the window starts in the text
	start int   // where the last token starts in the text
	text  *text // the whole text
	first int   // how long a window is at first
}

// firstWindow is how much text an edit looks at first.
const firstWindow = 2048

// next returns the next token. A token may have looked two bytes beyond its end,
// and a string that is not closed to the end of its line.
func (s *source) next() green {
	s.start = s.base + s.lex.pos
	t := s.lex.next()
	for s.base+len(s.lex.s) < s.text.size && (s.lex.pos+3 > len(s.lex.s) || t.flags&flagOpen != 0 && !s.lineEnds()) {
		s.window(s.start, 4*len(s.lex.s))
		t = s.lex.next()
	}
	return t
}

// lineEnds reports whether the line ends within the window.
func (s *source) lineEnds() bool { return strings.ContainsAny(s.lex.s[s.lex.pos:], "\r\n") }

// bom takes the byte order mark at the start of the text, if there is one.
func (s *source) bom() (green, bool) {
	const mark = "\ufeff"
	if s.offset() > 0 || s.text.size < len(mark) || !s.text.equal(0, mark) {
		return green{}, false
	}
	s.seek(len(mark))
	return green{width: uint32(len(mark)), kind: KindBOM, flags: flagError}, true
}

// offset is where the next token starts.
func (s *source) offset() int { return s.base + s.lex.pos }

// seek goes on at an offset.
func (s *source) seek(offset int) {
	if i := offset - s.base; i < len(s.lex.s) {
		s.lex.pos = i
		return
	}
	s.window(offset, s.first)
}

func (s *source) window(offset, size int) {
	s.base = offset
	s.lex.s, s.lex.pos = s.text.slice(offset, min(offset+max(size, s.first), s.text.size)), 0
}

// excess takes everything from the opening bracket at start to the one that
// closes it as one token.
func (s *source) excess(start int) green {
	if s.base+len(s.lex.s) < s.text.size {
		s.window(start, s.text.size)
	}
	s.lex.pos = start - s.base
	return s.lex.excess()
}

// column returns how many spaces and tabs stand between the start of the line
// and offset, or -1 if there is anything else, or very many.
func (s *source) column(offset int) int {
	const most = 1024
	before := s.text.slice(max(0, offset-most), offset)
	for i := len(before) - 1; i >= 0; i-- {
		switch before[i] {
		case ' ', '\t':
		case '\n', '\r':
			return len(before) - 1 - i
		default:
			return -1
		}
	}
	if offset <= most {
		return offset
	}
	return -1
}
