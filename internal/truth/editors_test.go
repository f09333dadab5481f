package truth

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
	"github.com/nf-lsp/nf-lsp/schemas"
)

// editorSchemas are the schemas that any JSON editor may use, by the paths of
// those that they are made from.
var editorSchemas = sync.OnceValues(func() (map[string]*jsonschema.Schema, error) {
	c := jsonschema.NewCompiler()
	c.Draft = jsonschema.Draft2020
	c.LoadURL = func(url string) (io.ReadCloser, error) {
		return os.Open(filepath.Join("../../schemas", strings.TrimPrefix(url, schemas.Base)))
	}
	out := map[string]*jsonschema.Schema{}
	for _, name := range []string{"template", "release-flow", "preview-environment"} {
		s, err := c.Compile(schemas.Base + "editor/" + name + ".json")
		if err != nil {
			return nil, err
		}
		out["documents/"+name] = s
	}
	return out, nil
})

// editorSays is what an editor that knows JSON Schema says about a text as it is
// written: it converts nothing and resolves nothing.
func editorSays(t testing.TB, text string) error {
	t.Helper()
	all, err := editorSchemas()
	if err != nil {
		t.Fatal(err)
	}
	p, ok := schemaOf(snapshot(text, nil).Doc)
	if !ok {
		return nil
	}
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return err
	}
	return all[p.path].Validate(v)
}

func TestAnyEditorAcceptsTheTemplatesAsTheyAre(t *testing.T) {
	for _, f := range templates(t) {
		if err := editorSays(t, f.text); err != nil {
			t.Errorf("%s: %#v", f.name, err)
		}
	}
}

// older are real files that JSON Schema alone cannot accept.
var older = map[string]string{
	"public/alexluong__remix-postgres-redis-demo__northflank.json": "a Build of version v1, with nfObjectType for type",
}

// Real files in which the analysis finds no error and no property that there is
// not, those of the platform among them.
func TestAnyEditorAcceptsRightRealFiles(t *testing.T) {
	accepted := 0
	for _, f := range corpus(t) {
		s := snapshot(f.text, nil)
		if !s.IsTemplate() || slices.ContainsFunc(s.Findings(), func(x analysis.Finding) bool {
			return x.Severity == analysis.Error || x.Code == analysis.CodeUnknownProperty || x.Code == analysis.CodeUnknownKind
		}) {
			continue
		}
		accepted++
		if err := editorSays(t, f.text); (err != nil) != (older[f.name] != "") {
			t.Errorf("%s: %#v", f.name, err)
		}
	}
	t.Logf("%d files", accepted)
}

// What schemas can say an editor says too. A number as text is only a text to it,
// so bounds are left to the analysis there.
func TestAnyEditorSeesWhatBreaksASchema(t *testing.T) {
	seen := 0
	for i, file := range templates(t) {
		if testing.Short() && i%10 > 0 {
			continue
		}
		s := &subject{file, snapshot(file.text, nil)}
		if _, ok := schemaOf(s.Doc); !ok {
			continue
		}
		for _, m := range mutators {
			if !m.schema {
				continue
			}
			faults := s.chosen(m)
			for _, f := range faults[:min(1, len(faults))] {
				text, err := edit.Apply(s.text, f.edits)
				if err != nil {
					t.Fatal(err)
				}
				if numberAsText(f.edits) {
					continue
				}
				if seen++; editorSays(t, text) == nil {
					t.Errorf("%s, %s: nothing is said:\n%s", file.name, m.name, difference(s.text, text))
				}
			}
		}
	}
	t.Logf("%d faults", seen)
}

// numberAsText reports whether all that an edit writes is a number in quotes.
func numberAsText(edits []syntax.Edit) bool {
	text := strings.Trim(edits[0].NewText, `"`)
	_, err := strconv.ParseFloat(text, 64)
	return len(edits) == 1 && text != edits[0].NewText && err == nil
}
