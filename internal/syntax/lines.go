package syntax

import (
	"sort"
	"strings"
	"sync"
	"unicode/utf8"
)

// Encoding says what Position.Character counts.
type Encoding uint8

// The encodings that a client of LSP can ask for, UTF-32 apart.
const (
	UTF16 Encoding = iota // UTF-16 code units
	UTF8                  // bytes
)

// Position is a place in a text: both parts count from 0.
type Position struct{ Line, Character uint32 }

// Lines tells lines and columns from byte offsets and the reverse. Lines end
// with LF, CRLF or CR. It is immutable and may be used by several goroutines.
type Lines struct {
	text *text

	once   sync.Once
	breaks []int // how many lines end in the chunks before chunk i
	total  int   // how many lines end in the text
}

// chunkIndex is what Lines knows of a chunk.
type chunkIndex struct {
	starts []int32 // where lines start behind a line end within the chunk
	utf16  int     // its length in UTF-16 code units
	ascii  bool
}

// NewLines returns the lines of a text.
func NewLines(src string) *Lines { return &Lines{text: newText(src, chunkSize)} }

// Text returns the text.
func (l *Lines) Text() string { return l.text.string() }

// Size returns the length of the text in bytes.
func (l *Lines) Size() int { return l.text.size }

// Slice returns the text in r, which has to lie within the text.
func (l *Lines) Slice(r Range) string { return l.text.slice(r.Start, r.End) }

// Edit returns the lines of the text with r replaced. r is clamped to the text.
func (l *Lines) Edit(r Range, newText string) *Lines {
	return &Lines{text: l.text.replace(clamp(r, l.text.size), newText)}
}

func clamp(r Range, size int) Range {
	start := min(max(r.Start, 0), size)
	return Range{start, min(max(r.End, start), size)}
}

func (c *chunk) lines() *chunkIndex {
	if x := c.index.Load(); x != nil {
		return x
	}
	s := c.s
	x := &chunkIndex{starts: lineStarts(s), ascii: isASCII(s), utf16: len(s)}
	if !x.ascii {
		x.utf16 = utf16Len(s)
	}
	c.index.Store(x)
	return x
}

// lineStarts returns where lines start behind the line ends of s. The piece that
// is typed in is read anew for each keystroke.
func lineStarts(s string) []int32 {
	if strings.IndexByte(s, '\r') >= 0 {
		var starts []int32
		for i := 0; i < len(s); i++ {
			if b := s[i]; b == '\n' || b == '\r' && (i+1 == len(s) || s[i+1] != '\n') {
				starts = append(starts, int32(i+1))
			}
		}
		return starts
	}
	n := strings.Count(s, "\n")
	if n == 0 {
		return nil
	}
	starts := make([]int32, 0, n)
	for at := 0; len(starts) < n; {
		at += strings.IndexByte(s[at:], '\n') + 1
		starts = append(starts, int32(at))
	}
	return starts
}

func isASCII(s string) bool {
	for len(s) >= 8 {
		if (s[0]|s[1]|s[2]|s[3]|s[4]|s[5]|s[6]|s[7])&utf8.RuneSelf != 0 {
			return false
		}
		s = s[8:]
	}
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// utf16Len returns how many UTF-16 code units s has. A byte that is no UTF-8
// counts as one, the U+FFFD that it is read as.
func utf16Len(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r >= 0x10000 {
			n++
		}
	}
	return n
}

func (l *Lines) index() {
	l.once.Do(func() {
		chunks, _ := l.text.cut()
		l.breaks = make([]int, len(chunks))
		for i, c := range chunks {
			l.breaks[i] = l.total
			l.total += len(c.lines().starts)
		}
	})
}

// Count returns the number of lines: one more than there are line ends.
func (l *Lines) Count() int {
	l.index()
	return l.total + 1
}

// start returns where a line starts; the end of the text for one behind the last.
func (l *Lines) start(line int) int {
	if line <= 0 {
		return 0
	}
	if line > l.total {
		return l.text.size
	}
	// The chunk in which the line end before the line stands.
	i := sort.Search(len(l.breaks), func(i int) bool { return l.breaks[i] >= line }) - 1
	return l.text.starts[i] + int(l.text.chunks[i].lines().starts[line-1-l.breaks[i]])
}

