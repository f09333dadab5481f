package lsp

import "strings"

// plainSnippet returns the text that a snippet leaves when every place in it
// keeps its proposal: what a client without snippets gets. Of a choice it is
// the first; a place without a proposal leaves nothing.
func plainSnippet(snippet string) string {
	var out strings.Builder
	p := snippetReader{text: snippet, out: &out}
	p.until("")
	return out.String()
}

// snippetReader reads the LSP snippet grammar as far as proposals go; what does
// not follow it stands for itself.
type snippetReader struct {
	text string
	at   int
	out  *strings.Builder
}

// until copies text up to, and skips, one of the stop characters.
func (p *snippetReader) until(stops string) {
	for p.at < len(p.text) {
		c := p.text[p.at]
		switch {
		case c == '\\' && p.at+1 < len(p.text):
			p.out.WriteByte(p.text[p.at+1])
			p.at += 2
		case strings.IndexByte(stops, c) >= 0:
			p.at++
			return
		case c == '$' && p.place():
		default:
			p.out.WriteByte(c)
			p.at++
		}
	}
}

// place reads $1, ${1}, ${1:proposal} or ${1|first,second|}.
func (p *snippetReader) place() bool {
	at := p.at + 1
	braced := at < len(p.text) && p.text[at] == '{'
	if braced {
		at++
	}
	digits := at
	for at < len(p.text) && p.text[at] >= '0' && p.text[at] <= '9' {
		at++
	}
	if at == digits {
		return false
	}
	if !braced {
		p.at = at
		return true
	}
	if at == len(p.text) {
		return false
	}
	switch p.text[at] {
	case '}':
		p.at = at + 1
	case ':':
		p.at = at + 1
		p.until("}")
	case '|':
		p.at = at + 1
		p.until(",|")
		if p.text[p.at-1] == ',' {
			p.skipChoices()
		}
		if p.at < len(p.text) && p.text[p.at] == '}' {
			p.at++
		}
	default:
		return false
	}
	return true
}

func (p *snippetReader) skipChoices() {
	rest := snippetReader{text: p.text, at: p.at, out: new(strings.Builder)}
	rest.until("|")
	p.at = rest.at
}
