package merge

import (
	"slices"
	"sort"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
)

// plan says what a value becomes. A nil plan is a value that goes.
type plan struct {
	form  form
	value syntax.Value // what it is made of: in our text, or in theirs
	side  *side
	// members are those of an object, in the order that they are written in where the
	// object is new.
	members  []member
	elements []element
}

type form uint8

const (
	leaf   form = iota // the value as it is
	object             // the value with other members
	list               // the value with other elements
)

type member struct {
	key  string
	plan *plan
}

type element struct {
	entry *entry
	plan  *plan
}

func (m *merger) keep(o syntax.Value) *plan { return m.arrived(m.ours, o) }
func (m *merger) take(t syntax.Value) *plan { return m.arrived(m.theirs, t) }

func (p *plan) has(key string) bool {
	for _, m := range p.members {
		if m.key == key {
			return true
		}
	}
	return false
}

func (p *plan) holds(e *entry) bool {
	for _, x := range p.elements {
		if x.entry == e {
			return true
		}
	}
	return false
}

// moveBehind puts the last member behind the one with the key, "" for in front of all.
func (p *plan) moveBehind(key string) {
	last := p.members[len(p.members)-1]
	at := 0
	for i, m := range p.members[:len(p.members)-1] {
		if m.key == key && key != "" {
			at = i + 1
		}
	}
	copy(p.members[at+1:], p.members[at:len(p.members)-1])
	p.members[at] = last
}

// text writes the value out, in any formatting.
func (p *plan) text() string {
	if p == nil {
		return "null"
	}
	var b strings.Builder
	p.print(&b)
	return b.String()
}

func (p *plan) print(b *strings.Builder) {
	switch p.form {
	case object:
		b.WriteByte('{')
		for i, m := range p.members {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(edit.Quote(m.key))
			b.WriteByte(':')
			m.plan.print(b)
		}
		b.WriteByte('}')
	case list:
		b.WriteByte('[')
		for i, e := range p.elements {
			if i > 0 {
				b.WriteByte(',')
			}
			e.plan.print(b)
		}
		b.WriteByte(']')
	default:
		b.WriteString(p.value.Raw())
	}
}

// write makes the changes of a plan in our text.
func (m *merger) write(p *plan) string {
	source := m.ours.tree.Source()
	if p == nil {
		return source
	}
	b := edit.New(m.ours.tree)
	m.apply(b, m.ours.root, p)
	text, err := b.Apply()
	wanted := newSide(p.text())
	if got := newSide(text); err == nil && len(got.tree.Errors()) == 0 && got.sum(got.root) == wanted.sum(wanted.root) {
		return text
	}
	// The formatting is lost, and nothing else.
	b = edit.New(m.ours.tree).Replace(m.ours.root, p.text())
	if text, err = b.Apply(); err == nil {
		return text
	}
	return p.text()
}

// apply changes our value v into what the plan says.
func (m *merger) apply(b *edit.Builder, v syntax.Value, p *plan) {
	if p.side != m.ours || p.value.Range() != v.Range() {
		b.Replace(v, p.text())
		return
	}
	switch p.form {
	case object:
		behind := ""
		for _, x := range p.members {
			if own, ok := v.GetMember(x.key); ok {
				m.apply(b, own.Value(), x.plan)
				behind = x.key
			} else {
				where := edit.First()
				if behind != "" {
					where = edit.After(behind)
				}
				b.Insert(v, where, x.key, x.plan.text())
			}
		}
		for x := range v.Members() {
			if !p.has(x.KeyText()) {
				b.RemoveMember(x)
			}
		}
	case list:
		// What changes places is taken out and put in again; the rest keeps its bytes.
		rests := rising(p.elements)
		own := slices.Collect(v.Elements())
		stays := map[int]bool{}
		next := 0
		for i, e := range p.elements {
			if rests[i] {
				stays[e.entry.o] = true
				next = e.entry.o + 1
				m.apply(b, own[e.entry.o], e.plan)
			} else {
				b.InsertElement(v, next, e.plan.text())
			}
		}
		for i, x := range own {
			if !stays[i] {
				b.RemoveElement(x)
			}
		}
	}
}

// rising tells which elements stay where they are in our text: as many of those that it has
// as stand in its order.
func rising(elements []element) []bool {
	var tails []int // tails[n] is where the run of n+1 elements ends whose end is least
	before := make([]int, len(elements))
	for i, e := range elements {
		if e.entry.o < 0 {
			continue
		}
		n := sort.Search(len(tails), func(n int) bool { return elements[tails[n]].entry.o >= e.entry.o })
		before[i] = -1
		if n > 0 {
			before[i] = tails[n-1]
		}
		if n == len(tails) {
			tails = append(tails, i)
		} else {
			tails[n] = i
		}
	}
	rests := make([]bool, len(elements))
	if len(tails) > 0 {
		for i := tails[len(tails)-1]; i >= 0; i = before[i] {
			rests[i] = true
		}
	}
	return rests
}
