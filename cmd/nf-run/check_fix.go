package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/source"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// fixing is what --fix has done to a file.
type fixing struct {
	before *syntax.Tree
	mended *analysis.Mended
	diff   string // with --diff
	// written is true where the file has the new text.
	written bool
}

// count is how many fixes were applied.
func (x *fixing) count() int {
	if x == nil {
		return 0
	}
	return len(x.mended.Fixed)
}

// fixFiles fixes the files and writes them, unless --diff asks for a preview.
// Settings are left alone: with a slip corrected they might hide more than
// anybody has looked at.
func (c *command) fixFiles(files []checkedFile, f checkFlags) ([]checkedFile, error) {
	files = once(files)
	stdin := slices.ContainsFunc(files, func(x checkedFile) bool { return x.path == "-" })
	plain := f.format == "text" || f.format == "json"
	switch {
	case stdin && len(files) > 1 && f.format != "json":
		return nil, errors.New(`"-" writes the text to standard output and cannot stand beside other files`)
	case (stdin || f.diff) && !plain:
		return nil, fmt.Errorf("the text or the diff goes to standard output: --format %s cannot stand beside it", f.format)
	}
	for i := range files {
		x := &files[i]
		if x.err != nil || x.snapshot == nil || !x.snapshot.IsTemplate() && !x.snapshot.LacksBraces() {
			continue
		}
		if err := c.fixFile(x, f); err != nil {
			return nil, exitWith(exitFailed, err)
		}
	}
	return files, nil
}

// fixFile fixes one file and looks at what remains. A file that cannot be
// written keeps its findings.
func (c *command) fixFile(x *checkedFile, f checkFlags) error {
	m := x.snapshot.Mend()
	fixed := &fixing{before: x.tree, mended: m}
	after := m.Snapshot.Tree.Source()
	switch {
	case f.diff:
		if len(m.Edits) > 0 {
			var err error
			if fixed.diff, err = unifiedDiff(x.path, x.tree.Source(), m.Edits); err != nil {
				return err
			}
		}
		if f.format == "text" {
			if _, err := io.WriteString(c.out, fixed.diff); err != nil {
				return err
			}
		}
	case x.path == "-":
		if f.format == "text" {
			if _, err := io.WriteString(c.out, after); err != nil {
				return err
			}
		}
	case len(m.Edits) > 0:
		x.err = source.Replace(x.path, x.tree.Source(), after)
		fixed.written = x.err == nil
	}
	if x.err == nil {
		x.fixing, x.snapshot, x.tree = fixed, m.Snapshot, m.Snapshot.Tree
		x.look()
	}
	return nil
}

// writeFixed says what was fixed, and where it stood.
func (f *checkedFile) writeFixed(w *bufio.Writer, paint painter) {
	if f.fixing == nil {
		return
	}
	for _, q := range f.mended.Fixed {
		p := position(f.before.Lines(), q.Finding.Range.Start)
		fmt.Fprintf(w, "%s:%d:%d: %s: %s %s\n", f.path, p.Line, p.Column, paint.green("fixed"), q.Title, paint.dim("["+string(q.Finding.Code)+"]"))
	}
}

// refused says why a finding was not fixed although it has a fix; empty where
// there is no reason.
func (f *checkedFile) refused(x checkedFinding) string {
	if f.fixing == nil {
		return ""
	}
	for _, q := range f.mended.Refused {
		if q.Finding.Code == x.Code && q.Finding.Range == x.Range {
			return q.Reason
		}
	}
	return ""
}

// fixOutput is what --fix adds to a file in the JSON form of a check.
type fixOutput struct {
	// Fixed is in the order in which the fixes were applied.
	Fixed   []fixedFinding   `json:"fixed"`
	Refused []refusedFinding `json:"refused,omitempty"`
	Written bool             `json:"written"`
	Diff    string           `json:"diff,omitempty"`
	Text    *string          `json:"text,omitempty"` // of standard input
}

type fixedFinding struct {
	Title string `json:"title"`
	// Finding is what was mended. Its place is in the text as it was; of a fix
	// that was refused, in the text as it is.
	Finding checkFinding `json:"finding"`
}

type refusedFinding struct {
	fixedFinding
	Reason string `json:"reason"`
}

// fixOutput returns the members for a file; nil without --fix.
func (f *checkedFile) fixOutput() *fixOutput {
	if f.fixing == nil {
		return nil
	}
	out := &fixOutput{Fixed: []fixedFinding{}, Written: f.written, Diff: f.diff}
	for _, q := range f.mended.Fixed {
		out.Fixed = append(out.Fixed, fixedFinding{q.Title, jsonFinding(f.before.Lines(), checkedFinding{q.Finding, nil})})
	}
	for _, q := range f.mended.Refused {
		out.Refused = append(out.Refused, refusedFinding{
			fixedFinding{q.Title, jsonFinding(f.tree.Lines(), checkedFinding{q.Finding, nil})}, q.Reason,
		})
	}
	if f.path == "-" && f.diff == "" {
		text := f.tree.Source()
		out.Text = &text
	}
	return out
}
