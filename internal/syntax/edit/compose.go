package edit

import (
	"fmt"
	"slices"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// Compose returns edits that do at once what first does and then second. first
// means a text of size bytes, second the text that first makes of it; both are
// as [Apply] takes them, and so is what comes out.
func Compose(size int, first, second []syntax.Edit) ([]syntax.Edit, error) {
	c := composer{{from: syntax.Range{End: size}}}
	for _, edits := range [...][]syntax.Edit{first, second} {
		var err error
		if c, err = c.with(edits); err != nil {
			return nil, err
		}
	}
	return c.edits(size), nil
}

// Origin returns where in the text before the edits the offset comes from; in
// inserted text, that is where it was inserted.
func Origin(edits []syntax.Edit, offset int) int {
	shift := 0
	for _, e := range edits {
		at := e.Start + shift
		if offset < at {
			break
		}
		if offset < at+len(e.NewText) {
			return e.Start
		}
		shift += len(e.NewText) - e.Len()
	}
	return offset - shift
}

// piece is a part of a text: new text, or a range of the text that it was made of.
type piece struct {
	from syntax.Range
	text string
	new  bool
}

func (p piece) len() int {
	if p.new {
		return len(p.text)
	}
	return p.from.Len()
}

// slice returns the part between two offsets.
func (p piece) slice(start, end int) piece {
	if p.new {
		return piece{text: p.text[start:end], new: true}
	}
	return piece{from: syntax.Range{Start: p.from.Start + start, End: p.from.Start + end}}
}

// composer is a text as the pieces that it is made of.
type composer []piece

// with returns the text after the edits.
func (c composer) with(edits []syntax.Edit) (composer, error) {
	size := 0
	for _, p := range c {
		size += p.len()
	}
	rest, next := slices.Clone(c), composer(nil)
	at := 0 // where rest starts
	skip := func(to int, keep bool) {
		for at < to && len(rest) > 0 {
			n := min(rest[0].len(), to-at)
			if keep && n > 0 {
				next = append(next, rest[0].slice(0, n))
			}
			at += n
			if n == rest[0].len() {
				rest = rest[1:]
			} else {
				rest[0] = rest[0].slice(n, rest[0].len())
			}
		}
	}
	end := 0
	for i, e := range edits {
		if e.Start < end || e.End < e.Start || e.End > size {
			return nil, fmt.Errorf("edit %d does not fit behind the one before it or into the text", i+1)
		}
		end = e.End
		skip(e.Start, true)
		if e.NewText != "" {
			next = append(next, piece{text: e.NewText, new: true})
		}
		skip(e.End, false)
	}
	skip(size, true)
	return next, nil
}

// edits returns what makes the pieces of a text of size bytes.
func (c composer) edits(size int) []syntax.Edit {
	var out []syntax.Edit
	at, text := 0, ""
	flush := func(to int) {
		if to > at || text != "" {
			out = append(out, syntax.Edit{Range: syntax.Range{Start: at, End: to}, NewText: text})
		}
		text = ""
	}
	for _, p := range c {
		if p.new {
			text += p.text
			continue
		}
		flush(p.from.Start)
		at = p.from.End
	}
	flush(size)
	return out
}
