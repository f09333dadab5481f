package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/source"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// given are the argument values that a run or plan is given by whoever starts it.
type given struct {
	layers []engine.Layer
	// planned are those that a plan file holds; they are the weakest.
	planned []engine.Layer
	// source is the hash of the text that they are given to; empty for whatever there is.
	source string
}

// readArguments makes the layers of argument values, the weakest first: the
// environment (NF_ARG_NAME), a file, the command line.
func (c *command) readArguments(f *runFlags) (given, error) {
	environment := map[string]any{}
	for _, e := range os.Environ() {
		if name, value, ok := cutArgument(e); ok {
			environment[name] = value
		}
	}
	g := given{layers: []engine.Layer{{From: engine.FromEnvironment, Values: environment, Literal: true}}, source: c.source}
	if f.passedOn {
		var passed passedOn
		if err := json.NewDecoder(c.in).Decode(&passed); err != nil {
			return g, exitWith(exitFailed, fmt.Errorf("the arguments of the process that started this one cannot be read: %w", err))
		}
		g.layers, g.source = append(g.layers, passed.Layers...), passed.Source
		return g, nil
	}
	if f.argumentsFile != "" {
		values, err := c.argumentsFile(f.argumentsFile)
		if err != nil {
			return g, err
		}
		g.layers = append(g.layers, engine.Layer{From: engine.FromFile, Values: values})
	}
	values := map[string]any{}
	for _, pair := range f.arguments {
		name, value, err := splitPair(pair)
		if err != nil {
			return g, err
		}
		values[name] = value
	}
	g.layers = append(g.layers, engine.Layer{From: engine.FromFlag, Values: values, Literal: true})
	return g, nil
}

// passedOn is what the process of a detached run reads from its standard input.
// Values of arguments may be secrets, and the hash of a text with secrets lets others
// try them out; neither the command line nor the environment of a process is a place for these.
type passedOn struct {
	Layers []engine.Layer `json:"layers"`
	Source string         `json:"source,omitempty"`
}

func (g given) passOn() ([]byte, error) { return json.Marshal(passedOn{g.layers[1:], g.source}) }

// check refuses a document with another text than the one that is to run.
func (g given) check(d *document) error {
	if g.source == "" || engine.Source(d.snapshot.Tree.Source()) == g.source {
		return nil
	}
	return exitWith(exitFailed, fmt.Errorf("%s was written meanwhile: nothing was started", d.path))
}

func (c *command) argumentsFile(path string) (map[string]any, error) {
	text, err := source.Read(path, c.in)
	if err != nil {
		return nil, err
	}
	tree := syntax.Parse(text)
	if errs := tree.Errors(); len(errs) > 0 {
		p := position(tree.Lines(), errs[0].Range.Start)
		return nil, fmt.Errorf("%s:%d:%d: %s", path, p.Line, p.Column, errs[0].Message)
	}
	values, ok := tree.Root().Interface().(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%s: an arguments file is one object of names and values", path)
	}
	return values, nil
}

// options are those of a run or plan: what was given, and what the state folder
// keeps for the template. s may have no store.
func (g given) options(ctx context.Context, d *document, s *session) (engine.Options, error) {
	o := engine.Options{Arguments: slices.Concat(g.planned, g.layers), First: true}
	if s == nil || s.store == nil {
		return o, nil
	}
	var err error
	if o.Stored, err = engine.StoredLayers(ctx, s.store, d.identity()); err != nil {
		return o, exitWith(exitFailed, err)
	}
	begun, err := s.store.Begun(ctx, d.identity(), s.engine.Target)
	if err != nil {
		return o, exitWith(exitFailed, err)
	}
	o.First = !begun
	return o, nil
}

const argumentPrefix = "NF_ARG_"

func cutArgument(environment string) (name, value string, ok bool) {
	rest, ok := strings.CutPrefix(environment, argumentPrefix)
	if !ok {
		return "", "", false
	}
	name, value, err := splitPair(rest)
	return name, value, err == nil
}

// splitPair cuts NAME=VALUE. The error shows nothing of it: it may be the value.
func splitPair(pair string) (name, value string, err error) {
	if name, value, ok := strings.Cut(pair, "="); ok && name != "" {
		return name, value, nil
	}
	return "", "", fmt.Errorf("an argument is given as NAME=VALUE")
}
