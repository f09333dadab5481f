package analysis

import (
	"fmt"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
)

// removeRepeated takes away the first of two members with one name, which has no
// effect.
func (x *fixer) removeRepeated() {
	if len(x.finding.Related) == 0 {
		return
	}
	m, again := x.memberNamedAt(x.finding.Related[0].Range), x.memberNamedAt(x.finding.Range)
	if !m.IsValid() || !again.Value().IsValid() {
		return // half-typed, the value that counts may be still to come
	}
	x.mend(fmt.Sprintf("Remove the first %q, which has no effect", m.KeyText()),
		x.edited(func(b *edit.Builder) { b.RemoveMember(m) })...)
}

// memberNamedAt returns the member whose name stands at a range.
func (x *fixer) memberNamedAt(name syntax.Range) syntax.Member {
	steps := x.Tree.PathAt(name.Start + 1).Steps
	if len(steps) == 0 {
		return syntax.Member{}
	}
	for m := range steps[len(steps)-1].Value.Members() {
		if m.Key().Range() == name {
			return m
		}
	}
	return syntax.Member{}
}
