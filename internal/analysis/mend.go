package analysis

import (
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
)

// maxRounds is how often fixes are applied, each time to what the last ones have
// made. A fix mostly brings up no other; some bring up a few.
const maxRounds = 20

// Mended is a document with its findings fixed, as far as they can be.
type Mended struct {
	// Snapshot is of the text with the fixes, the first one where there are none.
	Snapshot *Snapshot
	// Edits make that text of the first one.
	Edits []syntax.Edit
	// Fixed are the fixes in the order in which they were applied. The ranges of
	// their findings are mapped to the first text.
	Fixed []QuickFix
	// Refused are fixes that are left out, because with them there would be an
	// error that there is not without. Their ranges are those of the new text.
	Refused []QuickFix
}

// Mend applies the fixes that [Snapshot.FixAll] chooses, until nothing more
// changes. A fix after which the text has a new error, or a new mistake in its
// syntax, or is no longer the same kind of document, is left out.
func (s *Snapshot) Mend() *Mended {
	m := &Mended{Snapshot: s}
	seen := map[string]bool{s.Tree.Source(): true}
	for range maxRounds {
		r := round{base: m.Snapshot, next: m.Snapshot}
		r.apply(m.Snapshot.bestFixes())
		m.Refused = r.refused
		if len(r.accepted) == 0 || seen[r.next.Tree.Source()] {
			break
		}
		edits, err := edit.Compose(len(s.Tree.Source()), m.Edits, merge(r.accepted))
		if err != nil { // each of them was applied already
			panic("analysis: fixes that were applied do not compose: " + err.Error())
		}
		for _, fix := range r.accepted {
			m.Fixed = append(m.Fixed, fix.origin(m.Edits))
		}
		m.Snapshot, m.Edits = r.next, edits
		seen[r.next.Tree.Source()] = true
	}
	return m
}

// round is one application of the fixes that do not meet.
type round struct {
	base, next        *Snapshot
	accepted, refused []QuickFix
}

// apply accepts those of the fixes that do no harm together with those that
// are accepted already. Mostly that is all of them at once.
func (r *round) apply(fixes []QuickFix) {
	if len(fixes) == 0 {
		return
	}
	together := append(r.accepted[:len(r.accepted):len(r.accepted)], fixes...)
	text, err := edit.Apply(r.base.Tree.Source(), merge(together))
	if err == nil {
		if next := NewSnapshot(syntax.Parse(text), nil, r.base.Config); !r.base.harmedBy(next) {
			r.accepted, r.next = together, next
			return
		}
	}
	if len(fixes) == 1 {
		r.refused = append(r.refused, fixes[0])
		return
	}
	half := len(fixes) / 2
	r.apply(fixes[:half])
	r.apply(fixes[half:])
}

// harmedBy reports whether another text of the document is worse: it has errors
// or mistakes of syntax that this one has not, or is another kind of document.
func (s *Snapshot) harmedBy(next *Snapshot) bool {
	if next.Doc.Type != s.Doc.Type || len(next.Tree.Errors()) > len(s.Tree.Errors()) {
		return true
	}
	type mistake struct {
		code    Code
		message string
	}
	had := map[mistake]int{}
	for _, f := range s.Findings() {
		if f.Severity == Error {
			had[mistake{f.Code, f.Message}]++
		}
	}
	for _, f := range next.Findings() {
		if f.Severity != Error {
			continue
		}
		m := mistake{f.Code, f.Message}
		if had[m]--; had[m] < 0 {
			return true
		}
	}
	return false
}

// origin returns the fix with the place of its finding mapped to the text before
// the edits.
func (q QuickFix) origin(edits []syntax.Edit) QuickFix {
	at := q.Finding.Range
	q.Finding.Range = syntax.Range{Start: edit.Origin(edits, at.Start), End: edit.Origin(edits, at.End)}
	return q
}
