package analysis

import (
	"slices"
	"sort"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// QuickFix is one way to mend one finding.
type QuickFix struct {
	Fix
	Finding Finding
	// Preferred is true for the way that is the best of those for its finding,
	// and that needs no choice.
	Preferred bool
}

// QuickFixes returns the ways to mend the findings that touch a range of bytes,
// in the order of the text, save for those that Refactorings returns.
func (s *Snapshot) QuickFixes(within syntax.Range) []QuickFix {
	var out []QuickFix
	for _, f := range s.Findings() {
		if f.Range.End < within.Start || f.Range.Start > within.End || isRefactored(f.Code) {
			continue
		}
		for i, fix := range s.Fixes(f) {
			out = append(out, QuickFix{Fix: fix, Finding: f, Preferred: i == 0 && !fix.Choice})
		}
	}
	return out
}

// bestFixes returns the best fix of every finding, in the order of the text. What
// a person has to choose is left alone. Where two fixes meet at one place, the one
// whose finding stands first is taken, whole; the other may be found again once
// it is applied. So may those beyond the first maxFixes. May says which findings
// are mended.
func (s *Snapshot) bestFixes(may func(*Finding) bool) []QuickFix {
	var all []syntax.Edit
	var best []QuickFix
	for _, f := range s.Findings() {
		if len(best) == maxFixes {
			break
		}
		if !may(&f) {
			continue
		}
		if fixes := s.fixesOf(f, true); len(fixes) > 0 && !fixes[0].Choice && !meets(all, fixes[0].Edits) {
			all = inserted(all, fixes[0].Edits)
			best = append(best, QuickFix{Fix: fixes[0], Finding: f, Preferred: true})
		}
	}
	return best
}

// merge returns the edits of fixes that do not meet, in the order of the text.
func merge(fixes []QuickFix) []syntax.Edit {
	var all []syntax.Edit
	for _, fix := range fixes {
		all = inserted(all, fix.Edits)
	}
	return all
}

// meets reports whether an edit of either list touches one of the other. Two
// that only touch are kept apart too: in which order they apply would matter.
// sorted is in the order of the text and has no overlaps.
func meets(sorted, edits []syntax.Edit) bool {
	for _, e := range edits {
		i := sort.Search(len(sorted), func(i int) bool { return sorted[i].Range.End >= e.Range.Start })
		if i < len(sorted) && sorted[i].Range.Start <= e.Range.End {
			return true
		}
	}
	return false
}

// inserted adds edits to a list in the order of the text. Findings come in that
// order as well, so that there is little to move.
func inserted(sorted, edits []syntax.Edit) []syntax.Edit {
	for _, e := range edits {
		at := len(sorted)
		for at > 0 && sorted[at-1].Range.Start > e.Range.Start {
			at--
		}
		sorted = slices.Insert(sorted, at, e)
	}
	return sorted
}
