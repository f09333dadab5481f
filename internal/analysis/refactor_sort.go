package analysis

import (
	"slices"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/catalog/validate"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// sortKeys offers to put the properties of a node or, outside of nodes, of the
// whole document into the order in which the reference lists them, which is that
// of the schemas. Where
// the schemas name no properties, as in an environment, the order stays, and so it
// does in objects that are not complete.
func sortKeys(a *asked) []offer {
	var offers []offer
	add := func(id, title string, s *sorter, work func()) {
		s.onlyOne = true
		if work(); len(s.edits) == 0 {
			return
		}
		offers = append(offers, offer{
			Refactoring: Refactoring{ID: id, Kind: kindRewrite, Title: title},
			edits: func() ([]syntax.Edit, error) {
				s.onlyOne, s.edits = false, nil
				work()
				return s.edits, nil
			},
		})
	}
	n := a.cursor.holder.node
	if n != nil && n.Definition != nil && (a.thorough || a.atHead(n)) {
		s := &sorter{foreign: foreignTo(n)}
		add("sort-node", "Sort the keys of "+titleOf(n)+" in the documented order", s, func() { s.value(n.Value(), n.Definition.Node) })
	}
	d := catalog.Document(a.Doc.Main.Type.String())
	if d == nil || n != nil && (n != a.Doc.Main.Root || !a.thorough) {
		return offers // inside of nodes, few mean all of the file
	}
	s := &sorter{}
	if !a.thorough {
		s.foreign = map[*syntax.Node]bool{a.Doc.Main.Value.Get("spec").Green(): true, a.Doc.Main.Value.Get("teardownSpec").Green(): true}
	}
	add("sort-document", "Sort all keys of the document in the documented order", s, func() { s.value(a.Doc.Main.Value, d.Root) })
	return offers
}

// foreignTo returns what stands in a node and is not its own: its steps and the
// documents that it carries.
func foreignTo(n *template.Node) map[*syntax.Node]bool {
	foreign := map[*syntax.Node]bool{}
	if n.Flow != template.NoFlow {
		foreign[n.Spec().Get("steps").Green()] = true
	}
	for _, s := range n.Nested() {
		foreign[s.Value.Green()] = true
	}
	return foreign
}

// sorter collects the edits that sort values.
type sorter struct {
	foreign map[*syntax.Node]bool
	edits   []syntax.Edit
	// onlyOne stops at the first edit: it is only asked whether there is any.
	onlyOne bool
}

// value sorts a value that has the schema.
func (s *sorter) value(v syntax.Value, id catalog.SchemaID) {
	if s.onlyOne && len(s.edits) > 0 || s.foreign[v.Green()] {
		return
	}
	forms := validate.At(v, id, nil)
	switch v.Kind() {
	case syntax.KindObject:
		form := knowing(v, forms)
		if form == nil {
			return
		}
		units, order := unitsOf(v), []int(nil)
		if units != nil {
			order = orderOf(units, form)
		}
		if order != nil {
			s.edits = append(s.edits, s.reordered(v, form, units, order)...)
			return
		}
		for m := range v.Members() {
			s.value(m.Value(), memberSchema(form, m.KeyText()))
		}
	case syntax.KindArray:
		for e := range v.Elements() {
			for _, f := range forms {
				if items := f.Schema().Items; items != 0 {
					s.value(e, items)
					break
				}
			}
		}
	}
}

func memberSchema(form *catalog.Schema, name string) catalog.SchemaID {
	if p, ok := form.Property(name); ok {
		return p.Schema
	}
	return form.Additional
}

// knowing returns the form of an object that knows the most of its members.
func knowing(v syntax.Value, forms []catalog.SchemaID) *catalog.Schema {
	var best *catalog.Schema
	most := -1
	for _, f := range forms {
		known := 0
		for m := range v.Members() {
			if f.Schema().PropertyIndex(m.KeyText()) >= 0 {
				known++
			}
		}
		if known > most {
			best, most = f.Schema(), known
		}
	}
	return best
}

// unit is a member with the comments that belong to it.
type unit struct {
	member syntax.Member
	// lead is where the comments start that stand on lines of their own in front
	// of the member; the member's start where there are none. trail is what stands
	// behind it on its line, the comma aside.
	lead  int
	trail string
	comma bool
	// end is where the unit ends in the text, its comma and trail included.
	end int
}

// unitsOf takes an object apart; nil where it cannot be put together anew.
func unitsOf(v syntax.Value) []unit {
	if !v.Terminated() || v.Len() < 2 {
		return nil
	}
	var units []unit
	lead, commas, comments, sameLine, space := -1, 0, 0, false, ""
	for p := range v.Parts() {
		switch {
		case p.Kind == syntax.KindMember:
			m := p.Member()
			if !m.Key().IsValid() || !m.HasColon() || !m.Value().IsValid() || len(units) > 0 && commas != 1 {
				return nil
			}
			if lead < 0 {
				lead = p.Range.Start
			}
			units = append(units, unit{member: m, lead: lead, end: p.Range.End})
			lead, commas, sameLine = -1, 0, true
		case p.Kind == syntax.KindComma:
			if commas++; len(units) == 0 || commas > 1 {
				return nil
			}
			units[len(units)-1].end, units[len(units)-1].comma = p.Range.End, true
		case p.Kind == syntax.KindLineComment || p.Kind == syntax.KindBlockComment:
			comments++
			switch {
			case sameLine:
				u := &units[len(units)-1]
				u.trail += space + p.Text()
				u.end = p.Range.End
			case lead < 0:
				lead = p.Range.Start
			}
		case p.Kind == syntax.KindSpace:
			sameLine, space = sameLine && !p.HasNewline(), p.Text()
		case p.Kind == syntax.KindOpenBrace || p.Kind == syntax.KindCloseBrace:
		default:
			return nil
		}
	}
	if comments > 0 && !eachStartsLine(v.Tree().Source(), units) {
		return nil
	}
	return units
}

func eachStartsLine(source string, units []unit) bool {
	for _, u := range units {
		line := source[strings.LastIndexAny(source[:u.lead], "\r\n")+1 : u.lead]
		if strings.TrimLeft(line, " \t") != "" {
			return false
		}
	}
	return true
}

// orderOf returns the order that the units have to have, by their indices; nil
// where they have it. What the form does not know stays behind what it does.
func orderOf(units []unit, form *catalog.Schema) []int {
	rank := func(i int) int {
		name := units[i].member.KeyText()
		switch p := form.PropertyIndex(name); {
		case p < 0:
			return len(form.Properties)
		case (name == "kind" || name == "apiVersion") && form.PropertyIndex("spec") >= 0:
			return -1 // it says what the rest means: examples and the platform's own files start with it
		default:
			return p
		}
	}
	order := make([]int, len(units))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return rank(a) - rank(b) })
	if slices.IsSorted(order) {
		return nil
	}
	return order
}

