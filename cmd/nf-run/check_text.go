package main

import (
	"bufio"
	"fmt"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// writeCheckText writes findings for people: a line that editors and terminals
// can jump from, the text with the place marked, and the fix if there is one.
func (c *command) writeCheckText(files []checkedFile) error {
	w := bufio.NewWriter(c.out)
	paint := painterFor(c.out)
	errors, warnings, others := 0, 0, 0
	for _, f := range files {
		if f.err != nil {
			errors++
			fmt.Fprintf(w, "%s: %s: %s\n", f.path, paint.red("error"), messageOf(f.err))
			continue
		}
		lines := f.snapshot.Tree.Lines()
		for _, x := range f.findings {
			p := position(lines, x.Range.Start)
			level := x.Severity.String()
			switch x.Severity {
			case analysis.Error:
				errors++
				level = paint.red(level)
			case analysis.Warning:
				warnings++
				level = paint.yellow(level)
			default:
				others++
				level = paint.blue(level)
			}
			fmt.Fprintf(w, "%s:%d:%d: %s: %s %s\n", f.path, p.Line, p.Column, level, x.Message, paint.dim("["+string(x.Code)+"]"))
			writeExcerpt(w, f.snapshot.Tree, x.Range, paint)
			if fixes := f.snapshot.Fixes(x); len(fixes) > 0 {
				fmt.Fprintf(w, "      fix: %s\n", fixes[0].Title)
			}
		}
	}
	if errors+warnings+others == 0 {
		fmt.Fprintf(w, "%s: no findings\n", counted(len(files), "file"))
	} else {
		fmt.Fprintf(w, "%s: %s, %s", counted(len(files), "file"), counted(errors, "error"), counted(warnings, "warning"))
		if others > 0 {
			fmt.Fprintf(w, ", %s", counted(others, "hint"))
		}
		fmt.Fprintln(w)
	}
	return w.Flush()
}

// maxExcerpt is the longest line that is shown, in characters.
const maxExcerpt = 160

func writeExcerpt(w *bufio.Writer, tree *syntax.Tree, r syntax.Range, paint painter) {
	lines := tree.Lines()
	start := lines.Position(r.Start, syntax.UTF8)
	lr := lines.LineRange(int(start.Line))
	text := strings.TrimRight(tree.Source()[lr.Start:lr.End], "\r\n")
	if len([]rune(text)) > maxExcerpt || !printable(text) {
		return
	}
	before := []rune(text[:min(int(start.Character), len(text))])
	marked := []rune(text[len(string(before)):min(max(r.End, r.Start+1)-lr.Start, len(text))])
	if len(marked) == 0 {
		marked = []rune{' '}
	}
	number := fmt.Sprintf("%5d", start.Line+1)
	fmt.Fprintf(w, "%s %s\n", paint.dim(number+" |"), text)
	pad := make([]rune, len(before))
	for i, c := range before {
		pad[i] = ' '
		if c == '\t' {
			pad[i] = '\t'
		}
	}
	fmt.Fprintf(w, "%s %s%s\n", paint.dim("      |"), string(pad), paint.red("^"+strings.Repeat("~", len(marked)-1)))
}

func printable(s string) bool {
	for _, c := range s {
		if c < ' ' && c != '\t' || c == 0x7f || c == '\uFFFD' {
			return false
		}
	}
	return true
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
