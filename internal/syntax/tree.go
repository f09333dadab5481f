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
	// tooLarge says that the text is longer than MaxSize.
	tooLarge bool
	limit    int // how many containers may stand in one another

	errorsOnce sync.Once
	errors     []Error
	linesOnce  sync.Once
	lines      *Lines
}

// Parse takes a text apart. It accepts anything: what is wrong with the text
// stands in [Tree.Errors].
func Parse(src string) *Tree { return parse(newText(src), MaxDepth, MaxSize) }

func parse(t *text, maxDepth, maxSize int) *Tree {
	if t.size > maxSize {
		return &Tree{text: t, root: unread(t.size), tooLarge: true, limit: maxDepth}
	}
	p := parser{src: source{text: t}, limit: maxDepth}
	p.alloc.slabs = true
	p.src.window(0, t.size)
	p.push(KindDocument, 0, 0)
	if bom, ok := p.src.lex.bom(); ok {
		p.kids = append(p.kids, bom)
	}
	return &Tree{text: t, root: p.run(), limit: maxDepth}
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

// Lines returns the lines of the text.
func (t *Tree) Lines() *Lines {
	t.linesOnce.Do(func() { t.lines = &Lines{text: t.text} })
	return t.lines
}
