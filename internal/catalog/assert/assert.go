// Package assert holds a resolved node against the published schema of its kind
// with an implementation of JSON Schema that is not ours. It is the last look
// before a node leaves for a platform: what gets past package validate by a
// mistake of ours is stopped here.
//
// The implementation is not that of package oracle, which compiles the
// meta-schemas of five drafts whenever a process starts: half of the time that
// `nf-run version` took. The tests hold the two against each other.
//
// It knows values, no files and no positions; findings for people come from
// validate.
package assert

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/schemas"
)

// cache resolves a schema when it is first asked for. Files are read once, since those
// of definitions are behind most kinds: reading takes longer than resolving.
type cache struct {
	mu    sync.Mutex
	kinds map[string]*entry
	files map[string]*jsonschema.Schema // by path; nobody changes what is read
}

type entry struct {
	once   sync.Once
	schema *jsonschema.Resolved
	err    error
}

var resolved = cache{kinds: map[string]*entry{}, files: map[string]*jsonschema.Schema{}}

// schema returns the schema at a path, without its ending. Only who needs the same one
// waits while it is resolved.
func (c *cache) schema(path string) (*jsonschema.Resolved, error) {
	c.mu.Lock()
	e := c.kinds[path]
	if e == nil {
		e = &entry{}
		c.kinds[path] = e
	}
	c.mu.Unlock()
	e.once.Do(func() { e.schema, e.err = c.resolve(path) })
	return e.schema, e.err
}

func (c *cache) resolve(path string) (*jsonschema.Resolved, error) {
	base, err := url.Parse(schemas.Base + path + ".json")
	if err != nil {
		return nil, err
	}
	root, err := c.load(base)
	if err != nil {
		return nil, err
	}
	s, err := root.Resolve(&jsonschema.ResolveOptions{BaseURI: base.String(), Loader: c.load})
	if err != nil {
		return nil, fmt.Errorf("the schema %s cannot be used: %w", path, err)
	}
	return s, nil
}

// load reads a schema from the program; nothing is fetched.
func (c *cache) load(u *url.URL) (*jsonschema.Schema, error) {
	path, ok := strings.CutPrefix(u.String(), schemas.Base)
	if !ok {
		return nil, fmt.Errorf("%s is no schema of this program", u)
	}
	c.mu.Lock()
	s := c.files[path]
	c.mu.Unlock()
	if s != nil {
		return s, nil
	}
	text, err := schemas.FS.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if s, err = parse(text); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.files[path] = s
	return s, nil
}

// parse reads a schema without what is written in it for people and for this program: the
// library looks at each byte several times, once for each schema around it.
func parse(text []byte) (*jsonschema.Schema, error) {
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		return nil, err
	}
	bare, err := json.Marshal(withoutRemarks(v))
	if err != nil {
		return nil, err
	}
	s := new(jsonschema.Schema)
	return s, json.Unmarshal(bare, s)
}

// withoutRemarks takes out what refuses no value, from the value itself. A property may have
// any name: what stands under it is a schema, and neither a text nor a list.
func withoutRemarks(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = withoutRemarks(v[i])
		}
	case map[string]any:
		for name, value := range v {
			_, isText := value.(string)
			_, isList := value.([]any)
			switch {
			case isText && (name == "description" || name == "title"), isList && name == "examples", strings.HasPrefix(name, "x-nf-"):
				delete(v, name)
			case name == "const" || name == "enum": // values, and no schemas
			default:
				withoutRemarks(value)
			}
		}
	}
	return v
}

// Prepare makes the schemas of kinds ready, so that the first nodes of them do not wait
// for that. What is wrong with a schema the nodes are told.
func Prepare(kinds []string) {
	for _, kind := range kinds {
		if _, ok := catalog.Lookup(kind); ok {
			_, _ = resolved.schema("nodes/" + kind)
		}
	}
}

// Node returns an error that names the first property of a resolved node that
// its kind's schema refuses. A kind without a schema is not judged.
func Node(kind string, node map[string]any) error {
	if _, ok := catalog.Lookup(kind); !ok {
		return nil
	}
	s, err := resolved.schema("nodes/" + kind)
	if err != nil {
		return err
	}
	value, err := decoded(node)
	if err != nil {
		return err
	}
	if err := s.Validate(value); err != nil {
		place, keyword := refused(err)
		if place == "" {
			place = kind
		}
		// The message is left out: it may quote a value, which may be a secret.
		return fmt.Errorf("%s does not fit the schema of %s (%s)", place, kind, keyword)
	}
	return nil
}

// decoded is a value as encoding/json decodes its text: what is judged is the JSON
// that a platform gets, and the library would take a json.Number for a string.
func decoded(v any) (any, error) {
	if isDecoded(v) {
		return v, nil
	}
	text, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("the node cannot be written as JSON: %w", err)
	}
	var out any
	err = json.Unmarshal(text, &out)
	return out, err
}

// isDecoded tells whether encoding/json would make the same of the value's text.
func isDecoded(v any) bool {
	switch v := v.(type) {
	case nil, bool, string, float64:
		return true
	case map[string]any:
		for _, member := range v {
			if !isDecoded(member) {
				return false
			}
		}
		return v != nil
	case []any:
		for _, element := range v {
			if !isDecoded(element) {
				return false
			}
		}
		return v != nil
	}
	return false
}

// refused reads the place in the value and the keyword from an error of the
// library. It has one layer for each schema on the way to the keyword that
// refuses, from the outside in, each of the form `validating POINTER: ...`. A
// pointer goes one step beyond that of the layer above, or starts again where
// a $ref was followed.
func refused(err error) (place, keyword string) {
	var steps []string
	above := ""
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			break
		}
		pointer := strings.TrimPrefix(strings.TrimSuffix(err.Error(), ": "+inner.Error()), "validating ")
		if !strings.HasPrefix(pointer, "/") {
			pointer = "" // the root of a file
		}
		if step, ok := strings.CutPrefix(pointer, above+"/"); ok {
			switch name, rest, _ := strings.Cut(step, "/"); name {
			case "properties", "patternProperties":
				steps = append(steps, rest)
			case "items", "prefixItems":
				steps = append(steps, "[]")
			}
		}
		above, err = pointer, inner
	}
	keyword, _, ok := strings.Cut(err.Error(), ":")
	if !ok || strings.ContainsAny(keyword, " \"") {
		// The one refusal that starts with no keyword is that of further properties.
		keyword = "additionalProperties"
	}
	return strings.Join(steps, "."), keyword
}
