package expr

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
)

// upper and lower are JavaScript's, with the special cases of Unicode: `ß` has two capitals, a sigma at the end of a word
// a form of its own. The rules are those of x/text; what Unicode 17, which Node.js has, knows beyond its tables stands
// below. testdata/expr/casing.txt holds what Node.js says of every character, and a test compares.
func upper(s string) string {
	if isASCII(s) {
		return strings.ToUpper(s)
	}
	c := cases.Upper(language.Und)
	return eachValid(s, func(s string) string { return besideNewer(s, c.String, newerLetter.upper) })
}

func lower(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}
	c := cases.Lower(language.Und)
	return eachValid(s, func(s string) string { return besideNewer(s, c.String, newerLetter.lower) })
}

// eachValid converts the text around halves of surrogate pairs.
func eachValid(s string, convert func(string) string) string {
	if utf8.ValidString(s) {
		return convert(s)
	}
	var b []byte
	from := 0
	for i := 0; i < len(s); {
		r, width := decodeUnit(s[i:])
		if isSurrogate(r) {
			b = append(append(b, convert(s[from:i])...), s[i:i+width]...)
			from = i + width
		}
		i += width
	}
	return string(append(b, convert(s[from:])...))
}

// A newerLetter is a run of capitals with their small letters that have come after Unicode 15.
type newerLetter struct{ capital, small, count rune }

var newerLetters = [...]newerLetter{
	{0x1C89, 0x1C8A, 1}, {0xA7CB, 0x0264, 1}, {0xA7CC, 0xA7CD, 1}, {0xA7CE, 0xA7CF, 1}, {0xA7D2, 0xA7D3, 1}, {0xA7D4, 0xA7D5, 1},
	{0xA7DA, 0xA7DB, 1}, {0xA7DC, 0x019B, 1}, {0x10D50, 0x10D70, 22}, {0x16EA0, 0x16EBB, 25},
}

func (l newerLetter) upper(r rune) rune {
	if r >= l.small && r < l.small+l.count {
		return l.capital + r - l.small
	}
	return r
}

func (l newerLetter) lower(r rune) rune {
	if r >= l.capital && r < l.capital+l.count {
		return l.small + r - l.capital
	}
	return r
}

// newerMarks are runs of characters that have come after Unicode 15, or are taken for something else since, and over
// which the rule of the final sigma passes; newerOthers those that end a word for it.
var (
	newerMarks = [...][2]rune{
		{0x0897, 0x0897}, {0x1ACF, 0x1ADD}, {0x1AE0, 0x1AEB}, {0xA7F1, 0xA7F1}, {0x10D4E, 0x10D4E}, {0x10D69, 0x10D6D}, {0x10D6F, 0x10D6F},
		{0x10EC5, 0x10EC5}, {0x10EFA, 0x10EFC}, {0x113BB, 0x113C0}, {0x113CE, 0x113CE}, {0x113D0, 0x113D0}, {0x113D2, 0x113D2}, {0x113E1, 0x113E2},
		{0x11B60, 0x11B60}, {0x11B62, 0x11B64}, {0x11B66, 0x11B66}, {0x11DD9, 0x11DD9}, {0x11F5A, 0x11F5A}, {0x1611E, 0x16129}, {0x1612D, 0x1612F},
		{0x16D40, 0x16D42}, {0x16D6B, 0x16D6C}, {0x16FF2, 0x16FF3}, {0x1E5EE, 0x1E5EF}, {0x1E6E3, 0x1E6E3}, {0x1E6E6, 0x1E6E6}, {0x1E6EE, 0x1E6EF},
		{0x1E6F5, 0x1E6F5}, {0x1E6FF, 0x1E6FF},
	}
	newerOthers = [...][2]rune{{0x0295, 0x0295}, {0x1171E, 0x1171E}}
)

// Characters that have no other case and stand in for newer ones while x/text looks at their neighbours.
const (
	standInLetter = 'ᴀ'      // U+1D00, a letter with case
	standInMark   = '\u00AD' // soft hyphen, passed over
	standInOther  = '一'
)

// standIn returns what x/text is to see in place of a character, and false for one that it knows.
func standIn(r rune) (rune, bool) {
	if r < 0x019B {
		return 0, false
	}
	for _, l := range newerLetters {
		if l.upper(r) != r || l.lower(r) != r {
			return standInLetter, true
		}
	}
	for _, run := range newerMarks {
		if r <= run[1] {
			if r >= run[0] {
				return standInMark, true
			}
			break
		}
	}
	for _, run := range newerOthers {
		if r >= run[0] && r <= run[1] {
			return standInOther, true
		}
	}
	return 0, false
}

// besideNewer converts valid text in which there may be characters that convert does not know.
func besideNewer(s string, convert func(string) string, other func(newerLetter, rune) rune) string {
	if !strings.ContainsFunc(s, func(r rune) bool { _, newer := standIn(r); return newer }) {
		return convert(s)
	}
	known := convert(strings.Map(func(r rune) rune {
		if in, newer := standIn(r); newer {
			return in
		}
		return r
	}, s))
	// Each character became as many as it becomes alone: what a sigma becomes depends on its place, how many does not.
	b := make([]byte, 0, len(known))
	for _, r := range s {
		if _, newer := standIn(r); newer {
			_, width := utf8.DecodeRuneInString(known)
			known = known[width:]
			for _, l := range newerLetters {
				if changed := other(l, r); changed != r {
					r = changed
					break
				}
			}
			b = utf8.AppendRune(b, r)
			continue
		}
		for range utf8.RuneCountInString(convert(string(r))) {
			_, width := utf8.DecodeRuneInString(known)
			b = append(b, known[:width]...)
			known = known[width:]
		}
	}
	return string(append(b, known...))
}
