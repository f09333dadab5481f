// Package assert holds a resolved node against the published schema of its kind
// with an implementation of JSON Schema that is not ours. It is the last look
// before a node leaves for a platform: what gets past package validate by a
// mistake of ours is stopped here.
//
// It knows values, no files and no positions; findings for people come from
// validate.
package assert

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/schemas"
)

// cache compiles a schema when it is first asked for.
type cache struct {
	mu       sync.Mutex
	compiler *jsonschema.Compiler
	schemas  map[string]*jsonschema.Schema
}

var compiled cache

// Schema returns a published schema by its path below schemas/, without the
// extension.
func Schema(path string) (*jsonschema.Schema, error) { return compiled.schema(path) }

func (c *cache) schema(path string) (*jsonschema.Schema, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s, ok := c.schemas[path]; ok {
		return s, nil
	}
	if c.compiler == nil {
		c.compiler = jsonschema.NewCompiler()
		c.compiler.Draft = jsonschema.Draft2020
		c.compiler.LoadURL = open
		c.schemas = map[string]*jsonschema.Schema{}
	}
	s, err := c.compiler.Compile(schemas.Base + path + ".json")
	if err != nil {
		return nil, fmt.Errorf("the schema %s does not compile: %w", path, err)
	}
	c.schemas[path] = s
	return s, nil
}

// open reads a schema from the program; nothing is fetched.
func open(url string) (io.ReadCloser, error) {
	path, ok := strings.CutPrefix(url, schemas.Base)
	if !ok {
		return nil, fmt.Errorf("%s is no schema of this program", url)
	}
	return schemas.FS.Open(path)
}

// Node returns an error that names the first property of a resolved node that
// its kind's schema refuses. A kind without a schema is not judged.
func Node(kind string, node map[string]any) error {
	if _, ok := catalog.Lookup(kind); !ok {
		return nil
	}
	s, err := Schema("nodes/" + kind)
	if err != nil {
		return err
	}
	err = s.Validate(node)
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		return err
	}
	for len(invalid.Causes) > 0 {
		invalid = invalid.Causes[0]
	}
	place := strings.ReplaceAll(strings.TrimPrefix(invalid.InstanceLocation, "/"), "/", ".")
	if place == "" {
		place = kind
	}
	// The message is left out where it may quote a value, which may be a secret.
	keyword := invalid.KeywordLocation[strings.LastIndexByte(invalid.KeywordLocation, '/')+1:]
	return fmt.Errorf("%s does not fit the schema of %s (%s)", place, kind, keyword)
}
