package syntax

import (
	"strconv"
	"strings"
)

// usualDepth is for how many containers in one another room is made at once: what
// is around a place is asked for at every keystroke.
const usualDepth = 24

// Token is a smallest piece of the text.
type Token struct {
	Kind  Kind
	Range Range
}

// Spot says what may be written at an offset.
type Spot uint8

const (
	SpotNone  Spot = iota // nothing of JSON: in a comment, or behind the root value
	SpotName              // in the name of a member, or where one may start
	SpotColon             // behind a name that has no colon yet
	SpotValue             // in a scalar value, or where a value may start
)

// Path says where an offset stands.
type Path struct {
	Offset int
	// Steps are the objects and arrays around the offset, the outermost first.
	// A container that is not closed goes on until something else starts.
	Steps []Step
	Spot  Spot
	// Scalar is the scalar that the offset lies in or touches: a name where
	// Spot is SpotName, else a value. It is absent between tokens.
	Scalar Value
	// Token is the token that the offset lies in; at a border the more
	// telling one of the two, scalars before brackets before space.
	Token Token
	// Between tokens: AfterItem says that a member or an element ends before
	// the offset without a comma in between, BeforeItem that one starts
	// behind it. What is inserted needs its commas accordingly.
	AfterItem, BeforeItem bool
}

// Step is an object or an array on a path.
type Step struct {
	Value Value
	// Member is the member of an object that the offset lies in or touches, or
	// whose value is missing there; absent between members.
	Member Member
	// Index is the position of that member or element, or the one that an item
	// inserted at the offset would have.
	Index int
}

// Container returns the innermost object or array around the offset.
func (p Path) Container() Value {
	if len(p.Steps) == 0 {
		return Value{}
	}
	return p.Steps[len(p.Steps)-1].Value
}

// Member returns the member of the innermost object that the offset lies in.
func (p Path) Member() Member {
	if len(p.Steps) == 0 {
		return Member{}
	}
	return p.Steps[len(p.Steps)-1].Member
}

// Pointer returns the path as a JSON pointer (RFC 6901): to the member or
// element at the offset, or to the container if it lies between them.
func (p Path) Pointer() string {
	var b strings.Builder
	for i, s := range p.Steps {
		switch last := i == len(p.Steps)-1; {
		case s.Member.IsValid() && s.Member.Key().IsValid():
			b.WriteByte('/')
			b.WriteString(escapePointer(s.Member.KeyText()))
		case s.Value.Kind() == KindArray && (!last || p.Scalar.IsValid()):
			b.WriteByte('/')
			b.WriteString(strconv.Itoa(s.Index))
		}
	}
	return b.String()
}

// escapePointer writes a name as a token of a JSON pointer.
func escapePointer(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}

// unescapePointer reads a token of a JSON pointer.
func unescapePointer(token string) string {
	return strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
}

// Find returns the value that a JSON pointer (RFC 6901) names, an absent one if
// there is none. Of members with one name the last counts.
func (t *Tree) Find(pointer string) Value {
	v := t.Root()
	if pointer == "" {
		return v
	}
	if pointer[0] != '/' {
		return Value{}
	}
	for token := range strings.SplitSeq(pointer[1:], "/") {
		switch v.Kind() {
		case KindObject:
			v = v.Get(unescapePointer(token))
		case KindArray:
			i, err := strconv.Atoi(token)
			if err != nil || strconv.Itoa(i) != token {
				return Value{}
			}
			v = v.Index(i)
		default:
			return Value{}
		}
	}
	return v
}

// PathAt says where an offset stands, from the root to the innermost token that
// it lies in or touches. The offset is clamped to the text.
func (t *Tree) PathAt(offset int) Path {
	offset = min(max(offset, 0), t.text.size)
	l := locator{tree: t, path: Path{Offset: offset, Steps: make([]Step, 0, min(int(t.root.height), usualDepth))}}
	l.container(Value{}, t.root, 0)
	return l.path
}

type locator struct {
	tree *Tree
	path Path
}

// container looks for the offset among the parts of a document, an object or
// an array that starts at start.
func (l *locator) container(v Value, n *Node, start int) {
	at, offset := start, l.path.Offset
	var hit Part           // the part that the offset lies in or touches
	var prev, member mark  // the last significant part before it; where the member starts that the last part belongs to
	var hitMember mark     // and the one that hit belongs to
	items, hitItem := 0, 0 // how many items have started
	node := 0
	for i, g := range n.parts {
		end := at + int(g.width)
		if at > offset || at == offset && hit.Kind != KindInvalid {
			break
		}
		touched := end >= offset && (at < offset && offset < end || touches(g, Range{at, end}, offset))
		if !touched && end > offset {
			break
		}
		switch {
		case g.flags&flagMember != 0:
			member = mark{true, i, node, at}
			items++
		case g.kind == KindComma:
			member = mark{}
		case n.kind != KindObject && g.kind.IsValue():
			items++
		}
		if touched {
			hit, hitItem, hitMember = l.part(n, mark{true, i, node, at}), items-1, member
			if offset < end {
				break
			}
		} else if !g.kind.IsTrivia() {
			prev = mark{true, i, node, at}
		}
		if g.kind.isContainer() {
			node++
		}
		at = end
	}
	l.within(v, n, start, hit, l.part(n, prev), hitItem, items, l.member(n, hitMember), l.member(n, member))
}

