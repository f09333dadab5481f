package syntax

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// slowLines tells lines in the plainest way: where they start, and where their
// line ends do.
func slowLines(s string) (starts, ends []int) {
	starts = []int{0}
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\r' && i+1 < len(s) && s[i+1] == '\n':
			ends, starts = append(ends, i), append(starts, i+2)
			i++
		case s[i] == '\n' || s[i] == '\r':
			ends, starts = append(ends, i), append(starts, i+1)
		}
	}
	return starts, append(ends, len(s))
}

// checkLines compares lines with the plain way of telling them, at some places
// of a long text and at all of a short one.
func checkLines(t *testing.T, l *Lines) {
	t.Helper()
	s := l.Text()
	starts, ends := slowLines(s)
	if l.Count() != len(starts) {
		t.Fatalf("%.80q has %d lines, want %d", s, l.Count(), len(starts))
	}
	step := 1 + len(starts)/50
	for i := 0; i < len(starts); i += step {
		if r := (Range{starts[i], ends[i]}); l.LineRange(i) != r {
			t.Fatalf("line %d of %.80q is %v, want %v", i, s, l.LineRange(i), r)
		}
		bytes, units := 0, 0
		line := s[starts[i]:ends[i]]
		skip := 1 + len(line)/50
		for k, r := range line {
			if k%skip == 0 {
				for enc, want := range []int{units, k} {
					p := Position{uint32(i), uint32(want)}
					if got := l.Position(starts[i]+k, Encoding(enc)); got != p {
						t.Fatalf("byte %d of line %d of %.80q is at %v, want %v", k, i, s, got, p)
					}
					if got := l.Offset(p, Encoding(enc)); got != starts[i]+k {
						t.Fatalf("%v of %.80q is byte %d, want %d", p, s, got, starts[i]+k)
					}
				}
			}
			_, n := utf8.DecodeRuneInString(line[k:])
			for inside := 1; inside < n && k%skip == 0; inside++ {
				if got := l.Position(starts[i]+k+inside, UTF16); got != (Position{uint32(i), uint32(units)}) {
					t.Fatalf("byte %d, within a rune, of line %d of %.80q is at %v", k+inside, i, s, got)
				}
			}
			bytes, units = k+n, units+1
			if r >= 0x10000 {
				units++
			}
		}
		if got := l.Position(ends[i], UTF16); got != (Position{uint32(i), uint32(units)}) {
			t.Fatalf("the end of line %d of %.80q is at %v", i, s, got)
		}
		if got := l.Offset(Position{uint32(i), uint32(bytes) + 1}, UTF8); got != ends[i] {
			t.Fatalf("a column behind line %d of %.80q is byte %d, want %d", i, s, got, ends[i])
		}
	}
}

func TestLines(t *testing.T) {
	for _, c := range []struct {
		name, src string
		offset    int
		utf16     Position
		utf8      Position
		back      int // the offset that both positions mean
	}{
		{"the start", "ab\ncd", 0, Position{0, 0}, Position{0, 0}, 0},
		{"the end of a line is before its line end", "ab\ncd", 2, Position{0, 2}, Position{0, 2}, 2},
		{"a line starts behind LF", "ab\ncd", 3, Position{1, 0}, Position{1, 0}, 3},
		{"a line starts behind CRLF", "ab\r\ncd", 4, Position{1, 0}, Position{1, 0}, 4},
		{"between CR and LF is the end of the line", "ab\r\ncd", 3, Position{0, 2}, Position{0, 2}, 2},
		{"a line starts behind CR", "ab\rcd", 3, Position{1, 0}, Position{1, 0}, 3},
		{"behind the last line end there is a line", "ab\n", 3, Position{1, 0}, Position{1, 0}, 3},
		{"an empty text has a line", "", 0, Position{0, 0}, Position{0, 0}, 0},
		{"two bytes are one unit", "éa", 2, Position{0, 1}, Position{0, 2}, 2},
		{"four bytes are two units", "😀a", 4, Position{0, 2}, Position{0, 4}, 4},
		{"within a rune is its start", "a😀", 3, Position{0, 1}, Position{0, 1}, 1},
		{"a byte that is no UTF-8 is a unit", "\xffa", 1, Position{0, 1}, Position{0, 1}, 1},
		{"before the text is its start", "ab", -3, Position{0, 0}, Position{0, 0}, 0},
		{"behind the text is its end", "a\nb", 99, Position{1, 1}, Position{1, 1}, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := NewLines(c.src)
			if got := l.Position(c.offset, UTF16); got != c.utf16 {
				t.Errorf("UTF-16: %v, want %v", got, c.utf16)
			}
			if got := l.Position(c.offset, UTF8); got != c.utf8 {
				t.Errorf("UTF-8: %v, want %v", got, c.utf8)
			}
			if got := l.Offset(c.utf16, UTF16); got != c.back {
				t.Errorf("back from UTF-16: %d, want %d", got, c.back)
			}
			if got := l.Offset(c.utf8, UTF8); got != c.back {
				t.Errorf("back from UTF-8: %d, want %d", got, c.back)
			}
		})
	}
}

func TestPositionsOutsideOfTheTextAreClamped(t *testing.T) {
	l := NewLines("ab\r\n😀\n")
	for _, c := range []struct {
		name string
		p    Position
		want int
	}{
		{"a column behind the end of a line", Position{0, 9}, 2},
		{"a column within a surrogate pair", Position{1, 1}, 4},
		{"a line behind the last", Position{7, 0}, 9},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := l.Offset(c.p, UTF16); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
	if r := l.LineRange(-1); r != (Range{0, 2}) {
		t.Errorf("line -1 is %v", r)
	}
	if r := l.LineRange(99); r != (Range{9, 9}) {
		t.Errorf("line 99 is %v", r)
	}
}

func TestLongLinesAndManyChunksAreTold(t *testing.T) {
	for _, s := range []string{
		strings.Repeat("x", 100_000),
		strings.Repeat("é😀\r\n", 20_000),
		strings.Repeat("é😀", 20_000),
		strings.Repeat("\r", 30_000) + strings.Repeat("\r\n", 30_000),
		strings.Repeat("\x80\xbf", 20_000),
	} {
		l := NewLines(s)
		checkLines(t, l)
		for i := 0; i < len(s); i += len(s)/7 + 1 {
			checkLines(t, l.Edit(Range{i, i + 3}, "\r"))
			checkLines(t, l.Edit(Range{i, i}, "\n"))
			checkLines(t, l.Edit(Range{i, i + 20_000}, "\xbf"))
		}
	}
}