// reordered writes the members of an object in another order, each sorted
// itself. The space between them stays where it is.
func (s *sorter) reordered(v syntax.Value, form *catalog.Schema, units []unit, order []int) []syntax.Edit {
	source := v.Tree().Source()
	first := 0
	for order[first] == first {
		first++
	}
	end := len(units)
	for order[end-1] == end-1 {
		end--
	}
	var edits []syntax.Edit
	for i, u := range units { // those at both ends keep their places
		if i < first || i >= end {
			inner := sorter{foreign: s.foreign}
			inner.value(u.member.Value(), memberSchema(form, u.member.KeyText()))
			edits = append(edits, inner.edits...)
		}
	}
	var b strings.Builder
	for slot := first; slot < end; slot++ {
		u := units[order[slot]]
		if slot > first {
			b.WriteString(source[units[slot-1].end:units[slot].lead])
		}
		b.WriteString(source[u.lead:u.member.Range().Start])
		b.WriteString(s.sorted(u.member, form))
		if units[slot].comma {
			b.WriteString(",")
		}
		b.WriteString(u.trail)
	}
	return append(edits, syntax.Edit{Range: syntax.Range{Start: units[first].lead, End: units[end-1].end}, NewText: b.String()})
}

// sorted returns the text of a member with its value sorted.
func (s *sorter) sorted(m syntax.Member, form *catalog.Schema) string {
	inner := sorter{foreign: s.foreign}
	inner.value(m.Value(), memberSchema(form, m.KeyText()))
	r := m.Range()
	for i := range inner.edits {
		inner.edits[i].Start -= r.Start
		inner.edits[i].End -= r.Start
	}
	slices.SortFunc(inner.edits, func(a, b syntax.Edit) int { return a.Start - b.Start })
	raw := m.Tree().Slice(r)
	text, err := edit.Apply(raw, inner.edits)
	if err != nil {
		return raw
	}
	return text
}
