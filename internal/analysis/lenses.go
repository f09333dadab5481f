package analysis

import (
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// Lens is a place that an editor writes something above.
type Lens struct {
	Range syntax.Range
	// Document is true at the document's start, where it can be run as a whole.
	Document bool
	// Ref is the ref whose references are counted here; empty where there is none.
	Ref string
	// Until is the JSON pointer of the node here, where a part of a run may end
	// with it; empty for the outermost node, which is all of the run, and for nodes
	// of nested documents and of teardowns, which it does not reach.
	Until string
}

// Lenses returns the places for lenses: the start of a document that can be run
// by itself, the ref of every node, and the kind of those without one that a run
// may end with. They are cheap; what they say is worked out when it is shown.
func (s *Snapshot) Lenses() []Lens {
	if m := s.meant(); m != nil {
		out := m.snapshot.Lenses()
		for i := range out {
			m.move(&out[i].Range)
		}
		return out
	}
	if !s.IsTemplate() {
		return nil
	}
	var out []Lens
	if s.Doc.Type != template.Fragment {
		start := s.Doc.Root.Range().Start
		out = append(out, Lens{Range: syntax.Range{Start: start, End: start}, Document: true})
	}
	for _, n := range s.Doc.Nodes() {
		var l Lens
		if n.Parent != nil && n.Scope == s.Doc.Main && !n.InTeardown && s.Doc.Type != template.Fragment && n.Definition != nil {
			l.Until = n.Path()
		}
		switch {
		case n.Ref != "":
			l.Range, l.Ref = n.RefValue().Range(), n.Ref
		case l.Until != "":
			l.Range = n.KindValue().Range()
		default:
			continue
		}
		out = append(out, l)
	}
	return out
}

// Uses returns where the ref that is given at a byte offset is used, in the
// order of the text. It reports false where no ref is given there.
func (s *Snapshot) Uses(offset int) (uses []syntax.Range, ok bool) {
	if m, at := s.meantAt(offset); m != nil {
		uses, ok = m.snapshot.Uses(at)
		return m.ranges(uses), ok
	}
	if !s.IsTemplate() || offset < 0 || offset > s.Tree.Size() {
		return nil, false
	}
	n := s.Doc.NodeAt(offset)
	if n == nil || n.Ref == "" || !n.RefValue().Range().Touches(offset) {
		return nil, false
	}
	return s.References(n.RefValue().Range().Start+1, false), true
}
