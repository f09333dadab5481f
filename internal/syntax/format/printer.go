package format

import (
	"strings"
	"unicode/utf8"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// gap is the space that belongs before a token.
type gap uint8

const (
	keep  gap = iota // as it is written
	none             // nothing
	space            // one space
	line             // a new line
	// Around comments a line end is kept, for a line comment ends with it:
	soft     // a new line where there is one, else one space
	softNone // a new line where there is one, else nothing
)

// printer goes through the tokens of a text in their order and notes where the
// space before one is not what it should be.
type printer struct {
	src     string
	unit    string
	newline string
	// window holds the bytes that may change: whole lines, without the line end
	// of the last.
	window syntax.Range
	edits  []syntax.Edit

	at     int    // where the last token ended
	indent string // of the line that is being written
	column int    // on which it has arrived
	// afterLine says that the last token was a line comment, afterOpen that a
	// string has been left open on this line: the rest of the line may be meant
	// as a part of it.
	afterLine, afterOpen bool
}

func newPrinter(t *syntax.Tree, window syntax.Range, o Options) *printer {
	p := &printer{src: t.Source(), unit: o.Indent, newline: "\n", window: window}
	if p.unit == "" {
		p.unit = "  "
	}
	if i := strings.IndexAny(p.src, "\r\n"); i >= 0 {
		p.newline = lineEndAt(p.src, i)
	}
	return p
}

// lineEndAt returns the line end at i.
func lineEndAt(s string, i int) string {
	if strings.HasPrefix(s[i:], "\r\n") {
		return "\r\n"
	}
	return s[i : i+1]
}

// put writes a token with the space before it. indent is the indentation of
// the line if the token starts one.
func (p *printer) put(r syntax.Range, kind syntax.Kind, g gap, indent string) {
	old := p.src[p.at:r.Start]
	text := p.within(old, p.before(old, g, indent))
	p.edits = appendEdit(p.edits, p.src, p.at, r.Start, text)
	if p.at == 0 {
		p.indent = text
	}
	p.wrote(text, true)
	p.wrote(p.src[r.Start:r.End], false)
	p.at = r.End
	p.afterLine = kind == syntax.KindLineComment
}

// before returns the text of a gap that is written as old.
func (p *printer) before(old string, g gap, indent string) string {
	end := strings.IndexAny(old, "\r\n")
	if end >= 0 {
		p.afterOpen = false
	}
	switch {
	case p.afterOpen || g == keep:
		return old
	case p.afterLine && end < 0:
		return old
	case p.afterLine, g == line, end >= 0 && (g == soft || g == softNone):
		newline := p.newline
		if end >= 0 {
			newline = lineEndAt(old, end)
		}
		if rest, ok := strings.CutPrefix(old, newline); ok && rest == indent {
			return old
		}
		return newline + indent
	case g == space, g == soft:
		return " "
	}
	return ""
}

// within returns what may become of a gap that is written as old and should be
// text: of one that starts before the window only the last line, which is the
// indentation, of one that goes on behind it only the end of its first line.
func (p *printer) within(old, text string) string {
	end := p.at + len(old)
	if old == text || p.window.Start <= p.at && end <= p.window.End {
		return text
	}
	first, last := strings.IndexAny(old, "\r\n"), strings.LastIndexAny(text, "\r\n")
	switch {
	case first < 0 || last < 0:
	case p.at < p.window.Start && p.window.Start <= end && end <= p.window.End:
		return old[:p.window.Start-p.at] + text[last+1:]
	case p.window.Start <= p.at && p.at+first <= p.window.End:
		return old[first:]
	}
	return old
}

// wrote keeps account of the line and the column.
func (p *printer) wrote(text string, gap bool) {
	if i := strings.LastIndexAny(text, "\r\n"); i >= 0 {
		text = text[i+1:]
		p.column = 0
		if gap {
			p.indent = text
		}
	}
	p.column += width(text)
}

// width returns how many columns a text without line ends takes.
func width(s string) int {
	return utf8.RuneCountInString(s) + (tabWidth-1)*strings.Count(s, "\t")
}

// canChange reports whether the line may change on which offset stands.
func (p *printer) canChange(offset int) bool {
	return p.window.Start <= offset && offset <= p.window.End
}

// finish writes the space at the end of the text: of it only the line ends
// stay, all of them, for whether a file ends with one is for its writer to say.
func (p *printer) finish(g gap) {
	old := p.src[p.at:]
	text := old
	if g != keep && !p.afterOpen {
		text = strings.Map(func(r rune) rune {
			if r == '\r' || r == '\n' {
				return r
			}
			return -1
		}, old)
	}
	p.edits = appendEdit(p.edits, p.src, p.at, len(p.src), p.within(old, text))
}
