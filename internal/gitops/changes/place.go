package changes

import (
	"strconv"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// Place is something in a newer version of a template, and the same thing in an older one.
type Place struct {
	// Change is the node around it, or the property of the document; What is empty where
	// that means the same in both.
	Change Change
	// Whole is true at a node's kind and ref: the place is the node.
	Whole bool
	// Pointer leads to the place from the node or, outside of nodes, from the document.
	Pointer string
	// Now and Was are the two values; Was is absent where the older version has none.
	Now, Was syntax.Value
	// kinds are those of the node in both versions.
	kinds []string
	nodes func(syntax.Value) bool
}

// Place finds what stands at a byte offset of a newer version, and what stood there: the
// same property of the same node, wherever that was. Elements of lists that have a name
// are found by it. It reports false where there is nothing that has a counterpart.
func (v *Version) Place(newer *Version, offset int) (Place, bool) {
	if newer.doc == nil || newer.doc.Main == nil || v.doc == nil || !v.doc.Root.IsValid() {
		return Place{}, false
	}
	path := newer.doc.Tree.PathAt(offset)
	p := Place{Now: newer.doc.Root, Was: v.doc.Root, nodes: isNode(newer.doc, v.doc)}
	n := newer.doc.NodeAt(path.Offset)
	if n != nil {
		key := newer.keys[n.Number]
		p.Change = newer.items[key].change
		p.Change.What, _ = v.what(newer, key)
		p.kinds = []string{p.Change.Kind}
		p.Now, p.Was = n.Value(), syntax.Value{}
		if was, ok := v.items[key]; ok {
			p.Was = v.doc.Tree.Find(was.change.Path)
			p.kinds = append(p.kinds, was.change.Kind)
		}
	}
	steps := path.Steps
	for len(steps) > 0 && steps[0].Value.Range() != p.Now.Range() {
		steps = steps[1:]
	}
	for _, step := range steps {
		switch {
		case step.Value.Kind() == syntax.KindObject && step.Member.IsValid():
			name := step.Member.KeyText()
			p.Pointer += "/" + escape(name)
			p.Now, p.Was = step.Member.Value(), p.Was.Get(name)
		case step.Value.Kind() == syntax.KindArray && step.Value.Index(step.Index).IsValid():
			p.Pointer += "/" + strconv.Itoa(step.Index)
			p.Now, p.Was = step.Value.Index(step.Index), counterpart(step.Value, step.Index, p.Was)
		}
	}
	if p.Pointer == "" || !p.Now.IsValid() {
		return Place{}, false
	}
	if n == nil {
		name, _, _ := strings.Cut(p.Pointer[1:], "/")
		key := "property " + unescape(name)
		p.Change = newer.items[key].change
		p.Change.What, _ = v.what(newer, key)
	}
	if p.Whole = n != nil && (p.Pointer == "/kind" || p.Pointer == "/ref"); p.Whole {
		p.Pointer, p.Now, p.Was = "", n.Value(), syntax.Value{}
		if was, ok := v.items[newer.keys[n.Number]]; ok {
			p.Was = v.doc.Tree.Find(was.change.Path)
		}
	}
	return p, true
}

// isNode tells the nodes of two documents from other values.
func isNode(newer, older *template.Document) func(syntax.Value) bool {
	return func(v syntax.Value) bool {
		doc := newer
		if v.Tree() == older.Tree {
			doc = older
		}
		return v.Kind() == syntax.KindObject && doc.NodeOf(v) != nil
	}
}

// names are the members by which the elements of a list are told apart.
var names = [...]string{"id", "name", "key", "internalPort"}

// counterpart finds the element of an older list that an element of a newer one was: the
// one of the same name or, where there are no names, in the same place of a list as long.
func counterpart(newer syntax.Value, index int, older syntax.Value) syntax.Value {
	e := newer.Index(index)
	for _, name := range names {
		own := e.Get(name)
		if !own.Kind().IsScalar() {
			continue
		}
		for was := range older.Elements() {
			if was.Get(name).IsValid() && equal(was.Get(name), own) {
				return was
			}
		}
		return syntax.Value{}
	}
	if older.Kind() != syntax.KindArray || older.Len() != newer.Len() {
		return syntax.Value{}
	}
	return older.Index(index)
}

// equal reports whether two values mean the same.
func equal(a, b syntax.Value) bool {
	return a.IsValid() == b.IsValid() && (!a.IsValid() || canonical(a, nil) == canonical(b, nil))
}

// Differences lists what is not the same in both, as JSON pointers from the place, at most
// so many, and says whether there are more. What stands in other nodes is theirs.
func (p Place) Differences(most int) (pointers []string, more bool) {
	var compare func(pointer string, now, was syntax.Value)
	compare = func(pointer string, now, was syntax.Value) {
		switch {
		case more || pointer != "" && (p.nodes(now) || p.nodes(was)):
		case now.Kind() == syntax.KindObject && was.Kind() == syntax.KindObject:
			for m := range now.Members() {
				compare(pointer+"/"+escape(m.KeyText()), m.Value(), was.Get(m.KeyText()))
			}
			for m := range was.Members() {
				if _, ok := now.GetMember(m.KeyText()); !ok {
					compare(pointer+"/"+escape(m.KeyText()), syntax.Value{}, m.Value())
				}
			}
		case now.Kind() == syntax.KindArray && was.Kind() == syntax.KindArray && now.Len() == was.Len():
			i := 0
			for e := range now.Elements() {
				compare(pointer+"/"+strconv.Itoa(i), e, was.Index(i))
				i++
			}
		case equal(now, was):
		case len(pointers) == most:
			more = true
		default:
			pointers = append(pointers, pointer)
		}
	}
	compare("", p.Now, p.Was)
	return pointers, more
}

// Same reports whether the place means the same in both versions.
func (p Place) Same() bool { return equal(p.Now, p.Was) }

// tokens takes a JSON pointer apart.
func tokens(pointer string) []string {
	if pointer == "" {
		return nil
	}
	list := strings.Split(pointer[1:], "/")
	for i, t := range list {
		list[i] = unescape(t)
	}
	return list
}

// step goes one step into a value. Where there is nothing, the range is where it would be.
func step(v syntax.Value, token string) (syntax.Value, syntax.Range) {
	start := v.Range().Start
	none := syntax.Range{Start: start, End: min(start+1, v.Range().End)}
	if v.Kind() != syntax.KindArray {
		return v.Get(token), none
	}
	i, err := strconv.Atoi(token)
	if err != nil {
		return syntax.Value{}, none
	}
	return v.Index(i), none
}

func unescape(token string) string {
	return strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
}
