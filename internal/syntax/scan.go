package syntax

import (
	"math/bits"
	"strings"
)

// scanString returns where the string ends that starts with a quote at start,
// and what there is in it. A string without its closing quote ends with its
// line, before what closes the line and looks like JSON around the string.
func scanString(s string, start int, quote byte) (end int, fl flags) {
	i := start + 1
	for {
		i = plainText(s, i, quote)
		if i >= len(s) {
			return openEnd(s, start, i), fl | flagOpen | flagError
		}
		switch c := s[i]; {
		case c == quote:
			return i + 1, fl
		case c == '\\':
			fl |= flagEscape
			n := escapeLen(s[i:], quote)
			if n == 1 {
				fl |= flagBadText | flagError
			}
			i += n
		case c == '\n' || c == '\r':
			return openEnd(s, start, i), fl | flagOpen | flagError
		case c >= 0x80:
			fl |= flagHigh
			for i++; i < len(s) && s[i] >= 0x80; i++ {
			}
		default: // a control character
			fl |= flagBadText | flagError
			i++
		}
	}
}

// openEnd returns where the unterminated string ends that starts at start and
// whose line ends at end. Left out of it are a comma at the end of the line; an
// opening bracket there, behind a colon or alone; and closing brackets there
// that none in the string has opened. Most likely they are JSON, and with them
// the nodes around the string stay what they were before a quote got lost. A
// comma behind an open parenthesis is none of JSON's, where no such bracket
// stands before it: more of the text follows.
func openEnd(s string, start, end int) int {
	rest := s[start+1 : end]
	text := strings.TrimRight(rest, " \t")
	if cut, ok := strings.CutSuffix(text, ","); ok {
		before := strings.TrimRight(cut, " \t")
		if strings.Count(cut, "(") <= strings.Count(cut, ")") || unopened(before) > 0 {
			rest, text = cut, before
		}
	}
	if text == "" {
		return start + 1 + len(rest)
	}
	switch text[len(text)-1] {
	case '{', '[':
		before := strings.TrimRight(text[:len(text)-1], " \t")
		if name, ok := strings.CutSuffix(before, ":"); ok || before == "" {
			rest = strings.TrimRight(name, " \t")
		}
	case '}', ']':
		for n := unopened(text); n > 0; n-- {
			space := text[:len(text)-1]
			text = strings.TrimRight(space, " \t")
			rest = text
			if n == 1 && strings.HasSuffix(text, ",") && len(space) > len(text) {
				rest = space[:len(space)-1] // the next argument of a call is being typed
			}
		}
	}
	return start + 1 + len(rest)
}

// unopened returns how many closing brackets at the end of s none in s has opened.
// A brace behind a space closes no expression that starts without one.
func unopened(s string) int {
	var tight uint64 // of the expressions that are open, by their depth
	depth, n := 0, 0
	for i := range len(s) {
		switch s[i] {
		case ' ', '\t':
			continue
		case '{', '[':
			tight &^= 1 << depth
			if strings.HasSuffix(s[:i+1], "${") && (i+1 < len(s) && s[i+1] != ' ' || strings.TrimRight(s[i+1:], " \t]}") == "") {
				tight |= 1 << depth
			}
			depth++
		case '}', ']':
			if depth > 0 && tight&(1<<(depth-1)) != 0 && s[i-1] == ' ' {
				depth = 0 // what is open lacks its end
			}
			if depth == 0 {
				n++
				continue
			}
			depth--
		}
		n = 0
	}
	return n
}

// ones times a byte is eight of it.
const ones = 0x0101010101010101

// load8 returns the eight bytes of b.
func load8(b string) uint64 {
	_ = b[7]
	return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
		uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
}

// scanSpace returns where the space ends that starts at i.
func scanSpace(s string, i int) (end int, fl flags) {
	for i < len(s) {
		switch s[i] {
		case '\n', '\r':
			fl = flagNewline
		case ' ', '\t':
		default:
			return i, fl
		}
		i++
		for i+8 <= len(s) && load8(s[i:i+8]) == ' '*ones {
			i += 8
		}
	}
	return i, fl
}

// plainText returns the first position from i on that holds the quote, a
// backslash, a control character or a byte over 0x7F; len(s) if there is none.
func plainText(s string, i int, quote byte) int {
	const highs = 0x80 * ones
	quotes := uint64(quote) * ones
	// Eight bytes at a time: in each of the four terms the lowest set high
	// bit marks the first byte that is meant; marks above it may be false.
	for ; i+8 <= len(s); i += 8 {
		w := load8(s[i : i+8])
		q := w ^ quotes
		e := w ^ '\\'*ones
		m := ((w - 0x20*ones) | (q-ones) & ^q | (e-ones) & ^e) & ^w
		if m = (m | w) & highs; m != 0 {
			return i + bits.TrailingZeros64(m)/8
		}
	}
	for ; i < len(s); i++ {
		if c := s[i]; c == quote || c == '\\' || c < 0x20 || c >= 0x80 {
			break
		}
	}
	return i
}

// escapeLen returns the length of the escape that s starts with: 1, the bare
// backslash, if it is none that JSON knows.
func escapeLen(s string, quote byte) int {
	if len(s) < 2 {
		return 1
	}
	switch c := s[1]; c {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if _, ok := hex4(s[2:]); ok {
			return 6
		}
	default:
		if c == quote {
			return 2
		}
	}
	return 1
}

// hex4 reads the four hexadecimal digits that s starts with.
func hex4(s string) (rune, bool) {
	if len(s) < 4 {
		return 0, false
	}
	var r rune
	for i := range 4 {
		c := s[i]
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// classifyWord says what a run of text without delimiters is.
func classifyWord(w string) (Kind, flags) {
	switch c := w[0]; {
	case c == '-' || isDigit(c):
		if validNumber(w) {
			return KindNumber, 0
		}
	case c == 't' && w == "true":
		return KindTrue, 0
	case c == 'f' && w == "false":
		return KindFalse, 0
	case c == 'n' && w == "null":
		return KindNull, 0
	}
	// What starts like a number is taken for one: 01, +1, .5, 1.2.3, 10GB.
	i := 0
	if w[0] == '-' || w[0] == '+' {
		i++
	}
	if i < len(w) && w[i] == '.' {
		i++
	}
	if i < len(w) && isDigit(w[i]) {
		return KindNumber, flagError
	}
	return KindWord, flagError
}

// validNumber reports whether JSON has the number w.
func validNumber(w string) bool {
	i := 0
	if w[i] == '-' {
		i++
	}
	switch {
	case i == len(w) || !isDigit(w[i]):
		return false
	case w[i] == '0':
		i++
	default:
		i = digits(w, i)
	}
	if i < len(w) && w[i] == '.' {
		j := digits(w, i+1)
		if j == i+1 {
			return false
		}
		i = j
	}
	if i < len(w) && (w[i] == 'e' || w[i] == 'E') {
		i++
		if i < len(w) && (w[i] == '+' || w[i] == '-') {
			i++
		}
		j := digits(w, i)
		if j == i {
			return false
		}
		i = j
	}
	return i == len(w)
}

func digits(w string, i int) int {
	for i < len(w) && isDigit(w[i]) {
		i++
	}
	return i
}
