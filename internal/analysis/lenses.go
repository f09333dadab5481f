package analysis

import (
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// Lens is a place that an editor writes something above.
type Lens struct {
	Range syntax.Range
	// Ref is the ref whose references are counted here; empty at the document's
	// start, where it can be run.
	Ref string
	// Until is the JSON pointer of the node here, where a part of a run may end
	// with it; empty for the outermost node, which is all of the run, and for nodes
	// of nested documents and of teardowns, which it does not reach.
	Until string
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
	for _, n := range s.Doc.Nodes() {
		if n.Ref != "" {
			l := Lens{Range: n.RefValue().Range(), Ref: n.Ref}
			if n.Parent != nil && n.Scope == s.Doc.Main && !n.InTeardown && s.Doc.Type != template.Fragment {
				l.Until = n.Path()
			}
			out = append(out, l)
		}
	}
	return out
}

// Uses returns where the ref that is given at a byte offset is used, in the
// order of the text. It reports false where no ref is given there.
func (s *Snapshot) Uses(offset int) (uses []syntax.Range, ok bool) {
	if !s.IsTemplate() || offset < 0 || offset > len(s.Tree.Source()) {
		return nil, false
	}
	n := s.Doc.NodeAt(offset)
	if n == nil || n.Ref == "" || !n.RefValue().Range().Touches(offset) {
		return nil, false
	}
	return s.References(n.RefValue().Range().Start+1, false), true
}
