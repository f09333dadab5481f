package syntax

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

func (f *faults) text(start, end int) string { return f.tree.text.slice(start, end) }

// short returns a text that fits into a message.
func (f *faults) short(start, end int) string {
	const most = 40
	s := f.text(start, min(end, start+4*most))
	if i := strings.IndexAny(s, "\r\n"); i >= 0 {
		s = s[:i] + "…"
	}
	n := 0
	for i := range s {
		if n++; n > most {
			return s[:i] + "…"
		}
	}
	if end-start > 4*most {
		s += "…"
	}
	return s
}

// name returns the name of a member for a message.
func (f *faults) name(v Value) string {
	s := f.short(v.start, v.Range().End)
	if v.green.kind == KindString && v.green.flags&^flagMember == 0 && !strings.HasSuffix(s, "…") {
		return s
	}
	return `"` + strings.Trim(s, "\"'`") + `"`
}

func (f *faults) trivia(g green, at int) {
	end := at + int(g.width)
	switch {
	case g.flags&flagError == 0:
	case g.kind == KindBOM:
		f.add(ErrByteOrderMark, at, end, "JSON starts without a byte order mark: save the file as UTF-8 without one", replace(at, end, ""))
	case g.flags&flagOpen != 0:
		f.add(ErrUnterminatedComment, at, at+2, "this comment is never closed, and JSON has no comments: remove it")
	default:
		f.add(ErrComment, at, end, "JSON has no comments: remove this one", replace(at, end, ""))
	}
}

// token reports what is wrong in a scalar.
func (f *faults) token(g green, at int) {
	end := at + int(g.width)
	switch {
	case g.flags&flagError == 0:
	case g.kind == KindString && g.flags&flagOpen != 0:
		f.unterminated(g, at)
	case g.kind == KindString && g.flags&flagSingle != 0:
		text, _ := decode(f.text(at+1, end-1), f.text(at, at+1)[0], false)
		f.add(ErrSingleQuotes, at, end, "strings stand in double quotes", replace(at, end, Quote(text)))
	case g.kind == KindString:
		f.content(at+1, f.text(at+1, end-1))
	case g.kind == KindNumber:
		f.number(at, end)
	case g.kind == KindExcess:
		f.add(ErrTooDeep, at, at+1, fmt.Sprintf("this is nested too deep: objects and arrays may stand in one another %d times", f.tree.limits.depth))
	default:
		f.word(at, end)
	}
}

func (f *faults) unterminated(g green, at int) {
	end := at + int(g.width)
	quote := f.text(at, at+1)
	message := "this string is not closed: add a double quote at its end"
	if g.flags&flagSingle != 0 {
		message = "this string is not closed: write it in double quotes"
		text, _ := decode(f.text(at+1, end), quote[0], false)
		f.add(ErrUnterminatedString, at, end, message, replace(at, end, Quote(text)))
		return
	}
	f.add(ErrUnterminatedString, at, end, message, insert(end, quote))
}

// content reports control characters and unknown escapes in a string.
func (f *faults) content(at int, s string) {
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c == '\\':
			n := escapeLen(s[i:], '"')
			if n == 1 {
				f.badEscape(at+i, s[i:])
			}
			i += n
		case c < 0x20:
			j := i + 1
			for j < len(s) && s[j] < 0x20 {
				j++
			}
			escaped := Quote(s[i:j])
			escaped = escaped[1 : len(escaped)-1]
			f.add(ErrControlCharacter, at+i, at+j, "write "+escaped+" instead of the bare control character", replace(at+i, at+j, escaped))
			i = j
		default:
			i++
		}
	}
}

func (f *faults) badEscape(at int, s string) {
	if len(s) > 1 && s[1] == 'u' {
		n := 2
		for n < len(s) && n < 6 && strings.IndexByte("0123456789abcdefABCDEF", s[n]) >= 0 {
			n++
		}
		f.add(ErrInvalidEscape, at, at+n, "\\u takes four hexadecimal digits, as in \\u00e9")
		return
	}
	_, n := utf8.DecodeRuneInString(s[1:])
	f.add(ErrInvalidEscape, at, at+1+n, "JSON has no escape "+s[:1+n]+": write \\"+s[:1+n]+" for a backslash", insert(at, `\`))
}

func (f *faults) number(at, end int) {
	s := f.text(at, end)
	digits := strings.TrimLeft(s, "+-")
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign = "-"
	}
	fixed := ""
	switch rest := strings.TrimLeft(digits, "0"); {
	case strings.HasPrefix(digits, "."):
		fixed = sign + "0" + digits
	case strings.HasSuffix(digits, "."):
		fixed = sign + strings.TrimSuffix(digits, ".")
	case rest != digits && (rest == "" || !isDigit(rest[0])):
		fixed = sign + "0" + rest
	default:
		fixed = sign + rest
	}
	if fixed != s && validNumber(fixed) {
		f.add(ErrInvalidNumber, at, end, "JSON has no number "+f.short(at, end)+": write "+fixed, replace(at, end, fixed))
		return
	}
	f.add(ErrInvalidNumber, at, end, "`"+f.short(at, end)+"` is no JSON number: text stands in double quotes", replace(at, end, Quote(s)))
}

func (f *faults) word(at, end int) {
	s := f.text(at, end)
	switch s {
	case "True", "TRUE", "False", "FALSE", "Null", "NULL":
		lower := strings.ToLower(s)
		f.add(ErrInvalidWord, at, end, "write "+lower+" instead of "+s, replace(at, end, lower))
		return
	case "None", "nil", "undefined", "NaN":
		f.add(ErrInvalidWord, at, end, "JSON has no "+s+": write null, or leave the value out", replace(at, end, "null"))
		return
	case "...", "…":
		f.add(ErrInvalidWord, at, end, "`"+s+"` is no JSON value: write what it stands for, or remove it")
		return
	}
	r, n := utf8.DecodeRuneInString(s)
	switch {
	case r == utf8.RuneError && n <= 1 || r < 0x20 || r == 0x7F || r == 0xA0 || r >= 0x2000 && r <= 0x200F || r == 0xFEFF:
		if n <= 1 {
			f.add(ErrInvalidWord, at, at+n, fmt.Sprintf("unexpected byte 0x%02X: remove it", s[0]))
			return
		}
		f.add(ErrInvalidWord, at, at+n, fmt.Sprintf("unexpected invisible character U+%04X: remove it", r), replace(at, at+n, ""))
	case r == '“' || r == '”' || r == '„' || r == '‘' || r == '’':
		f.add(ErrInvalidWord, at, end, "strings stand in straight double quotes, not in "+string(r))
	default:
		f.add(ErrInvalidWord, at, end, "`"+f.short(at, end)+"` is no JSON value: text stands in double quotes", replace(at, end, Quote(s)))
	}
}