// mark is a place among the parts of a node: its index, that among the nodes, and
// where it starts. Most parts that a search passes are never looked at again.
type mark struct {
	is              bool
	index, node, at int
}

// part returns the part at a mark; an invalid one where there is none.
func (l *locator) part(n *Node, m mark) Part {
	if !m.is {
		return Part{}
	}
	g := n.parts[m.index]
	p := Part{g.kind, Range{m.at, m.at + int(g.width)}, Value{l.tree, nil, g, m.at}, Member{}, m.index}
	if g.kind.isContainer() {
		p.value.node = n.nodes[m.node]
	}
	return p
}

func (l *locator) member(n *Node, m mark) Member {
	if !m.is {
		return Member{}
	}
	return Member{l.tree, n, m.index, m.node, m.at}
}

// within goes on in what the offset lies in or touches, or between prev, the part
// in front of it, and what follows.
func (l *locator) within(v Value, n *Node, start int, hit, prev Part, hitItem, items int, hitMember, member Member) {
	if n.kind != KindDocument {
		l.path.Steps = append(l.path.Steps, Step{Value: v, Index: items})
	}
	if hit.Kind.IsScalar() || hit.Kind.isContainer() {
		l.in(hitMember, hitItem)
	}
	switch {
	case hit.Kind.isContainer():
		l.container(hit.value, hit.value.node, hit.Range.Start)
		return
	case hit.Kind.IsScalar():
		l.path.Scalar, l.path.Token = hit.value, Token{hit.Kind, hit.Range}
		l.path.Spot = SpotValue
		if hit.value.green.flags&flagMember != 0 && isName(hit.value.green) {
			l.path.Spot = SpotName
		}
		return
	case hit.Kind == KindLineComment || hit.Kind == KindBlockComment:
		l.path.Token = Token{hit.Kind, hit.Range}
		return
	}
	// Between tokens. What is open before the offset goes on.
	if prev.Kind.isContainer() && !prev.value.Terminated() {
		l.in(member, items-1)
		l.container(prev.value, prev.value.node, prev.Range.Start)
		return
	}
	l.gap(n, start)
	switch n.kind {
	case KindDocument:
		if items == 0 {
			l.path.Spot = SpotValue
		}
		l.path.BeforeItem = false
	case KindArray:
		l.path.Spot = SpotValue
		l.path.AfterItem = prev.Kind.IsValue()
	case KindObject:
		switch {
		case prev.Kind == KindColon:
			l.in(member, items-1)
			l.path.Spot = SpotValue
		case prev.Kind.IsValue() && prev.value.green.flags&flagMember != 0 && isName(prev.value.green):
			l.in(member, items-1)
			l.path.Spot = SpotColon
		default:
			l.path.Spot = SpotName
			l.path.AfterItem = prev.Kind.IsValue()
		}
	}
}

// in says that the offset lies in an item of the innermost container.
func (l *locator) in(m Member, index int) {
	if len(l.path.Steps) > 0 {
		s := &l.path.Steps[len(l.path.Steps)-1]
		s.Member, s.Index = m, index
	}
}

// gap fills in the token at an offset that lies between items, and whether an
// item stands behind it.
func (l *locator) gap(n *Node, start int) {
	at, offset := start, l.path.Offset
	for _, g := range n.parts {
		end := at + int(g.width)
		if at <= offset && offset <= end && !g.kind.IsValue() && (l.path.Token.Kind == KindInvalid || l.path.Token.Kind.IsTrivia()) {
			l.path.Token = Token{g.kind, Range{at, end}}
		}
		if at >= offset && !g.kind.IsTrivia() {
			l.path.BeforeItem = g.flags&flagMember != 0 || n.kind == KindArray && g.kind.IsValue()
			return
		}
		at = end
	}
}

// touches reports whether an offset at the border of a part belongs to it: at
// both ends of a scalar, at the end of what is not closed, never at a bracket.
func touches(g green, r Range, offset int) bool {
	switch {
	case g.kind.IsScalar():
		return r.Touches(offset)
	case g.kind == KindLineComment:
		return offset == r.End
	case g.kind == KindBlockComment, g.kind.isContainer():
		return offset == r.End && g.flags&flagOpen != 0
	}
	return false
}
