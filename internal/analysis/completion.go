package analysis

import (
	"math"
	"slices"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// ItemKind says what a completion item stands for.
type ItemKind uint8

const (
	// ItemNode is a node kind with its skeleton.
	ItemNode ItemKind = iota
	// ItemProperty is a property's name.
	ItemProperty
	// ItemValue is a value that the property takes.
	ItemValue
	// ItemRef is a node or trigger that can be referred to, ItemOutput a part of its output.
	ItemRef
	ItemOutput
	// ItemArgument is an argument of the document.
	ItemArgument
	// ItemFunction is a function of the expression language, ItemParameter a
	// parameter of an arrow function.
	ItemFunction
	ItemParameter
	// ItemRoot is what an expression may start with.
	ItemRoot
)

// CompletionItem is one thing that may be written at the cursor.
type CompletionItem struct {
	Label  string
	Kind   ItemKind
	Detail string
	// Topic is what there is to say about it: see Snapshot.Explain.
	Topic Topic
	// Insert replaces Range. Where Snippet is set it is in LSP snippet syntax
	// with `$`, `}` and `\` escaped.
	Insert  string
	Snippet bool
	// Range is in bytes, on one line, and contains the cursor.
	Range syntax.Range
	// Filter is what the text in Range is matched against; Sort orders the items.
	Filter, Sort string
	Preselect    bool
	// Retrigger asks the editor to complete again after the item was inserted,
	// because the text ends in something that wants a continuation.
	Retrigger  bool
	Deprecated bool
	// Added are edits elsewhere that the item needs: the comma that is missing
	// behind what stands in front of the place.
	Added []syntax.Edit
	// RefFor is the path of a node to which Insert refers and that has no ref
	// yet, Ref the one that Insert uses: see Snapshot.RefAddition.
	RefFor, Ref string
}

// Typed is the character that made an editor ask for completion; 0 where a
// person asked for it, or went on typing a word.
type Typed byte

// Complete lists what may be written at the byte offset. It reads the tree as
// it is: half-typed strings, members without values and unclosed brackets are
// the normal case.
func (s *Snapshot) Complete(offset int) []CompletionItem { return s.CompleteTyped(offset, 0) }

// CompleteTyped is Complete behind a character that was just typed. Where that
// character means nothing, as a dot in a sentence does, it offers nothing: a list
// that opens by itself takes the next line end for a choice.
func (s *Snapshot) CompleteTyped(offset int, typed Typed) []CompletionItem {
	items, _ := s.CompleteMost(offset, typed, math.MaxInt)
	return items
}

// CompleteMost is CompleteTyped for a list that shows so many items at most. Where
// there are more, the list is not the whole: it has the first of those that what is
// typed before the cursor fits, sorted.
func (s *Snapshot) CompleteMost(offset int, typed Typed, most int) (items []CompletionItem, whole bool) {
	items, isCut := s.complete(offset, typed, most)
	if !isCut && len(items) <= most {
		return items, true
	}
	items = slices.DeleteFunc(items, func(i CompletionItem) bool {
		return !Matches(i.Filter, s.Tree.Slice(syntax.Range{Start: i.Range.Start, End: offset}))
	})
	slices.SortStableFunc(items, func(a, b CompletionItem) int { return strings.Compare(a.Sort, b.Sort) })
	return items[:min(len(items), most)], false
}

// complete makes the list. It leaves references out for good that are not among
// the most that the list shows, and says so.
func (s *Snapshot) complete(offset int, typed Typed, most int) (items []CompletionItem, isCut bool) {
	if offset < 0 || offset > s.Tree.Size() {
		return nil, false
	}
	if m, at := s.meantAt(offset); m != nil {
		items, isCut := m.snapshot.complete(at, typed, most)
		return m.items(items), isCut
	}
	p := s.placeAt(offset)
	if !s.IsTemplate() {
		if typed != 0 {
			return nil, false
		}
		return s.completeNewDocument(p), false
	}
	if !p.answers(typed) {
		return nil, false
	}
	c := &completer{snapshot: s, place: p, most: most}
	switch {
	case p.spot != syntax.SpotName && p.spot != syntax.SpotValue, p.inEscape:
		return nil, false
	case p.str.IsValid() && p.inExpression():
		c.expression()
	case p.isKey:
		c.properties()
	default:
		c.values()
	}
	if p.quoted() && p.str.HasEscapes() {
		c.matchEscapes()
	}
	return c.items, c.isCut
}

// matchEscapes has editors, which compare what they filter by with the text of
// the file, find the items that go on with a word that has escapes in it.
func (c *completer) matchEscapes() {
	p := c.place
	d, start := p.str.Decode(), p.str.Range().Start
	for i := range c.items {
		item := &c.items[i]
		raw := p.str.Tree().Slice(syntax.Range{Start: item.Range.Start, End: max(item.Range.Start, p.offset)})
		if strings.IndexByte(raw, '\\') < 0 {
			continue
		}
		typed := d.Text[d.TextOffset(max(item.Range.Start, start+1)):p.textOffset]
		if item.Range.Start == start {
			typed = p.str.Raw()[:1] + typed
		}
		if n := len(typed); n <= len(item.Filter) && strings.EqualFold(item.Filter[:n], typed) {
			item.Filter = raw + item.Filter[n:]
		} else if Matches(item.Filter, typed) {
			item.Filter = raw + item.Filter
		}
	}
}

// answers reports whether a character that opens lists means something at the
// place.
func (p *place) answers(typed Typed) bool {
	switch typed {
	case '.', ',', '(', '{', '\'':
		return p.str.IsValid() && p.inExpression()
	case '$':
		return p.quoted()
	case ':':
		return !p.str.IsValid() && !p.isKey
	}
	return true
}

// completer collects the items for one place.
type completer struct {
	snapshot *Snapshot
	place    place
	items    []CompletionItem
	// most is how many items are shown at most; isCut is true where there are more
	// and not all have been made.
	most  int
	isCut bool
	// comma is the one that is missing in front of the place, once it was looked for.
	comma      []syntax.Edit
	commaKnown bool
	// example is what the example of the node's kind has at the place, once it was
	// looked up.
	example syntax.Value
}

func (c *completer) add(i CompletionItem) {
	if i.Filter == "" {
		i.Filter = i.Label
	}
	if i.Sort == "" {
		i.Sort = i.Label
	}
	c.items = append(c.items, i)
}

// snippetText escapes text that stands in a snippet for itself.
func snippetText(s string) string {
	if !strings.ContainsAny(s, `$}\`) {
		return s
	}
	return snippetEscapes.Replace(s)
}

var snippetEscapes = strings.NewReplacer(`\`, `\\`, `$`, `\$`, `}`, `\}`)

// scope returns the scope that expressions at the place are looked up in.
func (p place) lookup(template bool) *template.Scope {
	if p.scope == nil {
		return nil
	}
	if template {
		return p.scope.Outer
	}
	return p.scope
}

// inExpression reports whether the cursor stands inside of a `${`, and not behind what closes it.
func (p place) inExpression() bool {
	if !p.str.IsValid() || p.str.Kind() != syntax.KindString {
		return false
	}
	part, _ := p.text.PathAt(p.textOffset)
	return part != nil && part.Kind == expr.Expression && p.textOffset >= part.Start+2 && !(part.Closed && p.textOffset >= part.End)
}

// schemas returns the schemas that apply to the value that the cursor stands in
// or, at a key, to the object around it.
func (p place) schemas() []*catalog.Schema { return p.applicable }
