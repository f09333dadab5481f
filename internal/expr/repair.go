package expr

import (
	"slices"
	"strings"
)

// Change replaces bytes of a text.
type Change struct {
	Start, End int
	Text       string
}

// Repair returns the change of the string after which a mistake in it is gone and no other has come; ok is false where
// there is no telling what was meant. It is for the moment in which somebody asks: it reads the string again.
func (ip *Interpolation) Repair(e Error) (c Change, ok bool) {
	for _, c := range ip.candidates(e) {
		if len(Parse(c.apply(ip.Text)).Errors) < len(ip.Errors) {
			return c, true
		}
	}
	return Change{}, false
}

func (c Change) apply(text string) string { return text[:c.Start] + c.Text + text[c.End:] }

// candidates lists the changes that may repair a mistake, the most probable first.
func (ip *Interpolation) candidates(e Error) []Change {
	text := ip.Text
	insert := func(at int, what string) Change { return Change{at, at, what} }
	switch e.Code {
	case CodeUnclosedExpression, CodeUnclosedCall, CodeUnclosedBracket, CodeUnclosedRuntime:
		var out []Change
		for _, at := range ip.ends(e) {
			out = append(out, insert(at, e.Missing))
		}
		return out
	case CodeUnclosedString, CodeUnclosedRegex:
		return ip.closings(e)
	case CodeMissingComma:
		return []Change{insert(behindText(text, e.Start), ",")}
	case CodeMissingValue:
		return []Change{{e.Start, e.End - 1, ""}, {e.Start + 1, e.End, ""}}
	case CodeMissingParens:
		return []Change{insert(e.End, "()")}
	case CodeMissingFn:
		return ip.functionCalls(e)
	case CodeOperator:
		return ip.operatorCalls(e)
	case CodeShellExpansion:
		if p := ip.partAt(e.Start); p != nil {
			return []Change{insert(p.Start, `\`)}
		}
	case CodeBadNumber:
		return []Change{{e.Start, e.End, "'" + text[e.Start:e.End] + "'"}}
	case CodeUnexpectedText:
		return ip.unexpected(e)
	}
	return nil
}

// behindText returns the offset behind the text before at, without the blanks.
func behindText(text string, at int) int { return len(strings.TrimRight(text[:at], " \t\r\n")) }

func (ip *Interpolation) partAt(offset int) *Part {
	for i := range ip.Parts {
		if p := &ip.Parts[i]; p.Start <= offset && offset < p.End {
			return p
		}
	}
	return nil
}

// ends lists where something that is not closed may end: where its own text does, and where the reader gave up.
func (ip *Interpolation) ends(e Error) []int {
	p := ip.partAt(e.Start)
	if p == nil {
		return nil
	}
	limit := p.End
	if p.Closed {
		limit--
	}
	var out []int
	add := func(at int) {
		if at = behindText(ip.Text, at); at > e.Start && !slices.Contains(out, at) {
			out = append(out, at)
		}
	}
	if p.Node != nil {
		Walk(p.Node, func(n Node, _ bool) bool {
			if start, end := n.Span(); start == e.Start {
				add(end)
			}
			return true
		})
		if e.Code == CodeUnclosedExpression {
			_, end := p.Node.Span()
			add(end)
		}
	}
	add(limit)
	return out
}

// closings lists where the closing sign of a string or a regular expression may belong: at the end of what was read, or
// in front of brackets there, which it has swallowed.
func (ip *Interpolation) closings(e Error) []Change {
	p := ip.partAt(e.Start)
	if p == nil {
		return nil
	}
	end := p.End
	if p.Closed {
		end--
	}
	sign := ip.Text[e.Start:e.End]
	if e.Code == CodeUnclosedRegex {
		sign = "/"
	}
	var out []Change
	for at := end; at > e.Start; at-- {
		out = append(out, Change{at, at, sign})
		if at == 0 || !strings.ContainsRune(")] \t", rune(ip.Text[at-1])) {
			break
		}
	}
	return out
}

// functionCalls writes a call as one of a function: `slug(x)` and `x.slug()` as `fn.slug(x)`.
func (ip *Interpolation) functionCalls(e Error) []Change {
	var out []Change
	ip.Walk(func(n Node, _ bool) bool {
		c, ok := n.(*Call)
		if !ok || !c.Bare || c.Start != e.Start || !c.Closed {
			return true
		}
		path, name := "", c.Name
		if i := strings.LastIndexByte(name, '.'); i >= 0 {
			path, name = name[:i], name[i+1:]
		}
		if _, known := LookupFunction(name); !known {
			return true
		}
		arguments := strings.TrimSpace(ip.Text[c.Open+1 : c.Close])
		if path != "" && arguments != "" {
			path += ", "
		}
		out = append(out, Change{c.Start, c.Close + 1, "fn." + name + "(" + path + arguments + ")"})
		return true
	})
	return out
}

// operatorCalls writes an operator and what stands on its sides as a call.
func (ip *Interpolation) operatorCalls(e Error) []Change {
	p := ip.partAt(e.Start)
	if p == nil || p.Node == nil {
		return nil
	}
	name, sign := operatorAt(ip.Text[e.Start:p.End])
	if name == "" {
		return nil
	}
	left := -1
	behind := behindText(ip.Text, e.Start)
	Walk(p.Node, func(n Node, _ bool) bool {
		if start, end := n.Span(); end == behind && left < 0 && start < end {
			left = start
		}
		return true
	})
	start, before := e.Start, ""
	if left >= 0 {
		start, before = left, ip.Text[left:behind]+", "
	} else if name != "not" {
		return nil
	}
	var out []Change
	from := e.Start + len(sign)
	for end := from; end < p.End; end++ {
		if strings.IndexByte(",)}]", ip.Text[end]) >= 0 {
			if right := strings.TrimSpace(ip.Text[from:end]); right != "" {
				out = append(out, Change{start, end, "fn." + name + "(" + before + right + ")"})
			}
		}
	}
	return out
}

// operatorAt returns the function that stands for the operator at the start of a text. `+` joins texts as well as it
// adds numbers, so that it stands for none.
func operatorAt(text string) (function, sign string) {
	for _, op := range [...]struct{ sign, function string }{
		{"===", "eq"}, {"!==", "neq"}, {"==", "eq"}, {"!=", "neq"}, {"<=", "lte"}, {">=", "gte"}, {"&&", "and"}, {"||", "or"},
		{"<", "lt"}, {">", "gt"}, {"!", "not"}, {"**", "exp"}, {"*", "multiply"}, {"%", "remainder"},
	} {
		if strings.HasPrefix(text, op.sign) {
			return op.function, op.sign
		}
	}
	return "", ""
}

// unexpected takes a bracket away that closes nothing, writes quotes for backquotes, and reads a property of a call's
// result with a function.
func (ip *Interpolation) unexpected(e Error) []Change {
	text := ip.Text[e.Start:e.End]
	p := ip.partAt(e.Start)
	switch {
	case text == "", p == nil:
	case text[0] == ')', text[0] == ']':
		return []Change{{e.Start, e.End, ""}}
	case text[0] == '`':
		if end := strings.IndexByte(ip.Text[e.Start+1:p.End], '`'); end >= 0 {
			body := ip.Text[e.Start+1 : e.Start+1+end]
			if !strings.ContainsAny(body, `'\`) {
				return []Change{{e.Start, e.Start + end + 2, "'" + body + "'"}}
			}
		}
	case text[0] == '.' && p.Closed:
		start, end := p.Node.Span()
		if _, ok := p.Node.(*Call); ok && end == e.Start {
			path := strings.TrimSpace(ip.Text[end+1 : p.End-1])
			if !strings.ContainsAny(path, " ()[]'\"") {
				return []Change{{start, p.End - 1, "fn.get(" + ip.Text[start:end] + ", '" + path + "')"}}
			}
		}
	}
	return nil
}
