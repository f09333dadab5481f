package analysis_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// BenchmarkRefactorings asks which changes there are, as an editor does at each
// step of the cursor, in files of several sizes.
func BenchmarkRefactorings(b *testing.B) {
	large := largeTemplate()
	lines := strings.SplitAfter(large, "\n")
	for _, nodes := range []int{10, 100, 1000} {
		text := strings.Join(lines[:1+nodes], "")
		text = strings.TrimSuffix(text, ",\n")
		if !strings.HasSuffix(text, "]}}}") {
			text += "]}}}"
		}
		s := analysis.NewSnapshot(syntax.Parse(text), nil, nil)
		s.Findings()
		last := strings.LastIndex(text, `{"kind":"Addon"`)
		for _, place := range []string{`Addon`, `nf-compute-20`, `args.A`, `db-`, `"spec"`} {
			at := last + strings.Index(text[last:], place) + len(place) - 1
			b.Run(fmt.Sprintf("%s/%d nodes", strings.Trim(place, `"`), nodes), func(b *testing.B) {
				for b.Loop() {
					s.Refactorings(syntax.Range{Start: at, End: at}, analysis.Question{})
				}
			})
		}
	}
}
