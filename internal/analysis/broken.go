package analysis

import (
	"slices"
	"sort"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// sure takes out of the findings of a text with mistakes what only follows from
// these. A brace that is missing puts properties into the wrong object, and a
// quote swallows what stands behind it: what else is wrong then is told when
// the text can be read again.
func (s *Snapshot) sure(findings []Finding) []Finding {
	mistakes := s.Tree.Errors()
	if len(mistakes) == 0 || len(findings) == 0 {
		return findings
	}
	b := brokenText{Snapshot: s, end: lastByte(s.Tree), first: make(map[string]int, len(mistakes)), intact: map[*template.Node]bool{}}
	for i := range mistakes {
		b.read(&mistakes[i])
		if _, known := b.first[mistakes[i].Message]; !known {
			b.first[mistakes[i].Message] = i
		}
	}
	b.readLines(mistakes)
	if told := s.Tree.Explained(); b.lost && len(told) == 1 {
		b.lose(told[0].Range.Start) // a lost bracket is missed later than where it should stand
	}
	return slices.DeleteFunc(slices.Clone(findings), func(f Finding) bool { return !b.sure(f) })
}

// lastByte returns where the text ends, without the white space behind it, of
// which not more than a screen is looked at, little by little: mostly there is little.
func lastByte(tree *syntax.Tree) int {
	const screen, piece = 4 << 10, 64
	for end := tree.Size(); end > 0 && end > tree.Size()-screen; end -= piece {
		from := max(0, end-piece)
		if text := strings.TrimRight(tree.Slice(syntax.Range{Start: from, End: end}), " \t\r\n"); text != "" {
			return from + len(text)
		}
	}
	return max(0, tree.Size()-screen)
}

// brokenText is what the mistakes in a text mean for all that is said of it.
type brokenText struct {
	*Snapshot
	// end is where the text ends, without the white space behind it.
	end int
	// tokens are strings, words and numbers that are not complete, in the order
	// of the text.
	tokens []syntax.Range
	// first are the first mistakes with their messages.
	first map[string]int
	// unfinished says that the text ends too early: what it lacks may follow.
	unfinished bool
	// lost says that there is no telling what belongs to what, except in nodes
	// without a mistake. misplaced are the containers in which that became clear.
	lost      bool
	misplaced []*syntax.Node
	// intact says of nodes that were looked at whether they are.
	intact map[*template.Node]bool
	// shifted are the lines in which a quote is missing or one too many, so that
	// what should be inside of strings is outside, with the first mistake in each.
	shifted map[int]int
	// swallowed says that there are brackets in the strings of such lines.
	swallowed bool
}

func (b *brokenText) read(e *syntax.Error) {
	switch e.Code {
	case syntax.ErrUnterminatedString, syntax.ErrInvalidWord, syntax.ErrInvalidNumber:
		b.tokens = append(b.tokens, e.Range)
	}
	switch {
	case b.isShifted(e):
		b.shift(e.Range.Start)
	case e.Code == syntax.ErrUnterminatedString:
		b.unfinished = true
		if e.Range.End < b.end && hasBrackets(b.Tree.Slice(e.Range)) {
			b.lose(e.Range.Start)
		}
	case e.Code == syntax.ErrUnclosedBracket && b.isUnfinished(e):
		b.unfinished = true
	case isLossy(e.Code) || e.Range.Start >= b.Tree.Root().Range().End && b.Tree.Root().Terminated():
		b.lose(e.Range.Start)
	}
}

// isUnfinished reports whether an open bracket is one whose end is not written
// yet: the text ends within it, and not with a bracket that, by its place in
// its line, was meant for it.
func (b *brokenText) isUnfinished(e *syntax.Error) bool {
	if len(e.Fix) == 0 || e.Fix[0].Start < b.end-1 {
		return false
	}
	switch b.Tree.Slice(syntax.Range{Start: b.end - 1, End: b.end}) {
	case "}", "]":
		return b.indentation(b.end-1) > b.indentation(e.Range.Start)
	}
	return true
}

// indentation returns how many bytes of white space the line of the offset
// starts with.
func (b *brokenText) indentation(offset int) int {
	return len(leadingSpace(b.Tree, b.Tree.Lines().LineRange(b.line(offset))))
}

// readLines takes many mistakes in one line for one.
func (b *brokenText) readLines(mistakes []syntax.Error) {
	const many = 4
	for i := range mistakes {
		start := mistakes[i].Range.Start
		if last := i + many - 1; last < len(mistakes) && b.line(start) == b.line(mistakes[last].Range.Start) {
			b.shift(start)
		}
	}
}

// isLossy reports whether a mistake may mean that brackets do not belong
// together as they seem to.
func isLossy(code syntax.ErrorCode) bool {
	switch code {
	case syntax.ErrUnclosedBracket, syntax.ErrUnexpectedBracket, syntax.ErrTrailingContent, syntax.ErrMissingName,
		syntax.ErrExtraColon, syntax.ErrUnterminatedComment, syntax.ErrTooDeep, syntax.ErrTooLarge:
		return true
	}
	return false
}

// isShifted reports whether the quotes of the line are not the pairs that they
// were meant to be: where the mistake starts or ends, a double quote meets text
// or another quote, or a string without an end stands behind a value.
func (b *brokenText) isShifted(e *syntax.Error) bool {
	for _, border := range [...]int{e.Range.Start, e.Range.End} {
		near := b.Tree.Slice(syntax.Range{Start: border - 1, End: border + 1})
		if len(near) == 2 && strings.Contains(near, `"`) && !strings.ContainsAny(near, " \t\r\n,:{}[]") {
			return true
		}
	}
	if e.Code != syntax.ErrUnterminatedString {
		return false
	}
	before := b.Tree.Slice(syntax.Range{Start: e.Range.Start - maxIndent, End: e.Range.Start})
	before = strings.TrimRight(before, " \t")
	return before != "" && !strings.ContainsRune(":,[{\r\n", rune(before[len(before)-1]))
}

// hasBrackets reports whether there are brackets in the text of a string, those
// of expressions apart.
func hasBrackets(text string) bool {
	expressions := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '[', ']':
			if expressions == 0 {
				return true
			}
		case '{':
			if i == 0 || text[i-1] != '$' && text[i-1] != '{' {
				return true
			}
			expressions++
		case '}':
			if expressions--; expressions < 0 {
				return true
			}
		}
	}
	return false
}

