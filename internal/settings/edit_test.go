package settings

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
	"github.com/nf-lsp/nf-lsp/internal/syntax/format"
)

func TestASuppressionIsAddedAsTheFileIsWritten(t *testing.T) {
	inNode := analysis.Suppression{Code: "unknown-plan", Node: "database"}
	tests := []struct {
		name, text, path string
		suppression      analysis.Suppression
		want             string
	}{
		{"behind the others", `{
	"diagnostics": {
		"suppressions": [
			{ "file": "/a.json", "code": "unused-ref" } // ours
		],
	"severity": {}}
}`, "infra/shop.json", inNode, `{
	"diagnostics": {
		"suppressions": [
			{ "file": "/a.json", "code": "unused-ref" }, // ours
			{ "file": "/infra/shop.json", "node": "database", "code": "unknown-plan" }
		],
	"severity": {}}
}`},
		{"into an empty list", `{"diagnostics": {"suppressions": []}}`, "a.json", analysis.Suppression{Code: "unused-ref"},
			`{"diagnostics": {"suppressions": [{"file": "/a.json", "code": "unused-ref"}]}}`},
		{"where there is no list yet", "{\r\n    \"diagnostics\": {\r\n        \"severity\": {}\r\n    }\r\n}\r\n", "a.json", analysis.Suppression{Code: "unused-ref"},
			"{\r\n    \"diagnostics\": {\r\n        \"severity\": {},\r\n        \"suppressions\": [\r\n            {\r\n                \"file\": \"/a.json\",\r\n                \"code\": \"unused-ref\"\r\n            }\r\n        ]\r\n    }\r\n}\r\n"},
		{"where there is nothing about findings yet", "{\n  \"$schema\": \"x\"\n}\n", "a.json", analysis.Suppression{Code: "unused-ref", Node: "/arguments/a~1b"},
			"{\n  \"$schema\": \"x\",\n  \"diagnostics\": {\n    \"suppressions\": [\n      {\n        \"file\": \"/a.json\",\n        \"node\": \"/arguments/a~1b\",\n        \"code\": \"unused-ref\"\n      }\n    ]\n  }\n}\n"},
		{"into an empty file", "", "a.json", analysis.Suppression{Code: "unused-ref"}, New("a.json", analysis.Suppression{Code: "unused-ref"})},
		{"into a file with nothing but a comment", "// none\n", "a.json", analysis.Suppression{Code: "unused-ref"}, "// none\n" + New("a.json", analysis.Suppression{Code: "unused-ref"})},
		{"beside a member that is not known", `{"future": [1, 2]}`, "a.json", analysis.Suppression{Code: "unused-ref"},
			`{"future": [1, 2], "diagnostics": {"suppressions": [{"file": "/a.json", "code": "unused-ref"}]}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := parse(tt.text)
			path := filepath.Join(root, filepath.FromSlash(tt.path))
			edits, err := f.Suppress(path, tt.suppression)
			if err != nil {
				t.Fatal(err)
			}
			got, err := edit.Apply(tt.text, edits)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			after := parse(got)
			list := after.Config(path, nil).Suppressions
			if len(list) == 0 || *list[len(list)-1] != tt.suppression || after.Invalid() {
				t.Errorf("it does not count: %v, %v", list, after.Findings)
			}
		})
	}
}

func TestNothingIsAddedWhereItWouldNotCount(t *testing.T) {
	path := filepath.Join(root, "a.json")
	for name, text := range map[string]string{
		"mistakes in the syntax":         `{"diagnostics": {"suppressions": [}`,
		"a root that is no object":       `[]`,
		"a section that is no object":    `{"diagnostics": 1}`,
		"suppressions that are no list":  `{"diagnostics": {"suppressions": {}}}`,
		"another value where none is":    `{"diagnostics": {"suppressions": null}}`,
		"two sections of the same name":  `{"diagnostics": {}, "diagnostics": {}}`,
		"two lists of the same name":     `{"diagnostics": {"suppressions": [], "suppressions": []}}`,
		"text behind the settings":       `{} x`,
		"a string that does not close":   `{"diagnostics: {}}`,
		"a comment that does not close":  `{} /*`,
		"a name that has no quotes":      `{diagnostics: {}}`,
		"a template outside of the root": ``,
	} {
		t.Run(name, func(t *testing.T) {
			target := path
			if text == "" {
				target = filepath.FromSlash("/elsewhere/a.json")
			}
			if edits, err := parse(text).Suppress(target, analysis.Suppression{Code: "unused-ref"}); err == nil {
				t.Errorf("got %v", edits)
			}
		})
	}
}

func TestANewFileSuppressesOneThing(t *testing.T) {
	want := analysis.Suppression{Code: "unknown-plan", Node: `a"b`}
	f := parse(New("größe/shop.json", want))
	got := f.Config(filepath.Join(root, "größe", "shop.json"), nil).Suppressions
	if len(f.Findings) > 0 || len(got) != 1 || *got[0] != want || len(format.Document(f.Tree, format.Options{})) > 0 {
		t.Errorf("it holds %v, with %v", got, f.Findings)
	}
}
