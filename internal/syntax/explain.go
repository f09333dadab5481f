package syntax

import "strings"

// Bounds on how much is tried to explain errors: a file that is this large, or
// has so many of them, is not being looked at for one character.
const (
	maxExplained  = 1 << 18 // bytes of text
	maxConsidered = 40      // errors
	maxTried      = 40      // changes
)

// Explained returns the errors of the text, or the one mistake that all of them
// come from: a bracket, a quote or a colon that is missing or stands in another
// one's place makes the brackets behind it close what they do not belong to. It
// is one where a change at its place alone makes JSON of the text.
func (t *Tree) Explained() []Error {
	t.explainedOnce.Do(func() {
		t.explained = t.Errors()
		if t.text.size > maxExplained || len(t.explained) > maxConsidered || !t.contradict(t.explained) {
			return
		}
		tried := 0
		for e := range t.explanations() {
			if tried++; tried > maxTried {
				return
			}
			if !t.Edit(e.Fix...).root.HasErrors() {
				t.explained = []Error{e}
				return
			}
		}
	})
	return t.explained
}

// contradict reports whether there are several of the errors, and brackets among
// them that have no place where they stand, or lack their end while a colon or a
// value is missing; or quotes that open where they should close. One alone may be
// a bracket whose end is looked for in the wrong place.
func (t *Tree) contradict(errors []Error) bool {
	switch {
	case len(errors) == 0:
		return false
	case len(errors) == 1:
		return errors[0].Code == ErrUnclosedBracket && len(t.misaligned(errors[0])) > 0 || t.isBare(errors[0]) || t.isListOfMembers(t.Root())
	}
	root := t.Root()
	unclosed, missing := false, false
	for i, e := range errors {
		if i > 0 && isQuoting(e.Code, errors[i-1].Code) && t.onOneLine(errors[i-1].Range.Start, e.Range.End) {
			return true
		}
		switch e.Code {
		case ErrUnexpectedBracket, ErrMissingName, ErrExtraColon, ErrTrailingContent:
			return true
		case ErrUnclosedBracket:
			unclosed = true
		case ErrMissingColon, ErrMissingValue:
			missing = true
		}
		if root.Terminated() && e.Range.Start >= root.Range().End {
			return true
		}
	}
	return unclosed && missing
}

// isQuoting reports whether one of two errors in a row may come from a quote that
// is missing: then the other one may, too.
func isQuoting(codes ...ErrorCode) bool {
	for _, code := range codes {
		switch code {
		case ErrInvalidWord, ErrUnquotedName, ErrUnterminatedString:
			return true
		}
	}
	return false
}

// onOneLine reports whether no line ends between two places near each other.
func (t *Tree) onOneLine(start, end int) bool {
	return end-start <= maxQuoted && !strings.ContainsAny(t.Slice(Range{start, end}), "\r\n")
}

// explanations yields what the errors may come from, the likeliest first: what
// stands where something is missing, then what each error says of itself.
func (t *Tree) explanations() func(yield func(Error) bool) {
	return func(yield func(Error) bool) {
		for _, e := range t.Errors() {
			for _, x := range t.causes(e) {
				if !yield(x) {
					return
				}
			}
		}
		for _, e := range t.Errors() {
			if len(e.Fix) > 0 && !yield(e) {
				return
			}
		}
	}
}

// causes returns what an error may come from that the parser cannot know of.
func (t *Tree) causes(e Error) []Error {
	at := e.Range.Start
	next, char := t.nextChar(e.Range.End)
	switch e.Code {
	case ErrMissingValue:
		if strings.IndexByte("}],", char) >= 0 {
			return []Error{instead(next, char, "{"), instead(next, char, "["), lost(at, " {"), lost(at, " [")}
		}
		return []Error{lost(at, " {"), lost(at, " [")}
	case ErrMissingColon:
		return append(t.splits(e), instead(next, char, ":"))
	case ErrUnexpectedBracket:
		causes := []Error{instead(at, t.Slice(e.Range)[0], otherCloser(t.Slice(e.Range)))}
		if v := t.valueBefore(at); v.IsValid() && t.Slice(e.Range) == "]" {
			causes = append(causes, lost(v.Range().Start, "["))
		}
		return causes
	case ErrUnterminatedString:
		if t.Slice(e.Range) == `"` {
			return append(t.quotes(e), instead(at, '"', "{"), instead(at, '"', "["))
		}
		return t.quotes(e)
	case ErrUnclosedBracket:
		return t.closings(e)
	case ErrUnquotedName, ErrInvalidWord:
		if before := t.Slice(Range{at - 1, at}); before != "" && strings.Contains("{}[],:", before) && strings.HasSuffix(t.Slice(e.Range), `"`) {
			return []Error{instead(at-1, before[0], `"`)}
		}
		return append(t.splits(e), Error{e.Range, e.Code, "a double quote is missing in front of this text", []Edit{insert(at, `"`)}})
	case ErrExtraColon:
		causes := append(t.bracketed(at), instead(at, ':', "{"))
		if name := t.PathAt(at).Scalar; name.IsValid() {
			causes = append(causes, lost(name.Range().Start, "{"))
		}
		return causes
	case ErrMissingName:
		if v := t.valueBefore(at); v.IsValid() {
			return []Error{lost(v.Range().Start, "[")}
		}
	case ErrTrailingContent:
		if t.isBare(e) {
			start := t.Root().Range().Start
			both := Error{e.Range, e.Code, e.Message, []Edit{insert(start, "{"), insert(t.contentEnd(), "}")}}
			return []Error{lost(start, "{"), both}
		}
	}
	return nil
}

