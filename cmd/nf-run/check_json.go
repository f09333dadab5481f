package main

import (
	"encoding/json"
	"errors"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/source"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// checkOutput is the JSON form of a check, version 1. docs/nf-run.md describes it.
type checkOutput struct {
	Version int          `json:"version"`
	Files   []checkEntry `json:"files"`
	Errors  int          `json:"errors"`
	// Warnings counts findings of warning level; lesser ones are in Files only.
	Warnings int `json:"warnings"`
	// Suppressed counts what the settings have taken out.
	Suppressed int `json:"suppressed,omitempty"`
}

type checkEntry struct {
	Path       string         `json:"path"`
	Type       string         `json:"type,omitempty"`
	Error      string         `json:"error,omitempty"`
	Findings   []checkFinding `json:"findings"`
	Suppressed int            `json:"suppressed,omitempty"`
	*fixOutput
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
	// Choice is true where a person has to choose the fix; --fix leaves it alone.
	Choice bool `json:"choice,omitempty"`
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
	for i := range files {
		f := &files[i]
		e := checkEntry{Path: f.path, Findings: []checkFinding{}, Suppressed: f.suppressed, fixOutput: f.fixOutput()}
		out.Suppressed += f.suppressed
		if f.err != nil {
			e.Error = messageOf(f.err)
			out.Errors++
		}
		if f.tree != nil {
			e.Type = f.kind()
		}
		for _, x := range f.findings {
			switch x.Severity {
			case analysis.Error:
				out.Errors++
			case analysis.Warning:
				out.Warnings++
			}
			e.Findings = append(e.Findings, jsonFinding(f.tree.Lines(), x))
		}
		out.Files = append(out.Files, e)
	}
	return c.writeJSON(out)
}

func jsonFinding(lines *syntax.Lines, x checkedFinding) checkFinding {
	j := checkFinding{
		Code: string(x.Code), Severity: x.Severity.String(), Message: x.Message,
		Range: rangeOf(lines, x.Range), Node: x.Node, URL: x.Code.DocumentationURL(),
	}
	for _, r := range x.Related {
		j.Related = append(j.Related, checkRelated{rangeOf(lines, r.Range), r.Message})
	}
	for _, fix := range x.fixes {
		jf := checkFix{Title: fix.Title, Choice: fix.Choice}
		for _, ed := range fix.Edits {
			jf.Edits = append(jf.Edits, checkEdit{rangeOf(lines, ed.Range), ed.NewText})
		}
		j.Fixes = append(j.Fixes, jf)
	}
	return j
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
