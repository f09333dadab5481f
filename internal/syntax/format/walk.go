package format

import (
	"strings"
	"unicode/utf8"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// document writes everything.
func (p *printer) document(t *syntax.Tree) {
	sound := soundDocument(t)
	first, comment := true, false
	for part := range t.Parts() {
		g := keep
		switch {
		case part.Kind == syntax.KindSpace:
			continue
		case !sound:
		case first:
			g = none
		case part.Kind.IsTrivia() || comment:
			g = soft
		default:
			g = none // behind a byte order mark
		}
		if v := part.Value(); v.IsValid() {
			p.value(v, g, "")
			sound = sound && v.Terminated()
		} else {
			p.put(part.Range, part.Kind, g, "")
		}
		comment = isComment(part.Kind)
		first = first && part.Kind == syntax.KindBOM
	}
	if sound {
		p.finish(none)
	} else {
		p.finish(keep)
	}
}

// soundDocument reports whether there is one value and, comments apart, nothing
// else.
func soundDocument(t *syntax.Tree) bool {
	values := 0
	for part := range t.Parts() {
		switch {
		case part.Kind.IsTrivia():
		case part.Kind.IsValue():
			values++
		default:
			return false
		}
	}
	return values == 1
}

func isComment(k syntax.Kind) bool {
	return k == syntax.KindLineComment || k == syntax.KindBlockComment
}

func (p *printer) value(v syntax.Value, g gap, indent string) {
	if k := v.Kind(); k != syntax.KindObject && k != syntax.KindArray {
		p.put(v.Range(), k, g, indent)
		p.afterOpen = p.afterOpen || k == syntax.KindString && !v.Terminated()
		return
	}
	c := container{printer: p, frozen: !v.Terminated(), empty: true, state: opened}
	for part := range v.Parts() {
		switch {
		case part.Kind == syntax.KindSpace:
		case c.opener:
			c.part(part)
		default:
			c.opener = true
			p.put(part.Range, part.Kind, g, indent)
			c.base = p.indent
			c.inner = p.deeper(c.base)
			if v.Kind() == syntax.KindArray {
				var sound bool
				c.flat, sound = p.fits(v)
				c.frozen = c.frozen || !sound
			}
		}
	}
}

// maxIndent is how many bytes of indentation a line gets: else a few kilobytes of
// brackets in one another would become hundreds of megabytes.
const maxIndent = 400

// deeper returns the indentation one level below that of a line.
func (p *printer) deeper(indent string) string {
	if len(indent) >= maxIndent {
		return indent
	}
	return indent + p.unit
}

// container is an object or an array that is being written.
type container struct {
	*printer
	base, inner string // the indentation of its brackets' line and of its items
	opener      bool   // its opening bracket is written
	flat        bool   // it stays on one line
	frozen      bool   // its own space stays
	empty       bool   // nothing has been written in it
	state       state
	comment     bool // the last part was a comment
}

// state is what stands before the next part, comments apart.
type state uint8

const (
	opened  state = iota // the opening bracket
	item                 // a complete member or element
	comma                // a comma
	mistake              // what does not belong there
)

// part writes a part behind the opening bracket.
func (c *container) part(part syntax.Part) {
	g := keep
	switch k := part.Kind; {
	case isComment(k):
		g = c.beforeComment(part)
		c.put(part.Range, k, c.orKeep(g), c.inner)
		c.comment, c.empty = true, false
		return
	case k == syntax.KindMember || k.IsValue():
		if c.state == opened || c.state == comma {
			g = c.beforeItem()
		}
		// Lines that stay as they are set the example.
		example := !c.canChange(part.Range.Start) && strings.ContainsAny(c.src[c.at:part.Range.Start], "\r\n")
		g = c.orKeep(g)
		c.state = item
		if m := part.Member(); m.IsValid() {
			if !c.member(m, g) {
				c.state = mistake
			}
		} else {
			c.value(part.Value(), g, c.inner)
			if !part.Value().Terminated() {
				c.state = mistake
			}
		}
		if example {
			c.inner = indentOf(c.src, part.Range.Start)
		}
	case k == syntax.KindComma:
		if c.state == item && part.Text() == "," {
			g = c.beside(none)
		}
		c.state = comma
		if part.Text() != "," {
			c.state = mistake
		}
		c.put(part.Range, k, c.orKeep(g), c.inner)
	case (k == syntax.KindCloseBrace || k == syntax.KindCloseBracket) && (c.state == opened || c.state == item):
		g = line
		if c.flat || c.empty {
			g = none
		}
		c.put(part.Range, k, c.orKeep(g), c.base)
	default:
		c.state = mistake
		c.put(part.Range, k, keep, c.inner)
	}
	c.comment, c.empty = false, false
}

func (c *container) orKeep(g gap) gap {
	if c.frozen || c.state == mistake {
		return keep
	}
	return g
}

// beside is g where no comment stands before it.
func (c *container) beside(g gap) gap {
	switch {
	case !c.comment:
		return g
	case g == none:
		return softNone
	}
	return soft
}

func (c *container) beforeItem() gap {
	switch {
	case c.comment:
		return soft
	case !c.flat:
		return line
	case c.state == opened:
		return none
	}
	return space
}

// beforeComment returns the gap before a comment: it stays behind what it
// follows on a line, unless it stands directly before an item.
func (c *container) beforeComment(part syntax.Part) gap {
	if !c.comment && (c.state == opened || c.state == comma) && part.Kind == syntax.KindBlockComment &&
		leadsItem(c.src, part.Range.End) {
		return line
	}
	return soft
}

// leadsItem reports whether an item follows on the same line on the block
// comment that ends at i.
func leadsItem(src string, i int) bool {
	for {
		for i < len(src) && (src[i] == ' ' || src[i] == '\t') {
			i++
		}
		if !strings.HasPrefix(src[i:], "/*") {
			break
		}
		end := strings.Index(src[i+2:], "*/")
		if end < 0 {
			return false
		}
		i += 2 + end + 2
	}
	return i < len(src) && !strings.ContainsRune("\r\n}],:", rune(src[i])) && !strings.HasPrefix(src[i:], "//")
}

// member writes a member. It is false if something is missing in it, is not
// closed or does not belong there; the space behind that stays.
func (c *container) member(m syntax.Member, g gap) bool {
	const (
		start = iota
		named
		colon
		done
	)
	at, sound, comment := start, m.Key().IsValid(), false
	outer, inner := "", c.inner
	for part := range m.Parts() {
		k := part.Kind
		if k == syntax.KindSpace {
			continue
		}
		if isComment(k) && !comment {
			// Only around comments a member may go on in another line.
			inner = c.deeper(outer)
		}
		if at > start {
			g = keep
			switch {
			case !sound:
			case isComment(k):
				g = soft
			case at == named && k == syntax.KindColon && part.Text() == ":":
				g, at = none, colon
				if comment {
					g = softNone
				}
			case at == colon && k.IsValue():
				g, at = space, done
				if comment {
					g = soft
				}
			default:
				sound = false
			}
			if c.frozen {
				g = keep
			}
		}
		if v := part.Value(); v.IsValid() {
			c.value(v, g, inner)
			sound = sound && v.Terminated()
		} else {
			c.put(part.Range, k, g, inner)
		}
		if at == start {
			at, outer = named, c.indent
		}
		comment = isComment(k)
	}
	return sound && at == done
}

// fits reports whether an array whose opening bracket has just been written
// stays on one line: it stands on one, holds no array, no object and no
// comment, and leaves its line short enough. sound is false where it stands on
// one line and there is a mistake in it.
func (p *printer) fits(v syntax.Value) (flat, sound bool) {
	columns := p.column
	state := opened
	ok := true
	first := true
	for part := range v.Parts() {
		switch k := part.Kind; {
		case first:
			first = false
		case k == syntax.KindSpace:
			if part.HasNewline() {
				return false, true
			}
		case k.IsScalar():
			ok = ok && (state == opened || state == comma) && (k != syntax.KindString || part.Value().Terminated())
			columns += runes(p.src[part.Range.Start:part.Range.End])
			state = item
		case k == syntax.KindComma:
			ok = ok && state == item && part.Text() == ","
			columns += 2
			state = comma
		case k == syntax.KindCloseBracket:
			ok = ok && state != comma
			columns++
		default:
			return false, true
		}
		if ok && columns > maxWidth {
			return false, true
		}
	}
	if !ok {
		return false, false
	}
	if rest := strings.TrimLeft(p.src[v.Range().End:], " \t\r\n"); strings.HasPrefix(rest, ",") {
		columns++
	}
	return columns <= maxWidth, true
}

// runes counts characters, as far as it matters here.
func runes(s string) int {
	if len(s) > 4*maxWidth {
		return maxWidth + 1
	}
	return utf8.RuneCountInString(s)
}
