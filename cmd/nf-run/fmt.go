package main

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/source"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
	"github.com/nf-lsp/nf-lsp/internal/syntax/format"
	"github.com/spf13/cobra"
)

// formatFlags are the flags of fmt. Each of them keeps it from writing.
type formatFlags struct{ check, diff bool }

func (c *command) fmt() *cobra.Command {
	var f formatFlags
	cmd := &cobra.Command{
		Use:   "fmt FILE...",
		Short: "Lay templates out in canonical form",
		Long: `Fmt rewrites templates in canonical form and names those that it has changed: one
member a line, two spaces a level. Only white space changes; order, spelling,
comments, line ends and the end of the file stay as they are. A folder stands
for all templates in it. "-" reads standard input and writes standard output.

What cannot be parsed is left as it is; the rest is formatted.

With --check the exit code is 1 when a file is not formatted.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return c.runFmt(args, f) },
	}
	flags := cmd.Flags()
	flags.BoolVar(&f.check, "check", false, "write nothing; list the files that are not formatted and exit with 1")
	flags.BoolVar(&f.diff, "diff", false, "write nothing; show what would change")
	return cmd
}

// formattedFile is one file with its formatted text.
type formattedFile struct {
	path  string
	tree  *syntax.Tree
	edits []syntax.Edit
	text  string
	err   error
	// place is where err stands in the file; nil if it is about the whole file.
	place *jsonPosition
}

func (c *command) runFmt(paths []string, f formatFlags) error {
	write := !f.check && !f.diff
	if write && !c.json && len(paths) > 1 && slices.Contains(paths, "-") {
		return errors.New(`"-" writes the text to standard output and cannot stand beside other files`)
	}
	bad := false
	out := formatOutput{Version: 1, Files: []formatEntry{}}
	read := func(path string) checkedFile { return c.readFile(path, nil) }
	for _, file := range once(c.checkFiles(paths, read)) {
		x := formatFile(file)
		if x.err == nil && write && x.path != "-" && len(x.edits) > 0 {
			x.err = source.Replace(x.path, x.tree.Source(), x.text)
		}
		bad = bad || x.err != nil || f.check && len(x.edits) > 0
		entry, err := c.report(x, f, write)
		if err != nil {
			return exitWith(exitFailed, err)
		}
		out.add(entry)
	}
	if c.json {
		if err := c.writeJSON(out); err != nil {
			return exitWith(exitFailed, err)
		}
	}
	if bad {
		return exitWith(exitFailed, nil)
	}
	return nil
}

// formatFile formats a file that has been read. One that is no template is an
// error, in the words of check.
func formatFile(f checkedFile) formattedFile {
	x := formattedFile{path: f.path, err: f.err}
	if x.err != nil {
		return x
	}
	x.tree = f.snapshot.Tree
	if !f.snapshot.IsTemplate() {
		finding := analysis.NotATemplate(f.snapshot)
		place := position(x.tree.Lines(), finding.Range.Start)
		x.err, x.place = errors.New(finding.Message), &place
		return x
	}
	x.edits = format.Document(x.tree, format.Options{})
	x.text, x.err = edit.Apply(x.tree.Source(), x.edits)
	return x
}

// report says what became of a file: to people at once, to programs in the
// entry that it returns.
func (c *command) report(x formattedFile, f formatFlags, write bool) (formatEntry, error) {
	paint := painterFor(c.errOut)
	entry := formatEntry{Path: x.path, Changed: len(x.edits) > 0}
	if x.err != nil {
		entry.Error = messageOf(x.err)
		if !c.json {
			at := x.path
			if x.place != nil {
				at = fmt.Sprintf("%s:%d:%d", x.path, x.place.Line, x.place.Column)
			}
			fmt.Fprintf(c.errOut, "%s: %s: %s\n", at, paint.red("error"), entry.Error)
		}
		return entry, nil
	}
	entry.Written = write && entry.Changed && x.path != "-"
	diff := ""
	if f.diff && entry.Changed {
		var err error
		if diff, err = unifiedDiff(x.path, x.tree.Source(), x.edits); err != nil {
			return entry, err
		}
	}
	if c.json {
		entry.Diff = diff
		if x.path == "-" && write {
			entry.Text = &x.text
		}
		return entry, nil
	}
	if mistake, n := syntaxMistakes(x.tree); n > 0 {
		p := position(x.tree.Lines(), mistake.Range.Start)
		more := ""
		if n > 1 {
			more = fmt.Sprintf(" (and %d more)", n-1)
		}
		fmt.Fprintf(c.errOut, "%s:%d:%d: %s: left as it is around here: %s%s\n", x.path, p.Line, p.Column, paint.yellow("warning"), mistake.Message, more)
	}
	var err error
	switch {
	case f.diff:
		_, err = io.WriteString(c.out, diff)
	case x.path == "-" && write:
		_, err = io.WriteString(c.out, x.text)
	case entry.Changed:
		_, err = fmt.Fprintln(c.out, x.path)
	}
	return entry, err
}

// syntaxMistakes returns the first mistake that formatting leaves room for, and
// how many there are. Comments and a byte order mark are none.
func syntaxMistakes(t *syntax.Tree) (first syntax.Error, n int) {
	for _, e := range t.Errors() {
		if e.Code == syntax.ErrComment || e.Code == syntax.ErrByteOrderMark {
			continue
		}
		if n == 0 {
			first = e
		}
		n++
	}
	return first, n
}

// formatOutput is the JSON form of fmt, version 1. docs/nf-run.md describes it.
type formatOutput struct {
	Version int           `json:"version"`
	Files   []formatEntry `json:"files"`
	Changed int           `json:"changed"`
	Errors  int           `json:"errors"`
}

type formatEntry struct {
	Path    string  `json:"path"`
	Changed bool    `json:"changed"` // it was not in canonical form
	Written bool    `json:"written"`
	Error   string  `json:"error,omitempty"`
	Diff    string  `json:"diff,omitempty"`
	Text    *string `json:"text,omitempty"` // of standard input
}

func (o *formatOutput) add(e formatEntry) {
	o.Files = append(o.Files, e)
	if e.Changed {
		o.Changed++
	}
	if e.Error != "" {
		o.Errors++
	}
}
