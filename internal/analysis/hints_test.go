package analysis_test

import (
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// hinted returns the text with its hints in it, in double angles.
func hinted(text string, within syntax.Range, kinds analysis.HintKinds) string {
	var b strings.Builder
	at := 0
	for _, h := range analysis.NewSnapshot(syntax.Parse(text), nil, nil).Hints(within, kinds) {
		b.WriteString(text[at:h.Offset] + "‹" + h.Label + "›")
		at = h.Offset
	}
	return b.String() + text[at:]
}

func TestHints(t *testing.T) {
	const start, end = `{"apiVersion":"v1.2","name":"Shop","project":{"id":"shop"},"spec":{"kind":"Workflow","spec":{"type":"sequential","steps":[`, `]}}}`
	tests := []struct {
		name  string
		kinds analysis.HintKinds
		text  string // with the hints in it
	}{
		{"a constant", analysis.HintValues, `"${fn.slug('My Shop')}"‹= "my-shop"›`},
		{"a constant keeps its type", analysis.HintValues, `"${fn.length('abc')}"‹= 3›`},
		{"a string joined of constants", analysis.HintValues, `"x-${fn.toUpper('é😀')}"‹= "x-É😀"›`},
		{"a constant part of a string that is none", analysis.HintValues, `"é${args.A}-${fn.toUpper('é😀')}‹= "É😀"›-${'a'}"`},
		{"what depends on an argument is none", analysis.HintValues, `"${fn.slug(args.A)}"`},
		{"what differs from run to run is none", analysis.HintValues, `"${fn.randomString(8)}"`},
		{"half-typed text is none", analysis.HintValues, `"${fn.slug('a'"`},
		{"a runtime value is none", analysis.HintValues, `"${{ A }}"`},
		{"a long value is cut", analysis.HintValues, `"${fn.toUpper('abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz')}"‹= "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKL…›`},
		{"parameters of literals, through escapes", analysis.HintParameters, `"é${fn.if(args.A, ‹then:›\"a\", ‹else:›1)}"`},
		{"the only parameter has no hint", analysis.HintParameters, `"${fn.slug('a')}"`},
		{"the names of repeated parameters stand once", analysis.HintParameters, `"${fn.eq(args.A, refs.b.c)}"`},
		{"the project of the document", analysis.HintContext, `{"kind":"Addon"‹in shop›,"spec":{"name":"db"}}`},
		{"a project of its own", analysis.HintContext, `{"kind":"Addon","spec":{"name":"db","projectId":"x"}}`},
		{"the project of a workflow", analysis.HintContext, `{"kind":"Workflow","spec":{"type":"parallel","context":{"projectId":"${refs.p.id}"},"steps":[{"kind":"Addon"‹in ${refs.p.id}›,"spec":{}}]}}`},
		{"a kind without a project", analysis.HintContext, `{"kind":"Project","spec":{"name":"x"}}`},
		{"a plan", analysis.HintCost, `{"kind":"Addon","spec":{"billing":{"deploymentPlan":"nf-compute-20"‹$5.40 a month›}}}`},
		{"a plan of several instances", analysis.HintCost, `{"kind":"CombinedService","spec":{"billing":{"deploymentPlan":"nf-compute-20"‹3 × $5.40 = $16.20 a month›},"deployment":{"instances":3}}}`},
		{"none at all", analysis.HintCost, `{"kind":"DeploymentService","spec":{"billing":{"deploymentPlan":"nf-compute-20"‹0 × $5.40 = $0.00 a month›},"deployment":{"instances":0}}}`},
		{"instances that only a run knows", analysis.HintCost, `{"kind":"CombinedService","spec":{"billing":{"deploymentPlan":"nf-compute-20"‹$5.40 a month each›},"deployment":{"instances":"${args.N}"}}}`},
		{"a plan of the team's own", analysis.HintCost, `{"kind":"Addon","spec":{"billing":{"deploymentPlan":"ours"}}}`},
		{"a plan that an expression names", analysis.HintCost, `{"kind":"Addon","spec":{"billing":{"deploymentPlan":"${args.PLAN}"}}}`},
		{"a job does not run all the time", analysis.HintCost, `{"kind":"CronJob","spec":{"billing":{"deploymentPlan":"nf-compute-20"}}}`},
		{"all kinds but this one", analysis.AllHints &^ analysis.HintCost, `{"kind":"Addon"‹in shop›,"spec":{"name":"${fn.if(‹boolean:›true,‹then:›'a')}"‹= "a"›,"billing":{"deploymentPlan":"nf-compute-20"}}}`},
	}
	hints := func(s string) string {
		for {
			before, rest, ok := strings.Cut(s, "‹")
			if !ok {
				return s
			}
			_, after, _ := strings.Cut(rest, "›")
			s = before + after
		}
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := tt.text
			if strings.HasPrefix(want, `"`) {
				want = `{"kind":"Project","spec":{"name":` + want + `}}`
			}
			want = start + want + end
			text := hints(want)
			if got := hinted(text, syntax.Range{End: len(text)}, tt.kinds); got != want {
				t.Errorf("got\n%s\nwant\n%s", got[len(start):], want[len(start):])
			}
		})
	}
}

func TestHintsKeepToTheirRange(t *testing.T) {
	text := inTemplate(`"${fn.slug('A')}", "name2": "${fn.slug('B')}"`)
	at := strings.Index(text, "'B'")
	if got := hinted(text, syntax.Range{Start: at, End: at + 20}, analysis.AllHints); strings.Count(got, "‹") != 1 || !strings.Contains(got, `‹= "b"›`) {
		t.Errorf("got %s", got)
	}
	if got := hinted(`{"a":"${fn.slug('A')}"}`, syntax.Range{End: 20}, analysis.AllHints); strings.Contains(got, "‹") {
		t.Errorf("in foreign JSON: %s", got)
	}
}