// contentEnd returns where the text ends, without the space behind it.
func (t *Tree) contentEnd() int {
	end := t.Size()
	for i := len(t.root.parts) - 1; i >= 0 && t.root.parts[i].kind == KindSpace; i-- {
		end -= int(t.root.parts[i].width)
	}
	return end
}

// bracketed returns the cause of a colon in a list all of whose elements have
// names: it is an object, and its brackets are of the wrong kind.
func (t *Tree) bracketed(at int) []Error {
	list := t.PathAt(at).Container()
	if !t.isListOfMembers(list) {
		return nil
	}
	r := list.Range()
	e := instead(r.Start, '[', "{")
	if list.Terminated() {
		e.Message = "members stand in braces: write `{` and `}` instead of `[` and `]`"
		e.Fix = append(e.Fix, replace(r.End-1, r.End, "}"))
	}
	return []Error{e}
}

// isListOfMembers reports whether a value is a list that starts with a name and
// a colon.
func (t *Tree) isListOfMembers(v Value) bool {
	if v.Kind() != KindArray {
		return false
	}
	for first := range v.Elements() {
		_, next := t.nextChar(first.Range().End)
		return first.Kind() == KindString && first.Terminated() && next == ':'
	}
	return false
}

// Bracings returns what may be wrong with the outer braces of a text that starts
// with the name of a member, or is a list that does: the first of them is lost, both
// are, or they are brackets. Of other texts it returns nothing. More may be wrong
// with the text than that.
func (t *Tree) Bracings() []Error {
	if t.text.size > maxExplained {
		return nil
	}
	if t.isListOfMembers(t.Root()) {
		return t.bracketed(t.Root().Range().Start + 1)
	}
	for _, e := range t.Errors() {
		if t.isBare(e) {
			return t.causes(e)
		}
	}
	return nil
}

// isBare reports whether an error is that the text starts with the name of a
// member, as if the braces around all of it, or the first of them, were lost.
func (t *Tree) isBare(e Error) bool {
	root := t.Root()
	_, next := t.nextChar(root.Range().End)
	return e.Code == ErrTrailingContent && root.Kind() == KindString && root.Terminated() && next == ':'
}

// closings returns what may have ended a container that is not closed: a bracket
// too many, or one of a list or an object whose own opening bracket is missing.
func (t *Tree) closings(e Error) []Error {
	if len(e.Fix) == 0 {
		return nil
	}
	if causes := t.misaligned(e); len(causes) > 0 {
		return causes
	}
	next, char := t.nextChar(e.Fix[0].End)
	opener := "["
	switch char {
	case '}':
		opener = "{"
	case ']':
	default:
		return nil
	}
	causes := []Error{instead(next, char, otherCloser(string(rune(char)))), {Range{next, next + 1}, ErrUnexpectedBracket, "this `" + string(rune(char)) + "` closes nothing: remove it", []Edit{replace(next, next+1, "")}}}
	if v := t.valueBefore(e.Fix[0].Start); v.IsValid() {
		at := v.Range().Start
		missing := lost(at, opener)
		before := t.Slice(Range{at - maxQuoted, at})
		if text := strings.TrimRight(before, " \t\r\n"); strings.HasSuffix(text, ":") && strings.Contains(before[len(text):], "\n") {
			return append([]Error{missing}, causes...) // values do not start lines
		}
		causes = append(causes, missing)
	}
	return append(causes, lost(next, opener))
}

// misaligned returns what a bracket that is never closed may come from where the
// lines tell: a name that is aligned with the member around its object, and not
// with its siblings, belongs behind that member, whose object has lost its brace.
//
//	"a": { "x": 1,
//	"b": 2
func (t *Tree) misaligned(e Error) []Error {
	v := t.PathAt(e.Range.Start + 1).Container()
	if v.Range().Start != e.Range.Start {
		return nil
	}
	around := -1 // where the member starts whose value v is, if it is an object's
	for v.node != nil {
		if m, ok := t.outOfLine(v, around); ok {
			at := v.Range().Start
			return []Error{{Range{at, at + 1}, ErrUnclosedBracket, e.Message, []Edit{insert(m, "}")}}}
		}
		around = -1
		last := len(v.node.nodes) - 1
		if last < 0 {
			return nil
		}
		// What was lost keeps all containers open that follow: the last one holds them.
		start, index := v.Range().End, len(v.node.parts)-1
		for ; !v.node.parts[index].kind.isContainer(); index-- {
			start -= int(v.node.parts[index].width)
		}
		g := v.node.parts[index]
		inner := Value{t, v.node.nodes[last], g, start - int(g.width)}
		if v.Kind() == KindObject {
			for ; index > 0 && v.node.parts[index].flags&flagMember == 0; index-- {
				start -= int(v.node.parts[index].width)
			}
			around = start - int(v.node.parts[index].width)
		}
		v = inner
	}
	return nil
}

