package main

import (
	"bufio"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
)

// writeCheckGitHub writes workflow commands, which GitHub Actions shows as
// annotations of the files.
// Source: "Workflow commands for GitHub Actions", setting an error message.
func (c *command) writeCheckGitHub(files []checkedFile) error {
	w := bufio.NewWriter(c.out)
	for i := range files {
		f := &files[i]
		if f.err != nil {
			fmt.Fprintf(w, "::error file=%s,title=unreadable::%s\n", commandProperty(annotatedPath(f.path)), commandData(messageOf(f.err)))
		}
		for _, x := range f.findings {
			at := rangeOf(f.tree.Lines(), x.Range)
			place := fmt.Sprintf("line=%d,col=%d,endColumn=%d", at.Start.Line, at.Start.Column, at.End.Column)
			if at.End.Line != at.Start.Line {
				// Columns are for a single line.
				place = fmt.Sprintf("line=%d,endLine=%d", at.Start.Line, at.End.Line)
			}
			message := x.Message
			if len(x.fixes) > 0 {
				message += "\nfix: " + x.fixes[0].Title
			}
			fmt.Fprintf(w, "::%s file=%s,%s,title=%s::%s\n", annotationLevel(x.Severity), commandProperty(annotatedPath(f.path)), place,
				commandProperty(string(x.Code)), commandData(message))
		}
	}
	// What is no command is part of the log.
	fmt.Fprintln(w, summaryOf(files))
	return w.Flush()
}

func annotationLevel(s analysis.Severity) string {
	switch s {
	case analysis.Error:
		return "error"
	case analysis.Warning:
		return "warning"
	}
	return "notice"
}

// annotatedPath is a path as GitHub knows the file by: with slashes, from the
// working directory where the file lies below it.
func annotatedPath(path string) string {
	if path == "-" {
		return path
	}
	if absolute, err := filepath.Abs(path); err == nil {
		path = absolute
	}
	return filepath.ToSlash(fromHere(path))
}

// commandData escapes the text behind the second colons of a command.
func commandData(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

// commandProperty escapes the value of a command's property.
func commandProperty(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(s)
}
