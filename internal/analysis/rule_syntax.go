package analysis

import (
	"fmt"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// checkSyntax reports what the parser had to repair.
func (s *Snapshot) checkSyntax(r *reporter) {
	for _, e := range s.Tree.Explained() {
		r.mistake(e)
	}
}

// mistake reports a mistake in the text.
func (r *reporter) mistake(e syntax.Error) {
	var more []func(*note)
	if len(e.Fix) > 0 {
		// What somebody has written into a comment is theirs to take away.
		fix := Fix{Title: fixTitle(e), Edits: e.Fix, Choice: e.Code == syntax.ErrComment}
		more = append(more, func(n *note) { n.fixes = append(n.fixes, fix) })
	}
	r.add(CodeSyntaxError, e.Range, e.Message, more...)
}

// checkRepeated reports properties that an object names twice.
func checkRepeated(r *reporter, owner syntax.Value, facts *template.Facts) {
	base := owner.Range().Start
	for _, again := range facts.Repeated {
		r.add(CodeDuplicateKey, shift(again.Member, base),
			fmt.Sprintf("%q is already set in this object; only the last value counts. Remove one of the two.", again.Name),
			withRelated(shift(again.First, base), "first set here"))
	}
}

func shift(r syntax.Range, delta int) syntax.Range {
	return syntax.Range{Start: r.Start + delta, End: r.End + delta}
}

// fixTitle says what the fix of a mistake in the text does.
func fixTitle(e syntax.Error) string {
	first := e.Fix[0]
	switch {
	case first.NewText == "":
		return "Remove it"
	case first.Len() == 0:
		return "Insert " + first.NewText
	default:
		return "Write " + first.NewText
	}
}
