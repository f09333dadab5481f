package analysis

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// Refactoring is a change of the text that a person may ask for at a place. What
// it would do to the text is worked out on demand: see Snapshot.Refactor.
type Refactoring struct {
	// ID names the change among those at one place.
	ID string
	// Kind is its place in the protocol's tree of kinds: "refactor.extract".
	Kind string
	// Title names the things that change.
	Title string
	// Disabled says in a sentence why the change cannot be made; empty where it
	// can, as far as can be told without making it.
	Disabled string
	// At is the place that it is for, in bytes: the one that was asked about, or
	// that of the finding that it mends.
	At syntax.Range
	// Mends is the finding that is gone afterwards; nil where it is for none. Its
	// kind is "quickfix" then.
	Mends *Finding
}

// The kinds of the protocol that changes belong to.
const (
	kindQuickFix = "quickfix"
	kindExtract  = "refactor.extract"
	kindInline   = "refactor.inline"
	kindRewrite  = "refactor.rewrite"
)

// RefactoringKinds lists the kinds of all refactorings.
func RefactoringKinds() []string { return []string{kindQuickFix, kindExtract, kindInline, kindRewrite} }

// Question says which changes are asked for.
type Question struct {
	// Wanted reports whether a kind is asked for; nil for all of them.
	Wanted func(kind string) bool
	// Thorough is set where a person waits for the answer. Editors also ask at
	// every step of the cursor: then nothing is looked for that would need the
	// whole file.
	Thorough bool
}

func (q Question) wants(kind string) bool { return q.Wanted == nil || q.Wanted(kind) }

// asked is a place at which changes are asked for.
type asked struct {
	*Snapshot
	// at is the cursor or the selection, in bytes.
	at       syntax.Range
	path     syntax.Path
	cursor   cursor
	thorough bool
	// places are those that were looked up, by their offsets: several changes ask
	// about the same one.
	places map[int]*place
}

// placeOf returns the place of a value, where its schemas are.
func (a *asked) placeOf(v syntax.Value) *place {
	at := v.Range().Start
	if !v.Kind().IsScalar() || v.Kind() == syntax.KindString {
		at++
	}
	if p := a.places[at]; p != nil {
		return p
	}
	p := a.placeAt(at)
	if a.places == nil {
		a.places = map[int]*place{}
	}
	a.places[at] = &p
	return &p
}

// offer is a change together with how its edits are worked out. These return a
// *Refusal where the change turns out not to be possible.
type offer struct {
	Refactoring
	edits func() ([]syntax.Edit, error)
}

// refactorer finds changes that may be made at a place. What it costs depends on
// the place and not on the size of the file, unless the question is thorough.
type refactorer struct {
	// kinds are those that the changes have, mends the codes of the findings
	// that they mend where they stand at the place of one.
	kinds []string
	mends []Code
	find  func(a *asked) []offer
}

// refactorers lists all of them.
func refactorers() []refactorer {
	return []refactorer{
		{[]string{kindRewrite}, []Code{CodeDNSWithoutCondition}, insertCondition},
		{[]string{kindExtract, kindRewrite}, []Code{CodeSecretInTemplate}, secretToArgument},
		{[]string{kindExtract}, nil, extractArgument},
		{[]string{kindInline}, nil, inlineArgument},
		{[]string{kindRewrite}, []Code{CodeMissingProjectContext}, giveProject},
		{[]string{kindRewrite}, nil, wrapSteps},
		{[]string{kindRewrite}, nil, convertFlow},
		{[]string{kindInline}, nil, dissolveWorkflow},
		{[]string{kindRewrite}, nil, addRef},
		{[]string{kindRewrite}, nil, unquote},
		{[]string{kindRewrite}, nil, convertVersion},
		{[]string{kindRewrite}, nil, sortKeys},
	}
}

// remedies are the changes for findings whose mending needs more than the node
// that the finding belongs to, or a person's choice.
func (s *Snapshot) remedies(at syntax.Range, findings []Finding) []Refactoring {
	var out []Refactoring
	for i := range findings {
		f := &findings[i]
		if f.Range.End < at.Start || f.Range.Start > at.End {
			continue
		}
		for _, r := range refactorers() {
			if !slices.Contains(r.mends, f.Code) {
				continue
			}
			for _, o := range r.find(s.askedAt(f.Range, false)) {
				if o.Disabled == "" {
					o.Kind, o.Mends, o.At = kindQuickFix, f, f.Range
					out = append(out, o.Refactoring)
				}
			}
		}
	}
	return out
}

