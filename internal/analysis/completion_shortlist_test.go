package analysis_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// A list that shows a few items has those that the whole list has, narrowed down,
// sorted and cut, wherever it is asked for and whatever is typed already.
func TestAShortListIsTheBeginningOfTheWhole(t *testing.T) {
	cut := 0
	for _, text := range manyReferences() {
		s := analysis.NewSnapshot(syntax.Parse(text), nil, nil)
		for at := range text {
			if at > 0 && !strings.ContainsRune(".'$", rune(text[at-1])) && at%5 > 0 {
				continue
			}
			all := s.Complete(at)
			for _, most := range []int{1, 4} {
				got, whole := s.CompleteMost(at, 0, most)
				want := all
				if len(all) > most {
					want = slices.DeleteFunc(slices.Clone(all), func(i analysis.CompletionItem) bool {
						return !analysis.Matches(i.Filter, text[i.Range.Start:at])
					})
					slices.SortStableFunc(want, func(a, b analysis.CompletionItem) int { return strings.Compare(a.Sort, b.Sort) })
					want = want[:min(len(want), most)]
					cut++
				}
				if diff := cmp.Diff(want, got); diff != "" || whole != (len(all) <= most) {
					t.Fatalf("of %d items %d, whole: %v, at %q (-want +got):\n%s", len(all), most, whole, text[max(0, at-60):at]+"^"+text[at:min(len(text), at+20)], diff)
				}
			}
		}
	}
	if cut < 100 {
		t.Errorf("only %d lists were cut", cut)
	}
}

// manyReferences are templates in which references stand at all places and names
// are written in all ways.
func manyReferences() (texts []string) {
	for _, typed := range []string{
		"", "$", "shop", "${", "${re", "${refs.", "${refs.b", "${refs.a b", "${refs['", "${refs['a", "${refs[a", "${fn.get(refs, 'a", "${fn.lower(refs.d", `\u0024{refs.a`, `${refs.\u0061`,
		"${template.refs.x", "${loop.", "${refs.loop.", "${refs.a.id} ${refs.z}",
	} {
		texts = append(texts, fmt.Sprintf(`{"apiVersion":"v1.2","name":"x","arguments":{"A":1},
"teardownSpec":{"spec":{"kind":"Workflow","spec":{"type":"sequential","steps":[{"kind":"Project","ref":"gone","spec":{"name":"a"}}]}}},
"spec":{"kind":"Workflow","ref":"a b","spec":{"type":"sequential","steps":[
{"kind":"Project","ref":"y","spec":{}},{"kind":"Project","ref":"x","spec":{}},{"kind":"Project","ref":"b","spec":{"name":"b"}},{"kind":"Project","ref":"b","spec":{"name":"shop"}},{"kind":"Project","spec":{"name":"shop"}},{"kind":"Addon","ref":"shop","spec":{}},
{"kind":"LoopWorkflow","ref":"loop","spec":{"iterations":[{"name":"n"}],"steps":[{"kind":"Workflow","spec":{"type":"parallel","steps":[
{"kind":"Project","ref":"döner's","spec":{"name":"d"}},
{"kind":"SecretGroup","ref":"me","spec":{"name":"%s","projectId":"%s"}},{"kind":"Project","ref":"d","spec":{"name":"d"}}]}}]}},
{"kind":"Project","ref":"z","spec":{"name":"z"}},{"kind":"Project","ref":"a \"q\"","spec":{"name":"z"}}]}}}`, typed, typed))
	}
	return texts
}
