package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/source"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// document is a template that was read and found right enough to run.
type document struct {
	path     string
	snapshot *analysis.Snapshot
	// name is that of the link which ties the template to a repository; empty for none.
	name string
}

// open reads the template and refuses it where it has findings of error level,
// under the settings of its project: what check accepts, plan and run accept, and
// the reverse. The findings go to the error output.
func (c *command) open(path string) (*document, error) { return c.openIn(path, "") }

// openIn is open for a document that is to run within a project; empty for none but
// the document's own.
func (c *command) openIn(path, project string) (*document, error) {
	f := c.checkFile(path)
	if f.err != nil {
		return nil, exitWith(exitFailed, f.err)
	}
	if project != "" {
		f.findings = slices.DeleteFunc(f.findings, func(x checkedFinding) bool { return x.Code == analysis.CodeMissingProjectContext })
	}
	why := "the template has errors"
	files := []checkedFile{f}
	if more := c.settingsFiles(nil, files); hasErrors(more) {
		files = append(files, more...)
		if !hasErrors(files[:1]) {
			why = "the project's settings have mistakes"
		}
	}
	if hasErrors(files) {
		for i := range files {
			files[i].findings = slices.DeleteFunc(files[i].findings, func(x checkedFinding) bool { return !x.isError() })
		}
		if err := writeCheckText(c.errOut, files); err != nil {
			return nil, exitWith(exitFailed, err)
		}
		return nil, exitWith(exitFailed, errors.New("nothing was started: "+why))
	}
	if f.snapshot == nil || !f.snapshot.IsTemplate() {
		return nil, exitWith(exitFailed, &source.Error{Path: path, Message: "is no template: there is nothing to run"})
	}
	return &document{path: path, snapshot: f.snapshot, name: c.linkName(path)}, nil
}

// identity is what the history, stored overrides and kept secrets know the
// template by: the name of its link, else its own, else its absolute path. What standard input holds has
// the folder in its place.
func (d *document) identity() string {
	return engine.Identity(d.snapshot.Doc, engine.Options{Identity: d.name, File: abs(d.path)})
}

// compile makes the program of a run; the file's path is filled in. Problems go
// to the error output with their places.
func (c *command) compile(d *document, opts engine.Options) (*engine.Program, error) {
	opts.File, opts.Identity = d.file(), d.identity()
	opts.Config = d.snapshot.Config
	program, problems := engine.Compile(d.snapshot.Doc, opts)
	if len(problems) > 0 {
		return nil, c.refuse(d, problems)
	}
	return program, nil
}

// file is the document's absolute path; empty for standard input.
func (d *document) file() string {
	if d.path == "-" {
		return ""
	}
	return abs(d.path)
}

// refuse says why a document cannot run, each problem at its place.
func (c *command) refuse(d *document, problems []engine.Problem) error {
	tree := d.snapshot.Tree
	paint := painterFor(c.errOut)
	for _, p := range problems {
		at := p.Range
		if at == (syntax.Range{}) && p.Node != "" {
			v := tree.Find(p.Node)
			at = v.Range()
			if kind := v.Get("kind"); kind.IsValid() {
				at = kind.Range()
			}
		}
		pos := position(tree.Lines(), at.Start)
		fmt.Fprintf(c.errOut, "%s:%d:%d: %s: %s %s\n", d.path, pos.Line, pos.Column, paint.red("error"), p.Message, paint.dim("["+p.Code+"]"))
	}
	return exitWith(exitFailed, errors.New("nothing was started: the template cannot run"))
}
