package merge

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// move is a node that stands in another list in one version, and in its old one in the
// other.
type move struct {
	by      Side
	b, o, t syntax.Value
}

// spot is where a node stands: its list, as the identity of the list.
type spot struct {
	node syntax.Value
	list string
	n    int // how many nodes have the identity
}

// spots finds the nodes of a version by their identities. A list is known by the nodes
// around it, and by what it is called there.
func spots(s *side) map[string]spot {
	found := map[string]spot{}
	var walk func(v syntax.Value, list string)
	walk = func(v syntax.Value, list string) {
		switch v.Kind() {
		case syntax.KindObject:
			if list != "" && word(v, "kind") != "" {
				if id := s.identity(v); id != "" {
					x := found[id]
					found[id] = spot{v, list, x.n + 1}
					list = id
				}
			}
			for m := range v.Members() {
				walk(m.Value(), list+"."+m.KeyText())
			}
		case syntax.KindArray:
			i := 0
			for e := range v.Elements() {
				inner := list
				if e.Kind() == syntax.KindObject && s.identity(e) == "" {
					inner += "." + strconv.Itoa(i) // a workflow without a name
				}
				walk(e, inner+"[]")
				i++
			}
		}
	}
	walk(s.root, "")
	return found
}

// findMoves finds the nodes that one side has moved while the other one has left them
// where they were.
func (m *merger) findMoves() {
	b, o, t := spots(m.base), spots(m.ours), spots(m.theirs)
	m.moves, m.moved = map[string]move{}, map[string]Side{}
	for id, x := range b {
		y, inOurs := o[id]
		z, inTheirs := t[id]
		if !inOurs || !inTheirs || x.n != 1 || y.n != 1 || z.n != 1 {
			continue
		}
		switch {
		case y.list != x.list && z.list == x.list:
			m.moves[id] = move{Ours, x.node, y.node, z.node}
		case z.list != x.list && y.list == x.list:
			m.moves[id] = move{Theirs, x.node, y.node, z.node}
		}
	}
}

// movedAway reports whether a node that is missing in a list stands elsewhere in that
// version, where its changes are merged.
func (m *merger) movedAway(s *side, v syntax.Value, by Side) bool {
	if v.Kind() != syntax.KindObject || word(v, "kind") == "" {
		return false
	}
	id := s.identity(v)
	mv, ok := m.moves[id]
	return ok && mv.by == by || m.moved[id] == by
}

// arrived is the plan of a value that is taken from one side: as it is there, but for the
// nodes in it that came from elsewhere, which the other side may have changed there.
func (m *merger) arrived(s *side, v syntax.Value) *plan {
	if !v.IsValid() {
		return nil
	}
	by := Ours
	if s == m.theirs {
		by = Theirs
	}
	if !m.holdsMoved(v, by) {
		return &plan{form: leaf, value: v, side: s}
	}
	if v.Kind() == syntax.KindObject && word(v, "kind") != "" {
		id := s.identity(v)
		if mv, ok := m.moves[id]; ok && mv.by == by {
			delete(m.moves, id) // it is merged here and nowhere else
			m.moved[id] = by
			at := place{id: "[" + s.called(v) + "]"}
			return m.merge(at, mv.b, mv.o, mv.t)
		}
	}
	p := &plan{form: object, value: v, side: s}
	if v.Kind() == syntax.KindArray {
		p.form = list
		i := 0
		for e := range v.Elements() {
			x := &entry{b: -1, o: i, t: -1}
			if s != m.ours {
				x.o = -1
			}
			p.elements = append(p.elements, element{x, m.arrived(s, e)})
			i++
		}
		return p
	}
	for x := range v.Members() {
		p.members = append(p.members, member{x.KeyText(), m.arrived(s, x.Value())})
	}
	return p
}

func (m *merger) holdsMoved(v syntax.Value, by Side) bool {
	if len(m.moves) == 0 {
		return false
	}
	r := v.Range()
	for _, mv := range m.moves {
		at := mv.o
		if by == Theirs {
			at = mv.t
		}
		if mv.by == by && at.Range().Start >= r.Start && at.Range().End <= r.End {
			return true
		}
	}
	return false
}

// countNodes makes sure that no node is lost or doubled, whatever was moved: how often
// each identity stands in the result is merged by itself, and has to agree.
func (m *merger) countNodes(p *plan) {
	result := newSide(p.text())
	count := func(s *side) map[string]int {
		n := map[string]int{}
		nodes(s.root, syntax.Range{}, func(v syntax.Value, _ syntax.Range) {
			n[s.known(v)]++
		})
		return n
	}
	b, o, t, r := count(m.base), count(m.ours), count(m.theirs), count(result)
	all := map[string]bool{}
	for _, n := range []map[string]int{b, o, t, r} {
		for id := range n {
			all[id] = true
		}
	}
	for _, id := range slices.Sorted(maps.Keys(all)) {
		want := o[id]
		if b[id] == o[id] {
			want = t[id]
		} else if o[id] != t[id] && b[id] != t[id] {
			want = max(o[id], t[id])
		}
		// What has no name is another one once it is changed.
		if strings.HasPrefix(id, nameless) && (b[id] == 0 || r[id] < want) {
			continue
		}
		if r[id] == want || len(m.settled) > 0 && r[id] <= max(o[id], t[id]) {
			continue
		}
		name := id
		if strings.HasPrefix(id, nameless) {
			name = strings.TrimSpace(nameless)
		}
		c := Conflict{ID: "[" + name + "]", Whole: true, Why: "one side has moved it, and the other one has moved it elsewhere or removed it"}
		if r[id] < want {
			c.Why = "it stands in both versions and would be lost"
		} else if b[id] == 0 {
			c.Why = "both sides have added it, at different places"
		}
		c.Node, c.Base, _ = m.base.nodeWith(id)
		if label, text, at := m.ours.nodeWith(id); label != "" {
			c.Node, c.Ours, c.OursRange = label, text, at
		}
		if label, text, at := m.theirs.nodeWith(id); label != "" {
			c.Node, c.Theirs, c.TheirsRange = label, text, at
		}
		m.note(c)
	}
}

// known is the identity of a node or, where it has no name, what it means.
func (s *side) known(v syntax.Value) string {
	if id := s.identity(v); id != "" {
		return id
	}
	x := s.sum(v)
	return nameless + string(x[:])
}

const nameless = "a node without a name "

func (s *side) nodeWith(id string) (label, text string, at syntax.Range) {
	nodes(s.root, syntax.Range{}, func(v syntax.Value, _ syntax.Range) {
		if label == "" && s.known(v) == id {
			label, text, at = labelOf(v), v.Raw(), v.Range()
			if label == "" {
				label = word(v, "kind")
			}
		}
	})
	return label, text, at
}

func itoa(n int) string { return strconv.Itoa(n) }