// maxMisplaced bounds how many places are looked at. In a text with more, no node
// is taken for intact.
const maxMisplaced = 50

func (b *brokenText) lose(offset int) {
	b.lost = true
	if len(b.misplaced) == maxMisplaced {
		return
	}
	if c := b.Tree.PathAt(offset).Container(); c.IsValid() {
		b.misplaced = append(b.misplaced, c.Green())
	}
}

func (b *brokenText) shift(offset int) {
	b.lose(offset)
	line := b.line(offset)
	if _, known := b.shifted[line]; known {
		return
	}
	if b.shifted == nil {
		b.shifted = map[int]int{}
	}
	b.shifted[line] = offset
	b.swallowed = b.swallowed || hasBrackets(b.Tree.Slice(b.Tree.Lines().LineRange(line)))
}

func (b *brokenText) sure(f Finding) bool {
	if f.Code == CodeSyntaxError {
		return b.sureMistake(f)
	}
	// The last token that starts before the finding ends.
	if i := sort.Search(len(b.tokens), func(i int) bool { return b.tokens[i].Start >= f.Range.End }) - 1; i >= 0 && b.tokens[i].End > f.Range.Start {
		return false
	}
	switch {
	case b.lost:
		return isOfNode(f.Code) && b.stands(b.Doc.NodeAt(f.Range.Start))
	case b.unfinished:
		return !isOfAbsence(f.Code)
	}
	// Uses may stand in what cannot be read.
	return f.Code != CodeUnusedArgument && f.Code != CodeUnusedRef
}

// sureMistake leaves one mistake of a line with shifted quotes, none of brackets
// if some are swallowed, and of mistakes that brackets have in common the first.
func (b *brokenText) sureMistake(f Finding) bool {
	if !b.lost || len(b.Tree.Explained()) == 1 {
		return true
	}
	if len(b.shifted) > 0 {
		if first, shifted := b.shifted[b.line(f.Range.Start)]; shifted {
			return f.Range.Start == first
		}
	}
	e := b.Tree.Errors()[b.first[f.Message]]
	return !isLossy(e.Code) || !b.swallowed && e.Range == f.Range
}

func (b *brokenText) line(offset int) int {
	return int(b.Tree.Lines().Position(offset, syntax.UTF8).Line)
}

// stands reports whether what is found in a node is sure.
func (b *brokenText) stands(n *template.Node) bool {
	if n == nil || n.Definition == nil || n.Value().HasErrors() || len(b.misplaced) == maxMisplaced {
		return false
	}
	intact, known := b.intact[n]
	if !known {
		intact = b.isIntact(n)
		b.intact[n] = intact
	}
	return intact
}

// isIntact reports whether a node without mistakes is what it seems to be: its
// brackets, by their places in their lines, belong together, and none of what
// stands beside it is in the wrong place.
func (b *brokenText) isIntact(n *template.Node) bool {
	at := n.Value().Range()
	if b.line(at.Start) != b.line(at.End-1) && b.indentation(at.Start) != b.indentation(at.End-1) {
		return false
	}
	own := n.Value().Green()
	around := b.Tree.PathAt(at.Start).Steps
	for i := len(around) - 1; i >= 0; i-- {
		if g := around[i].Value.Green(); g != own {
			return !slices.Contains(b.misplaced, g)
		}
	}
	return true
}

// isOfNode reports whether a rule looks at the text of one node alone.
func isOfNode(code Code) bool {
	switch code {
	case CodeDuplicateKey, CodeMissingProperty, CodeUnknownProperty, CodeWrongType, CodeNotInEnum, CodePatternMismatch,
		CodeOutOfRange, CodeWrongLength, CodeExclusiveProperties, CodeDeprecatedForm, CodeUnknownPlan, CodeExpressionSyntax,
		CodeUnknownFunction, CodeArgumentCount, CodeInvalidRegex, CodeConstantCondition, CodeSecretInTemplate:
		return true
	}
	return false
}

// isOfAbsence reports whether a rule misses something that may stand anywhere in
// the document, or looks it up by a name that may not be complete.
func isOfAbsence(code Code) bool {
	switch code {
	case CodeUnresolvedRef, CodeUndeclaredArgument, CodeUnusedRef, CodeUnusedArgument, CodeMissingProjectContext,
		CodeDNSWithoutCondition, CodeNestedScope, CodeRefOutOfScope, CodeUnknownOutput, CodePortIndex:
		return true
	}
	return false
}
