package expr

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Slug makes a text fit for identifiers: lower case, accents removed, every run of other characters than ASCII letters and
// digits one hyphen, none at the ends. Names that the platform accepts become the identifiers that it gives them.
func Slug(s string) string {
	if !isASCII(s) {
		s = lower(norm.NFKD.String(wellFormed(s)))
	}
	var b strings.Builder
	b.Grow(len(s))
	gap := false
	for _, r := range s {
		switch {
		case r >= 'A' && r <= 'Z':
			r += 'a' - 'A'
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
		case unicode.Is(unicode.Mn, r):
			continue // an accent that was taken apart from its letter
		default:
			gap = b.Len() > 0
			continue
		}
		if gap {
			b.WriteByte('-')
			gap = false
		}
		b.WriteRune(r)
	}
	return b.String()
}
