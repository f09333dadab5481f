package changes

import (
	"slices"
	"strconv"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// Version is one version of a template, taken apart into what can change by itself: its
// nodes and the properties of the document. It is immutable.
type Version struct {
	doc   *template.Document
	items map[string]item
	order []string
	keys  map[int32]string // of nodes, by their numbers
	// own is what nodes mean without the nodes in them, by their text: a version of a text
	// that was edited has the nodes that the edit did not touch.
	own map[*syntax.Node]*own
}

// item is a node or a property of one version.
type item struct {
	change Change
	value  string
	parent string
	after  string // the item before it in its workflow
	// at is the node, or the value of the property; key is the property's name.
	at, key syntax.Value
}

// own is what a node's text says by itself.
type own struct{ kind, ref, name, value string }

// Of takes a text apart. One that is no template has no nodes.
func Of(tree *syntax.Tree) *Version {
	if tree == nil || !tree.Root().IsValid() {
		return &Version{}
	}
	return OfDocument(template.Build(tree, nil), nil)
}

// OfDocument takes a document apart. Of prev, a version of the same text before an edit or
// nil, it takes what the edit has not touched.
func OfDocument(doc *template.Document, prev *Version) *Version {
	v := &Version{doc: doc}
	v.items, v.keys, v.own = room[string, item](prev), room[int32, string](prev), room[*syntax.Node, *own](prev)
	if doc.Tree == nil || !doc.Tree.Root().IsValid() {
		return v
	}
	nodes := map[int]bool{} // where their objects start
	for n := range doc.All() {
		nodes[n.Value().Range().Start] = true
	}
	for m := range doc.Tree.Root().Members() {
		name := m.KeyText()
		if nodes[m.Value().Range().Start] {
			continue
		}
		v.add("property "+name, item{change: Change{Property: name, Path: "/" + escape(name)}, value: canonical(m.Value(), nodes), at: m.Value(), key: m.Key()})
	}
	v.addNodes(nodes, prev)
	return v
}

// room makes a map for as many as a version before has.
func room[K comparable, V any](prev *Version) map[K]V {
	if prev == nil {
		return map[K]V{}
	}
	return make(map[K]V, len(prev.items))
}

// addNodes adds the nodes in the order of the text.
func (v *Version) addNodes(nodes map[int]bool, prev *Version) {
	last, alike := map[string]string{}, map[string]int{}
	for n := range v.doc.All() {
		o := v.ownOf(n, nodes, prev)
		x := item{change: Change{Node: o.ref, Kind: o.kind, Path: n.Path()}, value: o.value, at: n.Value()}
		key := ""
		if n.Scope != v.doc.Main {
			key = n.Scope.Path() + " "
		}
		switch {
		case o.ref != "":
			key += "ref " + o.ref
		case o.name != "":
			key += o.kind + " " + platform.Slug(o.name)
			x.change.Node = o.name
		default:
			// By the workflow around it: where several are alike, they are told apart by order.
			around := ""
			if n.Parent != nil {
				around = v.keys[n.Parent.Number]
			}
			key += o.kind + " in " + around
			x.change.Node = o.kind
		}
		if n.Parent != nil {
			x.parent = v.keys[n.Parent.Number]
		}
		if alike[key]++; alike[key] > 1 {
			key += " #" + strconv.Itoa(alike[key])
		}
		x.after = last[x.parent]
		last[x.parent] = key
		v.keys[n.Number] = key
		v.add(key, x)
	}
}

func (v *Version) ownOf(n *template.Node, nodes map[int]bool, prev *Version) *own {
	value := n.Value()
	green := value.Green()
	if prev != nil && prev.own[green] != nil {
		v.own[green] = prev.own[green]
	}
	if v.own[green] == nil {
		v.own[green] = &own{word(value.Get("kind")), word(value.Get("ref")), word(value.Get("spec").Get("name")), canonical(value, nodes)}
	}
	return v.own[green]
}

func (v *Version) add(key string, x item) {
	if _, again := v.items[key]; !again { // of properties with one name the last counts
		v.order = append(v.order, key)
	}
	v.items[key] = x
}

// Until lists what a newer version has changed, in the order of its text, and what is gone
// behind it.
func (v *Version) Until(newer *Version) []Change {
	var out []Change
	v.compare(newer, func(_ string, c Change) { out = append(out, c) })
	return out
}

// compare yields what Until lists, with the keys.
func (v *Version) compare(newer *Version, yield func(key string, c Change)) {
	for _, key := range newer.order {
		if what, changed := v.what(newer, key); changed {
			c := newer.items[key].change
			c.What = what
			yield(key, c)
		}
	}
	var gone []string
	for key := range v.items {
		if _, ok := newer.items[key]; !ok {
			gone = append(gone, key)
		}
	}
	slices.Sort(gone)
	for _, key := range gone {
		c := v.items[key].change
		c.What = Removed
		yield(key, c)
	}
}

// what says what a newer version has done to what it has under a key.
func (v *Version) what(newer *Version, key string) (what What, changed bool) {
	now := newer.items[key]
	was, ok := v.items[key]
	switch {
	case !ok:
		return Added, true
	case was.value != now.value:
		return Changed, true
	case was.parent != now.parent || was.after != now.after && v.items[now.after].parent == now.parent && newer.items[was.after].parent == was.parent:
		return Moved, true
	}
	return "", false
}
