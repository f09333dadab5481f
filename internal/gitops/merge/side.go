package merge

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// side is one version of the text. It knows what each of its values means.
type side struct {
	tree *syntax.Tree
	root syntax.Value
	sums map[syntax.Range]sum
}

// sum stands for the meaning of a value: two values have the same sum if and only if
// they mean the same, in whatever formatting and order of members. The zero sum is that
// of no value.
type sum [sha256.Size]byte

func newSide(text string) *side {
	tree := syntax.Parse(text)
	return &side{tree: tree, root: tree.Root(), sums: map[syntax.Range]sum{}}
}

func (s *side) sum(v syntax.Value) sum {
	if !v.IsValid() {
		return sum{}
	}
	r := v.Range()
	if known, ok := s.sums[r]; ok {
		return known
	}
	h := sha256.New()
	switch v.Kind() {
	case syntax.KindObject:
		type entry struct {
			key string
			sum sum
		}
		var entries []entry
		for m := range v.Members() {
			entries = append(entries, entry{m.KeyText(), s.sum(m.Value())})
		}
		if !repeats(v) {
			slices.SortFunc(entries, func(x, y entry) int { return strings.Compare(x.key, y.key) })
		}
		h.Write([]byte("{"))
		for _, e := range entries {
			fmt.Fprintf(h, "%d:%s", len(e.key), e.key)
			h.Write(e.sum[:])
		}
	case syntax.KindArray:
		h.Write([]byte("["))
		for e := range v.Elements() {
			x := s.sum(e)
			h.Write(x[:])
		}
	default:
		h.Write([]byte(scalar(v)))
	}
	var out sum
	h.Sum(out[:0])
	s.sums[r] = out
	return out
}

// scalar is the same for two scalars if and only if they mean the same.
func scalar(v syntax.Value) string {
	switch v.Kind() {
	case syntax.KindString:
		text := v.Text()
		if strings.ContainsRune(text, '\ufffd') {
			return "r" + v.Raw() // halves of surrogate pairs all decode to this
		}
		return "s" + text
	case syntax.KindNumber:
		// A float64 keeps fifteen digits. Longer numbers are the same where they are
		// written the same.
		if f, ok := v.Float(); ok && len(v.Raw()) <= 15 {
			return "n" + strconv.FormatFloat(f+0, 'g', -1, 64)
		}
	}
	return "r" + v.Raw()
}

// identity is what an element of a list is known by across versions; "" for what has
// no name of its own.
func (s *side) identity(v syntax.Value) string {
	switch v.Kind() {
	case syntax.KindObject:
		if kind := word(v, "kind"); kind != "" && v.Get("spec").IsValid() {
			if ref := word(v, "ref"); ref != "" {
				return "ref " + ref
			}
			return nameOf(v, kind)
		}
		if key, x := naming(v); key != "" {
			return key + " " + scalar(x)
		}
		return ""
	case syntax.KindArray:
		return ""
	}
	return scalar(v)
}

// naming finds the property by which an object in a list is told from the others.
func naming(v syntax.Value) (key string, value syntax.Value) {
	for _, key := range []string{"id", "name", "key", "internalPort", "ref"} {
		if x := v.Get(key); x.IsValid() && x.Kind().IsScalar() {
			return key, x
		}
	}
	return "", syntax.Value{}
}

// called is how an element of a list is named to people, by its identity; "" where it has
// none.
func (s *side) called(v syntax.Value) string {
	switch {
	case s.identity(v) == "":
		return ""
	case v.Kind() != syntax.KindObject:
		return v.Text()
	case word(v, "ref") != "":
		return word(v, "ref")
	case word(v, "kind") != "" && v.Get("spec").IsValid():
		return nameOf(v, word(v, "kind"))
	}
	_, x := naming(v)
	return x.Text()
}

// nameOf is the identity that a node has by its kind and the identifier of what it makes.
func nameOf(v syntax.Value, kind string) string {
	if name := word(v.Get("spec"), "name"); name != "" {
		return kind + " " + platform.Slug(name)
	}
	return ""
}

// labelOf is what people call a node, by the first of its versions that is one.
func labelOf(versions ...syntax.Value) string {
	for _, v := range versions {
		kind := word(v, "kind")
		if kind == "" || !v.Get("spec").IsValid() {
			continue
		}
		if ref := word(v, "ref"); ref != "" {
			return ref + " (" + kind + ")"
		}
		if name := word(v.Get("spec"), "name"); name != "" {
			return name + " (" + kind + ")"
		}
		return kind
	}
	return ""
}

// nodes calls visit for each node that is the step of a workflow, wherever it stands.
// list is the place of the list around it.
func nodes(v syntax.Value, list syntax.Range, visit func(node syntax.Value, list syntax.Range)) {
	switch v.Kind() {
	case syntax.KindObject:
		if list != (syntax.Range{}) && word(v, "kind") != "" {
			visit(v, list)
		}
		for m := range v.Members() {
			nodes(m.Value(), syntax.Range{}, visit)
		}
	case syntax.KindArray:
		for e := range v.Elements() {
			nodes(e, v.Range(), visit)
		}
	}
}
