package analysis

import (
	"slices"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
)

// Fixes returns the ways to mend a finding of this snapshot, the best first. A
// fix takes its finding away and leaves all else as it is. What needs a look at
// the text around is worked out only here, so that it costs nothing while
// somebody types.
func (s *Snapshot) Fixes(f Finding) []Fix {
	x := fixer{Snapshot: s, finding: f, out: slices.Clip(f.fixes)}
	if more := fixers[f.Code]; more != nil {
		more(&x)
	}
	return x.out
}

// fixers are the rules whose fixes are worked out on demand.
var fixers map[Code]func(*fixer)

// fixer collects the fixes of one finding.
type fixer struct {
	*Snapshot
	finding Finding
	out     []Fix
}

// mend adds a fix that may be applied unseen. One without edits is none.
func (x *fixer) mend(title string, edits ...syntax.Edit) {
	if len(edits) > 0 {
		x.out = append(x.out, Fix{Title: title, Edits: edits})
	}
}

// offer adds a fix that a person has to choose.
func (x *fixer) offer(title string, edits ...syntax.Edit) {
	if len(edits) > 0 {
		x.out = append(x.out, Fix{Title: title, Edits: edits, Choice: true})
	}
}

// edited returns the edits of changes to the tree; none where they cannot be made.
func (x *fixer) edited(change func(*edit.Builder)) []syntax.Edit {
	b := edit.New(x.Tree)
	change(b)
	edits, err := b.Edits()
	if err != nil {
		return nil
	}
	return edits
}
