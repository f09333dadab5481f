package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/source"
)

// reportFormats are the forms of a run for other programs, beside JSON.
var reportFormats = map[string]func(io.Writer, *engine.RunView, time.Time) error{
	"markdown": writeMarkdown,
	"junit":    writeJUnit,
}

// reports are the files that a run leaves behind when it ends, by their format.
type reports map[string]*string

// reportFlags adds the flags that name them.
func reportFlags(cmd *cobra.Command) reports {
	return reports{
		"markdown": cmd.Flags().String("markdown", "", "write a summary of the run in Markdown to this file when it ends"),
		"junit":    cmd.Flags().String("junit", "", "write the nodes as JUnit test cases to this file when the run ends"),
	}
}

// check refuses files that could not be written, before anything runs.
func (r reports) check() error {
	for format, path := range r {
		if *path == "" {
			continue
		}
		if info, err := os.Stat(*path); err == nil && !info.Mode().IsRegular() {
			return fmt.Errorf("--%s %s is not a regular file", format, *path)
		}
		if info, err := os.Stat(filepath.Dir(*path)); err != nil || !info.IsDir() {
			return fmt.Errorf("--%s %s: there is no folder %s", format, *path, filepath.Dir(*path))
		}
	}
	return nil
}

// reporting is a view that also writes the reports when the run has ended.
type reporting struct {
	view
	run    engine.RunView
	files  reports
	errOut io.Writer
}

func (c *command) reporting(v view, files reports) view {
	for _, path := range files {
		if *path != "" {
			return &reporting{view: v, files: files, errOut: c.errOut}
		}
	}
	return v
}

// Event implements engine.Observer.
func (v *reporting) Event(e engine.Event) {
	v.run.Apply(e)
	v.view.Event(e)
}

// Events implements engine.BatchObserver.
func (v *reporting) Events(batch []engine.Event) {
	all, ok := v.view.(engine.BatchObserver)
	for _, e := range batch {
		v.run.Apply(e)
		if !ok {
			v.view.Event(e)
		}
	}
	if ok {
		all.Events(batch)
	}
}

func (v *reporting) close() {
	v.view.close()
	for format, path := range v.files {
		if *path == "" || v.run.ID == "" {
			continue
		}
		var b bytes.Buffer
		err := reportFormats[format](&b, &v.run, time.Now())
		if err == nil {
			err = source.Write(*path, b.String())
		}
		if err != nil { // the run has ended as it has: its exit code is about that
			fmt.Fprintf(v.errOut, "nf-run: the report was not written: %v\n", err)
		}
	}
}
