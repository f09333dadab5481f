package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
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
}

// open reads the template and refuses it where it has findings of error level,
// under the settings of its project: what check accepts, plan and run accept, and
// the reverse. The findings go to the error output.
func (c *command) open(path string) (*document, error) {
	f := c.checkFile(path)
	if f.err != nil {
		return nil, exitWith(exitFailed, f.err)
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
	return &document{path: path, snapshot: f.snapshot}, nil
}

// compile makes the program of a run; the file's path is filled in. Problems go
// to the error output with their places.
func (c *command) compile(d *document, opts engine.Options) (*engine.Program, error) {
	opts.File = d.file()
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
	if abs, err := filepath.Abs(d.path); err == nil {
		return abs
	}
	return d.path
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

// readArguments makes the layers of argument values, the weakest first: the
// environment (NF_ARG_NAME), a file, the command line.
func (c *command) readArguments(file string, pairs []string) ([]engine.Layer, error) {
	environment := map[string]any{}
	for _, e := range os.Environ() {
		if name, value, ok := cutArgument(e); ok {
			environment[name] = value
		}
	}
	layers := []engine.Layer{{Values: environment, Literal: true}}
	if file != "" {
		text, err := source.Read(file, c.in)
		if err != nil {
			return nil, err
		}
		tree := syntax.Parse(text)
		if errs := tree.Errors(); len(errs) > 0 {
			p := position(tree.Lines(), errs[0].Range.Start)
			return nil, fmt.Errorf("%s:%d:%d: %s", file, p.Line, p.Column, errs[0].Message)
		}
		values, ok := tree.Root().Interface().(map[string]any)
		if !ok {
			return nil, fmt.Errorf("%s: an arguments file is one object of names and values", file)
		}
		layers = append(layers, engine.Layer{Values: values})
	}
	given := map[string]any{}
	for _, pair := range pairs {
		name, value, err := splitPair(pair)
		if err != nil {
			return nil, err
		}
		given[name] = value
	}
	return append(layers, engine.Layer{Values: given, Literal: true}), nil
}

const argumentPrefix = "NF_ARG_"

func cutArgument(environment string) (name, value string, ok bool) {
	if len(environment) <= len(argumentPrefix) || environment[:len(argumentPrefix)] != argumentPrefix {
		return "", "", false
	}
	name, value, err := splitPair(environment[len(argumentPrefix):])
	return name, value, err == nil
}

func splitPair(pair string) (name, value string, err error) {
	for i := range len(pair) {
		if pair[i] == '=' && i > 0 {
			return pair[:i], pair[i+1:], nil
		}
	}
	return "", "", fmt.Errorf("an argument is given as NAME=VALUE, not as %q", pair)
}
