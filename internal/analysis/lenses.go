package analysis

import (
	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// Lens is a place that an editor writes something above.
type Lens struct {
	Range syntax.Range
	// Ref is the ref whose references are counted here; empty at the document's
	// start, where it can be run.
	Ref string
}

// Lenses returns the places for lenses: the start of a document that can be run
// by itself, and the ref of every node. They are cheap; what they say is
// worked out when it is shown.
func (s *Snapshot) Lenses() []Lens {
	if !s.IsTemplate() {
		return nil
	}
	var out []Lens
	if s.Doc.Type != template.Fragment {
		start := s.Doc.Root.Range().Start
		out = append(out, Lens{Range: syntax.Range{Start: start, End: start}})
	}
	for _, n := range s.Doc.Nodes {
		if n.Ref != "" {
			out = append(out, Lens{Range: n.RefValue().Range(), Ref: n.Ref})
		}
	}
	return out
}

// Uses returns where the ref that is given at a byte offset is used, in the
// order of the nodes: its name in references of the same document, and of those
// nested in it that reach it by `template.`. It reports false where no ref is
// given there.
func (s *Snapshot) Uses(offset int) (uses []syntax.Range, ok bool) {
	if !s.IsTemplate() || offset < 0 || offset > len(s.Tree.Source()) {
		return nil, false
	}
	n := s.Doc.NodeAt(offset)
	if n == nil || n.Ref == "" || !n.RefValue().Range().Touches(offset) {
		return nil, false
	}
	uses = []syntax.Range{}
	for d := range s.dynamicStrings(syntax.Range{End: len(s.Tree.Source())}) {
		d.text.Walk(func(node expr.Node, _ bool) bool {
			r, isRef := node.(*expr.Ref)
			if !isRef || r.Param || r.Root != "refs" || len(r.Segments) == 0 || r.Segments[0].Name != n.Ref {
				return true
			}
			scope := d.scope
			if r.Template {
				scope = scope.Outer
			}
			if scope == n.Scope {
				uses = append(uses, d.SourceRange(r.Segments[0].Start, r.Segments[0].End))
			}
			return true
		})
	}
	return uses, true
}