// Refactorings returns what may be changed at a range of bytes, a selection or
// the place of the cursor.
func (s *Snapshot) Refactorings(at syntax.Range, q Question) []Refactoring {
	if m, moved := s.meantOver(at); m != nil {
		return m.refactorings(s.Findings(), moved, q)
	}
	if !s.IsTemplate() {
		return nil
	}
	return s.refactorings(s.Findings(), at, q)
}

// refactorings are those at a range of a document in which these findings are shown.
func (s *Snapshot) refactorings(findings []Finding, at syntax.Range, q Question) []Refactoring {
	var out []Refactoring
	if q.wants(kindQuickFix) {
		out = s.remedies(at, findings)
	}
	mending := len(out)
	a := s.askedAt(at, q.Thorough)
	for _, r := range refactorers() {
		if !slices.ContainsFunc(r.kinds, q.wants) {
			continue
		}
		for _, o := range r.find(a) {
			// What mends a finding is not offered twice.
			twice := slices.ContainsFunc(out[:mending], func(r Refactoring) bool { return r.Title == o.Title })
			if q.wants(o.Kind) && !twice {
				o.At = at
				out = append(out, o.Refactoring)
			}
		}
	}
	return out
}

// Refactor returns the edits of one of the changes that Refactorings has
// returned for the range, in the order of the text. Where the change is not
// possible it returns a *Refusal.
func (s *Snapshot) Refactor(at syntax.Range, id string) ([]syntax.Edit, error) {
	if m, moved := s.meantOver(at); m != nil {
		edits, err := m.snapshot.Refactor(moved, id)
		if err != nil {
			return nil, err
		}
		return m.apart(s, edits)
	}
	if !s.IsTemplate() {
		return nil, refuse("this is no template any more")
	}
	a := s.askedAt(at, true)
	for _, r := range refactorers() {
		for _, o := range r.find(a) {
			if o.ID != id {
				continue
			}
			if o.Disabled != "" {
				return nil, refuse("%s", o.Disabled)
			}
			edits, err := o.edits()
			if err != nil {
				return nil, err
			}
			slices.SortStableFunc(edits, byStart)
			return edits, nil
		}
	}
	return nil, refuse("this change is not possible here any more")
}

// askedAt finds out what stands at the range.
func (s *Snapshot) askedAt(at syntax.Range, thorough bool) *asked {
	size := s.Tree.Size()
	at.Start = min(max(at.Start, 0), size)
	at.End = min(max(at.End, at.Start), size)
	if at.Len() > 0 { // space around a selection means nothing
		text := s.Tree.Slice(at)
		at.Start += len(text) - len(strings.TrimLeft(text, " \t\r\n"))
		at.End = max(at.Start, at.End-(len(text)-len(strings.TrimRight(text, " \t\r\n"))))
	}
	return &asked{Snapshot: s, at: at, path: s.Tree.PathAt(at.Start), cursor: s.cursorAt(at.Start), thorough: thorough}
}

// value returns the value that is selected as a whole or, without a selection,
// the scalar that the cursor is on; an absent one where there is none.
func (a *asked) value() syntax.Value {
	if a.at.Len() == 0 {
		if a.path.Spot != syntax.SpotValue {
			return syntax.Value{}
		}
		return a.path.Scalar
	}
	if v := a.path.Scalar; v.IsValid() && a.path.Spot == syntax.SpotValue && (v.Range() == a.at || content(v) == a.at) {
		return v
	}
	// The start of an object is outside of it, and the place behind its brace inside.
	inner := a.Tree.PathAt(a.at.Start + 1)
	for _, step := range inner.Steps {
		if step.Value.Range() == a.at {
			return step.Value
		}
	}
	return syntax.Value{}
}

// spoils makes the edits and returns a *Refusal that says what would be wrong
// afterwards and is not now, errors and warnings but for those that are excepted;
// nil where there is nothing.
func (s *Snapshot) spoils(edits []syntax.Edit, except ...Code) error {
	edits = slices.Clone(edits)
	slices.SortStableFunc(edits, func(a, b syntax.Edit) int { return cmp.Or(a.Start-b.Start, a.End-b.End) })
	before := map[string]int{}
	for _, f := range s.Findings() {
		before[string(f.Code)+f.Message]++
	}
	after := NewSnapshot(s.Tree.Edit(edits...), s, s.Config)
	for _, f := range after.Findings() {
		key := string(f.Code) + f.Message
		if before[key]--; before[key] < 0 && f.Severity <= Warning && !slices.Contains(except, f.Code) {
			return refuse("afterwards this would be wrong in line %d: %s", after.line(f.Range), strings.TrimSuffix(f.Message, "."))
		}
	}
	return nil
}

// plural counts things for a title.
func plural(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}
