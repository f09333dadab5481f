// Package changes says what of a template has changed between two versions: which nodes
// came, went or mean something else, and which properties of the document.
//
// It goes by what is meant. A comma, an indentation or another order of members is no
// change. The package knows texts, and nothing of Git or files.
package changes

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// What happened to a node or a property.
type What string

// The kinds of changes.
const (
	Added   What = "added"
	Removed What = "removed"
	Changed What = "changed"
	// Moved nodes mean the same and stand in another workflow, or in another order.
	Moved What = "moved"
)

// Change is one node, or one property of the document, that has changed.
type Change struct {
	What What `json:"what"`
	// Node is the node's ref or, where it has none, its name or its kind; empty for a
	// property of the document.
	Node string `json:"node,omitempty"`
	Kind string `json:"kind,omitempty"`
	// Property is the name of a property of the document, as in "arguments".
	Property string `json:"property,omitempty"`
	// Path is the JSON pointer in the version that has it, the new one before the old.
	Path string `json:"path"`
}

// String is the change as people read it.
func (c Change) String() string {
	if c.Node == "" {
		return c.Property
	}
	return c.Node
}

// item is a node or a property of one version.
type item struct {
	change Change
	value  string
	parent string
	after  string // the item before it in its workflow
}

// Between lists what has changed, in the order of the new text, and what is gone behind
// it. Texts that are no templates have no nodes; a text that is no JSON is one change.
func Between(older, newer *syntax.Tree) []Change {
	before, _ := itemsOf(older)
	after, order := itemsOf(newer)
	var out []Change
	for _, key := range order {
		now := after[key]
		was, ok := before[key]
		switch {
		case !ok:
			now.change.What = Added
		case was.value != now.value:
			now.change.What = Changed
		case was.parent != now.parent || was.after != now.after && before[now.after].parent == now.parent && after[was.after].parent == was.parent:
			now.change.What = Moved
		default:
			continue
		}
		out = append(out, now.change)
	}
	for _, key := range slices.Sorted(maps.Keys(before)) {
		if _, ok := after[key]; !ok {
			gone := before[key].change
			gone.What = Removed
			out = append(out, gone)
		}
	}
	return out
}

// itemsOf takes a text apart into what can change by itself.
func itemsOf(tree *syntax.Tree) (map[string]item, []string) {
	items := map[string]item{}
	var order []string
	add := func(key string, x item) {
		if _, again := items[key]; !again { // of properties with one name the last counts
			order = append(order, key)
		}
		items[key] = x
	}
	alike := map[string]int{}
	if tree == nil || !tree.Root().IsValid() {
		return items, order
	}
	doc := template.Build(tree, nil)
	nodes := map[int]bool{} // where their objects start
	for n := range doc.All() {
		nodes[n.Value().Range().Start] = true
	}
	for m := range tree.Root().Members() {
		name := m.KeyText()
		if nodes[m.Value().Range().Start] {
			continue
		}
		add("property "+name, item{change: Change{Property: name, Path: "/" + escape(name)}, value: canonical(m.Value(), nodes)})
	}
	keys := map[int32]string{}
	last := map[string]string{}
	for n := range doc.All() {
		v := n.Value()
		kind, ref, name := word(v.Get("kind")), word(v.Get("ref")), word(v.Get("spec").Get("name"))
		x := item{change: Change{Node: ref, Kind: kind, Path: n.Path()}, value: canonical(v, nodes)}
		scope := ""
		if n.Scope != doc.Main {
			scope = n.Scope.Path() + " "
		}
		key := scope
		switch {
		case ref != "":
			key += "ref " + ref
		case name != "":
			key += kind + " " + platform.Slug(name)
			x.change.Node = name
		default:
			// By the workflow around it: where several are alike, they are told apart by order.
			around := ""
			if n.Parent != nil {
				around = keys[n.Parent.Number]
			}
			key += kind + " in " + around
			x.change.Node = kind
		}
		if n.Parent != nil {
			x.parent = keys[n.Parent.Number]
		}
		if alike[key]++; alike[key] > 1 {
			key += " #" + strconv.Itoa(alike[key])
		}
		x.after = last[x.parent]
		last[x.parent] = key
		keys[n.Number] = key
		add(key, x)
	}
	return items, order
}

// canonical writes a value as it is meant, without the nodes in it: these change by
// themselves.
func canonical(v syntax.Value, nodes map[int]bool) string {
	var strip func(v syntax.Value, top bool) any
	strip = func(v syntax.Value, top bool) any {
		if !top && nodes[v.Range().Start] && v.Kind() == syntax.KindObject {
			return nil
		}
		switch v.Kind() {
		case syntax.KindObject:
			out := map[string]any{}
			for m := range v.Members() {
				out[m.KeyText()] = strip(m.Value(), false)
			}
			return out
		case syntax.KindArray:
			out := []any{}
			for e := range v.Elements() {
				if x := strip(e, false); x != nil || e.Kind() == syntax.KindNull {
					out = append(out, x)
				}
			}
			return out
		case syntax.KindNumber:
			if f, ok := v.Float(); ok && len(v.Raw()) <= 15 {
				return f
			}
			return json.RawMessage(strconv.Quote("number " + v.Raw()))
		}
		return v.Interface()
	}
	text, err := json.Marshal(strip(v, true))
	if err != nil {
		return v.Raw()
	}
	return string(text)
}

func word(v syntax.Value) string {
	if v.Kind() == syntax.KindString {
		return v.Text()
	}
	return ""
}

func escape(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

// Summary says in a few words what has changed, as in "add cache, change db and api".
func Summary(list []Change) string {
	words := map[What][]string{}
	for _, c := range list {
		if name := c.String(); !slices.Contains(words[c.What], name) {
			words[c.What] = append(words[c.What], name)
		}
	}
	var parts []string
	for _, w := range []struct {
		what What
		verb string
	}{{Added, "add"}, {Changed, "change"}, {Moved, "move"}, {Removed, "remove"}} {
		if names := words[w.what]; len(names) > 0 {
			parts = append(parts, w.verb+" "+enumerate(names))
		}
	}
	return strings.Join(parts, ", ")
}

func enumerate(names []string) string {
	const most = 4
	if len(names) > most {
		return strings.Join(names[:most-1], ", ") + " and " + strconv.Itoa(len(names)-most+1) + " more"
	}
	if len(names) == 1 {
		return names[0]
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
