package analysis

import (
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// Target is a place to go to.
type Target struct {
	// Range is the name, or whatever tells the thing apart; Whole is all of it
	// and contains Range. Both are in bytes.
	Range, Whole syntax.Range
}

// Highlight is a place at which the thing under the cursor stands.
type Highlight struct {
	Range syntax.Range
	// Write is true where the place gives the thing its name or its value.
	Write bool
}

// Definition returns where the thing at the byte offset is declared: a node or a
// Git trigger, an argument, a parameter of an arrow function. origin is the text
// that stands for it. An output leads to the node that it is read from.
func (s *Snapshot) Definition(offset int) (origin syntax.Range, targets []Target) {
	if m, at := s.meantAt(offset); m != nil {
		return m.targets(m.snapshot.Definition(at))
	}
	f, ok := s.findAt(offset)
	if !ok {
		return origin, nil
	}
	for _, o := range declarations(s.occurrences(&f.entity)) {
		targets = append(targets, Target{o.at, s.whole(&f.entity, o)})
	}
	return f.at, targets
}

// TypeDefinition returns where it is said of which kind the node is that the
// reference at the byte offset means.
func (s *Snapshot) TypeDefinition(offset int) (origin syntax.Range, targets []Target) {
	if m, at := s.meantAt(offset); m != nil {
		return m.targets(m.snapshot.TypeDefinition(at))
	}
	f, ok := s.findAt(offset)
	if !ok || f.kind != entityRef {
		return origin, nil
	}
	for _, n := range f.scope.ByRef(f.name) {
		if v := n.KindValue(); v.IsValid() {
			targets = append(targets, Target{content(v), n.Value().Range()})
		}
	}
	return f.at, targets
}

// References returns every place at which the thing stands whose name is at the
// byte offset, in the order of the text; those that declare it on demand.
func (s *Snapshot) References(offset int, declaration bool) []syntax.Range {
	if m, at := s.meantAt(offset); m != nil {
		return m.ranges(m.snapshot.References(at, declaration))
	}
	var out []syntax.Range
	_, all := s.named(offset)
	declared := declarations(all)
	for _, o := range all {
		if !declaration && len(declared) > 0 && o.role == declared[0].role {
			continue
		}
		out = append(out, o.at)
	}
	return out
}

// Highlights returns the same places, and what each of them does.
func (s *Snapshot) Highlights(offset int) []Highlight {
	if m, at := s.meantAt(offset); m != nil {
		out := m.snapshot.Highlights(at)
		for i := range out {
			m.move(&out[i].Range)
		}
		return out
	}
	var out []Highlight
	_, all := s.named(offset)
	for _, o := range all {
		out = append(out, Highlight{o.at, o.role != roleUse})
	}
	return out
}

func (s *Snapshot) findAt(offset int) (find, bool) {
	if !s.IsTemplate() {
		return find{}, false
	}
	c := s.cursorAt(offset)
	return s.entityAt(&c)
}

// named returns the thing whose name is at the offset, and where it stands.
func (s *Snapshot) named(offset int) (find, []occurrence) {
	f, ok := s.findAt(offset)
	if !ok || f.output {
		return find{}, nil
	}
	return f, s.occurrences(&f.entity)
}

// declarations returns the places that declare the name. An argument that only
// an override or a form field names is declared by these.
func declarations(all []occurrence) []occurrence {
	for _, r := range []role{roleDeclaration, roleValue} {
		var out []occurrence
		for _, o := range all {
			if o.role == r {
				out = append(out, o)
			}
		}
		if out != nil {
			return out
		}
	}
	return nil
}

// whole returns the range of what a declaration declares.
func (s *Snapshot) whole(e *entity, o occurrence) syntax.Range {
	switch {
	case e.kind == entityParameter:
		start, end := e.param.lambda.Span()
		return o.decoded.SourceRange(start, end)
	case e.kind == entityRef:
		for _, t := range e.scope.Triggers() {
			if t.RefValue.Range() == o.str.Range() {
				return t.Value.Range()
			}
		}
		if n := s.Doc.NodeAt(o.at.Start); n != nil {
			return n.Value().Range()
		}
	default:
		if m := s.Tree.PathAt(o.at.Start).Member(); m.IsValid() {
			return m.Range()
		}
	}
	return o.str.Range()
}
