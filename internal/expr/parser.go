package expr

import (
	"bytes"
	"strings"
)

// MaxNesting is how deep calls, arrays and lambdas can stand in each other.
const MaxNesting = 200

// Parse reads the decoded text of one JSON string. It never fails: mistakes are in Errors, and the parts and nodes hold
// whatever is there. The time that it takes is linear in the length of the text.
func Parse(text string) *Interpolation {
	ip := &Interpolation{Text: text}
	next := nextExpression(text, 0)
	if next < 0 && !strings.Contains(text, "${") {
		if text != "" {
			ip.single[0] = Part{Kind: Literal, End: len(text), Text: text, Closed: true}
			ip.Parts = ip.single[:]
		}
		return ip
	}
	p := &parser{lexer: lexer{text: text}}
	p.open = p.buffer[:0]
	if next == 0 && len(text) < 64 {
		ip.Parts = ip.single[:0] // most often one expression and nothing else
	}
	for start := 0; start < len(text); {
		if next != start {
			end := next
			if end < 0 {
				end = len(text)
			}
			ip.Parts = append(ip.Parts, Part{
				Kind: Literal, Start: start, End: end, Closed: true,
				Text: strings.ReplaceAll(text[start:end], `\${`, `${`),
			})
			start = end
			continue
		}
		var part Part
		if strings.HasPrefix(text[start:], "${{") {
			part = p.runtime(start)
		} else {
			part = p.expression(start)
		}
		ip.Parts = append(ip.Parts, part)
		start = part.End
		next = nextExpression(text, start)
	}
	ip.Errors = p.errors
	return ip
}

// nextExpression returns the offset of the next unescaped `${`, or -1.
func nextExpression(text string, from int) int {
	for i := from; ; {
		n := strings.Index(text[i:], "${")
		if n < 0 {
			return -1
		}
		if i += n; opensExpression(text, i) {
			return i
		}
		i += 2
	}
}

// keptFunctions are those whose result is kept from one run to the next.
var keptFunctions = [...]string{"randomSecret", "randomString", "date"}

type parser struct {
	lexer
	errors   []Error
	calls    [len(keptFunctions)]int // how many calls of each function came before
	params   []string                // parameters of the lambdas around
	open     []byte                  // the closing characters that are still due
	silentAt int                     // the stop at which an error was already reported, or -1
	endless  bool                    // no brace closes the expression: whatever is odd in it, that is the one mistake
	hopeless bool                    // too deep: nothing more is reported in this part
	buffer   [16]byte                // storage of open
}

func (p *parser) report(start, end int, code, message string) {
	if !p.hopeless {
		p.errors = append(p.errors, Error{Start: start, End: end, Code: code, Message: message})
	}
}

// lacks reports something that is not closed.
func (p *parser) lacks(start, end int, code, what, missing string) {
	if p.report(start, end, code, what+" is not closed: add `"+missing+"`"); !p.hopeless {
		p.errors[len(p.errors)-1].Missing = missing
	}
}

// due returns the closing characters of everything that is open from the given depth on, innermost first.
func (p *parser) due(depth int) string {
	var b strings.Builder
	for i := len(p.open) - 1; i >= depth; i-- {
		if p.open[i] != 0 {
			b.WriteByte(p.open[i])
		}
	}
	return b.String()
}

// unclosed reports, once for a place, that something which opened at start..end is not closed where the parser stands.
func (p *parser) unclosed(start, end int, code, what string) {
	if p.silentAt == p.pos {
		return
	}
	p.silentAt = p.pos
	depth := 0
	if !p.stop() {
		// Something further out closes here; what is inside of it is due.
		depth = len(p.open) - 1
		if at := bytes.LastIndexByte(p.open, p.peek()); at >= 0 {
			depth = at + 1
		}
	}
	p.lacks(start, end, code, what, p.due(depth))
}

