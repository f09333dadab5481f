package merge

import (
	"bytes"
	"regexp"
	"slices"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// entry is an element of a list in all versions that have it; the index is -1 where a
// version does not have it.
type entry struct {
	b, o, t int
	plan    *plan
}

// lists are the three versions of a list.
type lists struct {
	b, o, t []syntax.Value
}

// mergeLists merges two lists by the identity of their elements; nil where they have to
// be taken as a whole. still is true where ours is as it was.
func (m *merger) mergeLists(at place, b, o, t syntax.Value, still bool) *plan {
	l := lists{slices.Collect(b.Elements()), slices.Collect(o.Elements()), slices.Collect(t.Elements())}
	if m.base.twice(l.b) || m.ours.twice(l.o) || m.theirs.twice(l.t) {
		return nil
	}
	var ofOurs []int
	if still {
		ofOurs = make([]int, len(l.o))
		for i := range ofOurs {
			ofOurs[i] = i
		}
	} else {
		ofOurs = pair(m.base, m.ours, l.b, l.o)
	}
	ofTheirs := pair(m.base, m.theirs, l.b, l.t)
	if unclear(m.base, m.ours, l.b, l.o, ofOurs) || unclear(m.base, m.theirs, l.b, l.t, ofTheirs) {
		return nil
	}
	entries := m.entries(l, ofOurs, ofTheirs)
	steps := at.key == "steps"
	// passed reports whether a version has put an element before or behind another one that
	// the base has, too.
	passed := func(e *entry, index func(*entry) int) bool {
		return !(steps && at.parallel) && slices.ContainsFunc(entries, func(x *entry) bool {
			return x.b >= 0 && index(x) >= 0 && (x.b < e.b) != (index(x) < index(e))
		})
	}

	// Which of them stay, and as what.
	var live []*entry
	for _, e := range entries {
		where := at
		where.id += "[" + m.nameIn(l, e) + "]"
		where.key, where.parallel = "", false
		where.node = firstLabel(where.node, l, e)
		switch {
		case e.b >= 0 && e.o >= 0 && e.t >= 0:
			e.plan = m.merge(where, l.b[e.b], l.o[e.o], l.t[e.t])
		case e.b >= 0 && e.o < 0 && e.t < 0:
			continue
		case e.b >= 0 && e.o < 0: // removed by us
			moved := m.movedAway(m.base, l.b[e.b], Ours)
			why := "we have removed it, and they have changed it"
			if moved || m.base.sum(l.b[e.b]) == m.theirs.sum(l.t[e.t]) {
				if !passed(e, func(x *entry) int { return x.t }) {
					continue
				}
				why = "we have removed or moved it, and they have put it elsewhere"
			}
			if e.plan = m.conflict(where, why, l.b[e.b], syntax.Value{}, l.t[e.t]); e.plan == nil {
				continue
			}
		case e.b >= 0: // removed by them
			moved := m.movedAway(m.base, l.b[e.b], Theirs)
			why := "they have removed it, and we have changed it"
			if moved || m.base.sum(l.b[e.b]) == m.ours.sum(l.o[e.o]) {
				if !passed(e, func(x *entry) int { return x.o }) {
					continue
				}
				why = "they have removed or moved it, and we have put it elsewhere"
			}
			if e.plan = m.conflict(where, why, l.b[e.b], l.o[e.o], syntax.Value{}); e.plan == nil {
				continue
			}
		case e.o >= 0 && e.t >= 0:
			e.plan = m.merge(where, syntax.Value{}, l.o[e.o], l.t[e.t])
		case e.o >= 0:
			e.plan = m.arrived(m.ours, l.o[e.o])
		default:
			e.plan = m.arrived(m.theirs, l.t[e.t])
		}
		if e.plan != nil {
			live = append(live, e)
		}
	}
	return m.order(at, l, live, steps, b, o, t)
}

func (m *merger) nameIn(l lists, e *entry) string {
	for _, in := range []struct {
		s *side
		v []syntax.Value
		i int
	}{{m.base, l.b, e.b}, {m.ours, l.o, e.o}, {m.theirs, l.t, e.t}} {
		if in.i < 0 {
			continue
		}
		if name := in.s.called(in.v[in.i]); name != "" {
			return name
		}
	}
	return itoa(max(e.b, e.o, e.t))
}

func firstLabel(around string, l lists, e *entry) string {
	var versions []syntax.Value
	if e.o >= 0 {
		versions = append(versions, l.o[e.o])
	}
	if e.t >= 0 {
		versions = append(versions, l.t[e.t])
	}
	if e.b >= 0 {
		versions = append(versions, l.b[e.b])
	}
	if label := labelOf(versions...); label != "" {
		return label
	}
	return around
}

// twice reports whether two elements of a list cannot be told apart.
func (s *side) twice(list []syntax.Value) bool {
	seen := map[string]bool{}
	for _, v := range list {
		id := s.identity(v)
		if id == "" {
			x := s.sum(v)
			id = "sum " + string(x[:])
		}
		if seen[id] {
			return true
		}
		seen[id] = true
	}
	return false
}

// pair returns for each element of a version which one of the base it is, -1 for a new one.
func pair(base, other *side, b, v []syntax.Value) []int {
	of := make([]int, len(v))
	taken := make([]bool, len(b))
	for i := range of {
		of[i] = -1
	}
	by := func(key func(s *side, v syntax.Value) string) {
		at := map[string]int{}
		for i, x := range b {
			if k := key(base, x); k != "" && !taken[i] {
				if _, again := at[k]; again {
					at[k] = -1
				} else {
					at[k] = i
				}
			}
		}
		used := map[string]int{}
		for i, x := range v {
			if k := key(other, x); of[i] < 0 && k != "" {
				used[k]++
			}
		}
		for i, x := range v {
			if of[i] >= 0 {
				continue
			}
			k := key(other, x)
			if j, ok := at[k]; k != "" && ok && j >= 0 && used[k] == 1 && !taken[j] {
				of[i], taken[j] = j, true
			}
		}
	}
	by((*side).identity)
	by(func(_ *side, x syntax.Value) string { return nameOf(x, word(x, "kind")) }) // a ref that came, went or was renamed
	by(func(s *side, x syntax.Value) string { k := s.sum(x); return string(k[:]) })
	pairByContent(base, other, b, v, of, taken)
	pairByGap(base, other, b, v, of, taken)
	return of
}

// pairByContent pairs what has no name by the steps that it has itself: those of workflows
// in it may have come with these.
func pairByContent(base, other *side, b, v []syntax.Value, of []int, taken []bool) {
	inside := func(s *side, x syntax.Value) map[string]bool {
		ids := map[string]bool{}
		for step := range x.Get("spec").Get("steps").Elements() {
			if id := s.identity(step); id != "" {
				ids[id] = true
			}
		}
		return ids
	}
	ofBase := make([]map[string]bool, len(b))
	for i, x := range b {
		if !taken[i] && x.Kind() == syntax.KindObject && base.identity(x) == "" {
			ofBase[i] = inside(base, x)
		}
	}
	for i, x := range v {
		if of[i] >= 0 || x.Kind() != syntax.KindObject || other.identity(x) != "" {
			continue
		}
		ids := inside(other, x)
		best, most, tied := -1, 0, false
		for j, theirs := range ofBase {
			if taken[j] || theirs == nil || word(b[j], "kind") != word(x, "kind") {
				continue
			}
			n := 0
			for id := range ids {
				if theirs[id] {
					n++
				}
			}
			switch {
			case n > most:
				best, most, tied = j, n, false
			case n == most && n > 0:
				tied = true
			}
		}
		if best >= 0 && !tied {
			of[i], taken[best] = best, true
		}
	}
}

// pairByGap pairs what has no name and stands alone, in both versions, between the same
// neighbours.
func pairByGap(base, other *side, b, v []syntax.Value, of []int, taken []bool) {
	for i := range v {
		if of[i] >= 0 || !hasNoName(other, v[i]) {
			continue
		}
		lo, hi := -1, len(b)
		alike := 0
		from, to := i, i
		for ; from > 0 && of[from-1] < 0; from-- {
		}
		for ; to < len(v)-1 && of[to+1] < 0; to++ {
		}
		if from > 0 {
			lo = of[from-1]
		}
		if to < len(v)-1 {
			hi = of[to+1]
		}
		for _, x := range v[from : to+1] {
			if hasNoName(other, x) && word(x, "kind") == word(v[i], "kind") {
				alike++
			}
		}
		found, n := -1, 0
		for j := lo + 1; j < hi; j++ {
			if !taken[j] && hasNoName(base, b[j]) && word(b[j], "kind") == word(v[i], "kind") {
				found = j
				n++
			}
		}
		if n == 1 && alike == 1 {
			of[i], taken[found] = found, true
		}
	}
}

func hasNoName(s *side, v syntax.Value) bool {
	return v.Kind() == syntax.KindObject && s.identity(v) == ""
}

// unclear reports whether an element without a name may be one of the base or a new one, or
// has changed places with another one: then it may be that one, with other content.
func unclear(base, other *side, b, v []syntax.Value, of []int) bool {
	for i, x := range v {
		if !hasNoName(other, x) {
			continue
		}
		if of[i] >= 0 {
			for k := range v {
				if of[k] >= 0 && k != i && (i < k) != (of[i] < of[k]) {
					return true
				}
			}
			continue
		}
		for j, y := range b {
			if hasNoName(base, y) && word(x, "kind") == word(y, "kind") && !slices.Contains(of, j) {
				return true
			}
		}
	}
	return false
}

// entries are the elements of all versions: those of the base in its order, then ours,
// then theirs. What both sides have added under one name is one entry.
func (m *merger) entries(l lists, ofOurs, ofTheirs []int) []*entry {
	var out []*entry
	for i := range l.b {
		out = append(out, &entry{b: i, o: slices.Index(ofOurs, i), t: slices.Index(ofTheirs, i)})
	}
	key := func(s *side, v syntax.Value) string {
		if id := s.identity(v); id != "" {
			return id
		}
		x := s.sum(v)
		return "sum " + string(x[:])
	}
	added := map[string]*entry{}
	for i, of := range ofOurs {
		if of < 0 {
			e := &entry{b: -1, o: i, t: -1}
			out = append(out, e)
			added[key(m.ours, l.o[i])] = e
		}
	}
	for i, of := range ofTheirs {
		if of < 0 {
			if e := added[key(m.theirs, l.t[i])]; e != nil {
				e.t = i
				continue
			}
			out = append(out, &entry{b: -1, o: -1, t: i})
		}
	}
	return out
}

// order puts the elements that stay in their order.
func (m *merger) order(at place, l lists, live []*entry, steps bool, b, o, t syntax.Value) *plan {
	var common []*entry
	for _, e := range live {
		if e.b >= 0 && e.o >= 0 && e.t >= 0 {
			common = append(common, e)
		}
	}
	sorted := func(list []*entry, index func(*entry) int) []*entry {
		s := slices.Clone(list)
		slices.SortFunc(s, func(x, y *entry) int { return index(x) - index(y) })
		return s
	}
	inO, inT := func(e *entry) int { return e.o }, func(e *entry) int { return e.t }
	ofBase, ofOurs, ofTheirs := common, sorted(common, inO), sorted(common, inT)
	free := at.parallel && steps // the order says nothing
	final := ofOurs
	switch {
	case slices.Equal(ofOurs, ofBase):
		final = ofTheirs
	case slices.Equal(ofTheirs, ofBase), slices.Equal(ofOurs, ofTheirs):
	case free:
		if slices.CompareFunc(ofTheirs, ofOurs, func(x, y *entry) int { return x.b - y.b }) < 0 {
			final = ofTheirs
		}
	default:
		if m.settle(at, "both sides have put its elements into another order", b, o, t) == Theirs {
			final = ofTheirs
		}
	}
	// What only one side has stands behind what stands before it there.
	extras := func(has func(*entry) int, own []*entry) (map[*entry][]*entry, int) {
		var list []*entry
		for _, e := range live {
			if has(e) >= 0 {
				list = append(list, e)
			}
		}
		list = sorted(list, has)
		gaps, n := map[*entry][]*entry{}, 0
		var before *entry
		for _, e := range list {
			if slices.Contains(own, e) {
				before = e
				continue
			}
			gaps[before] = append(gaps[before], e)
			n++
		}
		return gaps, n
	}
	gapsO, nO := extras(inO, common)
	gapsT, nT := extras(inT, common)
	if !free && (nO > 0 && !slices.Equal(final, ofOurs) || nT > 0 && !slices.Equal(final, ofTheirs)) {
		if m.settle(at, "one side has put its elements into another order, and the other one has added some", b, o, t) == Theirs {
			final = ofTheirs
		} else {
			final = ofOurs
		}
	}
	p := &plan{form: list, value: o, side: m.ours}
	add := func(entries []*entry) {
		for _, e := range entries {
			if !p.holds(e) {
				p.elements = append(p.elements, element{e, e.plan})
			}
		}
	}
	fill := func(before *entry) {
		ours, theirs := gapsO[before], gapsT[before]
		switch {
		case within(theirs, ours):
			add(ours)
		case within(ours, theirs):
			add(theirs)
		case free || !steps && m.unordered(at.key, l):
			// The same, whichever side is called ours.
			if m.before(theirs, ours) {
				ours, theirs = theirs, ours
			}
			add(ours)
			add(theirs)
		default:
			where := at
			where.id += "[+]"
			if before != nil {
				where.id = at.id + "[" + m.nameIn(l, before) + "+]"
			}
			c := Conflict{ID: where.id, Node: at.node, Why: "both sides have added something at the same place", Ours: join(l.o, ours, inO), Theirs: join(l.t, theirs, inT)}
			c.OursRange, c.TheirsRange = span(l.o, ours, inO), span(l.t, theirs, inT)
			if m.note(c) == Theirs {
				ours, theirs = theirs, ours
			}
			add(ours)
			add(theirs)
		}
	}
	// An element that both have added at different places stands in two gaps.
	for _, e := range live {
		if e.b < 0 && e.o >= 0 && e.t >= 0 && !free && gapOf(gapsO, e) != gapOf(gapsT, e) {
			m.settle(at, "both sides have added the same at different places", b, o, t)
			break
		}
	}
	fill(nil)
	for _, e := range final {
		add([]*entry{e})
		fill(e)
	}
	return p
}

func gapOf(gaps map[*entry][]*entry, e *entry) *entry {
	for before, list := range gaps {
		if slices.Contains(list, e) {
			return before
		}
	}
	return nil
}

// settle notes a conflict about a whole list.
func (m *merger) settle(at place, why string, b, o, t syntax.Value) Side {
	return m.note(Conflict{ID: at.id, Node: at.node, Why: why, Base: raw(b), Ours: raw(o), Theirs: raw(t), OursRange: rangeOf(o), TheirsRange: rangeOf(t)})
}

// within reports whether a list is part of another one, in its order.
func within(part, whole []*entry) bool {
	i := 0
	for _, e := range whole {
		if i < len(part) && part[i] == e {
			i++
		}
	}
	return i == len(part)
}

// before orders what two sides have added at one place by what it means.
func (m *merger) before(x, y []*entry) bool {
	key := func(entries []*entry) []byte {
		var b []byte
		for _, e := range entries {
			x := e.plan.side.sum(e.plan.value)
			b = append(b, x[:]...)
		}
		return b
	}
	return bytes.Compare(key(x), key(y)) < 0
}

// unordered reports whether the order of a list says nothing: its elements have names,
// and no expression takes one of them by its position.
func (m *merger) unordered(key string, l lists) bool {
	for _, in := range []struct {
		s *side
		v []syntax.Value
	}{{m.base, l.b}, {m.ours, l.o}, {m.theirs, l.t}} {
		for _, v := range in.v {
			if v.Kind() != syntax.KindObject || in.s.identity(v) == "" {
				return false
			}
		}
	}
	// As in refs.web.ports.0.dns
	byPosition := regexp.MustCompile(`\.` + regexp.QuoteMeta(key) + `\.[0-9]`)
	return !byPosition.MatchString(m.ours.tree.Source()) && !byPosition.MatchString(m.theirs.tree.Source())
}

func join(list []syntax.Value, entries []*entry, index func(*entry) int) string {
	var out string
	for i, e := range entries {
		if i > 0 {
			out += ",\n"
		}
		out += list[index(e)].Raw()
	}
	return out
}

func span(list []syntax.Value, entries []*entry, index func(*entry) int) syntax.Range {
	if len(entries) == 0 {
		return syntax.Range{}
	}
	return syntax.Range{Start: list[index(entries[0])].Range().Start, End: list[index(entries[len(entries)-1])].Range().End}
}
