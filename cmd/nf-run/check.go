package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/source"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/spf13/cobra"
)

func (c *command) check() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "check PATH...",
		Short: "Report what is wrong with templates",
		Long: `Check reads templates and reports everything that the platform would refuse or
that probably goes wrong, each finding at its place. A folder stands for all
templates in it. "-" reads standard input.

The exit code is 1 when there is a finding of error level.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if c.json {
				format = "json"
			}
			return c.runCheck(args, format)
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text or json")
	return cmd
}

// checkedFile is one file with its findings.
type checkedFile struct {
	path     string
	snapshot *analysis.Snapshot
	findings []analysis.Finding
	err      error
}

func (c *command) runCheck(paths []string, format string) error {
	if format != "text" && format != "json" {
		return fmt.Errorf("--format takes text or json, not %q", format)
	}
	files := c.checkFiles(paths)
	bad := false
	for _, f := range files {
		bad = bad || f.err != nil
		for _, x := range f.findings {
			bad = bad || x.Severity == analysis.Error
		}
	}
	var err error
	if format == "json" {
		err = c.writeCheckJSON(files)
	} else {
		err = c.writeCheckText(files)
	}
	if err != nil {
		return exitWith(exitFailed, err)
	}
	if bad {
		return exitWith(exitFailed, nil)
	}
	return nil
}

// checkFiles analyses all templates that the paths stand for.
func (c *command) checkFiles(paths []string) []checkedFile {
	var files []checkedFile
	for _, path := range paths {
		found, folder, err := source.Find(path)
		if err != nil {
			files = append(files, checkedFile{path: path, err: err})
			continue
		}
		templates := 0
		for _, p := range found {
			f := checkFile(p, c)
			if folder && f.err == nil && !f.snapshot.IsTemplate() {
				continue // a folder holds all kinds of JSON
			}
			templates++
			files = append(files, f)
		}
		if folder && templates == 0 {
			files = append(files, checkedFile{path: path, err: &source.Error{Path: path, Message: "holds no template"}})
		}
	}
	return files
}

// checkFile analyses one file. A file that is no template at all gets one
// finding that says so.
func checkFile(path string, c *command) checkedFile {
	text, err := source.Read(path, c.in)
	if err != nil {
		return checkedFile{path: path, err: err}
	}
	s := analysis.NewSnapshot(syntax.Parse(text), nil, nil)
	f := checkedFile{path: path, snapshot: s, findings: s.Findings()}
	if !s.IsTemplate() {
		f.findings = []analysis.Finding{analysis.NotATemplate(s)}
	}
	return f
}

// checkOutput is the JSON form of a check, version 1. docs/json.md describes it.
type checkOutput struct {
	Version int          `json:"version"`
	Files   []checkEntry `json:"files"`
	Errors  int          `json:"errors"`
	// Warnings counts findings of warning level; lesser ones are in Files only.
	Warnings int `json:"warnings"`
}

type checkEntry struct {
	Path     string         `json:"path"`
	Type     string         `json:"type,omitempty"`
	Error    string         `json:"error,omitempty"`
	Findings []checkFinding `json:"findings"`
}

type checkFinding struct {
	Code     string         `json:"code"`
	Severity string         `json:"severity"`
	Message  string         `json:"message"`
	Range    jsonRange      `json:"range"`
	Node     string         `json:"node,omitempty"`
	URL      string         `json:"url"`
	Related  []checkRelated `json:"related,omitempty"`
	Fixes    []checkFix     `json:"fixes,omitempty"`
}

type checkRelated struct {
	Range   jsonRange `json:"range"`
	Message string    `json:"message"`
}

type checkFix struct {
	Title string      `json:"title"`
	Edits []checkEdit `json:"edits"`
}

type checkEdit struct {
	Range   jsonRange `json:"range"`
	NewText string    `json:"newText"`
}

// jsonRange is a range in lines and columns, both from 1, columns in UTF-16
// code units as editors count them, and in bytes from 0.
type jsonRange struct {
	Start jsonPosition `json:"start"`
	End   jsonPosition `json:"end"`
}

type jsonPosition struct {
	Line   int `json:"line"`
	Column int `json:"column"`
	Offset int `json:"offset"`
}

func position(lines *syntax.Lines, offset int) jsonPosition {
	p := lines.Position(offset, syntax.UTF16)
	return jsonPosition{Line: int(p.Line) + 1, Column: int(p.Character) + 1, Offset: offset}
}

func rangeOf(lines *syntax.Lines, r syntax.Range) jsonRange {
	return jsonRange{position(lines, r.Start), position(lines, r.End)}
}

func (c *command) writeCheckJSON(files []checkedFile) error {
	out := checkOutput{Version: 1, Files: []checkEntry{}}
	for _, f := range files {
		e := checkEntry{Path: f.path, Findings: []checkFinding{}}
		if f.err != nil {
			e.Error = messageOf(f.err)
			out.Errors++
			out.Files = append(out.Files, e)
			continue
		}
		e.Type = f.snapshot.Doc.Type.String()
		lines := f.snapshot.Tree.Lines()
		for _, x := range f.findings {
			switch x.Severity {
			case analysis.Error:
				out.Errors++
			case analysis.Warning:
				out.Warnings++
			}
			j := checkFinding{
				Code: string(x.Code), Severity: x.Severity.String(), Message: x.Message,
				Range: rangeOf(lines, x.Range), Node: x.Node, URL: x.Code.DocumentationURL(),
			}
			for _, r := range x.Related {
				j.Related = append(j.Related, checkRelated{rangeOf(lines, r.Range), r.Message})
			}
			for _, fix := range f.snapshot.Fixes(x) {
				jf := checkFix{Title: fix.Title}
				for _, ed := range fix.Edits {
					jf.Edits = append(jf.Edits, checkEdit{rangeOf(lines, ed.Range), ed.NewText})
				}
				j.Fixes = append(j.Fixes, jf)
			}
			e.Findings = append(e.Findings, j)
		}
		out.Files = append(out.Files, e)
	}
	return c.writeJSON(out)
}

// messageOf is an error without the path that stands beside it already.
func messageOf(err error) string {
	var s *source.Error
	if errors.As(err, &s) {
		return s.Message
	}
	return err.Error()
}

// writeJSON writes one indented value to standard output.
func (c *command) writeJSON(v any) error {
	e := json.NewEncoder(c.out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
