package syntax

import "sync"

// Range is a half-open range of byte offsets.
type Range struct{ Start, End int }

// Len returns the length in bytes.
func (r Range) Len() int { return r.End - r.Start }

// Contains reports whether the byte at offset lies in the range.
func (r Range) Contains(offset int) bool { return r.Start <= offset && offset < r.End }

// Touches reports whether offset lies in the range or at one of its ends.
func (r Range) Touches(offset int) bool { return r.Start <= offset && offset <= r.End }

// Edit replaces the bytes of Range with NewText.
type Edit struct {
	Range
	NewText string
}

// Tree is the text of a file and what it consists of. It is immutable and may
// be used by several goroutines at once.
type Tree struct {
	text *text
	root *Node
	limits
	// tooLarge says that the text is longer than limits.size.
	tooLarge bool

	errorsOnce    sync.Once
	errors        []Error
	explainedOnce sync.Once
	explained     []Error
	linesOnce     sync.Once
	lines         *Lines
}

// Parse takes a text apart. It accepts anything: what is wrong with the text
// stands in [Tree.Errors].
func Parse(src string) *Tree { return parse(newText(src, chunkSize), usual) }

// limits are the sizes that a tree works with: the same for all, save in tests.
type limits struct {
	depth  int // how many containers may stand in one another
	size   int // how long the text may be
	window int // how much text an edit looks at first
}

var usual = limits{MaxDepth, MaxSize, firstWindow}

func parse(t *text, l limits) *Tree {
	if t.size > l.size {
		return &Tree{text: t, root: unread(t.size), tooLarge: true, limits: l}
	}
	p := parser{src: source{text: t}, limit: l.depth}
	p.alloc.slabs = true
	p.src.window(0, t.size)
	p.push(KindDocument, 0, 0)
	if bom, ok := p.src.bom(); ok {
		p.kids = append(p.kids, bom)
	}
	return &Tree{text: t, root: p.run(), limits: l}
}

// unread makes the document of a text that is not taken apart.
func unread(size int) *Node {
	var parts []green
	for size > 0 {
		w := min(size, 1<<31)
		parts = append(parts, green{kind: KindExcess, flags: flagError, width: uint32(w)})
		size -= w
	}
	n := &Node{parts: parts}
	n.seal(KindDocument)
	return n
}

// Source returns the text.
func (t *Tree) Source() string { return t.text.string() }

// Slice returns a part of the text, without putting the whole of it together.
// The range is clamped to the text.
func (t *Tree) Slice(r Range) string {
	r = clamp(r, t.text.size)
	return t.text.slice(r.Start, r.End)
}

// Size returns the length of the text in bytes.
func (t *Tree) Size() int { return t.text.size }

// Green returns the node of the whole document.
func (t *Tree) Green() *Node { return t.root }

// Root returns the first value of the document, an absent one if there is none.
func (t *Tree) Root() Value {
	for p := range t.Parts() {
		if p.Kind.IsValue() {
			return p.Value()
		}
	}
	return Value{}
}

// At returns the cursor to an object or an array of which its node and its
// place are known. That it stands there in this tree is for the caller to know.
func (t *Tree) At(n *Node, start int) Value { return Value{t, n, n.green(), start} }

// Lines returns the lines of the text.
func (t *Tree) Lines() *Lines {
	t.linesOnce.Do(func() { t.lines = &Lines{text: t.text} })
	return t.lines
}
