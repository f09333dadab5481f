package local

import (
	"encoding/json"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/catalog/validate"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// fits checks a specification with the schema that nodes of a kind have, where
// the operation's request is the node's spec.
func fits(kind string) func(k *check) {
	return func(k *check) {
		if known, ok := catalog.Lookup(kind); ok {
			k.schema(known.Spec, nil)
		}
	}
}

// schema checks the specification with a schema. Properties that the caller has
// put there for the schema's sake are not reported.
func (k *check) schema(id catalog.SchemaID, aside map[string]bool) {
	// With space after a bracket, there is a place in the object that is in none of
	// its members.
	text, err := json.MarshalIndent(k.spec, "", " ")
	if err != nil {
		k.fail("", "cannot be written as JSON")
		return
	}
	tree := syntax.Parse(string(text))
	// What a request says is meant: nothing evaluates it.
	literal := func(syntax.Value) (validate.Hole, bool) { return validate.Hole{}, false }
	validate.Value(tree.Root(), id, validate.Options{Hole: literal}, func(p validate.Problem) {
		if !p.Certain {
			return
		}
		path := pathAt(tree, p.Value)
		switch p.Code {
		case validate.CodeMissingProperty:
			path = joined(path, p.Property)
			if !aside[path] {
				k.fail(path, "is missing")
			}
			return
		case validate.CodeUnknownProperty, validate.CodeExclusiveProperties:
			path = joined(path, p.Property)
		}
		if !aside[path] {
			k.fail(path, "is refused: %s", p.Message)
		}
	})
}

// pathAt is the dotted path of a value, as refusals name properties.
func pathAt(tree *syntax.Tree, v syntax.Value) string {
	offset := v.Range().Start
	if k := v.Kind(); k == syntax.KindObject || k == syntax.KindArray {
		offset++ // at its bracket the path is that of what is around it
	}
	pointer := strings.TrimPrefix(tree.PathAt(offset).Pointer(), "/")
	segments := strings.Split(pointer, "/")
	for i, s := range segments {
		segments[i] = strings.ReplaceAll(strings.ReplaceAll(s, "~1", "/"), "~0", "~")
	}
	return strings.Join(segments, ".")
}

func joined(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
