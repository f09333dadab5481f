package analysis

import (
	"fmt"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// values completes what may stand as a value: of a property, or as an element
// of a list.
func (c *completer) values() {
	p := c.place
	if p.isKindOfNode {
		c.kinds()
		return
	}
	if p.isStep && !p.str.IsValid() {
		c.nodes()
		return
	}
	seen := map[string]bool{}
	for _, s := range p.schemas() {
		c.schemaValues(s, seen)
	}
	if p.quoted() || p.acceptsString() {
		c.references()
	}
}

func (p place) acceptsString() bool {
	for _, s := range p.schemas() {
		if s.Types == 0 || s.Types.Has(catalog.TypeString) || s.Expr {
			return true
		}
	}
	return len(p.schemas()) == 0 && p.quoted()
}

func (c *completer) schemaValues(s *catalog.Schema, seen map[string]bool) {
	for i, v := range s.Enum {
		if v.Hidden || seen[v.Text] {
			continue
		}
		seen[v.Text] = true
		c.literal(v.Text, v.Type == catalog.TypeString, v.Doc, "1"+pad(i), s)
	}
	if s.Types.Has(catalog.TypeBoolean) && len(s.Enum) == 0 {
		for _, b := range []string{"true", "false"} {
			if !seen[b] {
				seen[b] = true
				c.literal(b, false, "", "1"+b, s)
			}
		}
	}
	switch s.Role {
	case catalog.RolePlan:
		for i, plan := range catalog.Plans() {
			if !seen[plan.ID] {
				seen[plan.ID] = true
				c.literalDetail(plan.ID, describePlan(plan), plan.Doc, "1"+pad(i))
			}
		}
	case catalog.RoleRegion:
		for i, region := range catalog.Regions() {
			if !seen[region.ID] {
				seen[region.ID] = true
				c.literalDetail(region.ID, region.Name, region.Doc, "1"+pad(i))
			}
		}
	case catalog.RoleAddonType:
		for i, t := range catalog.AddonTypes() {
			if !t.Hidden && !seen[t.Type] {
				seen[t.Type] = true
				c.literalDetail(t.Type, t.Name, t.Doc, "1"+pad(i))
			}
		}
	case catalog.RoleAddonVersion:
		if t, ok := catalog.LookupAddonType(c.place.object.Get("type").Text()); ok {
			for i, v := range t.Versions {
				if !seen[v] {
					seen[v] = true
					c.literalDetail(v, t.Name+" "+v, "", "1"+pad(i))
				}
			}
		}
	case catalog.RoleNodeRef:
		if c.place.scope != nil {
			for _, n := range c.place.scope.Nodes {
				if n.Ref != "" && n.Kind == "OpenTofu" && !seen[n.Ref] {
					seen[n.Ref] = true
					c.literalDetail(n.Ref, n.Kind, describeNode(n), "1"+n.Ref)
				}
			}
		}
	}
	if s.Default != "" && len(s.Enum) == 0 && s.Types.Has(catalog.TypeString) {
		text := strings.Trim(s.Default, `"`)
		if !seen[text] {
			seen[text] = true
			c.literalDetail(text, "default", "", "0")
		}
	}
}

// describePlan says what a plan gives and costs.
func describePlan(p catalog.Plan) string {
	var parts []string
	if p.CPU > 0 {
		parts = append(parts, fmt.Sprintf("%g vCPU", p.CPU))
	}
	if p.Memory > 0 {
		parts = append(parts, fmt.Sprintf("%g MB", p.Memory))
	}
	if p.Monthly > 0 {
		parts = append(parts, fmt.Sprintf("$%.2f a month", p.Monthly))
	}
	return strings.Join(parts, ", ")
}

func (c *completer) literalDetail(text, detail, doc, order string) {
	c.value(text, true, detail, doc, order)
}

func (c *completer) literal(text string, isString bool, doc, order string, s *catalog.Schema) {
	detail := ""
	if s.Default == text || s.Default == edit.Quote(text) {
		detail, order = "default", "0"+order
	}
	c.value(text, isString, detail, doc, order)
}

// value offers one value; a string keeps to the inside of the quotes where
// there are some.
func (c *completer) value(text string, isString bool, detail, doc, order string) {
	p := c.place
	item := CompletionItem{Label: text, Kind: ItemValue, Detail: detail, Doc: doc, Sort: order, Filter: text}
	switch {
	case p.quoted() && isString:
		item.Range, item.Insert = p.inside(), inner(text)
	case p.quoted():
		// A number or boolean while quotes are open: the platform converts it,
		// and what is between the quotes is all that may change.
		item.Range, item.Insert = p.inside(), text
	case isString:
		item.Range, item.Insert, item.Filter = p.token(), edit.Quote(text), edit.Quote(text)
		if p.str.IsValid() {
			item.Filter = text
		}
	default:
		item.Range, item.Insert = p.token(), text
	}
	c.add(item)
}

// inner is text as it is written between the quotes of a JSON string.
func inner(text string) string {
	q := edit.Quote(text)
	return q[1 : len(q)-1]
}

// references offers whole expressions in a string that has none at the cursor:
// the ids of nodes that fit, then the beginning of any expression.
func (c *completer) references() {
	p := c.place
	if p.scope == nil || p.isRefName || p.isKey {
		return
	}
	at := p.dollar()
	offered := false
	for _, s := range p.schemas() {
		for _, n := range p.scope.Nodes {
			if n.Ref == "" || n == p.node || !has(s.RefKinds, n.Kind) {
				continue
			}
			order := "0"
			if p.node != nil {
				switch template.OrderOf(p.node, n) {
				case template.After, template.Around, template.Within:
					order = "8"
				case template.Concurrent:
					order = "3"
				}
			}
			output := preferredOutput([]*catalog.Schema{s}, n.Kind)
			text := "${refs." + n.Ref + "." + output + "}"
			item := CompletionItem{
				Label: text, Kind: ItemRef, Detail: n.Kind, Doc: describeNode(n),
				Insert: text, Range: at, Sort: order + n.Ref, Filter: text, Preselect: !offered && order == "0",
			}
			if !p.quoted() {
				item.Insert = edit.Quote(text)
				item.Filter = item.Insert
			}
			c.add(item)
			offered = true
		}
	}
	if !p.quoted() {
		return
	}
	for _, a := range p.scope.Arguments {
		text := "${args." + a.Name + "}"
		c.add(CompletionItem{Label: text, Kind: ItemArgument, Detail: argumentDetail(a), Insert: text, Range: at, Sort: "5" + a.Name, Filter: text})
	}
	c.add(CompletionItem{
		Label: "${…}", Kind: ItemRoot, Detail: "expression", Doc: "A value that is worked out when the template runs: a reference, an argument or a function.",
		Insert: `\${$1\}`, Snippet: true, Range: at, Sort: "6", Filter: "${", Retrigger: true,
	})
}

// dollar is the range that a whole expression replaces: a `$` just before the
// cursor, else nothing; without quotes, what is being typed.
func (p place) dollar() syntax.Range {
	if !p.quoted() {
		return p.token()
	}
	r := syntax.Range{Start: p.offset, End: p.offset}
	if p.textOffset > 0 && p.text.Text[p.textOffset-1] == '$' {
		r.Start--
	}
	return r
}

// kinds completes the value of a node's `kind`.
func (c *completer) kinds() {
	for i, kind := range c.allowedKinds() {
		c.literalDetail(kind.Name, kind.Title, kind.Doc, "1"+pad(i))
	}
}

// allowedKinds are the kinds that may stand at the place, workflows first.
func (c *completer) allowedKinds() []*catalog.Kind {
	p := c.place
	if p.scope != nil {
		if d := catalog.Document(p.scope.Type.String()); d != nil {
			names := d.SpecKinds
			if p.inTeardown && len(d.TeardownKinds) > 0 {
				names = d.TeardownKinds
			}
			var kinds []*catalog.Kind
			for _, n := range names {
				if k, ok := catalog.Lookup(n); ok {
					kinds = append(kinds, k)
				}
			}
			return kinds
		}
	}
	return catalog.Kinds()
}

// nodes completes a whole node where a step of a workflow may stand.
func (c *completer) nodes() {
	for i, kind := range c.allowedKinds() {
		text := skeleton(kind, freshRef(kind.Name, c.place.scope), c.place.indent, c.place.unit)
		item := CompletionItem{
			Label: kind.Name, Kind: ItemNode, Detail: kind.Title, Doc: kind.Doc,
			Insert: text, Snippet: true, Range: c.place.token(), Sort: "1" + pad(i), Filter: "{" + kind.Name,
		}
		if c.place.followedByMember {
			item.Insert += ","
		}
		c.add(item)
	}
}

// freshRef makes a ref from a kind that nothing in the scope, which may be nil,
// carries yet.
func freshRef(kind string, scope *template.Scope) string {
	base := strings.ToLower(kind[:1]) + kind[1:]
	ref := base
	for i := 2; scope != nil && (len(scope.ByRef(ref)) > 0 || scope.Trigger(ref) != nil); i++ {
		ref = fmt.Sprintf("%s%d", base, i)
	}
	return ref
}

// completeNewDocument offers a skeleton in an empty file.
func (s *Snapshot) completeNewDocument(p place) []CompletionItem {
	if strings.TrimSpace(s.Tree.Source()) != "" {
		return nil
	}
	const text = `{
  "apiVersion": "v1.2",
  "name": "${1:my-template}",
  "arguments": {},
  "spec": {
    "kind": "Workflow",
    "spec": {
      "type": "sequential",
      "steps": [
        $0
      ]
    }
  }
}`
	return []CompletionItem{{
		Label: "Northflank template", Kind: ItemNode, Detail: "a new template", Insert: text, Snippet: true,
		Range: syntax.Range{Start: p.offset, End: p.offset}, Filter: "northflank template {", Sort: "0",
	}}
}
