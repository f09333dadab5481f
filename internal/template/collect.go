package template

import (
	"slices"
	"strconv"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// collect notes the expressions of an object and the names that it repeats.
// foreign are values in it that belong to somebody else: the steps of a
// workflow, a nested document.
func (c *collector) collect(into *Facts, owner syntax.Value, foreign []*syntax.Node) {
	c.facts, c.base, c.foreign = into, owner.Range().Start, foreign
	c.value(owner)
}

// collector collects facts. It may be used again, so that it has room.
type collector struct {
	facts   *Facts
	base    int
	foreign []*syntax.Node
	// way leads from the owner to the value at hand. Few values have an
	// expression, so a pointer is written only for those that do.
	way  []wayStep
	uses []Use          // room for those of one string
	room []*syntax.Node // and for foreign
}

// wayStep is a member of an object or, where that is absent, the element of an
// array at an index.
type wayStep struct {
	member syntax.Member
	index  int
}

func (c *collector) pointer() string {
	b := make([]byte, 0, 64)
	for _, s := range c.way {
		b = append(b, '/')
		if s.member.IsValid() {
			b = append(b, escapePointer(s.member.KeyText())...)
		} else {
			b = strconv.AppendInt(b, int64(s.index), 10)
		}
	}
	return string(b)
}

func escapePointer(s string) string {
	if !strings.ContainsAny(s, "~/") {
		return s
	}
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(s)
}

func (c *collector) value(v syntax.Value) {
	switch v.Kind() {
	case syntax.KindObject:
		c.object(v)
	case syntax.KindArray:
		i := 0
		for e := range v.Elements() {
			switch {
			case e.Kind() == syntax.KindString && !hasDollar(e),
				e.Kind().IsScalar() && e.Kind() != syntax.KindString:
			case !e.Kind().IsScalar() && contains(c.foreign, e.Green()):
			default:
				c.way = append(c.way, wayStep{index: i})
				c.value(e)
				c.way = c.way[:len(c.way)-1]
			}
			i++
		}
	case syntax.KindString:
		c.text(v, false)
	}
}

// hasDollar reports whether there is a dollar in a string, also one that is
// written as an escape.
func hasDollar(v syntax.Value) bool {
	raw := v.Raw()
	return strings.IndexByte(raw, '$') >= 0 || v.HasEscapes() && strings.Contains(raw, `\u0024`)
}

// object collects what the members of an object hold. Of several with one name
// only the last counts, so nothing is collected from the others.
func (c *collector) object(v syntax.Value) {
	expressions, repeated := len(c.facts.Expressions), len(c.facts.Repeated)
	if c.members(v, false) {
		c.facts.Expressions, c.facts.Repeated = c.facts.Expressions[:expressions], c.facts.Repeated[:repeated]
		c.members(v, true)
	}
}

// members goes through the members of an object, or through those that count of
// one that names a property twice, and reports whether it does.
func (c *collector) members(v syntax.Value, counting bool) (repeats bool) {
	before := len(c.facts.Repeated)
	var few [fewMembers]uint32
	prints, many := few[:0], v.Len() > fewMembers
	if many {
		c.repeatedOfMany(v)
		repeats = len(c.facts.Repeated) > before
	}
	var last map[string]int // where the member starts that counts
	if counting {
		last = make(map[string]int, v.Len())
		for m := range v.Members() {
			if key := m.Key(); key.IsValid() {
				last[key.Text()] = m.Range().Start
			}
		}
	}
	for m := range v.Members() {
		key, val := m.Key(), m.Value()
		name := key.Text()
		if !many && key.IsValid() && val.IsValid() {
			print := fingerprint(name)
			if slices.Contains(prints, print) && c.repeatedName(v, key, name) {
				repeats = true
			}
			prints = append(prints, print)
		}
		if counting && key.IsValid() && last[name] != m.Range().Start {
			continue
		}
		expression := strings.IndexByte(name, '$') >= 0
		switch {
		case val.Kind() == syntax.KindString:
			if !expression && !hasDollar(val) {
				continue // the usual case
			}
		case val.IsValid() && !val.Kind().IsScalar():
			if contains(c.foreign, val.Green()) {
				continue
			}
		case !expression:
			continue
		}
		c.way = append(c.way, wayStep{member: m})
		if expression {
			c.text(key, true)
		}
		c.value(val)
		c.way = c.way[:len(c.way)-1]
	}
	return repeats
}

// fewMembers is up to which size an object's names are compared pair by pair;
// that is faster than a map and needs no memory.
const fewMembers = 24

// fingerprint tells most different names apart (FNV-1a).
func fingerprint(name string) uint32 {
	h := uint32(2166136261)
	for i := range len(name) {
		h = (h ^ uint32(name[i])) * 16777619
	}
	return h
}

// repeatedName notes a name if the object has it already, and reports whether it has.
func (c *collector) repeatedName(v, key syntax.Value, name string) bool {
	for m := range v.Members() {
		first := m.Key()
		if first.Range() == key.Range() {
			break
		}
		if first.IsValid() && m.Value().IsValid() && first.Text() == name {
			c.repeat(name, first, key)
			return true
		}
	}
	return false
}

// repeatedOfMany notes the repeated names of a large object.
func (c *collector) repeatedOfMany(v syntax.Value) {
	names := make(map[string]syntax.Value, v.Len())
	for m := range v.Members() {
		key := m.Key()
		if !key.IsValid() || !m.Value().IsValid() {
			continue // half-typed
		}
		name := key.Text()
		if first, ok := names[name]; ok {
			c.repeat(name, first, key)
			continue
		}
		names[name] = key
	}
}

func (c *collector) repeat(name string, first, again syntax.Value) {
	c.facts.Repeated = append(c.facts.Repeated, Repeated{name, c.relative(again), c.relative(first)})
}

func (c *collector) relative(v syntax.Value) syntax.Range {
	r := v.Range()
	return syntax.Range{Start: r.Start - c.base, End: r.End - c.base}
}

// text notes a string if it holds an expression, or something that looks like one.
func (c *collector) text(v syntax.Value, key bool) {
	ip := expr.Parse(v.Text())
	if !ip.HasExpressions() && len(ip.Errors) == 0 && !hasRuntime(ip) {
		return
	}
	r := c.relative(v)
	e := &Expression{Offset: r.Start, Width: r.Len(), Pointer: c.pointer(), Key: key, Text: ip}
	c.uses = c.uses[:0]
	ip.Walk(func(n expr.Node, inCall bool) bool {
		if ref, ok := n.(*expr.Ref); ok {
			c.uses = append(c.uses, Use{Ref: ref, InCall: inCall})
		}
		return true
	})
	e.Uses = slices.Clone(c.uses)
	c.facts.Expressions = append(c.facts.Expressions, e)
}

func hasRuntime(ip *expr.Interpolation) bool {
	for _, p := range ip.Parts {
		if p.Kind == expr.Runtime {
			return true
		}
	}
	return false
}
