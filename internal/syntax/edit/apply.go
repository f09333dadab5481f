package edit

import (
	"fmt"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// Apply makes the edits, all of which mean src. It is an error if they are not
// in the order of their places, overlap, or reach out of src; insertions at one
// place are made in their order.
func Apply(src string, edits []syntax.Edit) (string, error) {
	size, end := len(src), 0
	for i, e := range edits {
		switch {
		case e.Start < 0 || e.End < e.Start || e.End > len(src):
			return "", fmt.Errorf("edit %d replaces bytes %d to %d of a text of %d bytes", i+1, e.Start, e.End, len(src))
		case e.Start < end:
			return "", fmt.Errorf("edit %d starts at byte %d, where the edit before it has not ended: edits have to be sorted and must not overlap", i+1, e.Start)
		}
		end = e.End
		size += len(e.NewText) - e.Len()
	}
	var b strings.Builder
	b.Grow(size)
	at := 0
	for _, e := range edits {
		b.WriteString(src[at:e.Start])
		b.WriteString(e.NewText)
		at = e.End
	}
	b.WriteString(src[at:])
	return b.String(), nil
}

// Quote writes s as a JSON string, without the escapes that HTML would need.
func Quote(s string) string { return syntax.Quote(s) }
