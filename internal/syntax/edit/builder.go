package edit

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// Builder collects changes to a tree and turns them into edits of its text. All
// changes are told in terms of the tree as it is; those of one container are
// worked out together, so that two insertions, or the removal of neighbours,
// agree about their commas. Mistakes are reported by Edits.
type Builder struct {
	tree       *syntax.Tree
	style      *style
	containers map[syntax.Range]*container // those that change, and some that do not
	edits      []syntax.Edit
	replaced   []syntax.Range
	err        error
}

// New returns a builder without changes.
func New(tree *syntax.Tree) *Builder { return &Builder{tree: tree} }

// Where is a place among the members of an object.
type Where struct {
	place place
	key   string
}

type place uint8

const (
	last place = iota
	first
	after
	before
)

// Last is behind all members; it is the zero Where.
func Last() Where { return Where{} }

// First is before all members.
func First() Where { return Where{place: first} }

// After is behind the member with the name key; behind all if there is none.
func After(key string) Where { return Where{after, key} }

// Before is before the member with the name key; behind all if there is none.
func Before(key string) Where { return Where{before, key} }

// Insert adds a member to an object. json is the text of its value, in any
// formatting. Whether the object has such a member already is not looked at.
func (b *Builder) Insert(object syntax.Value, where Where, key, json string) *Builder {
	c := b.container(object, syntax.KindObject)
	if c == nil {
		return b
	}
	i := len(c.items)
	switch where.place {
	case first:
		i = 0
	case after, before:
		if m, ok := object.GetMember(where.key); ok {
			i = c.around(m.Range())
			if where.place == after {
				i++
			}
		}
	}
	c.insert(i, insertion{key: key, named: true, json: json})
	return b
}

// Set replaces the value of the member with the name key, or adds it as Insert
// does if there is none.
func (b *Builder) Set(object syntax.Value, where Where, key, json string) *Builder {
	if m, ok := object.GetMember(key); ok {
		return b.SetValue(m, json)
	}
	return b.Insert(object, where, key, json)
}

// InsertElement adds an element to an array: before the element that has the
// index now, behind all if there is none.
func (b *Builder) InsertElement(array syntax.Value, index int, json string) *Builder {
	if c := b.container(array, syntax.KindArray); c != nil {
		c.insert(min(max(index, 0), len(c.items)), insertion{json: json})
	}
	return b
}

// Replace puts a new value in the place of one.
func (b *Builder) Replace(v syntax.Value, json string) *Builder {
	if !b.belongs(v.IsValid() && v.Tree() == b.tree, "replace a value") {
		return b
	}
	return b.replaceRange(v.Range(), b.styled().value(json, b.styled().layoutOf(v)))
}

// SetValue replaces the value of a member, or writes one where it is missing.
func (b *Builder) SetValue(m syntax.Member, json string) *Builder {
	if !b.belongs(m.IsValid() && m.Tree() == b.tree, "set the value of a member") {
		return b
	}
	if v := m.Value(); v.IsValid() {
		return b.Replace(v, json)
	}
	s := b.styled()
	at := m.Range().End
	text := s.value(json, s.layoutAt(m.Range().Start))
	if m.HasColon() {
		text = s.afterColon() + text
	} else {
		text = s.colon + text
	}
	// The space that was typed for the value is taken.
	end := at + len(s.src[at:]) - len(strings.TrimLeft(s.src[at:], " \t"))
	b.edits = append(b.edits, syntax.Edit{Range: syntax.Range{Start: at, End: end}, NewText: text})
	return b
}

// Rename gives a member another name.
func (b *Builder) Rename(m syntax.Member, key string) *Builder {
	if !b.belongs(m.IsValid() && m.Tree() == b.tree, "rename a member") {
		return b
	}
	if k := m.Key(); k.IsValid() {
		return b.replaceRange(k.Range(), Quote(key))
	}
	at := m.Range().Start
	text := Quote(key)
	if !m.HasColon() {
		text += b.styled().colon
	}
	b.edits = append(b.edits, syntax.Edit{Range: syntax.Range{Start: at, End: at}, NewText: text})
	return b
}

// RemoveMember takes a member out of its object.
func (b *Builder) RemoveMember(m syntax.Member) *Builder {
	if !b.belongs(m.IsValid() && m.Tree() == b.tree, "remove a member") {
		return b
	}
	return b.remove(m.Range(), syntax.KindObject)
}

// RemoveElement takes an element out of its array.
func (b *Builder) RemoveElement(v syntax.Value) *Builder {
	if !b.belongs(v.IsValid() && v.Tree() == b.tree, "remove an element") {
		return b
	}
	return b.remove(v.Range(), syntax.KindArray)
}

