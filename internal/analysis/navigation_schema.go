package analysis

import (
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// SchemaPlace is a place in a schema: that of a kind of nodes, or of a type of
// documents where Kind is empty.
type SchemaPlace struct {
	// Origin is what in the file is described there, in bytes.
	Origin syntax.Range
	// Kind and Document are names that the catalog knows.
	Kind, Document string
	// Value is that node or document.
	Value syntax.Value
	// Names lead from the node or the document to what is described; elements of
	// lists are named by their numbers. Without any, it is the whole.
	Names []string
}

// SchemaAt returns where it is said what may stand at the byte offset: of a
// reference and of a kind, the schema of that kind; of a property and its value,
// the place in the schema of the node or the document around them.
func (s *Snapshot) SchemaAt(offset int) (SchemaPlace, bool) {
	if m, at := s.meantAt(offset); m != nil {
		place, ok := m.snapshot.SchemaAt(at)
		m.move(&place.Origin)
		return place, ok
	}
	if !s.IsTemplate() || offset < 0 || offset > s.Tree.Size() {
		return SchemaPlace{}, false
	}
	if f, ok := s.findAt(offset); ok && f.kind == entityRef {
		for _, n := range f.scope.ByRef(f.name) {
			if n.Definition != nil {
				return SchemaPlace{Origin: f.at, Kind: n.Kind, Value: n.Value()}, true
			}
		}
		return SchemaPlace{}, false
	}
	p := s.placeAt(offset)
	if !p.str.IsValid() || p.spot != syntax.SpotName && p.spot != syntax.SpotValue {
		return SchemaPlace{}, false
	}
	place := SchemaPlace{Origin: p.str.Range(), Names: p.names}
	if p.isKey {
		place.Names = append(p.names[:len(p.names):len(p.names)], p.member.KeyText())
	}
	switch {
	case p.isKindOfNode && p.node.Definition != nil:
		return SchemaPlace{Origin: place.Origin, Kind: p.node.Kind, Value: p.node.Value()}, true
	case p.node != nil && (p.node.Scope == p.scope || p.scope == nil):
		place.Kind, place.Value = p.node.Kind, p.node.Value()
		return place, p.node.Definition != nil
	case p.scope != nil && p.scope.Type != template.Fragment && p.scope.Type != template.None:
		place.Document, place.Value = p.scope.Type.String(), p.scope.Value
		return place, true
	}
	return SchemaPlace{}, false
}
