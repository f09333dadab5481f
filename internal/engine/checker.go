package engine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/catalog/validate"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// A Checker looks at resolved nodes before they leave for a platform.
type Checker interface {
	// Fit turns values into the types that their places have, and refuses what the
	// platform provably refuses: with an [*InvalidError]. The node itself is not
	// changed. allowed are codes of problems that are passed on to the platform all
	// the same: the project's settings say that they are no errors.
	//
	// last, which may be nil, is a second opinion on what is returned, to be heard
	// when the node leaves for a platform. It may be asked in another goroutine, and
	// the node must not be changed before it has answered.
	Fit(kind string, node map[string]any, allowed []string) (fitted map[string]any, last func() error, err error)
}

// An InvalidError says that a resolved node does not fit its schema.
type InvalidError struct{ Problems []string }

// Error implements error.
func (e *InvalidError) Error() string { return strings.Join(e.Problems, "; ") }

// CatalogChecker checks nodes against the catalog, with the same walker that
// checks files. Assert, which may be nil, is the second opinion.
type CatalogChecker struct {
	Assert func(kind string, node map[string]any) error
	// Prepare, which may be nil, makes the second opinion ready for kinds.
	Prepare func(kinds []string)
}

// A preparer is a checker that takes time to get ready.
type preparer interface{ prepare(kinds []string) }

func (c CatalogChecker) prepare(kinds []string) {
	if c.Prepare != nil {
		c.Prepare(kinds)
	}
}

// ready has the checker get ready for a program, beside what else is to be done before
// the first node is looked at.
func (e *Engine) ready(p *Program) {
	c, ok := e.Checker.(preparer)
	if !ok {
		return
	}
	var kinds []string
	for i := range p.Nodes {
		if n := &p.Nodes[i]; n.Flow == "" && !slices.Contains(kinds, n.Kind) {
			kinds = append(kinds, n.Kind)
		}
	}
	go c.prepare(kinds)
}

// Fit implements Checker. A node with values that are not known yet is not judged.
func (c CatalogChecker) Fit(kind string, node map[string]any, allowed []string) (fitted map[string]any, last func() error, err error) {
	k, ok := catalog.Lookup(kind)
	if !ok {
		return node, nil, nil
	}
	root, err := rootOf(node)
	if err != nil {
		return nil, nil, err
	}
	value, changed := validate.CoerceAt(root, k.Node, node)
	if out, ok := value.(map[string]any); ok {
		node = out
	}
	if platform.HasUnknown(node) {
		return node, nil, nil
	}
	if changed {
		if root, err = rootOf(node); err != nil {
			return nil, nil, err
		}
	}
	invalid, passed := &InvalidError{}, false
	validate.Value(root, k.Node, validate.Options{}, func(p validate.Problem) {
		switch {
		case !p.Certain, slices.Contains(allowed, p.Code):
			passed = true
		default:
			invalid.Problems = append(invalid.Problems, p.Message)
		}
	})
	if len(invalid.Problems) > 0 {
		return nil, nil, invalid
	}
	// The assertion knows neither codes nor doubts: it would refuse what was let
	// pass, and what is only a warning in the file would fail in the middle of a run.
	if c.Assert != nil && !passed {
		last = func() error { return c.Assert(kind, node) }
	}
	return node, last, nil
}

// rootOf is the node as the tree of its text, which the catalog's walkers read.
func rootOf(node map[string]any) (syntax.Value, error) {
	text, err := jsonvalue.Marshal(node)
	if err != nil {
		return syntax.Value{}, fmt.Errorf("the node cannot be written as JSON: %w", err)
	}
	return syntax.Parse(string(text)).Root(), nil
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
