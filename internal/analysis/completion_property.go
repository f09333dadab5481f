package analysis

import (
	"slices"
	"strconv"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// properties completes the name of a property: those that the alternatives in
// question know and that the object does not have yet.
func (c *completer) properties() {
	p := c.place
	present := map[string]bool{}
	for m := range p.object.Members() {
		if m.Range() != p.member.Range() {
			present[m.KeyText()] = true
		}
	}
	if c.argumentNames(present) {
		return
	}
	seen := map[string]bool{}
	for i, s := range p.schemas() {
		c.items = slices.Grow(c.items, len(s.Properties))
		for j := range s.Properties {
			prop := &s.Properties[j]
			if present[prop.Name] || seen[prop.Name] || prop.Hidden {
				continue
			}
			seen[prop.Name] = true
			c.property(prop, j, topicProperty(p.ids[i], j))
		}
	}
	if p.node == nil || p.node.Value().Range() != p.object.Range() || len(present) > 0 {
		return
	}
	// Nothing is written of a node yet: it may come as a whole.
	kinds, at := c.allowedKinds(), p.word().token
	texts := c.skeletons(kinds, (*skeletonWriter).skeletonMembers)
	c.items = slices.Grow(c.items, len(kinds))
	for i, kind := range kinds {
		t := skeletonOf(kind)
		c.add(CompletionItem{
			Label: kind.Name, Kind: ItemNode, Detail: kind.Title, Topic: t.topic, Insert: texts[i], Snippet: true,
			Range: at, Filter: t.quoted, Sort: "5" + pad(i),
		})
	}
}

func (c *completer) property(prop *catalog.Property, order int, topic Topic) {
	schema := prop.Schema.Schema()
	item := CompletionItem{
		Label: prop.Name, Kind: ItemProperty, Detail: typeName(schema), Topic: topic,
		Sort: "1" + pad(order), Deprecated: schema.Deprecated != "",
	}
	if prop.Required {
		item.Detail += ", required"
		item.Sort = "0" + pad(order)
	}
	if item.Deprecated {
		item.Sort = "4" + pad(order)
	}
	c.name(item, func() (value string, more bool) {
		w := c.skeletonWriter()
		switch n := c.place.node; {
		case n != nil && n.Value().Range() == c.place.object.Range() && prop.Name == "kind":
			return `"$1"`, true
		case n != nil && n.Value().Range() == c.place.object.Range() && prop.Name == "ref" && n.Kind != "":
			return `"` + w.stop(freshRef(n.Kind, c.place.scope)) + `"`, false
		case n != nil && n.Definition == nil && !c.place.inDocument() && (prop.Name == "spec" || n.Value().Range() != c.place.object.Range()):
			w.write("{" + w.blank() + "}") // what belongs into it depends on the kind
			return string(w.b), false
		}
		w.first(prop, c.exampleOf(prop.Name))
		return string(w.b), wantsValue(schema) && w.stops <= 1
	})
}

// exampleOf returns what the example of the node's kind has under a name at the
// place; an absent value outside of nodes.
func (c *completer) exampleOf(name string) syntax.Value {
	n := c.place.node
	if n == nil || n.Definition == nil || c.place.inDocument() {
		return syntax.Value{}
	}
	if !c.example.IsValid() {
		c.example = exampleOfKind(n.Definition)
		for _, step := range c.place.names {
			if c.example.Kind() == syntax.KindArray {
				step = "0"
			}
			c.example = stepIn(c.example, step)
		}
	}
	return c.example.Get(name)
}

// name offers the name of a member. value writes its value as a snippet; where
// there is one already, only the name changes, inside its quotes.
func (c *completer) name(item CompletionItem, value func() (text string, more bool)) {
	p, w := c.place, c.place.word()
	quoted := edit.Quote(item.Label)
	if p.hasColon && p.str.IsValid() || w.next == ':' {
		item.Range, item.Insert = w.content, inner(item.Label)
		if !p.quoted() {
			item.Insert = quoted
		} else if w.open {
			item.Insert += `"`
		}
		item.Filter = item.Label
		c.add(item)
		return
	}
	item.Range, item.Filter = w.token, quoted
	if p.str.IsValid() && !p.quoted() {
		item.Filter = item.Label
	}
	text, more := value()
	item.Snippet, item.Insert = true, snippetText(quoted+p.colon)+text
	item.Retrigger = more
	if w.next == '"' || w.next == 0 && (p.followedByMember || p.str.IsValid() && p.beforeName(w.token.End)) {
		item.Insert += ","
	}
	c.add(c.behindComma(item))
}

// behindComma adds the comma that is missing in front of an item: to its text,
// where that begins right there.
func (c *completer) behindComma(item CompletionItem) CompletionItem {
	item.Added = c.missingComma()
	if len(item.Added) > 0 && item.Added[0].End == item.Range.Start {
		item.Insert, item.Added = item.Added[0].NewText+item.Insert, nil
	}
	return item
}

// beforeName reports whether the next name stands right behind an offset, without a
// comma in between.
func (p *place) beforeName(offset int) bool {
	t := p.container.Tree()
	for ; offset < t.Size(); offset++ {
		switch c := t.Slice(syntax.Range{Start: offset, End: offset + 1}); c {
		case " ", "\t", "\r", "\n":
		default:
			return c == `"`
		}
	}
	return false
}

// missingComma is the comma behind the member or element in front of the place, or
// of the word that is being typed there, where there is none. All items of a list
// share it.
func (c *completer) missingComma() []syntax.Edit {
	if !c.commaKnown {
		c.comma, c.commaKnown = c.place.missingComma(), true
	}
	return c.comma
}

func (p *place) missingComma() []syntax.Edit {
	start := p.offset
	switch {
	case p.str.IsValid():
		start = p.str.Range().Start
	case !p.followsMember:
		return nil
	}
	var last syntax.Value
	end := -1
	note := func(r syntax.Range, v syntax.Value) {
		if r.End <= start {
			last, end = v, r.End
		}
	}
	for m := range p.container.Members() {
		note(m.Range(), m.Value())
	}
	for e := range p.container.Elements() {
		note(e.Range(), e)
	}
	if end < 0 || p.str.IsValid() && strings.TrimSpace(p.container.Tree().Slice(syntax.Range{Start: end, End: start})) != "" {
		return nil
	}
	comma := ","
	if last.Kind() == syntax.KindString && !last.Terminated() {
		comma = `",` // else it would be part of the text
	}
	return []syntax.Edit{{Range: syntax.Range{Start: end, End: end}, NewText: comma}}
}

// argumentNames completes names in `arguments` and in overrides: arguments that
// are used and not declared, or declared and not overridden. It reports whether
// the place is in one of them.
func (c *completer) argumentNames(present map[string]bool) bool {
	p := c.place
	if p.scope == nil || p.scope.Type == template.Fragment || !p.inDocument() {
		return false
	}
	first := true
	for object := range argumentObjects(p.scope) {
		if object.IsValid() && object.Range() == p.object.Range() {
			names, detail := c.snapshot.undeclared(p.scope), "used, and not declared"
			if !first {
				names, detail = nil, "argument"
				for m := range p.scope.Value.Get("arguments").Members() {
					names = append(names, m.KeyText())
				}
			}
			for i, name := range names {
				if !present[name] {
					c.name(CompletionItem{Label: name, Kind: ItemArgument, Detail: detail, Topic: topicArgument(p.scope, name), Sort: "1" + pad(i)},
						func() (string, bool) { return `"$1"`, false })
				}
			}
			return true
		}
		first = false
	}
	return false
}

// undeclared returns the names of arguments that the scope uses and nothing
// declares, in the order of their first use.
func (s *Snapshot) undeclared(scope *template.Scope) []string {
	var out []string
	seen := map[string]bool{}
	note := func(facts *template.Facts) {
		if facts == nil {
			return
		}
		for _, e := range facts.Expressions {
			for _, u := range e.Uses {
				name, ok := u.ArgumentName()
				if ok && name != "" && !u.Ref.Template && !seen[name] && scope.Argument(name) == nil {
					seen[name] = true
					out = append(out, name)
				}
			}
		}
	}
	note(scope.Facts)
	for _, n := range scope.Nodes() {
		note(n.Facts)
	}
	return out
}

// padded are the numbers that most lists have, each in three digits.
const padded = "000001002003004005006007008009010011012013014015016017018019020021022023024025026027028029" +
	"030031032033034035036037038039040041042043044045046047048049050051052053054055056057058059"

func pad(i int) string {
	if 3*i < len(padded) {
		return padded[3*i : 3*i+3]
	}
	s := strconv.Itoa(i)
	if len(s) < 3 {
		s = strings.Repeat("0", 3-len(s)) + s
	}
	return s
}

func propertyDoc(p *catalog.Property) string {
	if p.Doc != "" {
		return p.Doc
	}
	return p.Schema.Schema().Doc
}

// wantsValue reports whether a list of values follows naturally.
func wantsValue(s *catalog.Schema) bool {
	return len(s.Enum) > 0 || s.Types == catalog.TypeBoolean || s.Role != "" || len(s.RefKinds) > 0 || s.Node
}

// isEmpty reports whether nothing is written in an object.
func isEmpty(v syntax.Value) bool { return v.Kind() == syntax.KindObject && v.Len() == 0 }