// LineRange returns the bytes of a line without its line end. Lines are clamped.
func (l *Lines) LineRange(line int) Range {
	l.index()
	line = min(max(line, 0), l.total)
	r := Range{l.start(line), l.text.size}
	if line == l.total {
		return r
	}
	r.End = l.start(line + 1)
	tail := l.text.slice(max(r.Start, r.End-2), r.End)
	r.End--
	if len(tail) == 2 && tail == "\r\n" {
		r.End--
	}
	return r
}

// Position returns the line and the column of a byte offset. An offset within
// a rune counts as the rune's start, one within a line end as the line's end,
// and one outside of the text is clamped.
func (l *Lines) Position(offset int, enc Encoding) Position {
	l.index()
	offset = min(max(offset, 0), l.text.size)
	line := 0
	if len(l.breaks) > 0 {
		i := max(find(l.text.starts, offset), 0)
		x := l.text.chunks[i].lines()
		in := int32(offset - l.text.starts[i])
		line = l.breaks[i] + sort.Search(len(x.starts), func(k int) bool { return x.starts[k] > in })
	}
	r := l.LineRange(line)
	offset = l.runeStart(min(offset, r.End), r)
	column := offset - r.Start
	if enc == UTF16 {
		column = l.units(r.Start, offset)
	}
	return Position{uint32(line), uint32(column)}
}

// runeStart returns where the rune starts within which offset lies, an offset
// of the line r.
func (l *Lines) runeStart(offset int, r Range) int {
	from, to := max(r.Start, offset-utf8.UTFMax+1), min(r.End, offset+utf8.UTFMax-1)
	s, at := l.text.slice(from, to), offset-from
	if at == len(s) || !continues(s[at]) {
		return offset
	}
	for i := at - 1; i >= 0; i-- {
		if !continues(s[i]) {
			if _, n := utf8.DecodeRuneInString(s[i:]); i+n > at {
				return from + i
			}
			break
		}
	}
	return offset
}

// units returns how many UTF-16 code units the bytes from start to end have,
// both being at the start of a rune. Whole chunks are not looked at again.
func (l *Lines) units(start, end int) int {
	n := 0
	for start < end {
		i := find(l.text.starts, start)
		c := l.text.chunks[i]
		from, to := start-l.text.starts[i], min(end-l.text.starts[i], len(c.s))
		switch x := c.lines(); {
		case x.ascii:
			n += to - from
		case from == 0 && to == len(c.s):
			n += x.utf16
		default:
			n += utf16Len(c.s[from:to])
		}
		start = l.text.starts[i] + to
	}
	return n
}

// Offset returns the byte offset of a position. A line behind the last one is
// the end of the text, a column behind the end of its line is the line's end,
// and a column within a rune is the rune's start.
func (l *Lines) Offset(p Position, enc Encoding) int {
	l.index()
	if int64(p.Line) > int64(l.total) {
		return l.text.size
	}
	r := l.LineRange(int(p.Line))
	want := int64(p.Character)
	if enc == UTF8 {
		return l.runeStart(r.Start+int(min(want, int64(r.Len()))), r)
	}
	at, rest := r.Start, int(min(want, int64(r.Len())))
	for at < r.End && rest > 0 {
		i := find(l.text.starts, at)
		c := l.text.chunks[i]
		from, to := at-l.text.starts[i], min(r.End-l.text.starts[i], len(c.s))
		x := c.lines()
		if x.ascii {
			step := min(to-from, rest)
			at, rest = at+step, rest-step
			continue
		}
		if from == 0 && to == len(c.s) && x.utf16 <= rest {
			at, rest = at+to, rest-x.utf16
			continue
		}
		for j, r := range c.s[from:to] {
			units := 1
			if r >= 0x10000 {
				units = 2
			}
			if units > rest {
				return at + j
			}
			rest -= units
		}
		at = l.text.starts[i] + to
	}
	return at
}