// runtime reads `${{ ... }}`.
func (p *parser) runtime(start int) Part {
	part := Part{Kind: Runtime, Start: start}
	inner := start + 3
	end := nextExpression(p.text, inner)
	if end < 0 {
		end = len(p.text)
	}
	if n := strings.Index(p.text[inner:end], "}}"); n >= 0 {
		end = inner + n
		part.Closed = true
	}
	part.Text = strings.TrimSpace(p.text[inner:end])
	part.End = end
	switch {
	case !part.Closed:
		p.lacks(start, start+3, CodeUnclosedRuntime, "`${{`", "}}")
	case part.Text == "":
		part.End = end + 2
		p.report(start, part.End, CodeEmptyExpression, "`${{}}` is empty: write what the container shall get, such as `secrets.<id>.values.<key>`")
	default:
		part.End = end + 2
	}
	// The reference inside is read for its places only; what it may hold is the platform's business.
	sub := &parser{lexer: lexer{text: p.text[:end], pos: inner}, silentAt: -1, hopeless: true}
	sub.space()
	if isNameStart(sub.peek()) {
		if ref, ok := sub.reference().(*Ref); ok {
			if sub.space(); sub.pos == end {
				part.Node = ref
			}
		}
	}
	return part
}

// expression reads `${ ... }`.
func (p *parser) expression(start int) Part {
	p.pos = start + 2
	p.params = p.params[:0]
	p.open = append(p.open[:0], '}')
	p.silentAt, p.hopeless, p.unslashed = -1, false, false
	end := p.recovery(p.pos)
	p.endless = end == len(p.text) || p.text[end] != '}'
	part := Part{Kind: Expression, Start: start}
	hole := p.pos
	p.space()
	if p.stop() || p.peek() == '}' {
		part.Node = &Missing{Pos{hole, p.pos}}
		if !p.stop() {
			p.report(start, p.pos+1, CodeEmptyExpression, "`${}` is empty: write a reference such as `args.NAME` or a function, or `\\${` for the text itself")
			p.silentAt = p.pos
		}
	} else {
		part.Node = p.value("an expression")
	}
	p.rest(start, part.Node)
	if p.stop() {
		p.unclosed(start, start+2, CodeUnclosedExpression, "`${`")
		part.End = p.pos
		return part
	}
	p.pos++
	part.Closed = true
	part.End = p.pos
	return part
}

// rest skips what stands between the end of an expression and its closing brace; nothing should.
func (p *parser) rest(start int, n Node) {
	reported := false
	for {
		p.space()
		if p.stop() || p.peek() == '}' {
			return
		}
		from := p.pos
		p.skip()
		if reported || p.silentAt == from {
			continue
		}
		reported = true
		p.unexpected(from, p.pos, n, start)
	}
}

// unexpected reports text that stands where an expression has ended. In an expression without an end it is most likely
// the text that should follow it.
func (p *parser) unexpected(from, to int, before Node, start int) {
	if p.endless {
		return
	}
	text := p.text[from:to]
	if ref, ok := before.(*Ref); ok && start >= 0 && len(ref.Segments) == 0 && !ref.Template && ref.Start == start+2 && ref.End == from &&
		strings.IndexByte(":%#^,@/", text[0]) >= 0 {
		p.report(from, to, CodeShellExpansion, "this looks like an expansion of the shell: write `\\${"+ref.Root+"...}` to keep it as text")
		return
	}
	if hint, ok := operatorHint(text); ok {
		p.report(from, to, CodeOperator, "`"+shorten(text)+"` is no operator here: "+hint)
		return
	}
	if _, call := before.(*Call); call && (text[0] == '.' || text[0] == '[') {
		p.report(from, to, CodeUnexpectedText, "a call has no properties: write `fn.get(call, 'path')`")
		return
	}
	switch text[0] {
	case ')':
		p.report(from, to, CodeUnexpectedText, "`)` closes nothing: remove it")
	case ']':
		p.report(from, to, CodeUnexpectedText, "`]` closes nothing: remove it")
	default:
		p.report(from, to, CodeUnexpectedText, "`"+shorten(text)+"` does not belong here: an expression is one reference, one call or one literal")
	}
}

func operatorHint(text string) (string, bool) {
	for _, op := range [...]struct{ sign, function string }{
		{"===", "eq"}, {"!==", "neq"}, {"==", "eq"}, {"!=", "neq"}, {">=", "gte"}, {"<=", "lte"}, {"=>", ""}, {"=", "eq"},
		{"&&", "and"}, {"||", "or"}, {"??", "or"}, {">", "gt"}, {"<", "lt"}, {"!", "not"}, {"?", "if"}, {"&", "and"}, {"|", "or"},
		{"+", "add"}, {"-", "subtract"}, {"**", "exp"}, {"*", "multiply"}, {"/", "divide"}, {"%", "remainder"},
	} {
		if strings.HasPrefix(text, op.sign) {
			if op.function == "" {
				return "a parameter list stands before an arrow, as in `(item) => item.name`", true
			}
			return "write `fn." + op.function + "(...)`", true
		}
	}
	return "", false
}

