package expr

import (
	"strings"
	"unicode/utf8"
)

// lexer reads the tokens of one expression. It works on bytes; a multi-byte character is only ever part of a name, of a
// string or of unreadable text.
type lexer struct {
	text string
	pos  int
	// unquoted remembers for each kind of quote that no closing one is ahead, so that hostile text is not scanned again
	// and again; unslashed does the same for regular expressions.
	unquoted  [2]bool
	unslashed bool
}

// stop reports whether the expression ends here at the latest: at the end of the text, or where the next `${` begins.
func (l *lexer) stop() bool {
	return l.pos >= len(l.text) || opensExpression(l.text, l.pos)
}

func (l *lexer) peek() byte {
	if l.pos < len(l.text) {
		return l.text[l.pos]
	}
	return 0
}

func (l *lexer) peekAt(i int) byte {
	if l.pos+i < len(l.text) {
		return l.text[l.pos+i]
	}
	return 0
}

func (l *lexer) space() {
	for l.pos < len(l.text) {
		switch c := l.text[l.pos]; {
		case c == ' ' || c >= '\t' && c <= '\r':
			l.pos++
		case c == 0xC2 && l.peekAt(1) == 0xA0: // no-break space, often pasted from web pages
			l.pos += 2
		default:
			return
		}
	}
}

// name reads a name and returns it; it is empty if none stands here. Hyphens and leading digits are part of names: refs
// and secret identifiers have them.
func (l *lexer) name() string {
	start := l.pos
	for l.pos < len(l.text) && isNameByte(l.text[l.pos]) {
		if l.text[l.pos] == 0xC2 && l.peekAt(1) == 0xA0 {
			break
		}
		l.pos++
	}
	return l.text[start:l.pos]
}

func isNameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-' || c >= utf8.RuneSelf
}

func isNameStart(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= utf8.RuneSelf
}

// IsName reports whether a segment can be written behind a dot.
func IsName(s string) bool {
	for i := range len(s) {
		if !isNameByte(s[i]) {
			return false
		}
	}
	return s != ""
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// Quote writes a text as a literal of the language, in single quotes: as JSON has
// double ones, it needs no further escapes in a file.
func Quote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`, "\r", `\r`, "${", `\${`).Replace(s) + "'"
}

// quoted finds the end of the string that opens at the current position: the offset of the closing quote, or false if
// the text has none.
func (l *lexer) quoted() (end int, closed bool) {
	quote := l.text[l.pos]
	kind := 0
	if quote == '"' {
		kind = 1
	}
	if l.unquoted[kind] {
		return 0, false
	}
	for i := l.pos + 1; i < len(l.text); i++ {
		switch l.text[i] {
		case '\\':
			i++
		case quote:
			return i, true
		}
	}
	l.unquoted[kind] = true
	return 0, false
}

// regex finds the end of the regular expression that opens at the current position: the offset of the closing slash.
func (l *lexer) regex() (end int, closed bool) {
	if l.unslashed {
		return 0, false
	}
	class := false
	for i := l.pos + 1; i < len(l.text) && !opensExpression(l.text, i); i++ {
		switch l.text[i] {
		case '\\':
			i++
		case '[':
			class = true
		case ']':
			class = false
		case '/':
			if !class {
				return i, true
			}
		case '\n', '\r':
			i = len(l.text)
		}
	}
	l.unslashed = true
	return 0, false
}

// opensExpression reports whether an unescaped `${` stands at i.
func opensExpression(text string, i int) bool {
	return text[i] == '$' && i+1 < len(text) && text[i+1] == '{' && (i == 0 || text[i-1] != '\\')
}

// unescape resolves the escapes of JavaScript in the content of a string literal. It returns the offset of the first
// escape that is none (`\x` and `\u` without their digits), or -1.
func unescape(s string) (value string, bad int) {
	bad = -1
	if !strings.Contains(s, `\`) {
		return s, bad
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c != '\\' {
			b = append(b, c)
			continue
		}
		i++
		if i == len(s) {
			break
		}
		switch c = s[i]; c {
		case 'n':
			b = append(b, '\n')
		case 't':
			b = append(b, '\t')
		case 'r':
			b = append(b, '\r')
		case 'b':
			b = append(b, '\b')
		case 'f':
			b = append(b, '\f')
		case 'v':
			b = append(b, '\v')
		case '0', '1', '2', '3', '4', '5', '6', '7':
			// `\0` and the octal escapes of old JavaScript.
			n, width := 0, 0
			for width < 3 && i+width < len(s) && s[i+width] >= '0' && s[i+width] <= '7' && n*8+int(s[i+width]-'0') < 256 {
				n = n*8 + int(s[i+width]-'0')
				width++
			}
			b = utf8.AppendRune(b, rune(n))
			i += width - 1
		case '\r':
			// A backslash in front of a line break continues the line.
			if i+1 < len(s) && s[i+1] == '\n' {
				i++
			}
		case '\n':
		case 'x', 'u':
			r, width, ok := hexEscape(s[i:])
			if !ok {
				if bad < 0 {
					bad = i - 1
				}
				b = append(b, c)
				continue
			}
			b = appendUnit(b, r)
			i += width - 1
		default:
			b = append(b, c)
		}
	}
	return string(b), bad
}

// hexEscape reads `xHH`, `uHHHH` or `u{H...}`.
func hexEscape(s string) (r rune, width int, ok bool) {
	if s[0] == 'u' && len(s) > 1 && s[1] == '{' {
		n := 0
		for i := 2; i < len(s); i++ {
			if s[i] == '}' {
				return rune(n), i + 1, i > 2
			}
			d, hex := hexDigit(s[i])
			if !hex {
				return 0, 0, false
			}
			if n = n*16 + d; n > utf8.MaxRune {
				return 0, 0, false
			}
		}
		return 0, 0, false
	}
	digits := 4
	if s[0] == 'x' {
		digits = 2
	}
	if len(s) < 1+digits {
		return 0, 0, false
	}
	n := 0
	for i := 1; i <= digits; i++ {
		d, hex := hexDigit(s[i])
		if !hex {
			return 0, 0, false
		}
		n = n*16 + d
	}
	return rune(n), 1 + digits, true
}

func hexDigit(c byte) (int, bool) {
	switch {
	case isDigit(c):
		return int(c - '0'), true
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10, true
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10, true
	}
	return 0, false
}
