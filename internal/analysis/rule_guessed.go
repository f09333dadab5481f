package analysis

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// Some files have the outline of a template and nothing else of it: somebody, or
// some program, guessed the format from others. One finding that says so helps
// more than dozens about the parts.

// fewestGuesses is how many things have to be strange; as many are told.
const fewestGuesses = 3

// strange marks a finding about something that no slip of the keyboard explains
// and that is not merely missing, as most is while a file is written: a property,
// a kind or a root that there is not and that has no likeness to any.
func strange(n *note) { n.strange = true }

// judge returns the findings that are shown: those that are not suppressed or, of a
// document whose format is guessed, the one that says so.
func (s *Snapshot) judge(findings []Finding) ([]Finding, map[*Suppression]int) {
	f, ok := s.guessed(findings)
	if !ok {
		return s.suppress(findings)
	}
	one, hidden := s.suppress([]Finding{f})
	if len(one) > 0 {
		if !s.misread() {
			return one, nil
		}
		// The syntax is wrong in any format.
		wrong, _ := s.suppress(slices.DeleteFunc(slices.Clone(findings), func(f Finding) bool { return f.Code != CodeSyntaxError }))
		return append(one, wrong...), nil
	}
	rest, more := s.suppress(findings) // who does not want to hear of it hears of the parts
	maps.Copy(hidden, more)
	return rest, hidden
}

// guessed returns the one finding about a document whose format is guessed: every
// node in it that is no workflow, or the one workflow, has something strange, and
// the platform refuses it in any case. A property of people's own in each node is
// one thing, however often it stands there, and may be right. Nodes with a mistake
// in their syntax say nothing, as long as most have none: little is told of them.
func (s *Snapshot) guessed(findings []Finding) (Finding, bool) {
	level := s.Config.severity(CodeNotATemplate, Error)
	if level == Off || s.Doc.Type == template.Fragment {
		return Finding{}, false
	}
	var odd []Finding
	refused := false
	for _, f := range findings {
		if f.strange {
			odd = append(odd, f)
		}
		refused = refused || f.Severity == Error
	}
	if len(odd) < fewestGuesses || !refused {
		return Finding{}, false
	}
	seen := map[*template.Node]bool{}
	for _, f := range odd {
		seen[s.Doc.NodeAt(f.Range.Start)] = true
	}
	unclear, clear := 0, 0
	for n := range s.Doc.All() {
		switch {
		case n.HasSteps() || n.HasNested():
		case n.Value().HasErrors():
			unclear++
		case seen[n]:
			clear++
		default:
			return Finding{}, false
		}
	}
	if unclear > 0 && unclear >= clear {
		return Finding{}, false
	}
	root := s.Doc.Root.Range()
	f := Finding{Code: CodeNotATemplate, Severity: level, Range: syntax.Range{Start: root.Start, End: root.Start + 1}}
	var things, told []string
	for _, o := range odd {
		if thing := s.Tree.Slice(o.Range); len(things) < fewestGuesses && !has(things, thing) {
			things, told = append(things, thing), append(told, factOf(o.Message))
			f.Related = append(f.Related, Related{o.Range, o.Message})
		}
	}
	if len(told) < fewestGuesses {
		return Finding{}, false
	}
	more := ""
	switch rest := len(odd) - len(told); {
	case rest == 1:
		more = " (and one more place)"
	case rest > 1:
		more = fmt.Sprintf(" (and %d more places)", rest)
	}
	f.Message = "this has the outline of a template, but it is not written in Northflank's format: " + strings.Join(told, ", ") + more +
		". Start from a template that the platform exports, or from the guide \"Write a template\"."
	return f, true
}

// factOf is the part of a message that says what is wrong, without the advice.
func factOf(message string) string {
	for _, advice := range []string{"; ", ": ", ", for instance", ", not with"} {
		message, _, _ = strings.Cut(message, advice)
	}
	return strings.TrimSuffix(message, ".")
}