func (b *Builder) remove(r syntax.Range, from syntax.Kind) *Builder {
	c, i := b.find(r, from)
	if c == nil {
		b.fail(errors.New("only members of objects and elements of arrays can be removed"))
		return b
	}
	c.items[i].removed = true
	return b
}

// find returns the container of the given kind that has an item at r, and the
// item's index. The containers around r are kept for the next call.
func (b *Builder) find(r syntax.Range, kind syntax.Kind) (*container, int) {
	var v syntax.Value
	for p := range b.tree.Parts() { // also what stands behind the root
		if p.Range.Start <= r.Start && r.End <= p.Range.End {
			v = p.Value()
			break
		}
	}
	for v.Kind() == syntax.KindObject || v.Kind() == syntax.KindArray {
		c := b.container(v, v.Kind())
		i := c.around(r)
		if i < 0 {
			break
		}
		if c.items[i].Range == r && v.Kind() == kind {
			return c, i
		}
		p := c.parts[c.items[i].part]
		if v = p.Value(); !v.IsValid() {
			v = p.Member().Value()
		}
	}
	return nil, 0
}

func (b *Builder) replaceRange(r syntax.Range, text string) *Builder {
	b.edits = append(b.edits, syntax.Edit{Range: r, NewText: text})
	b.replaced = append(b.replaced, r)
	return b
}

func (b *Builder) styled() *style {
	if b.style == nil {
		b.style = detect(b.tree)
	}
	return b.style
}

func (b *Builder) fail(err error) {
	if b.err == nil {
		b.err = err
	}
}

func (b *Builder) belongs(ok bool, what string) bool {
	if !ok {
		b.fail(fmt.Errorf("cannot %s that is not part of the text", what))
	}
	return ok
}

// container returns what is known of the changes to v.
func (b *Builder) container(v syntax.Value, kind syntax.Kind) *container {
	if v.Kind() != kind || v.Tree() != b.tree {
		b.fail(fmt.Errorf("cannot insert into a value that is no %s of the text", kind))
		return nil
	}
	c := b.containers[v.Range()]
	if c == nil {
		if b.containers == nil {
			b.containers = map[syntax.Range]*container{}
		}
		c = newContainer(v)
		b.containers[v.Range()] = c
	}
	return c
}

// Edits returns the changes as edits of the tree's text, sorted and without
// overlaps. Changes within something that is removed are dropped; a change
// within something that is replaced is an error.
func (b *Builder) Edits() ([]syntax.Edit, error) {
	if b.err != nil {
		return nil, b.err
	}
	// Inner containers first: where two end at one place because neither is
	// closed, what is added to the inner one comes first.
	containers := slices.SortedFunc(maps.Values(b.containers), func(x, y *container) int {
		return y.value.Range().Start - x.value.Range().Start
	})
	var gone []syntax.Range
	for _, c := range containers {
		for _, it := range c.items {
			if it.removed {
				gone = append(gone, it.Range)
			}
		}
	}
	removed, replaced := coverOf(gone), coverOf(b.replaced)
	var edits []syntax.Edit
	for _, e := range b.edits {
		if !removed.holds(e.Range) {
			edits = append(edits, e)
		}
	}
	for _, c := range containers {
		if removed.holds(c.value.Range()) {
			continue
		}
		changes := c.edits(b.styled())
		if len(changes) > 0 && replaced.holds(c.value.Range()) {
			return nil, errors.New("cannot change the parts of a value that is replaced")
		}
		edits = append(edits, changes...)
	}
	slices.SortStableFunc(edits, func(x, y syntax.Edit) int {
		if x.Start != y.Start {
			return x.Start - y.Start
		}
		return x.End - y.End
	})
	for i := 1; i < len(edits); i++ {
		if edits[i].Start < edits[i-1].End {
			return nil, fmt.Errorf("two changes overlap at byte %d", edits[i].Start)
		}
	}
	return edits, nil
}

// cover is a set of ranges, in their order and none within another one.
type cover []syntax.Range

func coverOf(ranges []syntax.Range) cover {
	sorted := slices.Clone(ranges)
	slices.SortFunc(sorted, func(x, y syntax.Range) int {
		if x.Start != y.Start {
			return x.Start - y.Start
		}
		return y.End - x.End
	})
	var c cover
	for _, r := range sorted {
		if len(c) == 0 || r.End > c[len(c)-1].End {
			c = append(c, r)
		}
	}
	return c
}

// holds reports whether r lies within one of the ranges.
func (c cover) holds(r syntax.Range) bool {
	i := sort.Search(len(c), func(i int) bool { return c[i].Start > r.Start }) - 1
	return i >= 0 && r.End <= c[i].End
}

// Apply returns the tree's text with the changes made.
func (b *Builder) Apply() (string, error) {
	edits, err := b.Edits()
	if err != nil {
		return "", err
	}
	return Apply(b.tree.Source(), edits)
}
