package changes

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/sourcegraph/go-diff/diff"
)

// lines are lines of a text, the first counting 0, up to and without the last.
type lines struct{ from, to int }

// FromDiff lists what has changed where a unified diff of the texts has hunks: those of the
// new text and, for what is gone, those of the old one. What the lines of a hunk touch
// and means the same is no change.
func FromDiff(older, newer *syntax.Tree, unified []byte) ([]Change, error) {
	if len(strings.TrimSpace(string(unified))) == 0 {
		return nil, nil
	}
	file, err := diff.ParseFileDiff(unified)
	if err != nil {
		return nil, fmt.Errorf("the diff cannot be read: %w", err)
	}
	var before, after []lines
	for _, h := range file.Hunks {
		before = append(before, span(h.OrigStartLine, h.OrigLines))
		after = append(after, span(h.NewStartLine, h.NewLines))
	}
	touched := func(tree *syntax.Tree, path string, hunks []lines) bool {
		v := tree.Find(path)
		if path == "" {
			v = tree.Root()
		}
		if !v.IsValid() {
			return false
		}
		r := v.Range()
		from, to := int(tree.Lines().Position(r.Start, syntax.UTF8).Line), int(tree.Lines().Position(r.End, syntax.UTF8).Line)
		return slices.ContainsFunc(hunks, func(h lines) bool { return h.from <= to && from < max(h.to, h.from+1) })
	}
	return slices.DeleteFunc(Between(older, newer), func(c Change) bool {
		if c.What == Removed {
			return !touched(older, c.Path, before)
		}
		// Of what has lost lines only, the hunk stands between two lines of the new text.
		return !touched(newer, c.Path, after)
	}), nil
}

// span turns the numbers of a hunk, which count from 1, into lines. A hunk without lines on
// one side stands behind the line that it names there: it touches that and the next one.
func span(start, n int32) lines {
	if n == 0 {
		return lines{max(int(start)-1, 0), int(start) + 1}
	}
	return lines{int(start) - 1, int(start-1) + int(n)}
}
