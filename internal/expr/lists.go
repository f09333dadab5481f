package expr

import (
	"bytes"
	"strings"
)

// list reads expressions with commas between them up to the closing character, which is left to the caller.
func (p *parser) list(closing byte, want string) (items []Node, commas []int, closed bool) {
	hole := p.pos
	p.space()
	if p.peek() == closing && !p.stop() {
		return nil, nil, true
	}
	operator := false // one error for a chain of operators
	for {
		p.space()
		switch {
		case p.stop() || p.peek() == '}':
			return append(items, &Missing{Pos{hole, p.pos}}), commas, false
		case p.peek() == ',' || p.peek() == closing:
			items = append(items, &Missing{Pos{hole, p.pos}})
			p.report(max(hole-1, 0), p.pos+1, CodeMissingValue, "the value is missing here: write "+want+" or remove the comma")
		default:
			items = append(items, p.value(want))
		}
	behind:
		last := items[len(items)-1]
		_, end := last.Span()
		p.space()
		switch c := p.peek(); {
		case p.stop() || c == '}':
			return items, commas, false
		case c == closing:
			return items, commas, true
		case c == ',':
			commas = append(commas, p.pos)
			p.pos++
			hole, operator = p.pos, false
		case c == ')' || c == ']':
			if bytes.IndexByte(p.open, c) >= 0 {
				return items, commas, false // it closes something further out
			}
			p.unexpected(p.pos, p.pos+1, last, -1)
			p.pos++
			goto behind
		case c == '\'' || c == '"' || c == '(' || isNameStart(c) || isDigit(c) || c == '[' && p.pos > end:
			if !operator {
				p.report(p.pos, p.pos+1, CodeMissingComma, "a comma is missing before this "+describe(c))
			}
			hole = p.pos
		default:
			from := p.pos
			p.skip()
			if !operator {
				p.unexpected(from, p.pos, last, -1)
				operator = true
			}
			if _, is := operatorHint(p.text[from:p.pos]); is {
				p.operand(want)
			}
			goto behind
		}
	}
}

// operand passes over what stands behind an operator, which is no argument of its own.
func (p *parser) operand(want string) {
	p.space()
	if !p.stop() && strings.IndexByte(",)]}", p.peek()) < 0 {
		p.open = append(p.open, 0)
		p.value(want)
		p.open = p.open[:len(p.open)-1]
	}
}

func describe(c byte) string {
	switch {
	case c == '\'' || c == '"':
		return "string"
	case isDigit(c):
		return "number"
	case c == '(' || c == '[':
		return "`" + string(c) + "`"
	}
	return "name"
}

// paren reads `(item, index) => body`, or an expression in parentheses, which means just that expression.
func (p *parser) paren(want string) Node {
	start := p.pos
	if params, arrow, kind := p.paramList(); kind == paramsClosed {
		return p.lambda(start, params, arrow)
	} else if kind == paramsOpen {
		p.pos = arrow
		p.open = append(p.open, ')')
		p.unclosed(start, start+1, CodeUnclosedBracket, "`(`")
		p.open = p.open[:len(p.open)-1]
		return &Lambda{Pos: Pos{start, arrow}, Params: params, Body: &Missing{Pos{arrow, arrow}}}
	}
	p.pos++
	hole := p.pos
	p.open = append(p.open, ')')
	p.space()
	var n Node = &Missing{Pos{hole, p.pos}}
	if !p.stop() && p.peek() != '}' && p.peek() != ')' {
		n = p.value(want)
		reported := false
		for p.space(); !p.stop() && strings.IndexByte(")},", p.peek()) < 0; p.space() {
			from := p.pos
			p.skip()
			if !reported {
				p.unexpected(from, p.pos, n, -1)
				reported = true
			}
		}
	} else if p.peek() == ')' {
		p.report(start, p.pos+1, CodeMissingValue, "nothing stands in the parentheses: write "+want)
	}
	if p.peek() == ')' {
		p.pos++
	} else {
		p.unclosed(start, start+1, CodeUnclosedBracket, "`(`")
	}
	p.open = p.open[:len(p.open)-1]
	return n
}

// What paramList found.
const (
	paramsNone   = iota // something else
	paramsClosed        // a parameter list
	paramsOpen          // a parameter list that is still being typed
)

// paramList looks ahead for a parameter list: names with commas between them in parentheses, and an arrow. Without the
// arrow, or open, it is one only if it cannot be anything else. It returns where the arrow is, or would be.
func (p *parser) paramList() (params []LambdaParam, arrow, kind int) {
	l := lexer{text: p.text, pos: p.pos + 1}
	commas := 0
	for {
		l.space()
		start := l.pos
		if name := l.name(); name != "" {
			params = append(params, LambdaParam{name, start, l.pos})
		}
		l.space()
		if l.peek() != ',' {
			break
		}
		l.pos++
		commas++
	}
	several := commas > 0 && len(params) > 0
	if l.stop() || l.peek() == '}' {
		if several {
			return params, l.pos, paramsOpen
		}
		return nil, 0, paramsNone
	}
	if l.peek() != ')' {
		return nil, 0, paramsNone
	}
	l.pos++
	end := l.pos
	l.space()
	switch {
	case l.peek() == '=' && l.peekAt(1) == '>':
		return params, l.pos, paramsClosed
	case several:
		return params, end, paramsClosed
	}
	return nil, 0, paramsNone
}

// lambda reads the arrow and the body behind a parameter list.
func (p *parser) lambda(start int, params []LambdaParam, arrow int) Node {
	n := &Lambda{Pos: Pos{Start: start}, Params: params}
	p.pos = arrow
	if p.peek() == '=' && p.peekAt(1) == '>' {
		p.pos += 2
	} else {
		p.report(start, arrow, CodeUnexpectedText, "an arrow is missing behind the parameters, as in `(item) => item.name`")
	}
	outer := len(p.params)
	for _, param := range params {
		p.params = append(p.params, param.Name)
	}
	hole := p.pos
	p.space()
	if p.stop() || strings.IndexByte("}),]", p.peek()) >= 0 {
		n.Body = &Missing{Pos{hole, p.pos}}
		if !p.stop() && p.silentAt != p.pos {
			p.report(start, p.pos, CodeMissingValue, "the function has no body: write an expression behind `=>`")
			if p.peek() == '}' {
				p.silentAt = p.pos
			}
		}
	} else {
		p.open = append(p.open, 0)
		n.Body = p.value("an expression")
		p.open = p.open[:len(p.open)-1]
	}
	p.params = p.params[:outer]
	_, n.End = n.Body.Span()
	n.End = max(n.End, arrow)
	return n
}
