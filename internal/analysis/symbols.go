package analysis

import (
	"cmp"
	"slices"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// Symbol is a part of the document that has a name.
type Symbol struct {
	// Name is what people call it, never blank; Detail what it is.
	Name, Detail string
	Kind         SymbolKind
	// Range is all of it in bytes, Selection what names it, within Range.
	Range, Selection syntax.Range
	// Children lie within Range, in the order of the text.
	Children []Symbol
}

// SymbolKind says what a symbol is.
type SymbolKind uint8

const (
	// SymbolDocument is a document, the outer one or a nested one.
	SymbolDocument SymbolKind = iota
	// SymbolGroup is a list of arguments or triggers.
	SymbolGroup
	SymbolArgument
	SymbolTrigger
	SymbolWorkflow
	// SymbolNode is a node that is no workflow.
	SymbolNode
)

// Symbols returns the outline: the document with its arguments, its Git triggers
// and its nodes, workflows and nested documents around theirs. Nodes that stand
// in no document are listed by themselves.
func (s *Snapshot) Symbols() []Symbol {
	if m := s.meant(); m != nil {
		return m.symbols(m.snapshot.Symbols())
	}
	if !s.IsTemplate() {
		return nil
	}
	if s.Doc.Type != template.Fragment {
		return []Symbol{documentSymbol(s.Doc.Main)}
	}
	var out []Symbol
	for _, n := range s.Doc.Main.Nodes() {
		if n.Parent == nil {
			out = append(out, nodeSymbol(n))
		}
	}
	return out
}

func documentSymbol(s *template.Scope) Symbol {
	out := Symbol{
		Name: documentTitle(s.Type), Kind: SymbolDocument,
		Range: s.Value.Range(), Selection: s.Value.Range(),
	}
	if name := s.Value.Get("name"); name.Kind() == syntax.KindString && strings.TrimSpace(name.Text()) != "" {
		out.Detail, out.Name, out.Selection = out.Name, name.Text(), name.Range()
	}
	for _, in := range []struct {
		object syntax.Value
		name   string
	}{
		{s.Value, "arguments"}, {s.Value, "argumentOverrides"}, {s.Value.Get("options"), "runOnCreationArgumentOverrides"},
	} {
		if m, ok := in.object.GetMember(in.name); ok && m.Value().Len() > 0 {
			out.Children = append(out.Children, argumentSymbols(m))
		}
	}
	if m, ok := s.Value.GetMember("triggers"); ok && len(s.Triggers()) > 0 {
		out.Children = append(out.Children, triggerSymbols(s, m))
	}
	for _, root := range []*template.Node{s.Root, s.Teardown} {
		if root != nil {
			out.Children = append(out.Children, nodeSymbol(root))
		}
	}
	inOrder(out.Children)
	return out
}

func documentTitle(t template.Type) string {
	switch t {
	case template.ReleaseFlow:
		return "release flow"
	case template.PreviewEnv:
		return "preview environment"
	default:
		return "template"
	}
}

func argumentSymbols(m syntax.Member) Symbol {
	group := Symbol{Name: m.KeyText(), Kind: SymbolGroup, Range: m.Range(), Selection: m.Key().Range()}
	for a := range m.Value().Members() {
		name := a.KeyText()
		if strings.TrimSpace(name) == "" {
			continue
		}
		v := a.Value()
		detail := ""
		if v.IsValid() && v.Kind().IsScalar() {
			detail = shownJSON(v)
		}
		group.Children = append(group.Children, Symbol{
			Name: name, Detail: detail, Kind: SymbolArgument, Range: a.Range(), Selection: a.Key().Range(),
		})
	}
	return group
}

func triggerSymbols(s *template.Scope, m syntax.Member) Symbol {
	group := Symbol{Name: m.KeyText(), Kind: SymbolGroup, Range: m.Range(), Selection: m.Key().Range()}
	for _, t := range s.Triggers() {
		if strings.TrimSpace(t.Ref) != "" {
			group.Children = append(group.Children, Symbol{
				Name: t.Ref, Detail: "Git trigger", Kind: SymbolTrigger, Range: t.Value.Range(), Selection: t.RefValue.Range(),
			})
		}
	}
	return group
}

func nodeSymbol(n *template.Node) Symbol {
	at := n.Value().Range()
	out := Symbol{Name: n.Label(), Detail: n.Kind, Kind: SymbolNode, Range: at, Selection: at}
	if strings.TrimSpace(out.Name) == "" {
		out.Name = "node"
	}
	switch ref, kind := n.RefValue(), n.KindValue(); {
	case n.Ref != "":
		out.Selection = ref.Range()
	case kind.IsValid():
		out.Selection = kind.Range()
	}
	if n.Flow != template.NoFlow {
		out.Kind = SymbolWorkflow
		if flow := n.Spec().Get("type"); flow.Kind() == syntax.KindString {
			out.Detail += ", " + flow.Text()
		}
	}
	for _, step := range n.Steps() {
		out.Children = append(out.Children, nodeSymbol(step))
	}
	for _, s := range n.Nested() {
		out.Children = append(out.Children, documentSymbol(s))
	}
	inOrder(out.Children)
	return out
}

func inOrder(symbols []Symbol) {
	slices.SortStableFunc(symbols, func(a, b Symbol) int { return cmp.Compare(a.Range.Start, b.Range.Start) })
}

// Matches reports whether the letters of a query stand in a name in their order,
// upper and lower case alike: how editors look names up.
func Matches(name, query string) bool { return lettersOf(query).in(name) }
