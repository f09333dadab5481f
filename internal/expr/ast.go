package expr

import "strings"

// Pos is the place of a node: byte offsets, half-open, in the text that Parse was given.
type Pos struct{ Start, End int }

// Span returns the byte range of a node in the text that Parse was given.
func (p Pos) Span() (start, end int) { return p.Start, p.End }

func (Pos) node() {}

// Node is an expression: *Ref, *Call, *StringLit, *NumberLit, *BoolLit, *NullLit, *UndefinedLit, *RegexLit, *ArrayLit,
// *Lambda or *Missing. Children lie inside the span of their parent, in source order.
type Node interface {
	Span() (start, end int)
	node()
}

// PartKind tells what a Part is.
type PartKind uint8

const (
	// Literal is text that stands for itself.
	Literal PartKind = iota
	// Expression is a `${...}`.
	Expression
	// Runtime is a `${{...}}`: the platform resolves it when a container starts; it is never evaluated here.
	Runtime
)

// Part is a piece of an interpolated string. The parts of a string cover its text without gaps.
type Part struct {
	Kind       PartKind
	Start, End int    // bytes, with the delimiters
	Text       string // Literal: what it means, without the backslash of `\${`. Runtime: what stands between the braces, trimmed.
	// Node is the expression of an Expression part, never nil there. In a Runtime part it is the reference that stands in
	// it if it holds nothing else, for completion and hover, and nil otherwise.
	Node   Node
	Closed bool // the closing brace is there
}

// Interpolation is a parsed string.
type Interpolation struct {
	Text   string // what was parsed
	Parts  []Part
	Errors []Error // in source order

	single [1]Part // storage of the most frequent case, a string without any `$`
}

// IsSingle reports whether the whole string is exactly one `${...}`, so that its value keeps its own type.
func (ip *Interpolation) IsSingle() bool {
	return len(ip.Parts) == 1 && ip.Parts[0].Kind == Expression
}

// HasExpressions reports whether any part is evaluated: a `${{...}}` is not.
func (ip *Interpolation) HasExpressions() bool {
	for i := range ip.Parts {
		if ip.Parts[i].Kind == Expression {
			return true
		}
	}
	return false
}

// Segment is one step of a path: `ports`, `0`, or `["a b"]`.
type Segment struct {
	Name       string
	Start, End int  // bytes of the name alone, without dot, brackets or quotes
	Bracket    bool // written in brackets
}

// Ref is a path that starts at a root: `refs.build.id`, `args.BRANCH`, `item.name`, or a bare word such as `VAR`.
type Ref struct {
	Pos
	Template               bool   // written with a leading `template.`
	Root                   string // `refs`, `args`, `secrets`, the name of a parameter, or whatever was written
	RootStart, RootEnd     int
	Segments               []Segment
	TrailingDot            bool // ends in a dot (or an open bracket) after which a name is still to come
	Param                  bool // the root is a parameter of a lambda around it
	DotStart, UnclosedFrom int  // offset of the trailing dot, and of an unclosed bracket, else -1
}

// Path returns the names of the segments.
func (r *Ref) Path() []string {
	names := make([]string, len(r.Segments))
	for i, s := range r.Segments {
		names[i] = s.Name
	}
	return names
}

// String returns the reference in its canonical spelling, without `template.`.
func (r *Ref) String() string {
	var b strings.Builder
	b.WriteString(r.Root)
	for _, s := range r.Segments {
		if IsName(s.Name) {
			b.WriteByte('.')
			b.WriteString(s.Name)
			continue
		}
		b.WriteString("[")
		b.WriteString(Quote(s.Name))
		b.WriteString("]")
	}
	return b.String()
}

// Call is `fn.name(arguments)`.
type Call struct {
	Pos
	Template           bool   // written with a leading `template.`
	Bare               bool   // written without `fn.`; Name then holds the whole path
	Name               string // empty while it is still to be typed (`fn.`)
	NameStart, NameEnd int
	Open, Close        int    // offsets of the parentheses, -1 where they are missing
	Args               []Node // holes are *Missing
	Commas             []int  // offsets of the commas between the arguments
	Closed             bool
	// Ordinal counts the calls of the same function that stand before this one in the string, for the functions whose
	// values are kept. It tells two random values in one string apart, whatever is edited around them.
	Ordinal int
}

