package analysis

import (
	"slices"
	"strconv"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/template"
)

// refs offers the nodes and triggers that can be referred to, those whose
// output is there in time first. root is written in front; a path in a text has
// plain names.
func (e *expressionCompleter) refs(scope *template.Scope, start, end int, root string, viaTemplate, plain bool) {
	user := e.place.node
	if viaTemplate && e.place.scope != nil {
		user = e.place.scope.Owner
	}
	list := shortlist{most: e.most, fits: e.fittingNames(start, end, root, plain)}
	list.isNew = func(c candidate) bool {
		number, carried := scope.Carrier(c.name, user)
		return !carried || number == c.node.Number
	}
	count := 0
	for range scope.Carriers() {
		count++
	}
	list.list = make([]candidate, 0, min(count, e.most))
	for n := range scope.Relatives(user) {
		if n.Ref == "" || n.Order == template.Same {
			continue
		}
		c := candidate{rank: '3', name: n.Ref, node: n}
		switch n.Order {
		case template.Concurrent:
			c.rank = '4'
		case template.After, template.Within:
			c.rank = '8'
		case template.Around:
			c.rank = '8'
			if loop := loopNamed(user, n.Ref); loop != nil && loop.Number == n.Number {
				c.rank, c.iterates = '4', true
			}
		}
		if c.rank == '3' && e.takes(n.Kind) {
			c.rank = '1'
		}
		list.add(c)
	}
	for _, t := range scope.Triggers() {
		if t.Ref != "" {
			list.add(candidate{rank: '3', name: t.Ref, node: template.Relative{Number: noNode}})
		}
	}
	chosen := list.chosen()
	e.items = slices.Grow(e.items, len(chosen))
	for _, c := range chosen {
		item := CompletionItem{Kind: ItemRef, Detail: "Git trigger", Sort: c.sort()}
		if c.node.Facts != nil {
			item.Detail, item.Topic = c.node.Kind+c.note(), topicRef(scope, c.name)
		}
		e.named(item, root, c.name, start, end, plain)
	}
	e.isCut = e.isCut || list.cut
}

// noNode is the number of what is none.
const noNode = -1

// named adds a ref: with its root, behind a dot, in brackets, or in a text.
func (e *expressionCompleter) named(item CompletionItem, root, name string, start, end int, plain bool) {
	switch {
	case plain:
		item.Range, item.Label, item.Insert = e.span(start, end), name, inner(name)
	case root != "":
		item.Range, item.Label = e.span(start, end), root+suffix(name)
		item.Insert = inner(item.Label + e.dot(end))
		item.Retrigger = e.dot(end) != ""
	default:
		item.Label = name
		item = e.step(item, name, start, end, e.dot(end))
	}
	e.add(item)
}

// step has an item write a name as the next step of a path, in the place of what
// stands there of it: behind a dot or in brackets, as it was begun or as the name
// needs it, and behind it what leads on or ends the expression.
func (e *expressionCompleter) step(item CompletionItem, name string, start, end int, behind string) CompletionItem {
	text := e.place.text.Text
	before := byte(0)
	if start > 0 && start <= len(text) {
		before = text[start-1]
	}
	item.Range = e.span(start, end)
	switch {
	case e.bracket == "]":
		item.Insert = inner(key(name) + e.bracket + behind)
	case e.bracket != "":
		item.Insert = inner(escaped(name, e.bracket[0]) + e.bracket + behind)
	case before == '\'' || before == '"':
		item.Insert, behind = inner(escaped(name, before)), ""
	case before == '[':
		item.Insert, behind = inner(key(name)), ""
	case isWord(name):
		item.Insert = inner(name + behind)
	default:
		if before == '.' {
			item.Range, item.Filter = e.span(start-1, end), "."+name
		}
		item.Insert = inner(suffix(name) + behind)
	}
	item.Retrigger = strings.HasSuffix(behind, ".")
	return item
}

// key is what stands between the brackets of a step.
func key(name string) string {
	if _, err := strconv.Atoi(name); err == nil {
		return name
	}
	return "'" + escaped(name, '\'') + "'"
}

// fittingNames returns what tells whether what is typed fits the item of a ref,
// as named makes it.
func (e *expressionCompleter) fittingNames(start, end int, root string, plain bool) func(candidate) bool {
	typed := e.typed(e.span(start, end).Start)
	if root != "" && !plain {
		return func(c candidate) bool {
			if isWord(c.name) {
				return typed.fits(root, ".", c.name)
			}
			return typed.fits(root, suffix(c.name))
		}
	}
	inBrackets := plain || e.bracket != "" || e.inBrackets(start)
	if inBrackets || start == 0 || e.place.text.Text[start-1] != '.' {
		return func(c candidate) bool { return typed.fits(c.name) }
	}
	withDot := e.typed(e.span(start-1, end).Start)
	return func(c candidate) bool {
		if isWord(c.name) {
			return typed.fits(c.name)
		}
		return withDot.fits(".", c.name)
	}
}

// inBrackets reports whether a name at the offset stands in quotes in brackets.
func (e *expressionCompleter) inBrackets(start int) bool {
	text := e.place.text.Text
	return start > 0 && start <= len(text) && (text[start-1] == '\'' || text[start-1] == '"')
}

// takes reports whether the value at the cursor identifies a thing that nodes of
// the kind make.
func (e *expressionCompleter) takes(kind string) bool {
	if e.call != nil {
		return false
	}
	for _, s := range e.place.schemas() {
		if has(s.RefKinds, kind) {
			return true
		}
	}
	return false
}
