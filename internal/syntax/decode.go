package syntax

import (
	"sort"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Decoded is the text of a string together with the way back to the file.
type Decoded struct {
	// Text is valid UTF-8. As encoding/json has it, lone surrogates and bytes
	// that are no UTF-8 are U+FFFD. Escapes that JSON does not know stand in it
	// as they are written.
	Text string

	start int       // where the content starts in the file
	table []segment // what is not written as it reads, in order
}

// segment is a piece of decoded text that is written in another way.
type segment struct {
	text, source int   // where it starts in the text; in the content as written
	textLen      uint8 // how long it is there
	sourceLen    uint8 // and there
}

// Decode returns the text of a string with the way back to the file. Other
// values read as they are written.
func (v Value) Decode() Decoded {
	if v.green.kind != KindString {
		return Decoded{Text: v.Raw(), start: v.start}
	}
	raw := v.Raw()[1:]
	if v.green.flags&flagOpen == 0 {
		raw = raw[:len(raw)-1]
	}
	d := Decoded{Text: raw, start: v.start + 1}
	if v.green.flags&(flagEscape|flagHigh) != 0 {
		d.Text, d.table = decode(raw, v.quote(), true)
	}
	return d
}

// decode reads the content of a string, and makes the table if that is wanted.
func decode(raw string, quote byte, wanted bool) (string, []segment) {
	if strings.IndexByte(raw, '\\') < 0 && utf8.ValidString(raw) {
		return raw, nil
	}
	var table []segment
	var b strings.Builder
	b.Grow(len(raw))
	for i := 0; i < len(raw); {
		c := raw[i]
		n := 1
		r := rune(c)
		switch {
		case c == '\\':
			if n = escapeLen(raw[i:], quote); n > 1 {
				r, n = unescape(raw[i:], n)
			}
		case c >= utf8.RuneSelf:
			r, n = utf8.DecodeRuneInString(raw[i:])
		}
		at := b.Len()
		b.WriteRune(r)
		// A rune that stands for itself needs no entry.
		if wanted && (c == '\\' && n > 1 || r == utf8.RuneError && n == 1) {
			table = append(table, segment{at, i, uint8(b.Len() - at), uint8(n)})
		}
		i += n
	}
	return b.String(), table
}

// unescape reads the escape of n bytes that s starts with, and the second half
// of a surrogate pair with the first.
func unescape(s string, n int) (rune, int) {
	switch s[1] {
	case 'b':
		return '\b', n
	case 'f':
		return '\f', n
	case 'n':
		return '\n', n
	case 'r':
		return '\r', n
	case 't':
		return '\t', n
	case 'u':
		r, _ := hex4(s[2:])
		if !utf16.IsSurrogate(r) {
			return r, n
		}
		if len(s) >= 12 && s[6] == '\\' && s[7] == 'u' {
			if low, ok := hex4(s[8:]); ok {
				if r := utf16.DecodeRune(r, low); r != utf8.RuneError {
					return r, 12
				}
			}
		}
		return utf8.RuneError, n
	}
	return rune(s[1]), n
}

// SourceRange returns the bytes of the file that Text[start:end] is written as.
// Where an offset lies within a rune that is written as an escape, the range
// covers the whole escape. Offsets outside of Text are clamped.
func (d Decoded) SourceRange(start, end int) Range {
	start = min(max(start, 0), len(d.Text))
	end = min(max(end, start), len(d.Text))
	from := d.source(start, false)
	if start == end {
		return Range{from, from}
	}
	return Range{from, d.source(end, true)}
}

// source maps an offset in Text to the file; within an escape to its start, or
// to its end.
func (d Decoded) source(offset int, end bool) int {
	i := sort.Search(len(d.table), func(i int) bool { return d.table[i].text > offset }) - 1
	if i < 0 {
		return d.start + offset
	}
	s := d.table[i]
	into := offset - s.text
	switch {
	case into == 0:
		return d.start + s.source
	case into < int(s.textLen) && !end:
		return d.start + s.source
	case into < int(s.textLen):
		return d.start + s.source + int(s.sourceLen)
	}
	return d.start + s.source + int(s.sourceLen) + into - int(s.textLen)
}

// TextOffset returns the offset in Text of what stands at the byte abs of the
// file: for one within an escape the start of what it stands for. Offsets
// outside of the string are clamped.
func (d Decoded) TextOffset(abs int) int {
	at := max(abs-d.start, 0)
	i := sort.Search(len(d.table), func(i int) bool { return d.table[i].source > at }) - 1
	if i >= 0 {
		s := d.table[i]
		if into := at - s.source; into < int(s.sourceLen) {
			return s.text
		} else {
			at = s.text + int(s.textLen) + into - int(s.sourceLen)
		}
	}
	return min(at, len(d.Text))
}

// Moved returns d for the same string at another place of the file, by bytes
// further on. What is cached for a string is kept right by it when text before
// the string changes.
func (d Decoded) Moved(by int) Decoded {
	d.start += by
	return d
}