// ArgAt returns the index of the argument that a cursor at offset stands in, or -1 outside of the parentheses.
func (c *Call) ArgAt(offset int) int {
	if c.Open < 0 || offset <= c.Open || c.Close >= 0 && offset > c.Close {
		return -1
	}
	n := 0
	for _, comma := range c.Commas {
		if offset > comma {
			n++
		}
	}
	return n
}

// StringLit is a quoted string. Value has its escapes resolved; a lone surrogate escape is kept in the three-byte form
// that UTF-8 forbids, so that two halves still join into one character.
type StringLit struct {
	Pos
	Value  string
	Quote  byte
	Closed bool
}

// NumberLit is a number.
type NumberLit struct {
	Pos
	Value float64
}

// BoolLit is `true` or `false`.
type BoolLit struct {
	Pos
	Value bool
}

// NullLit is `null`.
type NullLit struct{ Pos }

// UndefinedLit is `undefined`.
type UndefinedLit struct{ Pos }

// RegexLit is `/pattern/flags`. The pattern is compiled on first use.
type RegexLit struct {
	Pos
	Pattern, Flags string
	PatternStart   int // offset of the pattern in the text
	Closed         bool
	compiled       lazyRegex
}

// ArrayLit is `[a, b]`.
type ArrayLit struct {
	Pos
	Elems  []Node // holes are *Missing
	Closed bool
}

// LambdaParam is a parameter of a lambda.
type LambdaParam struct {
	Name       string
	Start, End int
}

// Lambda is `(item, index) => body` or `item => body`.
type Lambda struct {
	Pos
	Params []LambdaParam
	Body   Node
}

// Missing is a hole: nothing stands where an expression has to. Its span is the blank room of the hole, or the text that
// could not be read.
type Missing struct{ Pos }

// Walk visits n and all that is in it, parents first. inCall tells whether the node stands in the arguments of a call,
// where a reference that does not resolve is undefined instead of an error. Children are left out when visit returns
// false.
func Walk(n Node, visit func(n Node, inCall bool) bool) { walk(n, false, visit) }

func walk(n Node, inCall bool, visit func(n Node, inCall bool) bool) {
	if n == nil || !visit(n, inCall) {
		return
	}
	switch n := n.(type) {
	case *Call:
		for _, a := range n.Args {
			walk(a, true, visit)
		}
	case *ArrayLit:
		for _, e := range n.Elems {
			walk(e, inCall, visit)
		}
	case *Lambda:
		walk(n.Body, inCall, visit)
	}
}

// Walk visits every expression of the string in source order, the references in `${{...}}` left out.
func (ip *Interpolation) Walk(visit func(n Node, inCall bool) bool) {
	for i := range ip.Parts {
		if ip.Parts[i].Kind == Expression {
			walk(ip.Parts[i].Node, false, visit)
		}
	}
}

// PathAt returns the part that contains or touches offset and the nodes in it that do, outermost first. Where two touch,
// the one that ends there wins over a hole, since that is the word being typed. The part is nil when the text is empty.
func (ip *Interpolation) PathAt(offset int) (*Part, []Node) {
	var part *Part
	for i := range ip.Parts {
		p := &ip.Parts[i]
		inside := offset > p.Start && offset < p.End
		// Right behind an unclosed part one is still typing in it.
		inside = inside || offset == p.End && p.Kind != Literal && !p.Closed
		if inside || part == nil && offset >= p.Start && offset <= p.End {
			part = p
		}
	}
	if part == nil || part.Node == nil {
		return part, nil
	}
	var path []Node
	for n := part.Node; n != nil; {
		path = append(path, n)
		n = childAt(n, offset)
	}
	if start, end := part.Node.Span(); offset < start || offset > end {
		return part, nil
	}
	return part, path
}

func childAt(n Node, offset int) Node {
	var children []Node
	switch n := n.(type) {
	case *Call:
		children = n.Args
	case *ArrayLit:
		children = n.Elems
	case *Lambda:
		children = []Node{n.Body}
	}
	var best Node
	for _, c := range children {
		start, end := c.Span()
		if offset < start || offset > end {
			continue
		}
		if _, hole := best.(*Missing); best == nil || hole {
			best = c
		}
	}
	return best
}
