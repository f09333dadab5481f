package validate

import (
	"fmt"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// Positions of members that are no property of the schema, and of those that say nothing: half-typed ones, and all but
// the last of several with the same name.
const (
	positionUnknown = -1
	positionIgnored = -2
)

// set is a set of positions in a schema's properties.
type set [4]uint64

func (s *set) add(i int)      { s[i>>6] |= 1 << (i & 63) }
func (s *set) has(i int) bool { return s[i>>6]&(1<<(i&63)) != 0 }

// object checks the members of an object.
func (w *walker) object(v syntax.Value, id catalog.SchemaID, s *catalog.Schema) {
	if len(s.Properties) == 0 && !s.Closed && s.Additional == 0 {
		return
	}
	start := len(w.members)
	var present set
	unknown, halfTyped, patch := 0, !v.Terminated(), w.patch
	broken := false // a string before has no end and has swallowed the rest of its line
	for m := range v.Members() {
		position := positionIgnored
		switch {
		case !m.Value().IsValid():
			// Half-typed: the name counts as given, whatever it will be.
			halfTyped = true
			if i := s.PropertyIndex(m.KeyText()); i >= 0 {
				present.add(i)
			}
		case !m.Key().IsValid(), !m.Key().Terminated():
			halfTyped, broken = true, true
		case broken:
			// It may belong to an object further out.
			if i := s.PropertyIndex(m.KeyText()); i >= 0 {
				position = i
				present.add(i)
			}
		default:
			name := m.KeyText()
			if i := s.PropertyIndex(name); i >= 0 {
				position = i
				if present.has(i) {
					w.ignoreEarlier(start, i)
				}
				present.add(i)
				if name == "updateMode" && w.patches(m.Value()) {
					w.patch = true
				}
			} else if !strings.Contains(name, "${") {
				position = positionUnknown
				unknown++
			}
		}
		w.members = append(w.members, int16(position))
		if m.Value().IsValid() && !m.Value().Terminated() {
			halfTyped, broken = true, true
		}
	}
	if len(s.ExactlyOne) > 0 {
		w.exactlyOne(v, id, s, &present, halfTyped)
	}
	missing := w.missing(s, &present, halfTyped)
	if missing > 0 || unknown > 0 && s.Closed {
		w.names(v, id, s, start, &present, missing, unknown)
	}
	i, outer, element, required, member := start, w.property, w.element, w.required, w.member
	w.element = false
	for m := range v.Members() {
		if w.opts.Note != nil {
			w.member = m
		}
		switch position := int(w.members[i]); {
		case position >= 0:
			p := &s.Properties[position]
			w.property, w.required = p.Name, p.Required
			if advice := p.Schema.Schema().Deprecated; advice != "" {
				w.deprecated(v, id, m, advice)
			}
			w.value(m.Value(), p.Schema)
		case position == positionUnknown && s.Additional != 0:
			w.property = m.KeyText()
			w.value(m.Value(), s.Additional)
		}
		i++
	}
	w.property, w.element, w.required, w.member, w.members, w.patch = outer, element, required, member, w.members[:start], patch
}

// exactlyOne checks properties of which one has to be there, and no other.
func (w *walker) exactlyOne(v syntax.Value, id catalog.SchemaID, s *catalog.Schema, present *set, halfTyped bool) {
	var there []string
	for _, name := range s.ExactlyOne {
		if present.has(s.PropertyIndex(name)) {
			there = append(there, name)
		}
	}
	switch {
	case len(there) == 0 && !halfTyped && !w.patch:
		for m := range v.Members() {
			if s.Closed && s.PropertyIndex(m.KeyText()) < 0 && Closest(m.KeyText(), s.ExactlyOne) != "" {
				return // it is there under a name that is reported
			}
		}
		w.missingOneOf(v, id, s.ExactlyOne)
	case len(there) > 1:
		a, _ := v.GetMember(there[0])
		b, _ := v.GetMember(there[1])
		if a.Value().IsValid() && b.Value().IsValid() {
			w.exclude(v, id, a, b)
		}
	}
}

// ignoreEarlier forgets an earlier member of the same name: the platform keeps the last.
func (w *walker) ignoreEarlier(start, property int) {
	for i := start; i < len(w.members); i++ {
		if int(w.members[i]) == property {
			w.members[i] = positionIgnored
		}
	}
}

// patches reports whether an updateMode may leave settings of an existing resource as they are.
func (w *walker) patches(v syntax.Value) bool {
	text := v.Text()
	return text == "patch" || strings.Contains(text, "${")
}

// missing counts the properties that are required or expected and not there.
func (w *walker) missing(s *catalog.Schema, present *set, halfTyped bool) int {
	if halfTyped {
		return 0
	}
	n := 0
	for i := range s.Properties {
		p := &s.Properties[i]
		if (p.Required && !w.excused(p) || p.Expected) && !present.has(i) {
			n++
		}
	}
	return n
}

// excused reports a property that a node which only changes an existing resource may leave out. Its kind and spec it
// may not.
func (w *walker) excused(p *catalog.Property) bool {
	return w.patch && p.Name != "kind" && p.Name != "spec"
}

// names reports members that are missing and members that the schema does not know. One of each, where the one is
// probably meant to be the other, are one problem: at the name that has to change.
func (w *walker) names(v syntax.Value, id catalog.SchemaID, s *catalog.Schema, start int, present *set, missing, unknown int) {
	var absent []*catalog.Property
	if missing > 0 {
		for i := range s.Properties {
			p := &s.Properties[i]
			if (p.Required && !w.excused(p) || p.Expected) && !present.has(i) {
				absent = append(absent, p)
			}
		}
	}
	i := start
	for m := range v.Members() {
		if int(w.members[i]) == positionUnknown && s.Closed {
			instead := -1
			for j, p := range absent {
				if p != nil && meant(s, m.KeyText(), p, missing == 1 && unknown == 1) {
					instead = j
					break
				}
			}
			if instead >= 0 {
				w.unknownProperty(v, id, s, m, present, absent[instead])
				absent[instead] = nil
			} else {
				w.unknownProperty(v, id, s, m, present, nil)
			}
		}
		i++
	}
	for _, p := range absent {
		if p != nil {
			w.missingProperty(v, id, s, p)
		}
	}
}

// meant reports whether an unknown member is probably a required one under a wrong name: the names are near, or it is
// the only candidate, both name an identifier, and no other property is nearer.
func meant(s *catalog.Schema, name string, p *catalog.Property, only bool) bool {
	if Closest(name, []string{p.Name}) != "" || only && NewNearest(name).Distance(p.Name, 2) < 2 {
		return true
	}
	if !only || !strings.HasSuffix(name, "Id") || !strings.HasSuffix(p.Name, "Id") {
		return false
	}
	for i := range s.Properties {
		if Closest(name, []string{s.Properties[i].Name}) != "" {
			return false
		}
	}
	return true
}

func (w *walker) missingProperty(v syntax.Value, id catalog.SchemaID, s *catalog.Schema, p *catalog.Property) {
	w.problem(func() Problem {
		message := fmt.Sprintf("%s needs %q.", w.subject(), p.Name)
		if p.Expected && !p.Required {
			message = fmt.Sprintf("%s should have %q.", w.subject(), p.Name)
		}
		return Problem{
			Code: CodeMissingProperty, Range: opening(v), Message: message, Certain: p.Required,
			Property: p.Name, Expected: []string{p.Name}, Value: v, Schema: id,
		}
	})
}

// missingOneOf reports that each alternative lacks another property.
func (w *walker) missingOneOf(v syntax.Value, id catalog.SchemaID, names []string) {
	w.problem(func() Problem {
		return Problem{
			Code: CodeMissingProperty, Range: opening(v), Message: fmt.Sprintf("%s needs %s.", w.subject(), list(names, "or")),
			Certain: true, Property: names[0], Expected: names, Value: v, Schema: id,
		}
	})
}

// deprecated reports a member that has a newer form. It is no problem of the value: it is not counted.
func (w *walker) deprecated(v syntax.Value, id catalog.SchemaID, m syntax.Member, advice string) {
	if w.probing {
		return
	}
	w.report(Problem{
		Code: CodeDeprecatedForm, Range: m.Key().Range(), Property: w.property, Value: v, Member: m, Schema: id,
		Message: fmt.Sprintf("%q is an older form. %s", w.property, advice),
	})
}

// unknownProperty reports a member that the schema does not have. instead is the required property that is probably
// meant; without it the object lacks something, so that the platform certainly refuses it.
func (w *walker) unknownProperty(v syntax.Value, id catalog.SchemaID, s *catalog.Schema, m syntax.Member, present *set, instead *catalog.Property) {
	w.problem(func() Problem {
		name := m.KeyText()
		p := Problem{
			Code: CodeUnknownProperty, Range: m.Key().Range(), Property: name, Value: v, Member: m, Schema: id,
		}
		if instead != nil {
			p.Certain, p.Suggestion, p.Expected = instead.Required, instead.Name, []string{instead.Name}
			p.Message = fmt.Sprintf("%s takes %q, not %q.", w.subject(), instead.Name, name)
			return p
		}
		for i := range s.Properties {
			if !present.has(i) && !s.Properties[i].Hidden {
				p.Expected = append(p.Expected, s.Properties[i].Name)
			}
		}
		p.Message = fmt.Sprintf("%s has no property %q", w.subject(), name)
		if p.Suggestion = Closest(name, p.Expected); p.Suggestion != "" {
			p.Message += fmt.Sprintf("; did you mean %q?", p.Suggestion)
		} else if len(p.Expected) > 0 {
			p.Message += "; it takes " + list(p.Expected, "and") + "."
		} else {
			p.Message += "."
		}
		return p
	})
}

// subject names the object that is looked at, for messages.
func (w *walker) subject() string {
	switch {
	case w.title != "":
		return article(w.title)
	case w.property == "" && w.kind != "":
		return article(w.kind + " node")
	case w.property == "spec" && w.kind != "":
		return article(w.kind)
	case w.property != "" && w.element:
		return fmt.Sprintf("an element of %q", w.property)
	case w.property != "":
		return fmt.Sprintf("%q", w.property)
	}
	return "the document"
}

// opening is the first byte of an object: what to point at if something in it is missing.
func opening(v syntax.Value) syntax.Range {
	r := v.Range()
	return syntax.Range{Start: r.Start, End: min(r.Start+1, r.End)}
}
