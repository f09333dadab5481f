package syntax

import (
	"slices"
	"strings"
)

// Edit returns the tree of the text with the edits made. All ranges mean the
// text of t, as in an LSP text edit; edits that one after another change what
// the ones before have left are made by several calls. Ranges are clamped to
// the text, and where two of them overlap the later one loses what they share.
//
// The new tree equals Parse of the new text, in its structure and its errors.
// It costs what the edits touch, and shares with t all nodes outside of that.
func (t *Tree) Edit(edits ...Edit) *Tree {
	edits = slices.Clone(edits)
	for i := range edits {
		edits[i].Range = clamp(edits[i].Range, t.text.size)
	}
	slices.SortStableFunc(edits, func(a, b Edit) int { return a.Start - b.Start })
	for i := 1; i < len(edits); i++ {
		if before := edits[i-1].End; edits[i].Start < before {
			edits[i].Start = before
			edits[i].End = max(edits[i].End, before)
		}
	}
	for _, e := range slices.Backward(edits) {
		t = t.edit(e)
	}
	return t
}

// edit makes one edit.
func (t *Tree) edit(e Edit) *Tree {
	e = t.trim(e)
	if e.Len() == 0 && e.NewText == "" {
		return t
	}
	next := t.text.replace(e.Range, e.NewText)
	return parse(next, MaxDepth, MaxSize)
}

// trim takes off what an edit replaces by itself: a client that sends the whole
// text for one keystroke changes one character all the same.
func (t *Tree) trim(e Edit) Edit {
	old := t.text.slice(e.Start, e.End)
	head := 0
	for head < len(old) && head < len(e.NewText) && old[head] == e.NewText[head] {
		head++
	}
	old, e.NewText = old[head:], e.NewText[head:]
	e.Start += head
	tail := 0
	for tail < len(old) && tail < len(e.NewText) && old[len(old)-1-tail] == e.NewText[len(e.NewText)-1-tail] {
		tail++
	}
	e.End -= tail
	e.NewText = strings.Clone(e.NewText[:len(e.NewText)-tail])
	return e
}

// reuse is what an edit knows of the tree that it changes.
type reuse struct{}

func (r *reuse) popped(height int)                       {}
func (r *reuse) inStep(p *parser) bool                   { return false }
func (r *reuse) finish(p *parser) *Node                  { return nil }
func (r *reuse) prefix(i int) []green                    { return nil }
func (r *reuse) lastKept(i int) Kind                     { return 0 }
func (r *reuse) node(p *parser, f *frame, end int) *Node { return nil }
func (r *reuse) at(start int, room int) *Node            { return nil }
