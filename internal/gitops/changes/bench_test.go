package changes

import (
	"fmt"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// BenchmarkMarks is what an edit costs in a template of many nodes, once it has rested: in a
// text that was followed, and in one that is looked at anew.
func BenchmarkMarks(b *testing.B) {
	for _, nodes := range []int{50, 5000} {
		var text strings.Builder
		text.WriteString(`{"apiVersion":"v1.2","name":"Shop","spec":{"kind":"Workflow","spec":{"type":"sequential","steps":[`)
		for i := range nodes {
			if i > 0 {
				text.WriteString(",")
			}
			fmt.Fprintf(&text, `{"kind":"Addon","ref":"db%d","spec":{"name":"Database %d","type":"redis","version":"7","billing":{"storage":4096,"replicas":1}}}`, i, i)
		}
		text.WriteString("]}}}")
		source := text.String()
		at := strings.Index(source, "4096")
		base, tree := Of(syntax.Parse(source)), syntax.Parse(source)
		doc := template.Build(tree, nil)
		v := OfDocument(doc, nil)
		lines := tree.Lines()
		b.Run(fmt.Sprintf("%d nodes/edited", nodes), func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				b.StopTimer() // the tree and the document are made for everybody
				lines = lines.Edit(syntax.Range{Start: at, End: at + 4}, fmt.Sprint(1000+i%9000))
				tree = tree.Follow(lines)
				doc = template.Build(tree, doc)
				b.StartTimer()
				v = OfDocument(doc, v)
				if n := len(base.Marks(v)); n > 1 {
					b.Fatalf("%d changes", n)
				}
			}
		})
		b.Run(fmt.Sprintf("%d nodes/anew", nodes), func(b *testing.B) {
			for b.Loop() {
				base.Marks(OfDocument(doc, nil))
			}
		})
	}
}
