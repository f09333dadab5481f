package main

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine"
)

// writeMarkdown writes a run as a table of its nodes with the errors below it,
// for the summary pages of continuous integration.
func writeMarkdown(out io.Writer, v *engine.RunView, now time.Time) error {
	w := bufio.NewWriter(out)
	end := now
	if v.Concluded {
		end = v.ConcludedAt
	}
	fmt.Fprintf(w, "## %s: %s\n\nRun `%s` on %s, %s", markdownText(v.Template), v.Status, v.ID, v.Target, duration(end.Sub(v.CreatedAt)))
	if v.Until != "" {
		fmt.Fprintf(w, ", up to `%s`", v.Until)
	}
	if v.Teardown {
		w.WriteString(", teardown")
	}
	if v.Revision != nil && (v.Revision.Commit != "" || v.Revision.Version > 0) {
		fmt.Fprintf(w, ", %s", v.Revision)
	}
	w.WriteString("\n\n| | Node | State | Took | Attempts | |\n|---|---|---|---:|---:|---|\n")
	levels := depths(v)
	for i := range v.Nodes {
		n := &v.Nodes[i]
		took, attempts := "", ""
		if d := nodeElapsed(n, end); d > 0 {
			took = duration(d)
		}
		if len(n.Attempts) > 0 {
			attempts = fmt.Sprint(n.Attempts[len(n.Attempts)-1].Attempt)
		}
		fmt.Fprintf(w, "| %s | %s%s | %s | %s | %s | %s |\n", sign(n.State), strings.Repeat("&emsp;", levels[i]), markdownText(nodeTitle(n)),
			n.State, took, attempts, markdownText(nodeRemark(v, n, now)))
	}
	if v.Error != nil {
		fmt.Fprintf(w, "\n%s\n", markdownText(v.Error.Message))
	}
	return w.Flush()
}

// markdownText makes text stand for itself, in one line and within a table.
func markdownText(text string) string {
	var b strings.Builder
	for _, r := range strings.Join(strings.Fields(text), " ") {
		switch r {
		case '<':
			b.WriteString("&lt;")
			continue
		case '&':
			b.WriteString("&amp;")
			continue
		case '\\', '`', '*', '_', '[', ']', '|', '~', '#':
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
