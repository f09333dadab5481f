package analysis

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// references offers whole expressions in a string that has none at the cursor:
// the ids of nodes that fit, then arguments, then the beginning of any
// expression.
func (c *completer) references() {
	p := c.place
	if p.scope == nil || p.isKey || p.isFixed() {
		return
	}
	at, quote := p.beginning(), ""
	if w := p.word(); p.quoted() && !p.text.HasExpressions() && !strings.ContainsAny(p.text.Text, " \t") && c.takesOneWord() {
		at = w.content // it takes the place of what there is of the word
		if w.open {
			quote = `"`
		}
	}
	c.ids(at, quote)
	for _, a := range p.scope.Arguments() {
		label := "${args" + suffix(a.Name) + "}"
		c.expressionItem(CompletionItem{
			Label: label, Insert: inner(label) + quote, Kind: ItemArgument, Detail: argumentDetail(a), Topic: topicArgument(p.scope, a.Name),
			Range: at, Sort: fit(shownTypes{scope: p.scope}.argument(a), typeOfPlace(p), "5", "6") + a.Name,
		})
	}
	c.expressionItem(CompletionItem{
		Label: "${…}", Kind: ItemRoot, Detail: "expression", Topic: topicExpression,
		Insert: `\${$1\}` + quote, Snippet: true, Range: at, Sort: "7", Filter: "${", Retrigger: true,
	})
}

// ids offers what the place asks for of the nodes that have it.
func (c *completer) ids(at syntax.Range, quote string) {
	p := c.place
	typed := c.typed(at.Start)
	list := shortlist{most: c.most, fits: func(c candidate) bool {
		id := idFor(c.schema, c.node.Kind)
		if isWord(c.name) {
			return typed.fits("${refs.", c.name, ".", id, "}")
		}
		return typed.fits("${refs", suffix(c.name), ".", id, "}")
	}}
	// Alternatives may take the ids of the same nodes.
	var before []*catalog.Schema
	list.isNew = func(c candidate) bool {
		return !slices.ContainsFunc(before, func(s *catalog.Schema) bool {
			return has(s.RefKinds, c.node.Kind) && idFor(s, c.node.Kind) == idFor(c.schema, c.node.Kind)
		})
	}
	fresh := freshRefs{scope: p.scope}
	offered := false
	for i, s := range p.schemas() {
		if len(s.RefKinds) == 0 {
			continue
		}
		before = p.schemas()[:i]
		for n := range p.scope.Relatives(p.node) {
			if n.Order == template.Same || !has(s.RefKinds, n.Kind) {
				continue
			}
			a := candidate{rank: '0', name: n.Ref, node: n, schema: s}
			switch n.Order {
			case template.Concurrent:
				a.rank = '3'
			case template.After, template.Around, template.Within:
				a.rank = '8'
			}
			a.preselect = !offered && a.rank == '0'
			if a.name == "" {
				if !list.isNew(a) {
					continue
				}
				if a.name = fresh.of(c.snapshot.Doc, n.Number); a.name == "" {
					continue
				}
				a.rank, a.isNamed = '4', true
			}
			list.add(a)
			offered = true
		}
	}
	for _, a := range list.chosen() {
		label := "${refs" + suffix(a.name) + "." + idFor(a.schema, a.node.Kind) + "}"
		item := CompletionItem{
			Label: label, Insert: inner(label) + quote, Kind: ItemRef, Detail: a.node.Kind + a.note(), Range: at, Sort: a.sort(), Preselect: a.preselect,
		}
		if a.isNamed {
			n := c.snapshot.Doc.Node(a.node.Number)
			item.RefFor, item.Ref, item.Topic = n.Path(), a.name, topicNode(n)
			item.Detail += ", gets this ref"
		} else {
			item.Topic = topicRef(p.scope, a.name)
		}
		c.expressionItem(item)
	}
	c.isCut = c.isCut || list.cut
}

// idFor is the output by which a schema names what a kind of node makes.
func idFor(s *catalog.Schema, kind string) string { return preferredOutput([]*catalog.Schema{s}, kind) }

// isFixed reports whether the platform reads the value before any expression is
// worked out: in which order a workflow runs, which node is meant.
func (p *place) isFixed() bool {
	if p.node != nil && p.node.Flow != template.NoFlow && len(p.names) == 2 && p.names[0] == "spec" && p.names[1] == "type" {
		return true
	}
	for _, s := range p.schemas() {
		if s.Role == catalog.RoleNodeRef || s.Role == catalog.RoleRef {
			return true
		}
	}
	return false
}

// takesOneWord reports whether the place is for one of several values, or for an
// id, and not for a text of which an expression may be a part.
func (c *completer) takesOneWord() bool {
	for _, s := range c.place.schemas() {
		if len(s.RefKinds) > 0 || len(s.Enum) > 0 || s.Types != 0 && !s.Types.Has(catalog.TypeString) {
			return true
		}
		switch s.Role {
		case catalog.RolePlan, catalog.RoleRegion, catalog.RoleAddonType, catalog.RoleAddonVersion, catalog.RoleGPUType, catalog.RoleStorageClass:
			return true
		}
	}
	return false
}

// expressionItem adds an item whose text is an expression with its braces.
func (c *completer) expressionItem(item CompletionItem) {
	p := c.place
	if item.Insert == "" {
		item.Insert = inner(item.Label)
	}
	if item.Filter == "" {
		item.Filter = item.Label
	}
	if !p.quoted() {
		item.Insert = p.lead() + `"` + item.Insert + `"`
		if !p.str.IsValid() {
			item.Filter = edit.Quote(item.Filter)
		}
		item = c.separated(item)
	}
	c.add(item)
}

// freshRefs gives nodes without a ref one that no other has.
type freshRefs struct {
	scope *template.Scope
	given map[string]bool
}

// most is how many nodes without a ref are offered.
const most = 20

// of returns a ref for a node; empty where the node cannot take one, or where
// there are too many.
func (f *freshRefs) of(d *template.Document, number int32) string {
	if len(f.given) == most {
		return ""
	}
	n := d.Node(number)
	v := n.Value()
	if v.Get("ref").IsValid() || !v.Terminated() || !n.KindValue().IsValid() {
		return ""
	}
	if f.given == nil {
		f.given = map[string]bool{}
	}
	ref := freshRef(n.Kind, f.scope)
	for i := 2; f.given[ref] || i > 2 && len(f.scope.ByRef(ref)) > 0; i++ {
		ref = fmt.Sprintf("%s%d", freshRef(n.Kind, nil), i)
	}
	f.given[ref] = true
	return ref
}

// RefAddition returns the edits that give the node at a path a ref; none where it
// has one, or is none.
func (s *Snapshot) RefAddition(path, ref string) []syntax.Edit {
	if m := s.meant(); m != nil && path != "" {
		edits, _ := m.edits(m.snapshot.RefAddition(path, ref))
		return edits
	}
	if path == "" || !s.IsTemplate() {
		return nil
	}
	v := s.Tree.Find(path)
	if v.Kind() != syntax.KindObject || s.Doc.NodeOf(v) == nil || v.Get("ref").IsValid() || !v.Get("kind").IsValid() {
		return nil
	}
	edits, err := edit.New(s.Tree).Insert(v, edit.After("kind"), "ref", edit.Quote(ref)).Edits()
	if err != nil {
		return nil
	}
	return edits
}
