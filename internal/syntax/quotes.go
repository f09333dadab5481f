package syntax

import "strings"

// withoutSwappedQuotes makes one mistake of those on a line where a quote is
// missing before its end: from there on, what stands in quotes and what does not
// have changed places. Such a line ends in a string that is not closed, and is
// full of mistakes before.
func (t *Tree) withoutSwappedQuotes(errors []Error) []Error {
	const few = 2
	out, changed := errors, false
	for i := 0; i < len(errors); i++ {
		if i > 0 && errors[i].Code == ErrUnquotedName && errors[i-1].Code == ErrMissingComma && errors[i-1].Range.End == errors[i].Range.Start {
			// A text that ends with the quote of the next name.
			lines := t.Lines()
			start := lines.LineRange(int(lines.Position(errors[i].Range.Start, UTF8).Line)).Start
			one := t.missingQuote(errors[i-1], errors[i], start)
			if one.Fix == nil || i > 1 && errors[i-2].Range.Start > one.Range.Start {
				continue
			}
			if !changed {
				out, changed = append([]Error(nil), errors...), true
			}
			out[i-1], out[i].Code = one, ""
			continue
		}
		if errors[i].Code != ErrUnterminatedString {
			continue
		}
		lines := t.Lines()
		start := lines.LineRange(int(lines.Position(errors[i].Range.Start, UTF8).Line)).Start
		first := i
		for first > 0 && errors[first-1].Range.Start >= start {
			first--
		}
		if i-first < few || !looksSwapped(errors[first].Code) {
			continue
		}
		if !changed {
			out, changed = append([]Error(nil), errors...), true
		}
		one, at := t.missingQuote(errors[first], errors[i], start), i
		if one.Range.Start <= errors[first].Range.Start {
			at = first
		}
		for j := first; j <= i; j++ {
			out[j].Code = ""
		}
		out[at] = one
	}
	if !changed {
		return errors
	}
	kept := out[:0]
	for _, e := range out {
		if e.Code != "" {
			kept = append(kept, e)
		}
	}
	return kept
}

// looksSwapped reports whether a line on which a quote is missing may start with
// such a mistake: behind the string that is too long stands the text of the next.
func looksSwapped(c ErrorCode) bool {
	switch c {
	case ErrMissingComma, ErrMissingColon, ErrUnquotedName, ErrInvalidWord, ErrTrailingContent, ErrInvalidNumber:
		return true
	}
	return false
}

// missingQuote is the one mistake of a line with a missing quote, which first
// shows at one place and leaves the last string open. The line starts at start.
func (t *Tree) missingQuote(first, last Error, start int) Error {
	e := Error{Range: last.Range, Code: ErrUnterminatedString, Message: "a double quote is missing on this line"}
	s := t.PathAt(max(0, first.Range.Start-1)).Scalar
	if s.Kind() != KindString || !s.Terminated() || s.Range().Start < start {
		return e
	}
	e.Range = s.Range()
	text := s.Raw()
	body := text[1 : len(text)-1]
	if end := strings.TrimRight(body, " \t,:]}"); end != body && strings.ContainsAny(body[len(end):], ",:]}") {
		at := s.Range().Start + 1 + len(end)
		e.Fix = []Edit{insert(at, `"`)}
		e.Message = "a double quote is missing in this string, which ends too late"
	}
	return e
}
