package main

import (
	"sort"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
	"github.com/sourcegraph/go-diff/diff"
)

// diffContext is how many lines around a change are shown.
const diffContext = 3

// lineChange replaces lines start to end-1 of a text.
type lineChange struct {
	start, end int
	lines      []string
}

// unifiedDiff writes edits of a text as a unified diff of its lines.
func unifiedDiff(path, src string, edits []syntax.Edit) (string, error) {
	old := linesOf(src)
	changes, err := lineChanges(src, old, edits)
	if err != nil {
		return "", err
	}
	file := &diff.FileDiff{OrigName: path, NewName: path}
	shift := 0
	for len(changes) > 0 {
		n := 1
		for n < len(changes) && changes[n].start-changes[n-1].end <= 2*diffContext {
			n++
		}
		hunk := makeHunk(old, changes[:n], shift)
		shift += int(hunk.NewLines - hunk.OrigLines)
		file.Hunks = append(file.Hunks, hunk)
		changes = changes[n:]
	}
	out, err := diff.PrintFileDiff(file)
	return string(out), err
}

// linesOf cuts a text behind its line ends.
func linesOf(text string) []string {
	lines := strings.SplitAfter(text, "\n")
	if last := len(lines) - 1; lines[last] == "" {
		return lines[:last]
	}
	return lines
}

// lineChanges turns edits into changes of whole lines, in their order.
func lineChanges(src string, old []string, edits []syntax.Edit) ([]lineChange, error) {
	starts := make([]int, len(old)+1)
	for i, line := range old {
		starts[i+1] = starts[i] + len(line)
	}
	lineAt := func(offset int) int {
		return min(sort.Search(len(old), func(i int) bool { return starts[i+1] > offset }), len(old)-1)
	}
	var changes []lineChange
	for len(edits) > 0 {
		c := lineChange{start: lineAt(edits[0].Start), end: lineAt(edits[0].End) + 1}
		n := 1
		for n < len(edits) && lineAt(edits[n].Start) <= c.end {
			c.end = lineAt(edits[n].End) + 1
			n++
		}
		from, to := starts[c.start], starts[c.end]
		within := make([]syntax.Edit, n)
		for i, e := range edits[:n] {
			within[i] = syntax.Edit{Range: syntax.Range{Start: e.Start - from, End: e.End - from}, NewText: e.NewText}
		}
		text, err := edit.Apply(src[from:to], within)
		if err != nil {
			return nil, err
		}
		c.lines = linesOf(text)
		for c.start < c.end && len(c.lines) > 0 && old[c.start] == c.lines[0] {
			c.start++
			c.lines = c.lines[1:]
		}
		for c.start < c.end && len(c.lines) > 0 && old[c.end-1] == c.lines[len(c.lines)-1] {
			c.end--
			c.lines = c.lines[:len(c.lines)-1]
		}
		changes = append(changes, c)
		edits = edits[n:]
	}
	return changes, nil
}

// makeHunk shows changes that stand close together. shift is by how many lines
// the changes before it have made the text longer.
func makeHunk(old []string, changes []lineChange, shift int) *diff.Hunk {
	first := max(changes[0].start-diffContext, 0)
	end := min(changes[len(changes)-1].end+diffContext, len(old))
	h := &diff.Hunk{OrigStartLine: int32(first + 1), NewStartLine: int32(first + 1 + shift)}
	add := func(sign byte, line string) {
		h.Body = append(append(h.Body, sign), line...)
		if sign != '+' {
			h.OrigLines++
		}
		if sign != '-' {
			h.NewLines++
		}
		if sign == '-' && !strings.HasSuffix(line, "\n") {
			h.Body = append(h.Body, '\n')
			h.OrigNoNewlineAt = int32(len(h.Body))
		}
	}
	at := first
	for _, c := range changes {
		for ; at < c.start; at++ {
			add(' ', old[at])
		}
		for ; at < c.end; at++ {
			add('-', old[at])
		}
		for _, line := range c.lines {
			add('+', line)
		}
	}
	for ; at < end; at++ {
		add(' ', old[at])
	}
	return h
}
