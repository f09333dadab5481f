package analysis

import (
	"slices"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// intent is a text as it is meant: all that is wrong with its syntax comes from
// one mistake, and this is the text without it. A bracket that is lost takes what
// stands behind it out of its place, which may be all of the file; here it is
// where it belongs, so what is asked about it has an answer.
type intent struct {
	snapshot *Snapshot
	// fix is what is different, in the order of the text.
	fix []syntax.Edit
	// bracing is set where the text lacks its outer braces, and one more thing is
	// wrong with it, which is so in the snapshot as well.
	bracing *syntax.Error
}

// meant returns the text as it is meant; nil where it has no mistake of that
// kind, which is nearly always.
func (s *Snapshot) meant() *intent {
	s.meantOnce.Do(func() {
		if !s.Tree.Green().HasErrors() {
			return
		}
		told := s.Tree.Explained()
		if len(told) == 1 && len(told[0].Fix) > 0 {
			if s.isReadAs(told[0]) {
				return
			}
			if m := s.without(told[0]); m.snapshot.IsTemplate() && !m.snapshot.Tree.Green().HasErrors() {
				s.intent = m
			}
			return
		}
		for _, e := range s.Tree.Bracings() {
			m := s.without(e)
			if told := m.snapshot.Tree.Explained(); m.snapshot.IsTemplate() && len(told) == 1 && m.isApart(told[0].Range) {
				m.bracing = &e
				s.intent = m
				return
			}
		}
	})
	return s.intent
}

// without is the text without a mistake.
func (s *Snapshot) without(e syntax.Error) *intent {
	fix := slices.SortedFunc(slices.Values(e.Fix), func(a, b syntax.Edit) int { return a.Start - b.Start })
	// Mostly there was a version without mistakes that differs little from it.
	tree, before := s.Tree, s.Doc
	if s.sound != nil {
		tree, before = s.sound.Tree, s.sound.Doc
	}
	lines := s.Tree.Lines()
	for _, e := range slices.Backward(fix) {
		lines = lines.Edit(e.Range, e.NewText)
	}
	tree = tree.Follow(lines)
	return &intent{snapshot: &Snapshot{Tree: tree, Doc: template.Build(tree, before), Config: s.Config}, fix: fix}
}

// isReadAs reports whether the tree is what the fix of its only mistake makes of
// the text.
func (s *Snapshot) isReadAs(told syntax.Error) bool {
	if all := s.Tree.Errors(); len(all) > 1 || !slices.Equal(all[0].Fix, told.Fix) {
		return false
	}
	return told.Code != syntax.ErrUnterminatedString || told.Fix[0].Start >= told.Range.End
}

// meantAt returns the text as it is meant and where the offset is in it. It is
// nil on the line of the mistake itself, where the text is what somebody types.
func (s *Snapshot) meantAt(offset int) (*intent, int) {
	if offset < 0 || offset > s.Tree.Size() {
		return nil, 0
	}
	m := s.meant()
	if m == nil {
		return nil, 0
	}
	for _, e := range m.fix {
		from, to := min(offset, e.Start), max(offset, e.End)
		if to-from < maxIndent && !strings.ContainsAny(s.Tree.Slice(syntax.Range{Start: from, End: to}), "\r\n") {
			return nil, 0
		}
	}
	return m, m.forth(offset)
}

// forth returns where an offset of the text as it is lies in the text as it is
// meant.
func (m *intent) forth(offset int) int {
	shift := 0
	for _, e := range m.fix {
		switch {
		case offset <= e.Start:
		case offset < e.End:
			return e.Start + shift
		default:
			shift += len(e.NewText) - e.Len()
		}
	}
	return offset + shift
}

// offset returns which place of the text as it is a place of the text as it is
// meant stands for.
func (m *intent) offset(at int) int {
	for _, e := range m.fix {
		switch {
		case at <= e.Start:
			return at
		case at < e.Start+len(e.NewText):
			return e.Start
		}
		at -= len(e.NewText) - e.Len()
	}
	return at
}

// isNew reports whether a character of the text as it is meant is not in the text
// as it is.
func (m *intent) isNew(at int) bool {
	shift := 0
	for _, e := range m.fix {
		if start := e.Start + shift; start <= at && at < start+len(e.NewText) {
			return true
		}
		shift += len(e.NewText) - e.Len()
	}
	return false
}

func (m *intent) back(r syntax.Range) syntax.Range {
	return syntax.Range{Start: m.offset(r.Start), End: m.offset(r.End)}
}

// move is back for a range that may be in none.
func (m *intent) move(r *syntax.Range) { *r = m.back(*r) }

// isApart reports whether nothing is different in a range of the text as it is
// meant, so that an edit of it is one of the text as it is.
func (m *intent) isApart(r syntax.Range) bool {
	back := m.back(r)
	return back.Len() == r.Len() && !slices.ContainsFunc(m.fix, func(e syntax.Edit) bool { return back.Start < e.End && e.Start < back.End })
}

func (m *intent) edits(edits []syntax.Edit) (back []syntax.Edit, ok bool) {
	for _, e := range edits {
		if !m.isApart(e.Range) {
			return nil, false
		}
		back = append(back, syntax.Edit{Range: m.back(e.Range), NewText: e.NewText})
	}
	return back, true
}

func (m *intent) items(items []CompletionItem) (back []CompletionItem) {
	for _, i := range items {
		added, ok := m.edits(i.Added)
		if ok && m.isApart(i.Range) {
			i.Range, i.Added = m.back(i.Range), added
			back = append(back, i)
		}
	}
	return back
}

// tokens are mapped back; where the text is another one there are none.
func (m *intent) tokens(tokens []Token) []Token {
	tokens = slices.DeleteFunc(tokens, func(t Token) bool { return !m.isApart(t.Range) })
	for i := range tokens {
		m.move(&tokens[i].Range)
	}
	return tokens
}

func (m *intent) targets(origin syntax.Range, targets []Target) (syntax.Range, []Target) {
	for i := range targets {
		targets[i] = Target{m.back(targets[i].Range), m.back(targets[i].Whole)}
	}
	return m.back(origin), targets
}

func (m *intent) ranges(ranges []syntax.Range) []syntax.Range {
	for i := range ranges {
		m.move(&ranges[i])
	}
	return ranges
}

// folds are mapped back; one whose closing bracket is what was lost is open.
func (m *intent) folds(folds []Fold) []Fold {
	for i := range folds {
		f := &folds[i]
		f.Closed = f.Closed && !m.isNew(f.Range.End)
		m.move(&f.Range)
	}
	return folds
}

func (m *intent) symbols(symbols []Symbol) []Symbol {
	for i := range symbols {
		s := &symbols[i]
		m.move(&s.Range)
		m.move(&s.Selection)
		m.symbols(s.Children)
	}
	return symbols
}
