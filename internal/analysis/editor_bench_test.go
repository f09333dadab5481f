package analysis_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// largeTemplate has about 200 KB and an expression in every node.
func largeTemplate() string {
	var b strings.Builder
	b.WriteString(`{"apiVersion":"v1.2","name":"Shop","project":{"id":"shop"},"arguments":{"A":"x"},"spec":{"kind":"Workflow","spec":{"type":"sequential","steps":[` + "\n")
	for i := range 1000 {
		if i > 0 {
			b.WriteString(",\n")
		}
		fmt.Fprintf(&b, `{"kind":"Addon","ref":"db-%d","spec":{"name":"db-%d","description":"${fn.if(args.A, 'a', fn.slug('B C'))} \u00e9 ${refs.db-%d.id}","billing":{"deploymentPlan":"nf-compute-20","replicas":2}}}`, i, i, max(0, i-1))
	}
	b.WriteString("]}}}")
	return b.String()
}

func BenchmarkTokens(b *testing.B) {
	text := largeTemplate()
	s := analysis.NewSnapshot(syntax.Parse(text), nil, nil)
	for b.Loop() {
		s.Tokens(syntax.Range{End: len(text)})
	}
}

func BenchmarkHints(b *testing.B) {
	text := largeTemplate()
	s := analysis.NewSnapshot(syntax.Parse(text), nil, nil)
	b.Run("of everything", func(b *testing.B) {
		for b.Loop() {
			s.Hints(syntax.Range{End: len(text)}, analysis.AllHints)
		}
	})
	b.Run("of what is on the screen", func(b *testing.B) {
		for b.Loop() {
			s.Hints(syntax.Range{Start: len(text) / 2, End: len(text)/2 + 4000}, analysis.AllHints)
		}
	})
}

func BenchmarkLenses(b *testing.B) {
	s := analysis.NewSnapshot(syntax.Parse(largeTemplate()), nil, nil)
	for b.Loop() {
		s.Lenses()
	}
}

// The list of all kinds of nodes with what they need, which comes wherever a step
// may stand.
func BenchmarkNodes(b *testing.B) {
	text := largeTemplate()
	at := strings.Index(text, "\n{") + 1
	s := analysis.NewSnapshot(syntax.Parse(text[:at]+"    \n"+text[at:]), nil, nil)
	b.Run("asked for again", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if len(s.Complete(at+4)) < 40 {
				b.Fatal("no list of kinds")
			}
		}
	})
	b.Run("behind a letter", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			edit := syntax.Edit{Range: syntax.Range{Start: at, End: at + i%2}, NewText: []string{" ", ""}[i%2]}
			s = analysis.NewSnapshot(s.Tree.Edit(edit), s, nil)
			if len(s.Complete(at+4)) < 40 {
				b.Fatal("no list of kinds")
			}
		}
	})
}

// The list of what can be referred to in a template of 5 MB, of which editors show
// a part.
func BenchmarkReferences(b *testing.B) {
	var steps strings.Builder
	for i := range 44_000 {
		fmt.Fprintf(&steps, `{"kind":"Project","ref":"p%d","spec":{"name":"Shop %d","region":"europe-west","description":"one of many"}},`+"\n", i, i)
	}
	for _, typed := range []string{"", "${refs.", "${refs.p12"} {
		b.Run(typed, func(b *testing.B) {
			text := `{"apiVersion":"v1.2","name":"Shop","spec":{"kind":"Workflow","spec":{"type":"sequential","steps":[` + "\n" +
				steps.String() + `{"kind":"SecretGroup","spec":{"projectId":"` + typed
			s := analysis.NewSnapshot(syntax.Parse(text+`"}}]}}}`), nil, nil)
			b.ReportAllocs()
			for b.Loop() {
				if items, whole := s.CompleteMost(len(text), 0, 1000); whole || len(items) != 1000 {
					b.Fatalf("%d items, whole: %v", len(items), whole)
				}
			}
		})
	}
}
