package syntax

import (
	"strconv"
	"strings"
)

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
			b.WriteString(pointerEscaper.Replace(s.Member.KeyText()))
		case s.Value.Kind() == KindArray && (!last || p.Scalar.IsValid()):
			b.WriteByte('/')
			b.WriteString(strconv.Itoa(s.Index))
		}
	}
	return b.String()
}

var (
	pointerEscaper   = strings.NewReplacer("~", "~0", "/", "~1")
	pointerUnescaper = strings.NewReplacer("~1", "/", "~0", "~")
)

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
			v = v.Get(pointerUnescaper.Replace(token))
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
	l := locator{tree: t, path: Path{Offset: offset}}
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
	parts := n.children
	hit, hitAt := -1, 0     // the part that the offset lies in or touches
	prev, prevAt := -1, 0   // the last part before the offset that is no trivia
	comma, items := true, 0 // is there a comma behind the last item; items before the offset
	values := 0             // values before the offset in a document
	for i := range parts {
		g := &parts[i]
		end := at + int(g.width)
		if at > offset || at == offset && hit >= 0 {
			break
		}
		if offset < end && at < offset || touches(g, at, end, offset) {
			hit, hitAt = i, at
			if offset < end {
				break
			}
		} else if end <= offset {
			switch {
			case g.kind == KindMember || g.kind.IsValue():
				comma = false
				items++
				values++
			case g.kind == KindComma:
				comma = true
			}
			if !g.kind.IsTrivia() {
				prev, prevAt = i, at
			}
		}
		at = end
	}
	if n.kind != KindDocument {
		l.path.Steps = append(l.path.Steps, Step{Value: v, Index: items})
	}
	if hit >= 0 {
		g := parts[hit]
		switch {
		case g.kind.isContainer():
			l.container(Value{l.tree, g, hitAt}, g.node, hitAt)
			return
		case g.kind == KindMember:
			l.member(Member{l.tree, g.node, hitAt})
			return
		case g.kind.IsScalar():
			l.scalar(g, hitAt, SpotValue)
			return
		case g.kind == KindLineComment || g.kind == KindBlockComment:
			l.path.Token = Token{g.kind, Range{hitAt, hitAt + int(g.width)}}
			return
		}
	}
	// Between tokens. What is open before the offset goes on.
	if prev >= 0 {
		g := parts[prev]
		switch {
		case g.kind.isContainer() && g.flags&flagOpen != 0:
			l.setIndex(items - 1)
			l.container(Value{l.tree, g, prevAt}, g.node, prevAt)
			return
		case g.kind == KindMember:
			m := Member{l.tree, g.node, prevAt}
			val := m.Value()
			switch {
			case val.Kind().isContainer() && !val.Terminated():
				l.setIndex(items - 1)
				l.setMember(m)
				l.container(val, val.green.node, val.start)
				return
			case !val.IsValid():
				l.setIndex(items - 1)
				l.setMember(m)
				l.gap(parts, start)
				l.path.Spot = SpotColon
				if m.HasColon() {
					l.path.Spot = SpotValue
				}
				return
			}
		}
	}
	l.gap(parts, start)
	l.path.AfterItem = !comma
	switch n.kind {
	case KindDocument:
		if values == 0 {
			l.path.Spot = SpotValue
		}
		l.path.AfterItem, l.path.BeforeItem = false, false
	case KindObject:
		l.path.Spot = SpotName
	case KindArray:
		l.path.Spot = SpotValue
	}
}

// gap fills in the token at an offset that lies between items, and what stands
// behind it.
func (l *locator) gap(parts []green, start int) {
	at, offset := start, l.path.Offset
	var best green
	for _, g := range parts {
		end := at + int(g.width)
		if at <= offset && offset <= end && (best.width == 0 || best.kind.IsTrivia() && g.kind >= KindOpenBrace) && g.kind >= KindOpenBrace {
			best = g
			l.path.Token = Token{g.kind, Range{at, end}}
		}
		if at >= offset && !g.kind.IsTrivia() {
			l.path.BeforeItem = g.kind == KindMember || g.kind.IsValue()
			break
		}
		at = end
	}
}

func (l *locator) setIndex(i int) {
	l.path.Steps = setLast(l.path.Steps, func(s *Step) { s.Index = i })
}
func (l *locator) setMember(m Member) {
	l.path.Steps = setLast(l.path.Steps, func(s *Step) { s.Member = m })
}

func setLast(steps []Step, set func(*Step)) []Step {
	if len(steps) > 0 {
		set(&steps[len(steps)-1])
	}
	return steps
}

// member looks for the offset among the parts of a member that it lies in or
// touches.
func (l *locator) member(m Member) {
	l.setMember(m)
	at, offset := m.start, l.path.Offset
	colon := false
	for i, g := range m.node.children {
		end := at + int(g.width)
		switch {
		case g.kind.IsScalar() && at <= offset && offset <= end:
			spot := SpotValue
			if i == 0 {
				spot = SpotName
			}
			l.scalar(g, at, spot)
			return
		case g.kind.isContainer() && (at < offset && offset < end || touches(&g, at, end, offset)):
			l.container(Value{l.tree, g, at}, g.node, at)
			return
		case (g.kind == KindLineComment || g.kind == KindBlockComment) && at < offset && (offset < end || offset == end && g.kind == KindLineComment):
			l.path.Token = Token{g.kind, Range{at, end}}
			return
		case g.kind == KindColon && end <= offset:
			colon = true
		}
		at = end
	}
	l.gap(m.node.children, m.start)
	l.path.BeforeItem = false
	l.path.Spot = SpotColon
	if colon {
		l.path.Spot = SpotValue
	}
}

func (l *locator) scalar(g green, at int, spot Spot) {
	l.path.Scalar = Value{l.tree, g, at}
	l.path.Token = Token{g.kind, Range{at, at + int(g.width)}}
	l.path.Spot = spot
}

// touches reports whether an offset at the border of a part belongs to it: at
// both ends of a scalar, at the end of what is not closed, never at a bracket.
func touches(g *green, at, end, offset int) bool {
	switch {
	case g.kind.IsScalar():
		return at <= offset && offset <= end
	case g.kind == KindLineComment:
		return offset == end
	case g.kind == KindBlockComment, g.kind.isContainer():
		return offset == end && g.flags&flagOpen != 0
	case g.kind == KindMember && offset == end:
		last := g.node.children[len(g.node.children)-1]
		return touches(&last, end-int(last.width), end, offset)
	case g.kind == KindMember && offset == at:
		return g.node.children[0].kind.IsScalar()
	}
	return false
}
