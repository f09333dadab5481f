package settings

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The page about diagnostics is part of the product: every code links to its
// section. Its examples of settings are run here.
func TestThePageAboutDiagnosticsIsTrueOfSettings(t *testing.T) {
	data, err := os.ReadFile("../../docs/diagnostics.md")
	if err != nil {
		t.Fatal(err)
	}
	before, after, ok := strings.Cut(string(data), "\n## The settings file\n")
	if !ok {
		t.Fatal("there is no section about the settings file")
	}
	for _, text := range examples(before) {
		f := parse(text)
		if len(f.Findings) > 0 || len(f.overrides) == 0 || len(f.suppressions) == 0 || len(f.severity) == 0 {
			t.Errorf("the example above the codes has %v", f.Findings)
		}
	}
	sections := strings.Split(after, "\n### ")[1:]
	if len(sections) != len(rules) {
		t.Fatalf("%d sections, %d rules", len(sections), len(rules))
	}
	for i, rule := range rules {
		code, body, _ := strings.Cut(sections[i], "\n")
		if code != string(rule.Code) || !strings.Contains(body, "Level: "+rule.Severity.String()) {
			t.Errorf("section %d is %s", i, code)
		}
		list := examples(body)
		if len(list) != 2 {
			t.Errorf("%s has %d examples", code, len(list))
			continue
		}
		for j, text := range list {
			f := parse(text)
			found := f.Findings
			if rule.Code == CodeUnusedSuppression {
				found = f.Unused(nil, func(matches func(string) bool) bool { return matches(filepath.Join(root, "shop.json")) })
			}
			switch wrong := j == 0; {
			case wrong && (len(found) != 1 || found[0].Code != rule.Code):
				t.Errorf("the wrong example of %s has %v", code, found)
			case !wrong && len(found) > 0:
				t.Errorf("the right example of %s has %v", code, found)
			}
		}
	}
}

// examples returns the settings in a part of the page.
func examples(text string) []string {
	var out []string
	for _, block := range strings.Split(text, "```json settings\n")[1:] {
		block, _, _ = strings.Cut(block, "```")
		out = append(out, block)
	}
	return out
}
