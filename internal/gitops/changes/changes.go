// Package changes says what of a template has changed between two versions: which nodes
// came, went or mean something else, and which properties of the document.
//
// It goes by what is meant. A comma, an indentation or another order of members is no
// change. The package knows texts, and nothing of Git or files.
package changes

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
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

// Between lists what has changed, in the order of the new text, and what is gone behind
// it. Texts that are no templates have no nodes; a text that is no JSON is one change.
func Between(older, newer *syntax.Tree) []Change { return Of(older).Until(Of(newer)) }

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
