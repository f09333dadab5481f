package analysis

import (
	"fmt"
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
	offered := false
	type id struct {
		node   *template.Node
		output string
	}
	seen := map[id]bool{} // alternatives may take the ids of the same nodes
	fresh := freshRefs{scope: p.scope}
	for _, s := range p.schemas() {
		if len(s.RefKinds) == 0 {
			continue
		}
		for _, n := range p.scope.Nodes() {
			if n == p.node || !has(s.RefKinds, n.Kind) {
				continue
			}
			made := id{n, preferredOutput([]*catalog.Schema{s}, n.Kind)}
			if seen[made] {
				continue
			}
			seen[made] = true
			order, note := c.timeOf(n)
			item := CompletionItem{Kind: ItemRef, Detail: n.Kind + note, Range: at, Sort: order + n.Ref, Preselect: !offered && order == "0", Topic: topicNode(n)}
			ref := n.Ref
			if ref == "" {
				if ref = fresh.of(n); ref == "" {
					continue
				}
				item.RefFor, item.Ref, item.Sort = n.Path(), ref, "4"+ref
				item.Detail += ", gets this ref"
			}
			item.Label = "${refs" + suffix(ref) + "." + made.output + "}"
			item.Insert = inner(item.Label) + quote
			c.expressionItem(item)
			offered = true
		}
	}
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

// timeOf ranks a node by when its output is there: in time, maybe, or not.
func (c *completer) timeOf(n *template.Node) (rank, note string) {
	user := c.place.node
	if user == nil || user.Scope != n.Scope {
		return "0", ""
	}
	switch template.OrderOf(user, n) {
	case template.Concurrent:
		return "3", ", runs in parallel"
	case template.After:
		return "8", ", runs later"
	case template.Around, template.Within:
		return "8", ", not there in time"
	}
	return "0", ""
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
func (f *freshRefs) of(n *template.Node) string {
	v := n.Value()
	if len(f.given) == most || v.Get("ref").IsValid() || !v.Terminated() || !n.KindValue().IsValid() {
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
