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
// one at a time: the finding is gone, and no other has come.
func TestEveryFixMendsItsFinding(t *testing.T) {
	fixes := 0
	everyCase(t, func(t *testing.T, c *testCase) {
		whole := syntax.Range{End: len(c.text)}
		before := c.snapshot.QuickFixes(whole)
		for _, fix := range before {
			fixes++
			text, err := edit.Apply(c.text, fix.Edits)
			if err != nil {
				t.Errorf("%q: %v", fix.Title, err)
				continue
			}
			findings, after := c.snapshot.Findings(), analysis.NewSnapshot(syntax.Parse(text), nil, c.snapshot.Config).Findings()
			if count(after, fix.Finding) >= count(findings, fix.Finding) {
				t.Errorf("%q leaves %q in\n%s", fix.Title, fix.Finding.Message, text)
			}
			for _, f := range after {
				if hides[fix.Finding.Code] {
					break
				}
				if strings.HasPrefix(fix.Title, "Remove ") && f.Code == analysis.CodeUnusedArgument {
					continue // what is removed was its use
				}
				if count(after, f) > count(findings, f) {
					t.Errorf("%q of %s brings %s: %s in\n%s", fix.Title, fix.Finding.Code, f.Code, f.Message, text)
				}
			}
		}
	})
	if fixes < 10 {
		t.Errorf("only %d fixes were applied", fixes)
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
