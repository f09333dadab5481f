package validate_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/catalog/validate"
	"github.com/nf-lsp/nf-lsp/internal/catalog/validate/oracle"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/schemas"
)

// compare fails where the walker and the published schema do not agree.
func compare(t testing.TB, name, schema string, id catalog.SchemaID, text string) {
	t.Helper()
	if err := oracle.Compare(schema, id, text); err != nil {
		t.Errorf("%s: %v", name, err)
	}
}

// problems lists what the walker says about a text.
func problems(t testing.TB, text string, id catalog.SchemaID, opts validate.Options) []validate.Problem {
	t.Helper()
	var list []validate.Problem
	validate.Value(syntax.Parse(text).Root(), id, opts, func(p validate.Problem) {
		if p.Message == "" || p.Code == "" || p.Range.Start < 0 || p.Range.End > len(text) || p.Range.Start > p.Range.End {
			t.Errorf("a problem is not complete: %+v", p)
		}
		list = append(list, p)
	})
	return list
}

// publishedCompiler compiles the schemas of a folder by the addresses that they are published at.
func publishedCompiler(dir string) *jsonschema.Compiler {
	c := jsonschema.NewCompiler()
	c.Draft = jsonschema.Draft2020
	c.LoadURL = func(url string) (io.ReadCloser, error) {
		return os.Open(filepath.Join(dir, strings.TrimPrefix(url, schemas.Base)))
	}
	return c
}

// The schemas as they lie in the repository, those of outputs included.
func TestPublishedSchemasCompile(t *testing.T) {
	const dir = "../../../schemas"
	c := publishedCompiler(dir)
	for _, sub := range []string{"definitions", "nodes", "documents", "outputs"} {
		files, err := filepath.Glob(filepath.Join(dir, sub, "*.json"))
		if err != nil || len(files) == 0 {
			t.Fatal(sub, err)
		}
		for _, f := range files {
			if _, err := c.Compile(schemas.Base + sub + "/" + filepath.Base(f)); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestSnippetsAreRight(t *testing.T) {
	for _, k := range catalog.Kinds() {
		if k.Snippet == "" {
			t.Errorf("%s has no snippet", k.Name)
			continue
		}
		for _, p := range problems(t, k.Snippet, k.Node, validate.Options{}) {
			t.Errorf("%s: %s", k.Name, p.Message)
		}
		compare(t, k.Name, "nodes/"+k.Name, k.Node, k.Snippet)
	}
}
