package main

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// writeCheckText writes findings for people: a line that editors and terminals
// can jump from, the text with the place marked, and the fix if there is one.
func writeCheckText(out io.Writer, files []checkedFile) error {
	w := bufio.NewWriter(out)
	paint := painterFor(out)
	for i := range files {
		f := &files[i]
		f.writeFixed(w, paint)
		if f.err != nil {
			fmt.Fprintf(w, "%s: %s: %s\n", f.path, paint.red("error"), messageOf(f.err))
		}
		for _, x := range f.findings {
			p := position(f.tree.Lines(), x.Range.Start)
			level := x.Severity.String()
			switch x.Severity {
			case analysis.Error:
				level = paint.red(level)
			case analysis.Warning:
				level = paint.yellow(level)
			default:
				level = paint.blue(level)
			}
			fmt.Fprintf(w, "%s:%d:%d: %s: %s %s\n", f.path, p.Line, p.Column, level, x.Message, paint.dim("["+string(x.Code)+"]"))
			writeExcerpt(w, f.tree, x.Range, paint)
			if len(x.fixes) > 0 {
				why := f.refused(x)
				switch {
				case why != "":
					why = " (left out: " + why + ")"
				case x.fixes[0].Choice:
					why = " (if that is meant)"
				}
				fmt.Fprintf(w, "      fix: %s%s\n", x.fixes[0].Title, why)
			}
		}
	}
	fmt.Fprintln(w, summaryOf(files))
	return w.Flush()
}

// summaryOf says in one line what was found.
func summaryOf(files []checkedFile) string {
	errors, warnings, others, suppressed, fixed, templates := 0, 0, 0, 0, 0, 0
	for i := range files {
		f := &files[i]
		suppressed += f.suppressed
		fixed += f.count()
		if f.err != nil {
			errors++
		}
		if f.snapshot != nil || f.tree == nil {
			templates++
		}
		for _, x := range f.findings {
			switch x.Severity {
			case analysis.Error:
				errors++
			case analysis.Warning:
				warnings++
			default:
				others++
			}
		}
	}
	var parts []string
	if fixed > 0 {
		parts = append(parts, fmt.Sprintf("%d fixed", fixed))
	}
	if errors+warnings+others == 0 {
		parts = append(parts, "no findings")
	} else {
		parts = append(parts, counted(errors, "error"), counted(warnings, "warning"))
	}
	if others > 0 {
		parts = append(parts, counted(others, "hint"))
	}
	if suppressed > 0 {
		parts = append(parts, fmt.Sprintf("%d suppressed", suppressed))
	}
	return counted(templates, "file") + ": " + strings.Join(parts, ", ")
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
