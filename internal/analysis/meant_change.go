package analysis

import (
	"maps"
	"slices"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// meantOver is meantAt for a range, of which both ends are looked at.
func (s *Snapshot) meantOver(at syntax.Range) (*intent, syntax.Range) {
	m, start := s.meantAt(at.Start)
	if m == nil || !m.misses(at) {
		return nil, at
	}
	if n, end := s.meantAt(at.End); n != nil {
		return m, syntax.Range{Start: start, End: end}
	}
	return nil, at
}

// misses reports whether a range of the text as it is keeps away from what is
// different in the text as it is meant, so far that a change of one cannot be
// taken for a change of the other.
func (m *intent) misses(r syntax.Range) bool {
	return !slices.ContainsFunc(m.fix, func(e syntax.Edit) bool { return r.Start <= e.End && e.Start <= r.End })
}

// there returns a finding as one of the text as it is meant.
func (m *intent) there(f Finding) Finding {
	base := m.forth(f.Range.Start) - f.Range.Start
	f.Range = syntax.Range{Start: m.forth(f.Range.Start), End: m.forth(f.Range.End)}
	f.base += base
	return f
}

// here is the reverse of there.
func (m *intent) here(f Finding) Finding {
	base := m.offset(f.Range.Start) - f.Range.Start
	m.move(&f.Range)
	f.Related = slices.Clone(f.Related)
	for i := range f.Related {
		m.move(&f.Related[i].Range)
	}
	f.base += base
	return f
}

// refactorings are the changes at a range of the text as it is meant; those that
// mend one of the findings, which are of the text as it is, say so.
func (m *intent) refactorings(findings []Finding, at syntax.Range, q Question) []Refactoring {
	there := make([]Finding, len(findings))
	for i, f := range findings {
		there[i] = m.there(f)
	}
	out := m.snapshot.refactorings(there, at, q)
	for i := range out {
		m.move(&out[i].At)
		for j := range there {
			if out[i].Mends == &there[j] {
				out[i].Mends = &findings[j]
				break
			}
		}
	}
	return out
}

// apart returns the edits of a change of the text as it is meant as edits of the
// text as it is, which keeps its mistake. It refuses those that would come near
// that, and those after which the mistake would be another one.
func (m *intent) apart(s *Snapshot, edits []syntax.Edit) ([]syntax.Edit, error) {
	line := s.line(m.fix[0].Range)
	back, ok := m.edits(edits)
	if !ok || slices.ContainsFunc(back, func(e syntax.Edit) bool { return !m.misses(e.Range) }) {
		return nil, refuse("it would change what is near the mistake in line %d: mend that first", line)
	}
	after := s.Tree.Edit(back...)
	then := NewSnapshot(after, s, s.Config).meant()
	if then == nil || then.snapshot.Tree.Source() != m.snapshot.Tree.Edit(edits...).Source() {
		return nil, refuse("the mistake in line %d would be another one afterwards: mend that first", line)
	}
	return back, nil
}

// LacksBraces reports whether the text is a template but for its outer braces: the
// first of them or both are lost, or are brackets. It has findings as templates do.
func (s *Snapshot) LacksBraces() bool { return s.bare() != nil }

// bare returns the text of a template that lacks its braces as it is meant; nil
// for any other text. As it is, such a text is nothing but a name, or a list that
// starts with one.
func (s *Snapshot) bare() *intent {
	root := s.Tree.Root()
	switch root.Kind() {
	case syntax.KindArray: // also one that passes for a list of nodes
	case syntax.KindString:
		if s.IsTemplate() {
			return nil
		}
	default:
		return nil
	}
	m := s.meant()
	if m == nil || m.fix[0].Start != root.Range().Start {
		return nil
	}
	return m
}

// bareFindings are the findings of such a text: the mistake itself, the one that
// there may be besides, and what is wrong with single nodes. More than the brace may
// be lost in front of them, so nothing is missed.
func (s *Snapshot) bareFindings(m *intent) ([]Finding, map[*Suppression]int) {
	r := &reporter{config: s.Config}
	if m.bracing != nil {
		r.mistake(*m.bracing)
	} else {
		s.checkSyntax(r)
	}
	a := assembler{doc: s.Doc}
	for _, n := range r.take(0) {
		a.placed = append(a.placed, placedNote{note: &n})
	}
	findings, hidden := s.suppress(a.findings())
	for _, f := range m.snapshot.Findings() {
		if (f.Code == CodeSyntaxError || isOfNode(f.Code) && f.Node != "") && m.isApart(f.Range) {
			findings = append(findings, m.here(f))
		}
	}
	slices.SortStableFunc(findings, func(a, b Finding) int { return a.Range.Start - b.Range.Start })
	if more := m.snapshot.Suppressed(); hidden == nil {
		hidden = more
	} else {
		maps.Copy(hidden, more)
	}
	return findings, hidden
}

// fixes are those of a finding that is taken over from the text as it is meant.
func (m *intent) fixes(f Finding, unseen bool) []Fix {
	var out []Fix
	for _, fix := range m.snapshot.fixesOf(m.there(f), unseen) {
		if edits, ok := m.edits(fix.Edits); ok {
			fix.Edits = edits
			out = append(out, fix)
		}
	}
	return out
}
