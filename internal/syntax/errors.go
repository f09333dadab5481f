package syntax

import "slices"

// ErrorCode says what kind of mistake an error is.
type ErrorCode string

// The mistakes that a text can have. JSON text has none of them, and text
// without any of them is JSON.
const (
	ErrEmptyDocument       ErrorCode = "empty-document"
	ErrTrailingContent     ErrorCode = "trailing-content"
	ErrMissingComma        ErrorCode = "missing-comma"
	ErrExtraComma          ErrorCode = "extra-comma"
	ErrMissingColon        ErrorCode = "missing-colon"
	ErrExtraColon          ErrorCode = "extra-colon"
	ErrMissingName         ErrorCode = "missing-name"
	ErrUnquotedName        ErrorCode = "unquoted-name"
	ErrMissingValue        ErrorCode = "missing-value"
	ErrUnclosedBracket     ErrorCode = "unclosed-bracket"
	ErrUnexpectedBracket   ErrorCode = "unexpected-bracket"
	ErrWrongCharacter      ErrorCode = "wrong-character" // ; for a comma, = for a colon
	ErrUnterminatedString  ErrorCode = "unterminated-string"
	ErrSingleQuotes        ErrorCode = "single-quotes"
	ErrControlCharacter    ErrorCode = "control-character"
	ErrInvalidEscape       ErrorCode = "invalid-escape"
	ErrInvalidNumber       ErrorCode = "invalid-number"
	ErrInvalidWord         ErrorCode = "invalid-word"
	ErrComment             ErrorCode = "comment"
	ErrUnterminatedComment ErrorCode = "unterminated-comment"
	ErrByteOrderMark       ErrorCode = "byte-order-mark"
	ErrTooDeep             ErrorCode = "too-deep"
	ErrTooLarge            ErrorCode = "too-large"
)

// Error is a mistake in the text.
type Error struct {
	// Range holds what is wrong. It is empty where something is missing, at
	// the place where that belongs.
	Range Range
	Code  ErrorCode
	// Message names the thing and says what to write.
	Message string
	// Fix corrects the mistake; nil where there is no telling how.
	Fix []Edit
}

// Errors returns the mistakes in the text in the order of their places. A
// mistake that follows from another one is left out.
func (t *Tree) Errors() []Error {
	t.errorsOnce.Do(func() {
		if t.root.HasErrors() {
			f := faults{tree: t}
			f.document()
			// A comma is missed only when what stands behind it, maybe behind
			// comments with errors of their own, has been seen.
			byPlace := func(a, b Error) int { return a.Range.Start - b.Range.Start }
			if !slices.IsSortedFunc(f.out, byPlace) {
				slices.SortStableFunc(f.out, byPlace)
			}
			t.errors = t.withoutSwappedQuotes(f.out)
		}
	})
	return t.errors
}

// faults derives errors from green nodes: what a node's parts say of it, and
// the text that its message names. Only nodes with errors are visited.
type faults struct {
	tree *Tree
	out  []Error
}

func (f *faults) add(code ErrorCode, start, end int, message string, fix ...Edit) {
	f.out = append(f.out, Error{Range{start, end}, code, message, fix})
}

func insert(at int, text string) Edit          { return Edit{Range{at, at}, text} }
func replace(start, end int, text string) Edit { return Edit{Range{start, end}, text} }

func (f *faults) document() {
	root, extra := KindInvalid, false
	for p := range f.tree.Parts() {
		at, end := p.Range.Start, p.Range.End
		switch {
		case p.Kind.IsTrivia():
			f.trivia(p.value.green, at)
		case extra:
		case root == KindInvalid && p.Kind.IsValue():
			root = p.Kind
			if f.tree.tooLarge {
				f.add(ErrTooLarge, 0, 0, "the file is too large to be taken apart")
				return
			}
			f.value(p.value, nil, false)
		case root == KindInvalid:
			extra = true
			f.add(strayCode(p.Kind), at, end, "unexpected `"+f.text(at, end)+"`: a JSON document is one value, usually an object in braces",
				replace(at, end, ""))
		default:
			extra = true
			f.trailing(p, root)
		}
	}
	if root == KindInvalid && len(f.out) == 0 {
		f.add(ErrEmptyDocument, 0, 0, "the file is empty: expected a JSON value, usually an object in braces")
	}
}

// trailing reports the first thing behind the root value.
func (f *faults) trailing(p Part, root Kind) {
	at, end := p.Range.Start, p.Range.End
	switch {
	case p.Kind == KindColon && root == KindString:
		f.add(ErrTrailingContent, at, end, "a JSON document is one value: put braces around its members")
	case p.Kind == KindCloseBrace || p.Kind == KindCloseBracket:
		f.add(ErrUnexpectedBracket, at, end, "this `"+f.text(at, end)+"` closes nothing: remove it", replace(at, end, ""))
	case p.Kind == KindComma:
		f.add(ErrExtraComma, at, end, "the document ends before this comma: remove it", replace(at, end, ""))
	case p.Kind.isContainer():
		f.add(ErrTrailingContent, at, at+1, "the document ends before this "+p.Kind.String()+": remove it, or put both in one array")
	default:
		f.add(ErrTrailingContent, at, end, "the document ends before `"+f.short(at, end)+"`: remove it")
	}
}

func strayCode(k Kind) ErrorCode {
	switch k {
	case KindComma:
		return ErrExtraComma
	case KindColon:
		return ErrExtraColon
	}
	return ErrUnexpectedBracket
}
