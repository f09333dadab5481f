package analysis

import "github.com/nf-lsp/nf-lsp/internal/syntax"

// verified reports whether the edits take the finding away and bring no other.
// It is for fixes that reach further than the place that they mend, where this
// cannot be told beforehand: the edited document is looked at, of which what did
// not change is taken over.
func (x *fixer) verified(edits []syntax.Edit) bool {
	if len(edits) == 0 {
		return false
	}
	type said struct {
		code    Code
		message string
	}
	left := map[said]int{}
	for _, f := range x.Findings() {
		left[said{f.Code, f.Message}]++
	}
	left[said{x.finding.Code, x.finding.Message}]--
	for _, f := range NewSnapshot(x.Tree.Edit(edits...), x.Snapshot, x.Config).Findings() {
		if left[said{f.Code, f.Message}]--; left[said{f.Code, f.Message}] < 0 && f.Code != CodeUnusedArgument {
			return false // what only the removed text used is a thing to look at next
		}
	}
	return true
}

// offerVerified offers a fix that holds.
func (x *fixer) offerVerified(title string, edits ...syntax.Edit) bool {
	if x.unseen || !x.verified(edits) {
		return false
	}
	x.offer(title, edits...)
	return true
}
