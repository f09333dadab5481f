package engine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/catalog/validate"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// A Checker looks at resolved nodes before they leave for a platform.
type Checker interface {
	// Coerce turns values into the types that their places have.
	Coerce(kind string, node map[string]any) map[string]any
	// Check refuses what the platform provably refuses; an [*InvalidError].
	// allowed are codes of problems that are passed on to the platform all the
	// same: the project's settings say that they are no errors.
	Check(kind string, node map[string]any, allowed []string) error
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
func (c CatalogChecker) Check(kind string, node map[string]any, allowed []string) error {
	k, ok := catalog.Lookup(kind)
	if !ok || platform.HasUnknown(node) {
		return nil
	}
	text, err := marshal(node)
	if err != nil {
		return fmt.Errorf("the node cannot be written as JSON: %w", err)
	}
	invalid, passed := &InvalidError{}, false
	validate.Value(syntax.Parse(string(text)).Root(), k.Node, validate.Options{}, func(p validate.Problem) {
		switch {
		case !p.Certain:
		case slices.Contains(allowed, p.Code):
			passed = true
		default:
			invalid.Problems = append(invalid.Problems, p.Message)
		}
	})
	if len(invalid.Problems) > 0 {
		return invalid
	}
	// The assertion knows no codes: it would refuse what was let pass.
	if c.Assert != nil && !passed {
		return c.Assert(kind, node)
	}
	return nil
}

// schemaCodes are the codes of the problems that Check may find.
var schemaCodes = [...]analysis.Code{
	analysis.CodeMissingProperty, analysis.CodeUnknownProperty, analysis.CodeExclusiveProperties, analysis.CodeWrongType,
	analysis.CodeNotInEnum, analysis.CodePatternMismatch, analysis.CodeOutOfRange, analysis.CodeWrongLength, analysis.CodeResultType,
}

// allowed are the codes that the settings do not take for errors at a node.
func allowed(cfg *analysis.Config, n *template.Node) []string {
	var out []string
	for _, code := range schemaCodes {
		if cfg.Allows(n, code) {
			out = append(out, string(code))
		}
	}
	return out
}
