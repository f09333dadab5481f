package validate

import (
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// maxAlternatives bounds the alternatives of a schema; the tables have at most a dozen.
const maxAlternatives = 32

// chosen is a list of alternatives that needs no allocation.
type chosen struct {
	ids [maxAlternatives]catalog.SchemaID
	n   int
}

func (c *chosen) list() []catalog.SchemaID { return c.ids[:c.n] }

func (c *chosen) add(id catalog.SchemaID) {
	if c.n < len(c.ids) {
		c.ids[c.n] = id
		c.n++
	}
}

// alternatives checks an object or array against a schema with alternatives.
func (w *walker) alternatives(v syntax.Value, id catalog.SchemaID, s *catalog.Schema) {
	var fit chosen
	want := catalog.TypeObject
	if v.Kind() == syntax.KindArray {
		want = catalog.TypeArray
	}
	for _, a := range s.Alternatives() {
		as := a.Schema()
		if len(as.Alternatives()) > 0 || as.Types == 0 || as.Types.Has(want) {
			fit.add(a)
		}
	}
	if fit.n == 0 {
		w.wrongType(v, id, allTypes(s))
		return
	}
	if want == catalog.TypeObject && fit.n > 1 {
		if s.Discriminator != "" && !w.discriminate(v, id, s, &fit) {
			return
		}
		if s.Discriminator == "" || fit.n > 1 {
			narrowByMembers(v, &fit)
		}
	}
	w.best(v, id, fit.list())
}

// discriminate keeps the alternatives whose discriminator has the value that is written. It returns false if it has
// reported a problem that leaves nothing else to say.
func (w *walker) discriminate(v syntax.Value, id catalog.SchemaID, s *catalog.Schema, fit *chosen) bool {
	m, ok := v.GetMember(s.Discriminator)
	dv := m.Value()
	switch {
	case !ok && !v.Terminated(), ok && !dv.IsValid(), dv.Kind() == syntax.KindWord:
		return false
	case !ok:
		for _, a := range fit.list() {
			if p, ok := a.Schema().Property(s.Discriminator); !ok || !p.Required || w.excused(p) && w.patch {
				return true
			}
		}
		w.missingDiscriminator(v, id, s.Discriminator)
		return false
	case dv.Kind() == syntax.KindString && strings.Contains(dv.Text(), "${"):
		return true
	}
	var same chosen
	var values []catalog.EnumValue
	for _, a := range fit.list() {
		if p, ok := a.Schema().Property(s.Discriminator); ok {
			ps := p.Schema.Schema()
			if len(ps.Enum) == 0 || inEnum(ps, catalog.TypeString, dv.Text()) {
				same.add(a)
			}
		}
	}
	if same.n > 0 {
		*fit = same
		return true
	}
	for _, a := range fit.list() {
		if p, ok := a.Schema().Property(s.Discriminator); ok {
			values = appendNew(values, p.Schema.Schema().Enum)
		}
	}
	outer := w.property
	w.property = s.Discriminator
	if dv.Kind() == syntax.KindString {
		w.notInEnum(dv, id, values, dv.Text())
	} else {
		w.wrongType(dv, id, catalog.TypeString)
	}
	w.property = outer
	return false
}

// missingDiscriminator reports that an object does not say which alternative it is, or that it says so under a wrong name.
func (w *walker) missingDiscriminator(v syntax.Value, id catalog.SchemaID, name string) {
	for m := range v.Members() {
		if Closest(m.KeyText(), []string{name}) != "" {
			w.unknownProperty(v, id, id.Schema(), m, nil, &catalog.Property{Name: name, Required: true})
			return
		}
	}
	w.missingOneOf(v, id, []string{name})
}

func appendNew(values, more []catalog.EnumValue) []catalog.EnumValue {
next:
	for _, e := range more {
		for _, known := range values {
			if known.Text == e.Text {
				continue next
			}
		}
		values = append(values, e)
	}
	return values
}

// narrowByMembers keeps the alternatives that know the most of the members that are there.
func narrowByMembers(v syntax.Value, fit *chosen) {
	var unknown [maxAlternatives]int
	least := -1
	for i, a := range fit.list() {
		s := a.Schema()
		if len(s.Alternatives()) > 0 || !s.Closed {
			least = 0
			continue
		}
		for m := range v.Members() {
			if m.Value().IsValid() && s.PropertyIndex(m.KeyText()) < 0 {
				unknown[i]++
			}
		}
		if least < 0 || unknown[i] < least {
			least = unknown[i]
		}
	}
	n := 0
	for i, a := range fit.list() {
		if unknown[i] == least {
			fit.ids[n] = a
			n++
		}
	}
	fit.n = n
}

// best checks v against the alternatives that are left. If it fits one, all is well; else the problems of the one that
// it fits best are reported.
func (w *walker) best(v syntax.Value, id catalog.SchemaID, fit []catalog.SchemaID) {
	if len(fit) == 1 {
		w.alternative(v, id, fit[0])
		return
	}
	bestAt, least := 0, 0
	for i, a := range fit {
		n := w.try(v, a)
		if n == 0 {
			if w.opts.Note != nil && !w.probing {
				w.alternative(v, 0, a) // nothing is wrong, but there may be something to note
			}
			return
		}
		if i == 0 || n < least || n == least && !w.probing && recognised(v, a) > recognised(v, fit[bestAt]) {
			bestAt, least = i, n
		}
	}
	if names := w.eachLacks(v, fit, least); len(names) > 1 && v.Terminated() {
		w.missingOneOf(v, id, names)
		return
	}
	w.alternative(v, id, fit[bestAt])
}

// recognised counts the members that an alternative does not know, but by a name that is near.
func recognised(v syntax.Value, id catalog.SchemaID) int {
	s, n := id.Schema(), 0
	for m := range v.Members() {
		if name := m.KeyText(); s.PropertyIndex(name) < 0 && Closest(name, absent(v, s)) != "" {
			n++
		}
	}
	return n
}

// absent lists the properties that an object does not have.
func absent(v syntax.Value, s *catalog.Schema) []string {
	var names []string
	for i := range s.Properties {
		if _, there := v.GetMember(s.Properties[i].Name); !there && !s.Properties[i].Hidden {
			names = append(names, s.Properties[i].Name)
		}
	}
	return names
}

// try counts the problems that v has with an alternative.
func (w *walker) try(v syntax.Value, id catalog.SchemaID) int {
	probing, count := w.probing, w.count
	w.probing, w.count = true, 0
	w.alternative(v, 0, id)
	n := w.count
	w.probing, w.count = probing, count
	return n
}

// alternative checks v against one alternative of the schema called parent.
func (w *walker) alternative(v syntax.Value, parent, id catalog.SchemaID) {
	s := id.Schema()
	if parent != 0 && w.exclusive(v, parent, id, s) {
		return
	}
	outer := w.title
	if s.Title != "" && v.Kind() == syntax.KindObject {
		w.title = s.Title
	}
	switch {
	case len(s.Alternatives()) > 0:
		w.alternatives(v, id, s)
	case v.Kind() == syntax.KindObject:
		w.object(v, id, s)
	case v.Kind() == syntax.KindArray:
		w.array(v, id, s)
	}
	w.title = outer
}

// eachLacks returns the properties that the alternatives miss, if each of them has no other problem than missing one.
func (w *walker) eachLacks(v syntax.Value, fit []catalog.SchemaID, least int) []string {
	if least != 1 || v.Kind() != syntax.KindObject {
		return nil
	}
	var names []string
	for _, a := range fit {
		s := a.Schema()
		for i := range s.Properties {
			p := &s.Properties[i]
			if _, there := v.GetMember(p.Name); p.Required && !there {
				if w.try(v, a) != 1 {
					return nil
				}
				names = append(names, p.Name)
				break
			}
		}
	}
	if len(names) != len(fit) {
		return nil
	}
	var distinct []string
	for _, n := range names {
		if len(distinct) == 0 || distinct[len(distinct)-1] != n {
			distinct = append(distinct, n)
		}
	}
	return distinct
}

// exclusive reports members that belong to different alternatives: one that the chosen alternative does not know but
// another does, beside one that only the chosen one knows.
func (w *walker) exclusive(v syntax.Value, parent, id catalog.SchemaID, s *catalog.Schema) bool {
	if v.Kind() != syntax.KindObject || !s.Closed {
		return false
	}
	for m := range v.Members() {
		name := m.KeyText()
		if !m.Value().IsValid() || s.PropertyIndex(name) >= 0 {
			continue
		}
		for _, other := range parent.Schema().Alternatives() {
			o := other.Schema()
			if other == id || o.PropertyIndex(name) < 0 {
				continue
			}
			for n := range v.Members() {
				if own := n.KeyText(); n.Value().IsValid() && s.PropertyIndex(own) >= 0 && o.PropertyIndex(own) < 0 {
					w.exclude(v, parent, n, m)
					return true
				}
			}
		}
	}
	return false
}

func (w *walker) exclude(v syntax.Value, id catalog.SchemaID, a, b syntax.Member) {
	w.problem(func() Problem {
		if b.Range().Start < a.Range().Start {
			a, b = b, a
		}
		return Problem{
			Code: CodeExclusiveProperties, Range: b.Key().Range(), Certain: true, Property: b.KeyText(), Value: v, Member: b,
			Expected: []string{a.KeyText()}, Schema: id,
			Message: w.subject() + " takes " + list([]string{a.KeyText(), b.KeyText()}, "or") + ", not both.",
		}
	})
}

// scalarAlternatives checks a scalar against a schema with alternatives: it has to fit one. The reported problem is
// that with the alternative of its own type, else it is the type that is wrong.
func (w *walker) scalarAlternatives(v syntax.Value, id catalog.SchemaID, s *catalog.Schema, text string, types catalog.TypeSet) {
	probing, count := w.probing, w.count
	w.probing = true
	var candidate catalog.SchemaID
	for _, a := range s.Alternatives() {
		w.count = 0
		w.typed(v, a, a.Schema(), text, types)
		if w.count == 0 {
			w.probing, w.count = probing, count
			return
		}
		if at := allTypes(a.Schema()); candidate == 0 && (at == 0 || at&types != 0) {
			candidate = a
		}
	}
	w.probing, w.count = probing, count
	if candidate == 0 {
		w.wrongType(v, id, allTypes(s))
		return
	}
	w.typed(v, candidate, candidate.Schema(), text, types)
}
