package syntax

// Member is a cursor to a member of an object. The zero Member is absent.
type Member struct {
	tree   *Tree
	object *Node
	first  int // its first part
	node   int // how many containers stand before it in the object
	start  int // where it starts in the text
}

// IsValid reports whether there is a member.
func (m Member) IsValid() bool { return m.object != nil }

// Tree returns the tree that the member belongs to, nil if it is absent.
func (m Member) Tree() *Tree { return m.tree }

// In returns the cursor to the same member in another tree, as [Value.In] does.
func (m Member) In(t *Tree, by int) Member {
	if m.object == nil {
		return m
	}
	m.tree, m.start = t, m.start+by
	return m
}

// greens returns the parts of the member.
func (m Member) greens() []green {
	if m.object == nil {
		return nil
	}
	return m.object.parts[m.first : memberEnd(m.object.parts, m.first)+1]
}

// Range returns the bytes from the name to the end of the value, or of what
// there is of them.
func (m Member) Range() Range {
	end := m.start
	for _, g := range m.greens() {
		end += int(g.width)
	}
	return Range{m.start, end}
}

// Key returns the name: a string, or a word or another scalar where the quotes
// are missing; an absent value where the member starts with its colon or value.
func (m Member) Key() Value {
	if m.object != nil {
		if g := m.object.parts[m.first]; isName(g) {
			return Value{m.tree, nil, g, m.start}
		}
	}
	return Value{}
}

// isName reports whether the part with which a member starts is its name.
func isName(g green) bool { return g.kind.IsScalar() && g.kind != KindExcess }

// KeyText returns the text of the name, "" if there is none.
func (m Member) KeyText() string { return m.Key().Text() }

func (m Member) hasKey(key string) bool {
	g := m.object.parts[m.first]
	if g.kind == KindString && g.flags&^flagMember == 0 {
		return int(g.width) == len(key)+2 && m.tree.text.equal(m.start+1, key)
	}
	return isName(g) && m.Key().Text() == key
}

// HasColon reports whether there is a colon between the name and the value.
func (m Member) HasColon() bool {
	_, ok := m.Colon()
	return ok
}

// Colon returns the place of the colon, and whether there is one.
func (m Member) Colon() (Range, bool) {
	at := m.start
	for _, g := range m.greens() {
		if g.kind == KindColon {
			return Range{at, at + int(g.width)}, true
		}
		at += int(g.width)
	}
	return Range{}, false
}

// Value returns the value of the member; an absent one if it is missing.
func (m Member) Value() Value {
	at := m.start
	for i, g := range m.greens() {
		if g.kind.IsValue() && (i > 0 || !isName(g)) {
			v := Value{m.tree, nil, g, at}
			if g.kind.isContainer() {
				v.node = m.object.nodes[m.node]
			}
			return v
		}
		at += int(g.width)
	}
	return Value{}
}
