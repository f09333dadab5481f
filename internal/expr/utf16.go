package expr

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// JavaScript counts and cuts strings in UTF-16 code units, so that a cut can leave half of a surrogate pair. Strings are
// kept here as UTF-8 in which such a half has the three bytes that its code point would have (ED A0..BF xx). Two halves
// that meet become one character again. What leaves the package is plain UTF-8: a half is U+FFFD there, as Node.js
// writes it.

func isSurrogate(r rune) bool { return r >= 0xD800 && r <= 0xDFFF }

// decodeUnit reads a character, which may be half of a surrogate pair.
func decodeUnit(s string) (r rune, width int) {
	r, width = utf8.DecodeRuneInString(s)
	if r == utf8.RuneError && width == 1 && len(s) >= 3 && s[0] == 0xED && s[1] >= 0xA0 && s[1] <= 0xBF && s[2]&0xC0 == 0x80 {
		return 0xD000 | rune(s[1]&0x3F)<<6 | rune(s[2]&0x3F), 3
	}
	return r, width
}

// appendUnit appends a character or half of a pair; a low half behind a high one completes it.
func appendUnit(b []byte, r rune) []byte {
	if !isSurrogate(r) {
		return utf8.AppendRune(b, r)
	}
	if r >= 0xDC00 && len(b) >= 3 {
		if high, width := decodeUnit(string(b[len(b)-3:])); width == 3 && high >= 0xD800 && high < 0xDC00 {
			return utf8.AppendRune(b[:len(b)-3], utf16.DecodeRune(high, r))
		}
	}
	return append(b, 0xED, 0x80|byte(r>>6)&0x3F, 0x80|byte(r)&0x3F)
}

// appendText appends text, completing a pair at the seam.
func appendText(b []byte, s string) []byte {
	if len(s) >= 3 && s[0] == 0xED {
		if r, width := decodeUnit(s); isSurrogate(r) {
			return append(appendUnit(b, r), s[width:]...)
		}
	}
	return append(b, s...)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// unitLen is the length of a string as JavaScript counts it.
func unitLen(s string) int {
	n := 0
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf {
			i++
			n++
			continue
		}
		r, width := decodeUnit(s[i:])
		i += width
		n++
		if r >= 0x10000 {
			n++
		}
	}
	return n
}

// units returns the UTF-16 code units of a string.
func units(s string) []uint16 {
	u := make([]uint16, 0, len(s))
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf {
			u = append(u, uint16(s[i]))
			i++
			continue
		}
		r, width := decodeUnit(s[i:])
		i += width
		if r >= 0x10000 {
			high, low := utf16.EncodeRune(r)
			u = append(u, uint16(high), uint16(low))
			continue
		}
		u = append(u, uint16(r))
	}
	return u
}

// fromUnits is the inverse of units.
func fromUnits(u []uint16) string {
	b := make([]byte, 0, len(u))
	for _, c := range u {
		b = appendUnit(b, rune(c))
	}
	return string(b)
}

// unitIndex returns the position in UTF-16 code units of a byte offset.
func unitIndex(s string, offset int) int { return unitLen(s[:offset]) }

// wellFormed returns plain UTF-8: halves of pairs and invalid bytes become U+FFFD.
func wellFormed(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); {
		r, width := decodeUnit(s[i:])
		if isSurrogate(r) {
			r = utf8.RuneError
		}
		b.WriteRune(r)
		i += width
	}
	return b.String()
}