func shorten(s string) string {
	const most = 24
	if len(s) <= most {
		return s
	}
	cut := most
	for cut > 0 && s[cut]&0xC0 == 0x80 {
		cut--
	}
	return s[:cut] + "..."
}

// skip passes over one piece of unreadable text: a name with its path, a string, a run of signs, or one bracket.
func (p *parser) skip() {
	c := p.peek()
	switch {
	case c == '\'' || c == '"':
		if end, ok := p.quoted(); ok {
			p.pos = end + 1
			return
		}
		p.pos++
	case isNameByte(c):
		for !p.stop() && (isNameByte(p.peek()) || p.peek() == '.') {
			p.pos++
		}
	case strings.IndexByte("()[],{}", c) >= 0:
		p.pos++
	default:
		for !p.stop() && !isNameByte(p.peek()) && strings.IndexByte("()[],{}'\" \t\r\n", p.peek()) < 0 {
			p.pos++
		}
	}
}

// braces passes over an object literal as a person would write it, up to the brace that closes it.
func (p *parser) braces() {
	depth := 0
	for !p.stop() {
		switch p.peek() {
		case '{':
			depth++
		case '}':
			depth--
		case '\'', '"':
			p.skip()
			continue
		}
		p.pos++
		if depth == 0 {
			return
		}
	}
}

// value reads one expression. The caller has passed over blanks and made sure that something stands here.
func (p *parser) value(want string) Node {
	start := p.pos
	if len(p.open) > MaxNesting {
		if !p.hopeless {
			p.report(start, start+1, CodeTooDeep, "the expression is nested too deeply: split it, for example into arguments of the template")
			p.hopeless = true
		}
		p.pos = p.recovery(start)
		p.silentAt = p.pos
		return &Missing{Pos{start, p.pos}}
	}
	switch c := p.peek(); {
	case c == '\'' || c == '"':
		return p.str()
	case c == '/':
		return p.regexLit()
	case c == '[':
		return p.array()
	case c == '(':
		return p.paren(want)
	case isDigit(c), c == '.' && isDigit(p.peekAt(1)), (c == '-' || c == '+') && (isDigit(p.peekAt(1)) || p.peekAt(1) == '.' && isDigit(p.peekAt(2))):
		return p.number()
	case isNameStart(c):
		return p.reference()
	}
	// Nothing that an expression can start with.
	switch p.peek() {
	case '{':
		p.braces()
	case '`':
		p.pos++
		if n := strings.IndexByte(p.text[p.pos:p.recovery(p.pos)], '`'); n >= 0 {
			p.pos += n + 1
		}
	default:
		p.skip()
	}
	text := p.text[start:p.pos]
	switch hint, ok := operatorHint(text); {
	case text[0] == '`':
		p.report(start, p.pos, CodeUnexpectedText, "a backquote does not open a string here: write single or double quotes")
		return &Missing{Pos{start, p.pos}}
	case text[0] == '{':
		p.report(start, p.pos, CodeUnexpectedText, "there are no object literals here: write the object in the template and refer to it, or use `fn.parseJSON('{...}')`")
		return &Missing{Pos{start, p.pos}}
	case ok:
		p.report(start, p.pos, CodeOperator, "`"+shorten(text)+"` is no operator here: "+hint)
	default:
		p.report(start, p.pos, CodeUnexpectedText, "`"+shorten(text)+"` is not "+want+": write a reference, a call or a literal")
	}
	p.space()
	if !p.stop() && strings.IndexByte(",)]}", p.peek()) < 0 && p.silentAt != p.pos {
		// What follows a stray sign is most likely what was meant.
		p.open = append(p.open, 0)
		n := p.value(want)
		p.open = p.open[:len(p.open)-1]
		return n
	}
	return &Missing{Pos{start, p.pos}}
}
