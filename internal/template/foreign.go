package template

import (
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// MayBe reports whether a text can be a document of the platform. Where it
// cannot, as most JSON, there is no need to read it as JSON: none of the words
// stands in it that [Build] goes by, whatever the structure around them is.
func MayBe(text string) bool { return hasSign(text, true, true) }

// MayBecome reports whether a text that could be no document can be one since
// its bytes at edited were written, which lie within it. It looks at these only.
func MayBecome(lines *syntax.Lines, edited syntax.Range) bool {
	around := syntax.Range{Start: max(edited.Start-signReach, 0), End: min(edited.End+signReach, lines.Size())}
	return hasSign(lines.Slice(around), around.Start == 0, around.End == lines.Size())
}

// signReach is more than how long a sign is with what tells it from a part of a
// longer word, in bytes.
const signReach = 24

// hasSign looks for the signs of a document: the names of the properties without
// which there is none, the address in $schema, and escapes that any of these may
// be written with. A sign at an end of the text counts only where that is the
// end of the file.
func hasSign(text string, first, last bool) bool {
	for _, name := range [...]string{"kind", "apiVersion"} {
		for rest, at := text, 0; ; {
			i := strings.Index(rest, name)
			if i < 0 {
				break
			}
			at += i
			end := at + len(name)
			if startsWord(text, at, first) && endsWord(text, end, last) {
				return true
			}
			rest, at = text[end:], end
		}
	}
	if strings.Contains(text, "v1/schemas") || strings.Contains(text, `v1\/schemas`) {
		return true
	}
	for rest := text; ; {
		i := strings.Index(rest, `\u00`)
		if i < 0 {
			return false
		}
		rest = rest[i+len(`\u00`):]
		if len(rest) < 2 || rest[0] >= '4' && rest[0] <= '7' || rest[:2] == "24" || rest[:2] == "2f" || rest[:2] == "2F" || rest[:2] == "31" {
			return true // a letter, the dollar, the slash, the 1
		}
	}
}

// startsWord reports whether a word may start at i.
func startsWord(text string, i int, first bool) bool {
	if i == 0 {
		return first
	}
	return !inWord(text[i-1]) || text[i-1] == '/' && (i == 1 || text[i-2] == '*')
}

// endsWord reports whether a word may end at i.
func endsWord(text string, i int, last bool) bool {
	if i == len(text) {
		return last
	}
	return !inWord(text[i]) || text[i] == '/' && (i+1 == len(text) || text[i+1] == '/' || text[i+1] == '*')
}

// inWord reports whether a character is part of a word, quoted or not.
func inWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c >= 0x80 || strings.IndexByte("_-./@", c) >= 0
}
