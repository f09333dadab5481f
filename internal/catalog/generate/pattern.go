package main

import (
	"fmt"
	"regexp"
	"strings"
)

// ECMAScript's idea of white space and of line ends, as the inside of an RE2 character class.
const (
	spaceClass = `\s\v\x{feff}\p{Z}`
	lineClass  = `\n\r\x{2028}\x{2029}`
)

// toRE2 rewrites an ECMAScript pattern of the schemas into Go's syntax with the same meaning: \s covers Unicode's
// spaces, and a dot no line end of any kind. Look-around has no RE2 form: the schema has to say the same without it.
func toRE2(pattern string) (string, error) {
	var b strings.Builder
	inClass := false
	for i := 0; i < len(pattern); i++ {
		c := pattern[i]
		switch {
		case c == '\\' && i+1 < len(pattern):
			i++
			switch {
			case pattern[i] == 's' && inClass:
				b.WriteString(spaceClass)
			case pattern[i] == 's':
				b.WriteString("[" + spaceClass + "]")
			case pattern[i] == 'S' && inClass && strings.HasSuffix(b.String(), "["+spaceClass):
				// [\s\S] is every character.
				b.WriteString(`\S`)
			case strings.IndexByte("SwWbB", pattern[i]) >= 0:
				return "", fmt.Errorf("pattern %q: \\%c differs between ECMAScript and RE2", pattern, pattern[i])
			default:
				b.WriteByte('\\')
				b.WriteByte(pattern[i])
			}
		case c == '[' && !inClass:
			inClass = true
			b.WriteByte(c)
		case c == '[':
			b.WriteString(`\[`)
		case c == ']' && inClass:
			inClass = false
			b.WriteByte(c)
		case c == '.' && !inClass:
			b.WriteString("[^" + lineClass + "]")
		default:
			b.WriteByte(c)
		}
	}
	if _, err := regexp.Compile(b.String()); err != nil {
		return "", fmt.Errorf("pattern %q: %w", pattern, err)
	}
	return b.String(), nil
}
