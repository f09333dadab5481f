package analysis_test

import (
	"os"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// The page about diagnostics is part of the product: every code links to its
// section. Its examples are run here.
func TestThePageAboutDiagnosticsIsTrue(t *testing.T) {
	data, err := os.ReadFile("../../docs/diagnostics.md")
	if err != nil {
		t.Fatal(err)
	}
	// What is about the settings file is held by that package.
	page, _, _ := strings.Cut(string(data), "\n## The settings file\n")
	sections := map[string]string{}
	var order []string
	for _, s := range strings.Split(page, "\n### ")[1:] {
		code, body, _ := strings.Cut(s, "\n")
		if i := strings.Index(body, "\n## "); i >= 0 {
			body = body[:i]
		}
		sections[code] = body
		order = append(order, code)
	}
	rules := analysis.Rules()
	if len(order) != len(rules) {
		t.Errorf("the page has %d sections, there are %d rules", len(order), len(rules))
	}
	for i, rule := range rules {
		body, ok := sections[string(rule.Code)]
		if !ok {
			t.Errorf("%s has no section", rule.Code)
			continue
		}
		if i < len(order) && order[i] != string(rule.Code) {
			t.Errorf("section %d is %s, the rule there is %s", i, order[i], rule.Code)
		}
		t.Run(string(rule.Code), func(t *testing.T) {
			if want := "Level: " + rule.Severity.String(); !strings.Contains(body, want) {
				t.Errorf("the section does not say %q", want)
			}
			wrong, right := example(body, "Wrong:"), example(body, "Right:")
			if wrong == "" || right == "" {
				t.Fatal("the section needs an example that is wrong and one that is right")
			}
			var cfg *analysis.Config
			if rule.Severity == analysis.Off {
				cfg = &analysis.Config{Severities: map[analysis.Code]analysis.Severity{rule.Code: analysis.Hint}}
			}
			if !reports(t, wrong, rule.Code, cfg) {
				t.Errorf("the wrong example does not get the code; it gets %v", codes(wrong, cfg))
			}
			if got := codes(right, cfg); len(got) > 0 {
				t.Errorf("the right example gets %v", got)
			}
		})
	}
}

// example returns the JSON block behind a heading line of a section.
func example(section, heading string) string {
	_, rest, ok := strings.Cut(section, heading)
	if !ok {
		return ""
	}
	_, rest, ok = strings.Cut(rest, "```json\n")
	if !ok {
		return ""
	}
	block, _, _ := strings.Cut(rest, "```")
	return block
}

func codes(text string, cfg *analysis.Config) []analysis.Code {
	s := analysis.NewSnapshot(syntax.Parse(text), nil, cfg)
	var out []analysis.Code
	for _, f := range s.Findings() {
		out = append(out, f.Code)
	}
	return out
}

func reports(t *testing.T, text string, code analysis.Code, cfg *analysis.Config) bool {
	t.Helper()
	if code == analysis.CodeNotATemplate {
		return !analysis.NewSnapshot(syntax.Parse(text), nil, nil).IsTemplate()
	}
	for _, c := range codes(text, cfg) {
		if c == code {
			return true
		}
	}
	return false
}
