package expr

import (
	"math"
	"strings"
)

func (p *parser) str() Node {
	start := p.pos
	quote := p.text[start]
	end, closed := p.quoted()
	if closed && strings.Contains(p.text[start:end], "${") {
		// A quote that was forgotten finds its end in the next expression. What follows tells the two apart.
		after := lexer{text: p.text, pos: end + 1}
		after.space()
		closed = after.pos >= len(p.text) || strings.IndexByte(",)]}", after.peek()) >= 0
	}
	if closed {
		p.pos = end + 1
		value, bad := unescape(p.text[start+1 : end])
		if bad >= 0 {
			p.report(start+1+bad, min(start+3+bad, end), CodeBadEscape, "`"+p.text[start+1+bad:min(start+3+bad, end)]+"` needs hexadecimal digits, as in `\\x41` and `\\u0041`")
		}
		return &StringLit{Pos: Pos{start, p.pos}, Value: value, Quote: quote, Closed: true}
	}
	// Unclosed: it ends with the expression; closing parentheses that are due are left to their calls.
	end = p.recovery(start + 1)
	if end < len(p.text) && p.text[end] == '}' {
		for depth := len(p.open) - 1; depth > 0 && end > start+1; depth-- {
			if p.open[depth] == 0 {
				continue
			}
			if p.text[end-1] != p.open[depth] {
				break
			}
			end--
		}
	}
	p.report(start, start+1, CodeUnclosedString, "the string is not closed: add `"+string(quote)+"`")
	p.pos = end
	// The rest of what is missing at this place is part of the same mistake.
	p.silentAt = end
	value, _ := unescape(p.text[start+1 : end])
	return &StringLit{Pos: Pos{start, end}, Value: value, Quote: quote}
}

// recovery is where an expression ends that cannot be read on: at the next brace, or where the next one begins.
func (p *parser) recovery(from int) int {
	end := nextExpression(p.text, from)
	if end < 0 {
		end = len(p.text)
	}
	if n := strings.IndexByte(p.text[from:end], '}'); n >= 0 {
		end = from + n
	}
	return end
}

func (p *parser) regexLit() Node {
	start := p.pos
	end, closed := p.regex()
	if !closed {
		p.report(start, start+1, CodeUnclosedRegex, "the regular expression is not closed: add `/`, and write `\\/` for a slash in it")
		p.pos++
		for !p.stop() && strings.IndexByte(",)}", p.peek()) < 0 {
			p.pos++
		}
		p.silentAt = p.pos
		return &RegexLit{Pos: Pos{start, p.pos}, Pattern: p.text[start+1 : p.pos], PatternStart: start + 1}
	}
	p.pos = end + 1
	flags := p.pos
	for p.pos < len(p.text) && p.text[p.pos] >= 'a' && p.text[p.pos] <= 'z' {
		p.pos++
	}
	return &RegexLit{
		Pos: Pos{start, p.pos}, Pattern: p.text[start+1 : end], Flags: p.text[flags:p.pos], PatternStart: start + 1, Closed: true,
	}
}

func (p *parser) number() Node {
	start := p.pos
	if c := p.peek(); c == '-' || c == '+' {
		p.pos++
	}
	for !p.stop() {
		c := p.peek()
		if isNameByte(c) && c != '-' || c == '.' || (c == '-' || c == '+') && (p.text[p.pos-1]|0x20) == 'e' {
			p.pos++
			continue
		}
		break
	}
	text := p.text[start:p.pos]
	v, ok := parseNumeric(strings.TrimPrefix(text, "+"), true)
	if !ok {
		p.report(start, p.pos, CodeBadNumber, "`"+shorten(text)+"` is no number: write digits such as `3` or `1.5`, or quotes around text")
		v = math.NaN()
	}
	return &NumberLit{Pos: Pos{start, p.pos}, Value: v}
}

func (p *parser) array() Node {
	a := &ArrayLit{Pos: Pos{Start: p.pos}}
	p.pos++
	p.open = append(p.open, ']')
	a.Elems, _, a.Closed = p.list(']', "an element")
	if !a.Closed {
		p.unclosed(a.Start, a.Start+1, CodeUnclosedBracket, "`[`")
	}
	p.open = p.open[:len(p.open)-1]
	if a.Closed {
		p.pos++
	}
	a.End = p.pos
	return a
}

// parseNumeric reads a number as JavaScript writes it: decimal, or with 0x, 0o, 0b. A sign is allowed in front of a
// decimal one. In a literal digits can be grouped by underscores.
func parseNumeric(s string, literal bool) (float64, bool) {
	if literal && strings.Contains(s, "_") {
		if strings.HasPrefix(s, "_") || strings.HasSuffix(s, "_") || strings.Contains(s, "__") {
			return 0, false
		}
		s = strings.ReplaceAll(s, "_", "")
	}
	return stringToNumber(s)
}
