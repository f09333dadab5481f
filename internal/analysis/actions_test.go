package analysis_test

import (
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
)

// TestEveryFixMendsItsFinding applies every fix of every finding in the cases,
// one at a time: the finding is gone, no other has come, and nothing else has
// changed than what the fix is for. Every rule that has fixes has some in the
// cases.
func TestEveryFixMendsItsFinding(t *testing.T) {
	fixed := map[analysis.Code]int{}
	everyCase(t, func(t *testing.T, c *testCase) {
		for _, f := range c.snapshot.Findings() {
			for _, fix := range c.snapshot.Fixes(f) {
				fixed[f.Code]++
				c.mends(t, f, fix)
			}
		}
	})
	for _, rule := range analysis.Rules() {
		if unfixable[rule.Code] == "" && fixed[rule.Code] == 0 {
			t.Errorf("no fix of %s was applied", rule.Code)
		}
	}
	for code := range elsewhere {
		if fixed[code] == 0 {
			t.Errorf("%s has no fixes that could have a purpose", code)
		}
	}
}

// mends applies a fix of a finding.
func (c *testCase) mends(t *testing.T, f analysis.Finding, fix analysis.Fix) {
	t.Helper()
	text, err := edit.Apply(c.text, fix.Edits)
	if err != nil {
		t.Errorf("%q: %v", fix.Title, err)
		return
	}
	after := analysis.NewSnapshot(syntax.Parse(text), nil, c.snapshot.Config)
	if count(after.Findings(), f) >= count(c.snapshot.Findings(), f) {
		t.Errorf("%q leaves %q in\n%s", fix.Title, f.Message, text)
	}
	for _, now := range after.Findings() {
		if hides[f.Code] {
			break
		}
		if strings.HasPrefix(fix.Title, "Remove ") && now.Code == analysis.CodeUnusedArgument {
			continue // what is removed was its use
		}
		if count(after.Findings(), now) > count(c.snapshot.Findings(), now) {
			t.Errorf("%q of %s brings %s: %s in\n%s", fix.Title, f.Code, now.Code, now.Message, text)
		}
	}
	if f.Code == analysis.CodeSyntaxError {
		// The text means something else now; what is written in it is the same.
		without := c.text[:f.Range.Start] + c.text[f.Range.End:]
		if got := wordsOf(text); got != wordsOf(c.text) && got != wordsOf(without) {
			t.Errorf("%q changes more than brackets, quotes and commas:\n%s", fix.Title, text)
		}
		return
	}
	found := differences(c.snapshot.Tree.Root(), after.Tree.Root())
	if len(found) == 0 {
		t.Errorf("%q of %s changes nothing", fix.Title, f.Code)
	}
	for _, pointer := range outside(found, elsewhere[f.Code], fix.Title, placeOf(c.snapshot, f)) {
		t.Errorf("%q of %s also changes %s, in\n%s", fix.Title, f.Code, pointer, text)
	}
}

// hides are the rules whose findings keep others back: what cannot be read is
// not judged.
var hides = map[analysis.Code]bool{
	analysis.CodeSyntaxError: true, analysis.CodeExpressionSyntax: true, analysis.CodeUnknownKind: true, analysis.CodeUnknownFunction: true,
}

func count(findings []analysis.Finding, like analysis.Finding) int {
	n := 0
	for _, f := range findings {
		if f.Code == like.Code && f.Message == like.Message {
			n++
		}
	}
	return n
}

// everyCase calls do for each template of testdata.
func everyCase(t *testing.T, do func(t *testing.T, c *testCase)) {
	t.Helper()
	for _, f := range caseFiles(t) {
		archive, err := txtar.ParseFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, section := range archive.Files {
			name, ok := strings.CutSuffix(section.Name, ".json")
			if !ok {
				continue
			}
			t.Run(strings.TrimSuffix(filepath.Base(f), ".txtar")+": "+name, func(t *testing.T) {
				do(t, parseCase(t, string(section.Data), settingsOf(t, archive)))
			})
		}
	}
}

func TestQuickFixesStandWhereTheirFindingDoes(t *testing.T) {
	const text = `{"apiVersion":"v1","name":"Shop","spec":{"kind":"Workflw","spec":{"type":"sequential","steps":[]}}}`
	s := analysis.NewSnapshot(syntax.Parse(text), nil, nil)
	at := strings.Index(text, "Workflw")
	here := s.QuickFixes(syntax.Range{Start: at, End: at})
	if len(here) == 0 || !here[0].Preferred || here[0].Finding.Code != "unknown-kind" {
		t.Fatalf("at the kind: %+v", here)
	}
	for _, f := range here[1:] {
		if f.Preferred && f.Finding.Range == here[0].Finding.Range {
			t.Errorf("two are preferred: %+v", here)
		}
	}
	name := strings.Index(text, "Shop")
	if got := s.QuickFixes(syntax.Range{Start: name, End: name + 4}); len(got) != 0 {
		t.Errorf("at the name: %+v", got)
	}
	foreign := analysis.NewSnapshot(syntax.Parse(`{"name": x,,}`), nil, nil)
	if got := foreign.QuickFixes(syntax.Range{End: 12}); got != nil {
		t.Errorf("in foreign JSON: %+v", got)
	}
}

func TestWhereManyRefsAreMissingNoneIsOffered(t *testing.T) {
	offered := func(missing int) int {
		var steps strings.Builder
		for range missing {
			steps.WriteString(`, {"kind": "Build", "spec": {"id": "web", "type": "service", "branch": "${refs.other.branch}"}}`)
		}
		text := `{"apiVersion": "v1.2", "name": "Shop", "spec": {"kind": "Workflow", "spec": {"type": "sequential", "context": {"projectId": "shop"}, "steps": [` +
			`{"kind": "Build", "ref": "build", "spec": {"id": "web", "type": "service", "branch": "main"}}` + steps.String() + `]}}}`
		s := analysis.NewSnapshot(syntax.Parse(text), nil, nil)
		return len(s.QuickFixes(syntax.Range{End: len(text)}))
	}
	if n := offered(20); n != 20 {
		t.Errorf("for 20 there are %d", n)
	}
	if n := offered(21); n != 0 {
		t.Errorf("for 21 there are %d", n)
	}
}
