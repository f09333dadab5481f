package analysis_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// BenchmarkNavigation asks about a template of about 200 KB, in its middle.
func BenchmarkNavigation(b *testing.B) {
	const nodes = 1500
	var text strings.Builder
	text.WriteString(`{"apiVersion":"v1.2","name":"Shop","arguments":{"A":1},"spec":{"kind":"Workflow","spec":{"type":"sequential","steps":[{"kind":"Project","ref":"p"}`)
	for i := range nodes {
		fmt.Fprintf(&text, ",\n{ \"kind\": \"Volume\", \"ref\": \"v%d\",\n  \"spec\": {\n    \"name\": \"${fn.toLower(args.A)}-%d\",\n    \"projectId\": \"${refs.p.id}\", \"mounts\": [ { \"path\": \"${refs.v%d.id}\" } ]\n  }\n}", i, i, i)
	}
	text.WriteString("]}}}")
	s := analysis.NewSnapshot(syntax.Parse(text.String()), nil, nil)
	at := strings.Index(text.String(), fmt.Sprintf("refs.v%d.", nodes/2)) + len("refs.")
	everywhere := strings.Index(text.String(), `"ref":"p"`) + len(`"ref":"`)
	for _, ask := range []struct {
		name string
		call func() int
	}{
		{"definition", func() int { _, targets := s.Definition(at); return len(targets) }},
		{"references of one", func() int { return len(s.References(at, true)) }},
		{"references of all", func() int { return len(s.References(everywhere, true)) }},
		{"rename of all", func() int { edits, _ := s.Rename(everywhere, "other"); return len(edits) }},
		{"symbols", func() int { return len(s.Symbols()) }},
		{"folds", func() int { return len(s.Folds()) }},
		{"selection", func() int { return len(s.Selection(at)) }},
	} {
		b.Run(ask.name, func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				if ask.call() == 0 {
					b.Fatal("nothing was found")
				}
			}
		})
	}
}
