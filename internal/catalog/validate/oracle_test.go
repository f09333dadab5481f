package validate

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// The published schemas, read by an implementation that is not ours, are the oracle: what it accepts the walker has to
// accept, and the reverse. It knows nothing of coercion, so it sees values as the platform does after it, and it takes
// expressions only where the reference documents them, so those elsewhere are filled in for it.

const (
	schemasDir = "../../../schemas"
	schemaBase = "https://raw.githubusercontent.com/nf-lsp/nf-lsp/main/schemas/"
)

var oracleCompiler = sync.OnceValues(func() (*jsonschema.Compiler, error) {
	c := jsonschema.NewCompiler()
	c.Draft = jsonschema.Draft2020
	return c, filepath.WalkDir(schemasDir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".json" {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var head struct {
			ID string `json:"$id"`
		}
		if json.Unmarshal(data, &head) != nil || head.ID == "" {
			return nil
		}
		return c.AddResource(head.ID, strings.NewReader(string(data)))
	})
})

var oracleLock sync.Mutex

// oracle compiles a published schema, by its path without extension.
func oracle(t testing.TB, name string) *jsonschema.Schema {
	t.Helper()
	oracleLock.Lock()
	defer oracleLock.Unlock()
	c, err := oracleCompiler()
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(schemaBase + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestPublishedSchemasCompile(t *testing.T) {
	for _, dir := range []string{"definitions", "nodes", "documents", "outputs"} {
		files, err := filepath.Glob(filepath.Join(schemasDir, dir, "*.json"))
		if err != nil || len(files) == 0 {
			t.Fatal(dir, err)
		}
		for _, f := range files {
			oracle(t, dir+"/"+strings.TrimSuffix(filepath.Base(f), ".json"))
		}
	}
}

func TestSnippetsAreRight(t *testing.T) {
	for _, k := range catalog.Kinds() {
		if k.Snippet == "" {
			t.Errorf("%s has no snippet", k.Name)
			continue
		}
		for _, p := range problems(t, k.Snippet, k.Node, Options{}) {
			t.Errorf("%s: %s", k.Name, p.Message)
		}
		compare(t, k.Name, "nodes/"+k.Name, k.Node, k.Snippet)
	}
}

// problems lists what the walker says about a text.
func problems(t testing.TB, text string, id catalog.SchemaID, opts Options) []Problem {
	t.Helper()
	var list []Problem
	Value(syntax.Parse(text).Root(), id, opts, func(p Problem) {
		if p.Message == "" || p.Code == "" || p.Range.Start < 0 || p.Range.End > len(text) || p.Range.Start > p.Range.End {
			t.Errorf("a problem is not complete: %+v", p)
		}
		list = append(list, p)
	})
	return list
}

// compare checks that walker and oracle agree on whether a text fits a schema.
func compare(t testing.TB, name, schema string, id catalog.SchemaID, text string) {
	t.Helper()
	var v any
	if json.Unmarshal([]byte(text), &v) != nil {
		return
	}
	var found []Problem
	for _, p := range problems(t, text, id, Options{}) {
		// What is expected is not required, and what is old is right.
		if (p.Code != CodeMissingProperty || p.Certain) && p.Code != CodeDeprecatedForm {
			found = append(found, p)
		}
	}
	err := accepts(oracle(t, schema), id, Coerce(id, v))
	switch {
	case err == nil && len(found) > 0:
		t.Errorf("%s: the walker reports what the schema accepts: %s", name, found[0].Message)
	case err != nil && len(found) == 0 && !partial(v):
		t.Errorf("%s: the walker accepts what the schema refuses: %s", name, leaf(err))
	}
}

// accepts asks the oracle. Where an expression stands in place of something that decides between alternatives, it may
// turn out as any of them: it is enough that one is accepted.
func accepts(s *jsonschema.Schema, id catalog.SchemaID, v any) error {
	var err error
	for turn := range 12 {
		filled, holes := fillHoles(v, id, turn)
		if err = s.Validate(filled); err == nil || !holes {
			return err
		}
	}
	return err
}

// partial reports whether a value holds a node that only changes an existing resource: what such a node leaves out is
// not missing, which the published schemas do not say.
func partial(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		if mode, ok := v["updateMode"].(string); ok && (mode == "patch" || strings.Contains(mode, "${")) {
			return true
		}
		for _, m := range v {
			if partial(m) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, partial)
	}
	return false
}

// leaf is the innermost cause that the oracle gives.
func leaf(err error) string {
	var e *jsonschema.ValidationError
	if !errors.As(err, &e) {
		return err.Error()
	}
	for len(e.Causes) > 0 {
		e = e.Causes[0]
	}
	return e.InstanceLocation + ": " + e.Message
}

// fillHoles returns a copy in which expressions that stand where the reference documents none are replaced by values
// that may stand there, and whether there are any. turn decides between several such values.
func fillHoles(v any, id catalog.SchemaID, turn int) (filled any, holes bool) {
	text, err := json.Marshal(v)
	if err != nil {
		return v, false
	}
	root := syntax.Parse(string(text)).Root()
	var fill func(v any, path []string) any
	fill = func(v any, path []string) any {
		path = path[:len(path):len(path)]
		switch v := v.(type) {
		case map[string]any:
			out := map[string]any{}
			for key, m := range v {
				if !strings.Contains(key, "${") {
					out[key] = fill(m, append(path, key))
				}
			}
			return out
		case []any:
			out := make([]any, len(v))
			for i, e := range v {
				out[i] = fill(e, append(path, strconv.Itoa(i)))
			}
			return out
		case string:
			ids := At(root, id, path)
			if !strings.Contains(v, "${") || len(ids) == 0 {
				return v
			}
			for _, id := range ids {
				if id.Schema().Expr {
					return "${refs.x}"
				}
			}
			holes = true
			return maker{turn}.value(ids[turn%len(ids)])
		}
		return v
	}
	return fill(v, nil), holes
}

// sampleTexts has a text for each pattern of the schemas.
var sampleTexts = []string{
	"abc", "/", "/a", "a:b", "1.2.3.4", "1.2.3.4/8", "https://github.com/ab/cd", "5s", "5m", "5%", "#abc", "*", "tag:a", "ab.cd",
	"port-1", "a/b", "abcdef",
}
