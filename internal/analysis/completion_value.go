package analysis

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// values completes what may stand as a value: of a property, or as an element
// of a list.
func (c *completer) values() {
	p := c.place
	switch {
	case p.isKindOfNode:
		c.kinds()
		return
	case p.isStep && !p.quoted():
		c.nodes()
		return
	case p.isRefName:
		if p.node.Kind != "" {
			ref := freshRef(p.node.Kind, p.scope)
			c.text(ref, "a ref that no other node has", "", "1")
		}
		return
	case p.isArgumentName:
		for i, a := range p.scope.Arguments() {
			c.text(a.Name, argumentDetail(a), topicArgument(p.scope, a.Name), "1"+pad(i))
		}
		return
	}
	seen := map[string]bool{}
	for i, s := range p.schemas() {
		c.schemaValues(p.ids[i], s, seen)
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

func (c *completer) schemaValues(id catalog.SchemaID, s *catalog.Schema, seen map[string]bool) {
	fresh := func(text string) bool {
		if seen[text] {
			return false
		}
		seen[text] = true
		return true
	}
	for i, v := range s.Enum {
		if !v.Hidden && fresh(v.Text) {
			c.literal(v.Text, v.Type == catalog.TypeString, topicEnum(id, i), "1"+pad(i), s)
		}
	}
	if s.Types.Has(catalog.TypeBoolean) && len(s.Enum) == 0 {
		for _, b := range []string{"true", "false"} {
			if fresh(b) {
				c.literal(b, false, "", "1"+b, s)
			}
		}
	}
	c.roleValues(s, fresh)
	for i, example := range s.Examples {
		v := syntax.Parse(example).Root()
		if v.Kind().IsScalar() && v.IsValid() && fresh(v.Text()) {
			c.value(v.Text(), v.Kind() == syntax.KindString, "example", "", "3"+pad(i))
		}
	}
	if v := syntax.Parse(s.Default).Root(); len(s.Enum) == 0 && v.IsValid() && v.Kind().IsScalar() && fresh(v.Text()) {
		c.value(v.Text(), v.Kind() == syntax.KindString, "default", "", "0")
	}
	switch {
	case !s.Types.Has(catalog.TypeString) && !c.place.quoted() && !c.place.str.IsValid():
		c.brackets(s)
	case s.Types == 0 && len(s.Enum) == 0 && len(s.Properties) > 0 && !c.place.quoted():
		c.brackets(s)
	}
}

// brackets offers to open an object or a list where nothing but one may stand.
func (c *completer) brackets(s *catalog.Schema) {
	open := ""
	switch s.Types {
	case catalog.TypeObject:
		open = "{"
	case catalog.TypeArray:
		open = "["
	default:
		return
	}
	p := c.place
	w := c.skeletonWriter()
	if open == "{" {
		w.object(s, 0)
	} else {
		w.write("[" + w.blank() + "]")
	}
	c.add(c.separated(CompletionItem{
		Label: open + "…" + map[string]string{"{": "}", "[": "]"}[open], Kind: ItemValue, Detail: typeName(s),
		Insert: p.lead() + string(w.b), Snippet: true, Range: p.word().token, Filter: open, Sort: "5",
	}))
}

// roleValues offers what the platform has: plans, regions, versions.
func (c *completer) roleValues(s *catalog.Schema, fresh func(string) bool) {
	switch s.Role {
	case catalog.RolePlan:
		building := len(c.place.names) > 0 && c.place.names[len(c.place.names)-1] == "buildPlan"
		for i, plan := range catalog.Plans() {
			if !plan.Hidden && (plan.Build || !building) && fresh(plan.ID) {
				c.text(plan.ID, describePlan(plan), topicPlan(plan.ID), "1"+pad(i))
			}
		}
	case catalog.RoleRegion:
		for i, region := range catalog.Regions() {
			if fresh(region.ID) {
				c.text(region.ID, region.Name, topicRegion(region.ID), "1"+pad(i))
			}
		}
	case catalog.RoleAddonType:
		for i, t := range catalog.AddonTypes() {
			if !t.Hidden && fresh(t.Type) {
				c.text(t.Type, t.Name, topicAddonType(t.Type), "1"+pad(i))
			}
		}
	case catalog.RoleAddonVersion:
		if t := addonTypeOf(c.place.object); t != nil {
			for i, v := range addonVersions(t) {
				if fresh(v.text) {
					c.text(v.text, v.detail, topicAddonType(t.Type), "1"+pad(i))
				}
			}
		}
	case catalog.RoleGPUType:
		for i, g := range catalog.GPUs() {
			if fresh(g.Type) {
				c.text(g.Type, describeGPU(g), topicGPU(g.Type), "1"+pad(i))
			}
		}
	case catalog.RoleStorageClass:
		for i, class := range catalog.StorageClasses() {
			if fresh(class) {
				c.text(class, "kind of disk", "", "1"+pad(i))
			}
		}
	case catalog.RoleAddonKey:
		t := c.snapshot.addonOf(c.place)
		for i, k := range keysOf(t) {
			if fresh(k.Name) {
				c.text(k.Name, describeKey(k), "", "1"+pad(i))
			}
		}
	case catalog.RoleNodeRef:
		if c.place.scope == nil || c.place.node == nil {
			return
		}
		// A teardown takes away what the node of the same name has made.
		made := strings.TrimSuffix(c.place.node.Kind, "Destroy")
		for _, n := range c.place.scope.Nodes() {
			if n.Ref != "" && n.Kind == made && n != c.place.node && fresh(n.Ref) {
				c.text(n.Ref, n.Kind, topicNode(n), "1"+n.Ref)
			}
		}
	}
}

// addonTypeOf returns the addon type that stands beside a version, by its older
// names too; nil where none is known.
func addonTypeOf(spec syntax.Value) *catalog.AddonType {
	t, ok := catalog.LookupAddonType(spec.Get("type").Text())
	if ok && t.AliasOf != "" {
		t, ok = catalog.LookupAddonType(t.AliasOf)
	}
	if !ok {
		return nil
	}
	return t
}

// addonOf returns the type of the addon whose connection details the place is
// about: that of the addonId in an object around it; nil where it is not known.
func (s *Snapshot) addonOf(p place) *catalog.AddonType {
	steps := s.Tree.PathAt(p.offset).Steps
	for i := len(steps) - 1; i >= 0; i-- {
		id := steps[i].Value.Get("addonId")
		if !id.IsValid() || p.scope == nil {
			continue
		}
		for _, n := range p.scope.Nodes() {
			if n.Kind == "Addon" && identifies(id.Text(), n) {
				return addonTypeOf(n.Spec())
			}
		}
		return nil
	}
	return nil
}

// identifies reports whether an id is that of a node: its output, or what its
// name comes to.
func identifies(id string, n *template.Node) bool {
	if n.Ref != "" && id == "${refs"+suffix(n.Ref)+".id}" {
		return true
	}
	return n.Name != "" && id == expr.Slug(n.Name)
}

// keysOf lists the connection details of a type, which may be nil.
func keysOf(t *catalog.AddonType) []catalog.AddonKey {
	if t == nil {
		return nil
	}
	return t.Keys
}

func describeKey(k catalog.AddonKey) string {
	detail := strings.TrimSuffix(k.Doc, ".")
	if k.Secret {
		detail = strings.TrimPrefix(detail+", secret", ", ")
	}
	if k.When != "" {
		detail = strings.TrimPrefix(detail+", with "+k.When, ", ")
	}
	return detail
}

type addonVersion struct{ text, detail string }

// addonVersions lists the ways to write a version of the type: the forms that
// follow the newest first.
func addonVersions(t *catalog.AddonType) []addonVersion {
	var out []addonVersion
	for _, form := range t.VersionForms {
		switch form {
		case "latest":
			out = append(out, addonVersion{"latest", "the newest " + t.Name})
		case "<major>-latest":
			last := ""
			for _, v := range t.Versions {
				if major, _, _ := strings.Cut(v, "."); major != last {
					last = major
					out = append(out, addonVersion{major + "-latest", "the newest " + t.Name + " " + major})
				}
			}
		}
	}
	for _, v := range t.Versions {
		out = append(out, addonVersion{v, t.Name + " " + v})
	}
	return out
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
	if p.GPUCount > 0 {
		parts = append(parts, fmt.Sprintf("%d × %s", p.GPUCount, p.GPUType))
	}
	if p.Monthly > 0 {
		parts = append(parts, fmt.Sprintf("$%.2f a month", p.Monthly))
	}
	return strings.Join(parts, ", ")
}

// describeGPU says what a model of GPU has and costs.
func describeGPU(g catalog.GPU) string {
	parts := []string{g.Name}
	if g.Memory > 0 {
		parts = append(parts, fmt.Sprintf("%g GB", g.Memory))
	}
	if g.Hourly > 0 {
		parts = append(parts, fmt.Sprintf("$%.2f an hour", g.Hourly))
	}
	return strings.Join(parts, ", ")
}

// text offers a string as the value.
func (c *completer) text(text, detail string, topic Topic, order string) {
	c.value(text, true, detail, topic, order)
}

func (c *completer) literal(text string, isString bool, topic Topic, order string, s *catalog.Schema) {
	detail := ""
	if s.Default == text || s.Default == edit.Quote(text) {
		detail, order = "default", "0"+order
	}
	c.value(text, isString, detail, topic, order)
}

// value offers one value; a string keeps to the inside of the quotes where
// there are some.
func (c *completer) value(text string, isString bool, detail string, topic Topic, order string) {
	p, w := c.place, c.place.word()
	item := CompletionItem{Label: text, Kind: ItemValue, Detail: detail, Topic: topic, Sort: order, Filter: text}
	switch {
	case p.quoted():
		// A number or truth value while quotes are open is converted by the
		// platform, and what is between the quotes is all that may change.
		item.Range, item.Insert = w.content, text
		if isString {
			item.Insert = inner(text)
		}
		if w.open {
			item.Insert += `"`
		}
	case isString:
		item.Range, item.Insert, item.Filter = w.token, p.lead()+edit.Quote(text), edit.Quote(text)
		if p.str.IsValid() {
			item.Filter = text
		}
	default:
		item.Range, item.Insert = w.token, p.lead()+text
	}
	c.add(c.separated(item))
}

// separated adds the commas that an element of a list needs; in an object, the
// name in front of the value had its own.
func (c *completer) separated(item CompletionItem) CompletionItem {
	item.Insert += c.place.commaBehind()
	return c.elementBehindComma(item)
}

// commaBehind is the comma that an element needs behind it; empty where it needs none.
func (p *place) commaBehind() string {
	if p.isElement() && p.followedByMember && !p.str.IsValid() {
		return ","
	}
	return ""
}

// elementBehindComma adds the comma that an element needs in front of it.
func (c *completer) elementBehindComma(item CompletionItem) CompletionItem {
	if !c.place.isElement() {
		return item
	}
	return c.behindComma(item)
}

// isElement reports whether what is written at the place is an element of a list
// with its quotes.
func (p *place) isElement() bool { return p.container.Kind() == syntax.KindArray && !p.quoted() }

// inner is text as it is written between the quotes of a JSON string.
func inner(text string) string {
	q := edit.Quote(text)
	return q[1 : len(q)-1]
}

// kinds completes the value of a node's `kind`.
func (c *completer) kinds() {
	for i, kind := range c.allowedKinds() {
		c.text(kind.Name, kind.Title, topicKind(kind), "1"+pad(i))
	}
}

// categories are the groups of kinds in the order in which people need them most.
var categories = [...]string{"workflow", "project", "service", "addon", "job", "secret", "release", "action", "network", "infrastructure", "template", "cloud"}

// allowedKinds are the kinds that may stand at the place, those first that are
// needed most.
func (c *completer) allowedKinds() []*catalog.Kind {
	p := c.place
	var key kindsOf
	if p.scope != nil {
		key = kindsOf{p.scope.Type, p.inTeardown}
	}
	if kinds, ok := kindsByNeed.Load(key); ok {
		return kinds.([]*catalog.Kind)
	}
	kinds := documentedKinds(key)
	slices.SortStableFunc(kinds, func(a, b *catalog.Kind) int {
		return slices.Index(categories[:], a.Category) - slices.Index(categories[:], b.Category)
	})
	kindsByNeed.Store(key, kinds)
	return kinds
}

// kindsOf is where kinds may stand: in documents of a type, outside of all for
// none, or in what they do when they are torn down.
type kindsOf struct {
	document template.Type
	teardown bool
}

// kindsByNeed are the kinds for each place, once somebody has asked.
var kindsByNeed sync.Map // of []*catalog.Kind, by kindsOf

// documentedKinds are the kinds that may stand at a place, in the order of the
// reference.
func documentedKinds(at kindsOf) []*catalog.Kind {
	d := catalog.Document(at.document.String())
	if d == nil {
		return catalog.Kinds()
	}
	names := d.SpecKinds
	if at.teardown {
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

// nodes completes a whole node where one may stand.
func (c *completer) nodes() {
	p, at := c.place, c.place.word().token
	kinds := c.allowedKinds()
	lead, comma := p.lead(), p.commaBehind()
	texts := c.skeletons(kinds, func(w *skeletonWriter, kind *catalog.Kind, project string) {
		w.write(lead)
		w.skeleton(kind, project)
		w.write(comma)
	})
	c.items = slices.Grow(c.items, len(kinds))
	for i, kind := range kinds {
		t := skeletonOf(kind)
		item := CompletionItem{
			Label: kind.Name, Kind: ItemNode, Detail: kind.Title, Topic: t.topic,
			Insert: texts[i], Snippet: true, Range: at, Sort: "1" + pad(i), Filter: t.filter,
		}
		if p.str.IsValid() {
			item.Filter = kind.Name
		}
		c.add(c.elementBehindComma(item))
	}
}

// camel writes a kind as people write names: combinedService, llmModelDeployment.
func camel(kind string) string {
	n := 1
	for n < len(kind) && isUpper(kind[n]) && (n+1 == len(kind) || isUpper(kind[n+1])) {
		n++
	}
	return strings.ToLower(kind[:n]) + kind[n:]
}

func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }

// freshRef makes a ref from a kind that nothing in the scope, which may be nil,
// carries yet.
func freshRef(kind string, scope *template.Scope) string { return freshRefLike(camel(kind), scope) }

// freshRefLike is base, or base with a number where something in the scope, which
// may be nil, carries it.
func freshRefLike(base string, scope *template.Scope) string {
	ref := base
	for i := 2; scope != nil && (len(scope.ByRef(ref)) > 0 || scope.Trigger(ref) != nil); i++ {
		ref = fmt.Sprintf("%s%d", base, i)
	}
	return ref
}
