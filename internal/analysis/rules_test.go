package analysis_test

import (
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
)

// unfixable are the rules whose mistakes only their author can mend.
var unfixable = map[analysis.Code]string{
	analysis.CodeNotATemplate:   "what the file was meant to be is not known",
	analysis.CodeReferenceCycle: "which of the nodes may do without the other is not known",
}

// TestEveryRuleHasItsCases holds testdata/rules to its form: a file for each
// rule, with cases that are right, wrong and half-typed, of which the wrong ones
// alone get the rule's finding, and with its fixes.
func TestEveryRuleHasItsCases(t *testing.T) {
	for _, rule := range analysis.Rules() {
		t.Run(string(rule.Code), func(t *testing.T) {
			archive, err := txtar.ParseFile("testdata/rules/" + string(rule.Code) + ".txtar")
			if err != nil {
				t.Fatal(err)
			}
			cases, fixes := map[string]int{}, 0
			for _, section := range archive.Files {
				if word, about, _ := strings.Cut(section.Name, " "); word == "fix" || word == "fixes" {
					fixes++
					if !strings.HasPrefix(about, string(rule.Code)) {
						t.Errorf("%q is about another rule", section.Name)
					}
					continue
				}
				kind, _, _ := strings.Cut(section.Name, ":")
				cases[kind]++
				if kind == "half-typed" && halfTypedFindings[rule.Code] {
					continue
				}
				if marked := strings.Contains(string(section.Data), " "+string(rule.Code)+":"); marked != (kind == "wrong") {
					t.Errorf("%q has the finding: %v", section.Name, marked)
				}
			}
			for _, kind := range []string{"right", "wrong", "half-typed"} {
				if cases[kind] == 0 {
					t.Errorf("no case is %s", kind)
				}
				delete(cases, kind)
			}
			for kind := range cases {
				t.Errorf("a case starts with %q", kind)
			}
			switch why, ok := unfixable[rule.Code]; {
			case ok && fixes > 0:
				t.Errorf("it has a fix, although %s", why)
			case !ok && fixes == 0:
				t.Error("it has no fix")
			}
		})
	}
}

// halfTypedFindings are the rules that speak of what is half-typed.
var halfTypedFindings = map[analysis.Code]bool{
	analysis.CodeSyntaxError: true, analysis.CodeExpressionSyntax: true, analysis.CodeUnknownRoot: true,
}
