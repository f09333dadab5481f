package syntax

// MaxDepth is how many objects and arrays may stand in one another. What is
// nested deeper is kept as one token of [KindExcess] with an error, so that
// walks over a tree can be recursive.
const MaxDepth = 10_000

// MaxSize is how many bytes of text a tree takes apart. A longer text is kept
// as a single error.
const MaxSize = 1<<32 - 2

// Node is a green node: an object, an array, a member or a whole document,
// with its width in bytes and its parts, and without a place and without text.
//
// Nodes are immutable and allocated one by one, so that the pointer is an
// identity: equal pointers mean equal text, in one tree and across edits.
// Caches may be keyed by it. The converse does not hold.
type Node struct {
	children []green
	width    uint32
	height   uint16
	kind     Kind
	flags    flags
}

// Kind says what the node is.
func (n *Node) Kind() Kind {
	if n == nil {
		return KindInvalid
	}
	return n.kind
}

// HasErrors reports whether there is a syntax error in the node or below it.
func (n *Node) HasErrors() bool { return n != nil && n.flags&flagError != 0 }

// green is a part of a node: a token (node is nil) or a child node, whose kind,
// width, flags and height are repeated here. Holding tokens by value keeps a
// list of parts in one piece of memory, and a token costs no allocation.
type green struct {
	node   *Node
	width  uint32
	height uint16 // how many containers stand in one another in it
	kind   Kind
	flags  flags
}

type flags uint8

const (
	flagError   flags = 1 << iota // there is an error in the token, or in the node or below it
	flagOpen                      // a string, a block comment or a container that is not closed
	flagEscape                    // a string with a backslash
	flagHigh                      // a string with bytes over 0x7F
	flagSingle                    // a string in single quotes
	flagBadText                   // a string with a control character or an escape that JSON does not know
	flagNewline                   // space with an end of line in it
	flagStandIn                   // a character that stands where another belongs: = for :, ; for ,
)

// scalarNodes stand in for the green nodes of scalars, which have none.
var scalarNodes = [...]Node{
	KindString: {kind: KindString}, KindNumber: {kind: KindNumber}, KindTrue: {kind: KindTrue}, KindFalse: {kind: KindFalse},
	KindNull: {kind: KindNull}, KindWord: {kind: KindWord}, KindExcess: {kind: KindExcess},
}

// seal fills in what a node's parts say about it: its width, its height, and
// whether it is closed and without a mistake.
func (n *Node) seal(kind Kind, children []green) {
	var width, height = uint32(0), uint16(0)
	var fl flags
	for i := range children {
		c := &children[i]
		width += c.width
		height = max(height, c.height)
		fl |= c.flags & flagError
	}
	switch kind {
	case KindObject, KindArray:
		height++
		closer, item := KindCloseBrace, KindMember
		if kind == KindArray {
			closer, item = KindCloseBracket, KindInvalid
		}
		if children[len(children)-1].kind != closer {
			fl |= flagError | flagOpen
		} else if fl == 0 && !wellFormed(children, item) {
			fl = flagError
		}
	case KindMember:
		if fl == 0 && !wellFormedMember(children) {
			fl = flagError
		}
	case KindDocument:
		if fl == 0 && !wellFormedDocument(children) {
			fl = flagError
		}
	}
	n.kind, n.children, n.width, n.height, n.flags = kind, children, width, height, fl
}

// wellFormed reports whether items (members, or in an array any values) and
// commas take turns between the brackets.
func wellFormed(children []green, item Kind) bool {
	const (
		first = iota // an item or the end
		after        // a comma or the end
		next         // an item
	)
	state := first
	for i := 1; i < len(children)-1; i++ {
		switch k := children[i].kind; {
		case k == KindSpace:
		case k == KindComma:
			if state != after {
				return false
			}
			state = next
		case k == item || item == KindInvalid && k.IsValue():
			if state == after {
				return false
			}
			state = after
		default:
			return false
		}
	}
	return state != next
}

// wellFormedMember reports whether the parts are a string, a colon and a value.
func wellFormedMember(children []green) bool {
	state := 0
	for i := range children {
		switch k := children[i].kind; {
		case k == KindSpace:
		case state == 0 && k == KindString, state == 1 && k == KindColon, state == 2 && k.IsValue():
			state++
		default:
			return false
		}
	}
	return state == 3
}

// wellFormedDocument reports whether there is one value and nothing else.
func wellFormedDocument(children []green) bool {
	values := 0
	for i := range children {
		switch k := children[i].kind; {
		case k == KindSpace:
		case k.IsValue():
			values++
		default:
			return false
		}
	}
	return values == 1
}