// outOfLine returns the end of the member of an object behind which its brace may
// have been lost: the next one is aligned with the member around the object, and
// no other is.
func (t *Tree) outOfLine(object Value, around int) (end int, ok bool) {
	if object.Kind() != KindObject || around < 0 {
		return 0, false
	}
	column := t.column(around)
	if column < 0 {
		return 0, false
	}
	end = -1
	for m := range object.Members() {
		r := m.Range()
		if t.column(r.Start) == column {
			return end, end >= 0
		}
		end = r.End
	}
	return 0, false
}

// column returns how far a line is indented that starts at an offset, white space
// aside; -1 if something stands before the offset, or very much space.
func (t *Tree) column(offset int) int {
	s := source{text: t.text}
	return s.column(offset)
}

// splits returns where a quote may be missing in the string in front of an error,
// which then ends with the quote that opens the next one.
func (t *Tree) splits(e Error) []Error {
	s := t.PathAt(max(0, e.Range.Start-1)).Scalar
	if s.Kind() != KindString || !s.Terminated() || s.Range().Len() > maxQuoted {
		return nil
	}
	const few = 4
	var causes []Error
	raw := s.Raw()
	for i := 1; i < len(raw)-1 && len(causes) < few; i++ {
		if strings.IndexByte(":,}]", raw[i]) < 0 {
			continue
		}
		at := s.Range().Start + len(strings.TrimRight(raw[:i], " \t"))
		causes = append(causes, Error{s.Range(), ErrUnterminatedString, "a double quote is missing in this string, which ends too late", []Edit{insert(at, `"`)}})
	}
	return causes
}

// otherCloser is the closing bracket of the other kind.
func otherCloser(bracket string) string {
	if bracket == "]" {
		return "}"
	}
	return "]"
}

// quotes returns where a quote may be missing, or be one too many, on the line of
// an error: where a word starts or ends, and beside another quote.
func (t *Tree) quotes(e Error) []Error {
	lines := t.Lines()
	line := lines.LineRange(int(lines.Position(e.Range.Start, UTF8).Line))
	text := t.Slice(line)
	if len(text) > maxQuoted {
		return nil
	}
	var causes []Error
	try := func(fix Edit) { causes = append(causes, Error{e.Range, e.Code, e.Message, []Edit{fix}}) }
	for i := 0; i <= len(text); i++ {
		before, behind := byte(' '), byte(' ')
		if i > 0 {
			before = text[i-1]
		}
		if i < len(text) {
			behind = text[i]
		}
		switch {
		case before == '"' && behind == '"':
			try(replace(line.Start+i, line.Start+i+1, ""))
		case before == '"' || behind == '"' || isEdge(before) == isEdge(behind):
		default:
			try(insert(line.Start+i, `"`))
		}
	}
	return causes
}

// maxQuoted bounds the lines on which a quote is looked for, in bytes.
const maxQuoted = 200

// isEdge reports whether a character may stand beside a text in quotes.
func isEdge(c byte) bool { return strings.IndexByte(" \t\r\n,:[]{}", c) >= 0 }

// nextChar returns the place of the first character behind an offset that is no
// space, and the character; 0 at the end.
func (t *Tree) nextChar(offset int) (int, byte) {
	const piece = 64 // the text behind may be long, and what is looked for mostly near
	for at := offset; at < t.Size(); at += piece {
		text := t.Slice(Range{at, min(at+piece, t.Size())})
		if rest := strings.TrimLeft(text, " \t\r\n"); rest != "" {
			return at + len(text) - len(rest), rest[0]
		}
	}
	return t.Size(), 0
}

// valueBefore returns the value of the member in front of the one that starts at
// an offset.
func (t *Tree) valueBefore(offset int) Value {
	var before Value
	path := t.PathAt(offset)
	if len(path.Steps) == 0 {
		return before
	}
	for m := range path.Steps[len(path.Steps)-1].Value.Members() {
		if m.Range().Start >= offset {
			break
		}
		if v := m.Value(); m.Key().IsValid() && v.IsValid() {
			before = v
		}
	}
	return before
}

// lost is a bracket that is missing.
func lost(at int, text string) Error {
	return Error{Range{at, at}, ErrMissingValue, "expected `" + strings.TrimSpace(text) + "` here, which is closed below", []Edit{insert(at, text)}}
}

// instead is a character that stands in the place of another one.
func instead(at int, char byte, text string) Error {
	return Error{Range{at, at + 1}, ErrWrongCharacter, "write `" + text + "` instead of `" + string(rune(char)) + "`", []Edit{replace(at, at+1, text)}}
}
