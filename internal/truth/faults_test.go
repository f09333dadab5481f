package truth

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
)

// mutator breaks templates in one way.
type mutator struct {
	code analysis.Code
	// name says what it does.
	name string
	// faults lists all the ways to do it in a template.
	faults func(s *subject) []fault
	// config is for rules that are switched off.
	config *analysis.Config
	// schema says that the published schema alone shows what is wrong.
	schema bool
}

// fault is a template broken in one place.
type fault struct {
	edits []syntax.Edit
	// places are where the finding has to be: in one of them, or a part of it.
	places []place
	// explained are codes of errors that the same fault makes elsewhere.
	explained []analysis.Code
	// beside are codes of further errors in the same place.
	beside []analysis.Code
	// mended says that the first fix has to give back the text as it was.
	mended bool
}

// place finds a stretch of the broken text.
type place func(text string, root syntax.Value) syntax.Range

// subject is a template to break.
type subject struct {
	file
	*analysis.Snapshot
}

// perTemplate is in how many places of one template each mutator is tried; where
// there are more, they are chosen by chance with a fixed seed.
const perTemplate = 20

// TestEveryFaultIsFoundInItsPlace breaks our templates in every way that a rule
// names. The finding has to be there, and nothing else of error level.
func TestEveryFaultIsFoundInItsPlace(t *testing.T) {
	applied := map[string]int{}
	files := templates(t)
	for _, m := range mutators {
		t.Run(string(m.code)+", "+m.name, func(t *testing.T) {
			for _, file := range files {
				s := &subject{file, snapshot(file.text, m.config)}
				for _, f := range s.chosen(m) {
					applied[m.name]++
					s.try(t, m, f)
				}
			}
			if applied[m.name] == 0 {
				t.Error("no template gives an occasion for it")
			}
		})
	}
	var counts []string
	for _, m := range mutators {
		counts = append(counts, fmt.Sprintf("%-28s %4d  %s", m.code, applied[m.name], m.name))
	}
	t.Logf("faults tried:\n%s", strings.Join(counts, "\n"))
}

func TestEveryRuleHasAFault(t *testing.T) {
	known := map[analysis.Code]bool{}
	names := map[string]bool{}
	for _, m := range mutators {
		known[m.code] = true
		if names[m.name] {
			t.Errorf("two mutators are called %q", m.name)
		}
		names[m.name] = true
		if _, ok := analysis.LookupRule(m.code); !ok {
			t.Errorf("%q is for no rule: %s", m.name, m.code)
		}
	}
	for _, r := range analysis.Rules() {
		if !known[r.Code] {
			t.Errorf("nothing breaks a template so that %s has to be reported", r.Code)
		}
	}
}

// chosen lists the faults to try.
func (s *subject) chosen(m *mutator) []fault {
	all := m.faults(s)
	few := perTemplate
	if testing.Short() {
		few = 1
	}
	if len(all) <= few {
		return all
	}
	seed := fnv.New64a()
	seed.Write([]byte(s.name + "\n" + m.name))
	var out []fault
	for _, i := range rand.New(rand.NewPCG(3, seed.Sum64())).Perm(len(all))[:few] {
		out = append(out, all[i])
	}
	return out
}

