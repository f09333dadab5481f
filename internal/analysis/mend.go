package analysis

import (
	"slices"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
)

// maxRounds is how often fixes are applied, each time to what the last ones have
// made. A fix mostly brings up no other; some bring up a few.
const maxRounds = 20

// maxFixes bounds how many fixes are looked for at a time. Each may cost a look at its
// node, and those of a text that is no template in truth are without number.
const maxFixes = 500

// maxTried bounds how much text is read, in bytes, to tell fixes that do harm from
// the others: where many of them do, each costs a look at all of the text.
const maxTried = 8 << 20

// Mended is a document with its findings fixed, as far as they can be.
type Mended struct {
	// Snapshot is of the text with the fixes, the first one where there are none.
	Snapshot *Snapshot
	// Edits make that text of the first one.
	Edits []syntax.Edit
	// Fixed are the fixes in the order in which they were applied. The ranges of
	// their findings are mapped to the first text.
	Fixed []QuickFix
	// Refused are fixes that are left out. Their ranges are those of the new text.
	Refused []RefusedFix
}

// RefusedFix is a fix that would do harm.
type RefusedFix struct {
	QuickFix
	Reason string
}

const (
	reasonError  = "it would bring up a new error"
	reasonMany   = "too many fixes of this file bring up new errors to try each of them"
	reasonSyntax = "not every mistake in the syntax can be mended unseen without bringing up a new error"
)

// Mend applies the best fix of every finding, as far as they do not meet, and does
// so again until nothing more changes. What a person has to choose is left alone.
// Left out are fixes after which the text has a new error, or a new
// mistake in its syntax, or is no longer the same kind of document.
//
// Mistakes in the syntax are mended all together or not at all. One quote that is
// missing makes many of them, each with a fix that looks right; only the last one
// tells that they have made nonsense of the text.
func (s *Snapshot) Mend() *Mended {
	s.mendOnce.Do(func() { s.mended = s.mendCarefully() })
	return s.mended
}

func (s *Snapshot) mendCarefully() *Mended {
	m := &Mended{Snapshot: s}
	tried := 0
	if s.misread() {
		// What is withheld while the text cannot be read comes up on the way.
		readable := m.mend(func(f *Finding) bool { return f.Code == CodeSyntaxError }, (*Snapshot).lessReadable, &tried)
		if !readable.Snapshot.misread() && !s.harmedBy(readable.Snapshot) {
			m = readable
		}
	}
	unread := m.Snapshot.misread()
	m = m.mend(func(f *Finding) bool { return !unread || f.Code != CodeSyntaxError }, (*Snapshot).harmedBy, &tried)
	if unread {
		for _, fix := range m.Snapshot.QuickFixes(syntax.Range{End: m.Snapshot.Tree.Size()}) {
			if fix.Preferred && fix.Finding.Code == CodeSyntaxError {
				m.Refused = append(m.Refused, RefusedFix{fix, reasonSyntax})
			}
		}
	}
	return m
}

// misread reports whether the text has mistakes after which there is no telling
// what belongs to what. Comments are none of these.
func (s *Snapshot) misread() bool {
	return slices.ContainsFunc(s.Tree.Errors(), func(e syntax.Error) bool {
		return e.Code != syntax.ErrComment && e.Code != syntax.ErrByteOrderMark
	})
}

// mend goes on from what is mended already, with the fixes of the findings that
// may be mended; harm says whether a text is worse than the one before, and tried
// counts the bytes that were read.
func (m *Mended) mend(may func(*Finding) bool, harm func(before, after *Snapshot) bool, tried *int) *Mended {
	next := *m
	size := m.Snapshot.Tree.Size()
	for _, e := range m.Edits {
		size -= len(e.NewText) - e.Len()
	}
	seen := map[string]bool{m.Snapshot.Tree.Source(): true}
	for range maxRounds {
		r := round{base: next.Snapshot, next: next.Snapshot, harm: harm, tried: tried}
		r.apply(next.Snapshot.bestFixes(may))
		next.Refused = r.refused
		if len(r.accepted) == 0 || seen[r.next.Tree.Source()] {
			break
		}
		edits, err := edit.Compose(size, next.Edits, merge(r.accepted))
		if err != nil { // each of them was applied already
			panic("analysis: fixes that were applied do not compose: " + err.Error())
		}
		for _, fix := range r.accepted {
			next.Fixed = append(next.Fixed, fix.origin(next.Edits))
		}
		next.Snapshot, next.Edits = r.next, edits
		seen[r.next.Tree.Source()] = true
	}
	return &next
}

// round is one application of the fixes that do not meet.
type round struct {
	base, next *Snapshot
	accepted   []QuickFix
	refused    []RefusedFix
	harm       func(before, after *Snapshot) bool
	tried      *int
}

// apply accepts those of the fixes that do no harm together with those that
// are accepted already. Mostly that is all of them at once.
func (r *round) apply(fixes []QuickFix) {
	if len(fixes) == 0 {
		return
	}
	if *r.tried > maxTried {
		for _, fix := range fixes {
			r.refused = append(r.refused, RefusedFix{fix, reasonMany})
		}
		return
	}
	*r.tried += r.base.Tree.Size()
	together := append(r.accepted[:len(r.accepted):len(r.accepted)], fixes...)
	text, err := edit.Apply(r.base.Tree.Source(), merge(together))
	if err == nil {
		if next := NewSnapshot(syntax.Parse(text), nil, r.base.Config); !r.harm(r.base, next) {
			r.accepted, r.next = together, next
			return
		}
	}
	if len(fixes) == 1 {
		r.refused = append(r.refused, RefusedFix{fixes[0], reasonError})
		return
	}
	half := len(fixes) / 2
	r.apply(fixes[:half])
	r.apply(fixes[half:])
}

// lessReadable reports whether another text of the document has more mistakes of
// syntax than this one, or is another kind of document.
func (s *Snapshot) lessReadable(next *Snapshot) bool {
	is := s.Doc.Type
	if m := s.bare(); m != nil {
		is = m.snapshot.Doc.Type
	}
	return next.Doc.Type != is || len(next.Tree.Errors()) > len(s.Tree.Errors())
}

// harmedBy reports whether another text of the document is worse: it has errors
// that this one has not, or is less readable.
func (s *Snapshot) harmedBy(next *Snapshot) bool {
	if s.lessReadable(next) {
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
