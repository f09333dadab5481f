package analysis

import (
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// quoted reports whether the token starts with a quote.
func (p place) quoted() bool {
	return p.str.IsValid() && p.str.Kind() == syntax.KindString
}

// word is the name or value that is being typed, as far as it is one: a string
// whose quote was forgotten goes on to the next one in the text, or to the end of
// the line, and takes commas and brackets with it that are none of its text.
type word struct {
	// content is between the quotes, token has the quotes that are there. Both
	// contain the cursor and are empty where nothing is there yet.
	content, token syntax.Range
	// open is true where the closing quote is missing, next is what stands behind
	// the word then, space aside; 0 at the end of the line.
	open bool
	next byte
}

// word returns what is being typed at the cursor.
func (p place) word() word {
	r := p.str.Range()
	switch {
	case !p.str.IsValid():
		at := syntax.Range{Start: p.offset, End: p.offset}
		return word{content: at, token: at}
	case p.str.Kind() != syntax.KindString:
		return word{content: r, token: r}
	}
	w := word{content: r, token: r, open: !p.str.Terminated()}
	w.content.Start++
	if !w.open {
		w.content.End--
	}
	rest := p.str.Tree().Slice(syntax.Range{Start: p.offset, End: w.content.End})
	more := len(rest) - len(strings.TrimLeftFunc(rest, isWordRune))
	behind := strings.TrimLeft(rest[more:], " \t")
	if !w.open && (behind == "" || strings.Trim(behind, ",:{}[] \t") != "" || p.closed()) || w.open && behind != "" && !p.endsWord(behind[0]) {
		return w // it is as its quotes say
	}
	w.content.End = p.offset + more
	w.token.End, w.open = w.content.End, true
	if behind != "" {
		w.next = behind[0]
	}
	return w
}

// closed reports whether what stands behind the text is what JSON has behind one:
// behind a quote that begins the next text, that text's own letters stand.
func (p place) closed() bool {
	t := p.str.Tree()
	end := p.str.Range().End
	line := t.Lines().LineRange(int(t.Lines().Position(end, syntax.UTF8).Line))
	behind := strings.TrimLeft(t.Slice(syntax.Range{Start: end, End: max(end, line.End)}), " \t\r\n")
	return behind == "" || p.endsWord(behind[0])
}

// endsWord reports whether a character behind a word belongs to the JSON around
// it.
func (p place) endsWord(c byte) bool {
	return c == ',' || c == '}' || c == ']' || c == ':' && p.isKey
}

// isWordRune reports whether a name or one of the values that are offered may
// hold the character.
func isWordRune(r rune) bool {
	return r == '_' || r == '-' || r == '.' || r == '/' || r == '$' ||
		r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r > 0x7F
}

// beginning is the range that a whole expression replaces in a text: a `$` just
// before the cursor, else the letters of the word that is being typed, so that
// editors offer only what they may stand for.
func (p place) beginning() syntax.Range {
	if !p.quoted() {
		return p.word().token
	}
	before := p.text.Text[:p.textOffset]
	word, isDollar := strings.CutSuffix(before, "$")
	if !isDollar {
		word = strings.TrimRightFunc(before, func(r rune) bool {
			return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		})
	}
	start := p.decoded.SourceRange(len(word), p.textOffset).Start // any of it may be an escape
	return syntax.Range{Start: start, End: p.offset}
}

// lead is the space that belongs between a colon just before the cursor and the
// value.
func (p place) lead() string {
	if p.str.IsValid() || p.offset == 0 || p.object.Tree() == nil || p.object.Tree().Slice(syntax.Range{Start: p.offset - 1, End: p.offset}) != ":" {
		return ""
	}
	return strings.TrimPrefix(p.colon, ":")
}
