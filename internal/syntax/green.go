package syntax

// MaxDepth is how many objects and arrays may stand in one another. What is
// nested deeper is kept as one token of [KindExcess] with an error, so that
// walks over a tree can be recursive.
const MaxDepth = 10_000

// MaxSize is how many bytes of text a tree takes apart. A longer text is kept
// as a single error.
const MaxSize = 1<<32 - 2

// Node is a green node: an object, an array or a whole document, with its width
// in bytes and its parts, and without a place and without text.
//
// Nodes are immutable and have a pointer of their own each, which is their
// identity: equal pointers mean equal text, in one tree and across edits.
// Caches may be keyed by it. The converse does not hold.
type Node struct {
	parts  []green
	nodes  []*Node // those of the parts that are containers, in their order
	width  uint32
	height uint16
	kind   Kind
	flags  flags
}

// Kind says what the node is.
func (n *Node) Kind() Kind {
	if n == nil {
		return KindInvalid
	}
	return n.kind
}

// Width returns the length of the node's text in bytes.
func (n *Node) Width() int {
	if n == nil {
		return 0
	}
	return int(n.width)
}

// HasErrors reports whether there is a syntax error in the node or below it.
func (n *Node) HasErrors() bool { return n != nil && n.flags&flagError != 0 }

// Common returns how many containers that stand directly in n at its start, and
// how many of the others at its end, are the same as those of another node, which
// may be nil, and so is all that stands in front of the ones and behind the others.
func (n *Node) Common(other *Node) (head, tail int) {
	if n == nil || other == nil {
		return 0, 0
	}
	parts, nodes := min(len(n.parts), len(other.parts)), min(len(n.nodes), len(other.nodes))
	from := 0
	for ; from < parts && n.parts[from] == other.parts[from]; from++ {
		if n.parts[from].kind.isContainer() {
			if n.nodes[head] != other.nodes[head] {
				break
			}
			head++
		}
	}
	for i := 1; i <= parts-from && n.parts[len(n.parts)-i] == other.parts[len(other.parts)-i]; i++ {
		if n.parts[len(n.parts)-i].kind.isContainer() {
			if tail == nodes-head || n.nodes[len(n.nodes)-1-tail] != other.nodes[len(other.nodes)-1-tail] {
				break
			}
			tail++
		}
	}
	return head, tail
}

// green is a part of a node: a token, or what there is to know of a container
// without going there. The parts of a node are one piece of memory without
// pointers, so that a token costs eight bytes and no allocation.
//
// A member of an object is no node: its parts are among those of the object,
// from one with flagMember to the last before a comma, a bracket or the next
// flagMember that is no trivia.
type green struct {
	width  uint32
	height uint16 // how many containers stand in one another in it
	kind   Kind
	flags  flags
}

type flags uint8

// Flags of all parts.
const (
	flagError  flags = 1 << iota // there is an error in the token, or in the container or below it
	flagOpen                     // a string, a block comment or a container that is not closed
	flagMember                   // a member of an object starts here
	flagOf1                      // the rest depends on the kind
	flagOf2
	flagOf3
	flagOf4
)

const (
	flagNewline = flagOf1 // space with an end of line in it
	flagStandIn = flagOf1 // a character that stands where another belongs: = for :, ; for ,
	flagEscape  = flagOf1 // a string with a backslash
	flagHigh    = flagOf2 // a string with bytes over 0x7F
	flagSingle  = flagOf3 // a string in single quotes
	flagBadText = flagOf4 // a string with a control character or an escape that JSON does not know
)

// scalarNodes stand in for the nodes of scalars, which have none.
var scalarNodes = [...]Node{
	KindString: {kind: KindString}, KindNumber: {kind: KindNumber}, KindTrue: {kind: KindTrue}, KindFalse: {kind: KindFalse},
	KindNull: {kind: KindNull}, KindWord: {kind: KindWord}, KindExcess: {kind: KindExcess},
}

// green returns the part that n is of the node around it.
func (n *Node) green() green {
	return green{width: n.width, height: n.height, kind: n.kind, flags: n.flags}
}

// seal fills in what the parts of a node say about it: its width, its height,
// and whether it is closed and without a mistake.
func (n *Node) seal(kind Kind) {
	width, height, fl := sum(n.parts)
	fl &= flagError
	switch kind {
	case KindObject, KindArray:
		height++
		inner, closer := len(n.parts)-1, KindCloseBrace
		if kind == KindArray {
			closer = KindCloseBracket
		}
		if n.parts[inner].kind != closer {
			fl = flagError | flagOpen
		} else if fl == 0 && !formOpened.behind(kind, n.parts[1:inner]).mayClose() {
			fl = flagError
		}
	default:
		if fl == 0 && !wellFormedDocument(n.parts) {
			fl = flagError
		}
	}
	n.kind, n.width, n.height, n.flags = kind, width, height, fl
}

// sum returns the width of all parts, the height of the highest, and the flags
// of any.
func sum(parts []green) (width uint32, height uint16, fl flags) {
	for _, g := range parts {
		width += g.width
		height = max(height, g.height)
		fl |= g.flags
	}
	return width, height, fl
}

// form is what JSON allows at a place within an object or an array.
type form uint8

const (
	formOpened form = iota // an item or the closing bracket
	formItem               // an item: a name, or an element
	formColon
	formValue
	formComma  // a comma or the closing bracket
	formBroken // it has not been JSON before
)

func (f form) mayClose() bool { return f == formOpened || f == formComma }

// behind returns the form behind parts of a container of the given kind, none
// of which has an error.
func (f form) behind(kind Kind, parts []green) form {
	if kind == KindArray {
		for _, g := range parts {
			switch {
			case g.kind == KindSpace:
			case f <= formItem && g.kind.IsValue():
				f = formComma
			case f == formComma && g.kind == KindComma:
				f = formItem
			default:
				return formBroken
			}
		}
		return f
	}
	for _, g := range parts {
		switch {
		case g.kind == KindSpace:
		case f == formValue && g.kind.IsValue() && g.flags&flagMember == 0:
			f = formComma
		case f <= formItem && g.kind == KindString:
			f = formColon
		case f == formColon && g.kind == KindColon:
			f = formValue
		case f == formComma && g.kind == KindComma:
			f = formItem
		default:
			return formBroken
		}
	}
	return f
}

// wellFormedDocument reports whether there is one value and nothing else.
func wellFormedDocument(parts []green) bool {
	values := 0
	for _, g := range parts {
		switch {
		case g.kind == KindSpace:
		case g.kind.IsValue():
			values++
		default:
			return false
		}
	}
	return values == 1
}

// lastSignificant returns the index of the last part that is no trivia, 0 if
// there is none.
func lastSignificant(parts []green) int {
	i := len(parts) - 1
	for i > 0 && parts[i].kind.IsTrivia() {
		i--
	}
	return i
}

// memberEnd returns the index of the last part of the member that starts at
// part i of an object.
func memberEnd(parts []green, i int) int {
	end := i
	for i++; i < len(parts); i++ {
		g := parts[i]
		switch {
		case g.kind == KindSpace:
			continue
		case g.flags&flagMember != 0, g.kind == KindComma, g.kind == KindCloseBrace, g.kind == KindCloseBracket:
			return end
		case !g.kind.IsTrivia():
			end = i
		}
	}
	return end
}
