package engine

import (
	"fmt"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/catalog/validate"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// A Checker looks at resolved nodes before they leave for a platform.
type Checker interface {
	// Coerce turns values into the types that their places have.
	Coerce(kind string, node map[string]any) map[string]any
	// Check refuses what the platform provably refuses; an [*InvalidError].
	Check(kind string, node map[string]any) error
}

// An InvalidError says that a resolved node does not fit its schema.
type InvalidError struct{ Problems []string }

// Error implements error.
func (e *InvalidError) Error() string { return strings.Join(e.Problems, "; ") }

// CatalogChecker checks nodes against the catalog, with the same walker that
// checks files. Assert, which may be nil, is asked last.
type CatalogChecker struct {
	Assert func(kind string, node map[string]any) error
}

// Coerce implements Checker.
func (CatalogChecker) Coerce(kind string, node map[string]any) map[string]any {
	k, ok := catalog.Lookup(kind)
	if !ok {
		return node
	}
	if out, ok := validate.Coerce(k.Node, node).(map[string]any); ok {
		return out
	}
	return node
}

// Check implements Checker.
func (c CatalogChecker) Check(kind string, node map[string]any) error {
	k, ok := catalog.Lookup(kind)
	if !ok || platform.HasUnknown(node) {
		return nil
	}
	text, err := marshal(node)
	if err != nil {
		return fmt.Errorf("the node cannot be written as JSON: %w", err)
	}
	invalid := &InvalidError{}
	validate.Value(syntax.Parse(string(text)).Root(), k.Node, validate.Options{}, func(p validate.Problem) {
		if p.Certain {
			invalid.Problems = append(invalid.Problems, p.Message)
		}
	})
	if len(invalid.Problems) > 0 {
		return invalid
	}
	if c.Assert != nil {
		return c.Assert(kind, node)
	}
	return nil
}