// try makes a fault and looks at the findings.
func (s *subject) try(t *testing.T, m *mutator, f fault) {
	t.Helper()
	text, err := edit.Apply(s.text, f.edits)
	if err != nil {
		t.Errorf("%s: %v", s.name, err)
		return
	}
	broken := analysis.NewSnapshot(s.Tree.Edit(f.edits...), s.Snapshot, m.config)
	got := findings(broken)
	report := func(format string, args ...any) {
		t.Errorf("%s: %s\nin %s\nfindings: %s", s.name, fmt.Sprintf(format, args...), difference(s.text, text), listed(text, got))
	}
	// What an editor sees, which follows the edits, is what the command sees.
	again := snapshot(text, m.config)
	fresh := findings(again)
	same := func(a, b analysis.Finding) bool {
		return gocmp.Equal(a, b, cmpopts.IgnoreUnexported(analysis.Finding{})) && gocmp.Equal(again.Fixes(a), broken.Fixes(b))
	}
	if !slices.EqualFunc(fresh, got, same) {
		report("what follows the edits differs from what a fresh look says:%s", listed(text, fresh))
	}
	var places []syntax.Range
	for _, p := range f.places {
		places = append(places, p(text, broken.Doc.Root))
	}
	inPlace := func(r syntax.Range) bool {
		return slices.ContainsFunc(places, func(p syntax.Range) bool { return p.Start <= r.Start && r.End <= p.End })
	}
	found := false
	for _, x := range got {
		switch in := inPlace(x.Range); {
		case in && x.Code == m.code:
			found = true
			s.mend(t, m, f, broken, x)
		case x.Severity != analysis.Error:
		case in && slices.Contains(f.beside, x.Code), slices.Contains(f.explained, x.Code):
		default:
			report("not explained: line %d: %s: %s", lineOf(text, x.Range.Start), x.Code, x.Message)
			return
		}
	}
	if !found {
		report("not found; it should be at %s", shown(text, places))
	}
}

// mend applies the fixes of a finding, each by itself.
func (s *subject) mend(t *testing.T, m *mutator, f fault, broken *analysis.Snapshot, x analysis.Finding) {
	t.Helper()
	text, fixes := broken.Tree.Source(), broken.Fixes(x)
	if f.mended && len(fixes) == 0 {
		t.Errorf("%s: nothing mends %s: %s", s.name, x.Code, x.Message)
	}
	for i, fix := range fixes {
		mended, err := edit.Apply(text, fix.Edits)
		if err != nil {
			t.Errorf("%s: %q: %v", s.name, fix.Title, err)
			continue
		}
		if f.mended && i == 0 && mended != s.text {
			t.Errorf("%s: %q for %s does not give back what was there:\n%s", s.name, fix.Title, x.Message, difference(s.text, mended))
		}
		for _, after := range findings(snapshot(mended, m.config)) {
			if after.Code == x.Code && after.Message == x.Message && near(after.Range, x.Range, fix.Edits) {
				t.Errorf("%s: after %q this is still there: %s\nin %s", s.name, fix.Title, after.Message, difference(s.text, mended))
			}
			if after.Code == analysis.CodeSyntaxError && x.Code != analysis.CodeSyntaxError {
				t.Errorf("%s: %q breaks the text: %s", s.name, fix.Title, after.Message)
			}
		}
	}
}

// near reports whether a finding after edits is the one before them.
func near(after, before syntax.Range, edits []syntax.Edit) bool {
	shift := 0
	for _, e := range edits {
		if e.Start < before.Start {
			shift += len(e.NewText) - e.Len()
		}
	}
	return after.Start == before.Start+shift
}

// difference shows the lines in which two texts differ.
func difference(before, after string) string {
	a, b := strings.Split(before, "\n"), strings.Split(after, "\n")
	first := 0
	for first < len(a) && first < len(b) && a[first] == b[first] {
		first++
	}
	last := 0
	for last < len(a)-first && last < len(b)-first && a[len(a)-1-last] == b[len(b)-1-last] {
		last++
	}
	return fmt.Sprintf("line %d:\n- %s\n+ %s", first+1, cut(strings.Join(a[first:len(a)-last], "\n")), cut(strings.Join(b[first:len(b)-last], "\n")))
}

func cut(text string) string {
	if len(text) > 600 {
		return text[:300] + " ... " + text[len(text)-300:]
	}
	return text
}

func listed(text string, findings []analysis.Finding) string {
	var out strings.Builder
	for i, x := range findings {
		if i == 8 {
			fmt.Fprintf(&out, "\n  and %d more", len(findings)-i)
			break
		}
		fmt.Fprintf(&out, "\n  line %d, %q: %s %s: %s", lineOf(text, x.Range.Start), cut(text[x.Range.Start:x.Range.End]), x.Severity, x.Code, x.Message)
	}
	return cmp.Or(out.String(), "none")
}

func shown(text string, places []syntax.Range) string {
	var out []string
	for _, p := range places {
		out = append(out, fmt.Sprintf("line %d: %q", lineOf(text, p.Start), cut(text[p.Start:p.End])))
	}
	return strings.Join(out, ", ")
}
