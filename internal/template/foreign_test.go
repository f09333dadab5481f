package template_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

func TestWhatHasNoSignOfATemplateIsNone(t *testing.T) {
	tests := []struct {
		name, text string
		want       bool
	}{
		{"a node", `{"kind":"Project"}`, true},
		{"a bare name", `{kind:Project}`, true},
		{"a name whose quote is missing", "{\"kind\n:", true},
		{"a name whose quote is missing, and JSON behind it", "{\"kind, {\n", true},
		{"a name behind a comment", `{/**/kind/**/:1}`, true},
		{"a name of escapes", `{"\u006bind":1}`, true},
		{"a schema", `{"$schema":"https://api.northflank.com/v1/schemas/template"}`, true},
		{"a schema with escaped slashes", `{"$schema":"https:\/\/api.northflank.com\/v1\/schemas\/template"}`, true},
		{"a version", `{"apiVersion":"v1"}`, true},
		{"half an escape at the end", `{"\u00`, true},
		{"a name of a package", `{"node_modules/kind-of":{"resolved":"https://r.example.com/kind/-/kind.tgz","unkind":1}}`, false},
		{"an escape of a sign", `{"node":"\u003e=12 \u0026"}`, false},
		{"other schemas", `{"$schema":"https://json.schemastore.org/package.json","x":"/schemas/y"}`, false},
		{"nothing", ``, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := template.MayBe(tt.text); got != tt.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestTemplatesHaveASign(t *testing.T) {
	dirs := []string{"../../testdata", os.Getenv("NF_CORPUS")}
	for _, dir := range dirs {
		if dir == "" {
			continue
		}
		err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
			if err != nil || entry.IsDir() || filepath.Ext(path) != ".json" {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			tree := syntax.Parse(string(text))
			if template.Build(tree, nil).Type != template.None && !template.MayBe(string(text)) {
				t.Errorf("%s is a template", path)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// Whatever is typed into a text without a sign: either it still has none, or it
// is noticed at the edit.
func FuzzMayBecome(f *testing.F) {
	f.Add(`{"kinds": ["Project"]}`, 6, 7, "")
	f.Add(`{"nd": "Project"}`, 2, 2, "ki")
	f.Add(`{"a/kind/b": {}}`, 3, 4, `","`)
	f.Add(`{"a": "`+strings.Repeat("x", 40)+`\u00"}`, 50, 50, "6")
	f.Add(`[{ apiVersio: "v1" }]`, 12, 12, "n")
	f.Fuzz(func(t *testing.T, text string, start, end int, inserted string) {
		start = min(max(start, 0), len(text))
		end = min(max(end, start), len(text))
		lines := syntax.NewLines(text).Edit(syntax.Range{Start: start, End: end}, inserted)
		after := lines.Text()
		if template.Build(syntax.Parse(after), nil).Type != template.None && !template.MayBe(after) {
			t.Fatalf("%q is a template without a sign", after)
		}
		if template.MayBe(text) {
			return
		}
		if got := template.MayBecome(lines, syntax.Range{Start: start, End: start + len(inserted)}); got != template.MayBe(after) {
			t.Fatalf("%v is said of %q, made from %q", got, after, text)
		}
	})
}
