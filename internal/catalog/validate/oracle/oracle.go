// Package oracle holds the walker of package validate against the published
// schemas, read by an implementation of JSON Schema that is not ours: what that
// accepts the walker has to accept, and the reverse. It serves tests.
//
// The oracle knows nothing of coercion, so it sees values as the platform does
// after it, and it takes expressions only where the reference documents them, so
// those elsewhere are filled in for it.
package oracle

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/catalog/validate"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/schemas"
)

// compiler keeps the schemas that were asked for.
var compiler = struct {
	sync.Mutex
	*jsonschema.Compiler
}{Compiler: newCompiler()}

func newCompiler() *jsonschema.Compiler {
	c := jsonschema.NewCompiler()
	c.Draft = jsonschema.Draft2020
	c.LoadURL = open
	return c
}

// open reads a schema from the program; nothing is fetched.
func open(url string) (io.ReadCloser, error) {
	path, ok := strings.CutPrefix(url, schemas.Base)
	if !ok {
		return nil, fmt.Errorf("%s is no schema of this program", url)
	}
	return schemas.FS.Open(path)
}

// Schema returns a published schema by its path below schemas/, without the
// extension.
func Schema(path string) (*jsonschema.Schema, error) {
	compiler.Lock()
	defer compiler.Unlock()
	s, err := compiler.Compile(schemas.Base + path + ".json")
	if err != nil {
		return nil, fmt.Errorf("the schema %s does not compile: %w", path, err)
	}
	return s, nil
}

// Compare returns an error where walker and oracle do not agree on whether a text
// fits a schema, which is named by its path without the extension and by its ID.
// What is no JSON is not judged.
func Compare(schema string, id catalog.SchemaID, text string) error {
	if !json.Valid([]byte(text)) {
		return nil
	}
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return err
	}
	var found *validate.Problem
	validate.Value(syntax.Parse(text).Root(), id, validate.Options{}, func(p validate.Problem) {
		// What is expected is not required, and what is old is right.
		if found == nil && (p.Code != validate.CodeMissingProperty || p.Certain) && p.Code != validate.CodeDeprecatedForm {
			found = &p
		}
	})
	refused, err := Refuses(schema, id, v)
	switch {
	case err != nil:
		return err
	case refused == nil && found != nil:
		return fmt.Errorf("the walker reports what the schema accepts: %s", found.Message)
	case refused != nil && found == nil && !partial(v):
		return fmt.Errorf("the walker accepts what the schema refuses: %w", refused)
	}
	return nil
}

// Refuses returns what the published schema has against a value, as encoding/json
// decodes it, once it is coerced and its expressions have values; refused is nil
// where it has nothing. err says that the schema cannot be read.
func Refuses(schema string, id catalog.SchemaID, v any) (refused, err error) {
	s, err := Schema(schema)
	if err != nil {
		return nil, err
	}
	if err := accepts(s, id, validate.Coerce(id, v)); err != nil {
		return leaf(err), nil
	}
	return nil, nil
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
func leaf(err error) error {
	var e *jsonschema.ValidationError
	if !errors.As(err, &e) {
		return err
	}
	for len(e.Causes) > 0 {
		e = e.Causes[0]
	}
	return fmt.Errorf("%s: %s", e.InstanceLocation, e.Message)
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
			ids := validate.At(root, id, path)
			if !strings.Contains(v, "${") || len(ids) == 0 {
				return v
			}
			for _, id := range ids {
				if id.Schema().Expr {
					return "${refs.x}"
				}
			}
			holes = true
			return Maker{turn}.Value(ids[turn%len(ids)])
		}
		return v
	}
	return fill(v, nil), holes
}
