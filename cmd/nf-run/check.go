package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime/debug"
	"slices"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/settings"
	"github.com/nf-lsp/nf-lsp/internal/source"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/spf13/cobra"
)

// checkFlags are the flags of check.
type checkFlags struct {
	format    string
	fix, diff bool
	since     string
}

// checkFormats are the ways to write what a check has found.
var checkFormats = []string{"text", "json", "sarif", "github"}

func (c *command) check() *cobra.Command {
	var f checkFlags
	cmd := &cobra.Command{
		Use:   "check PATH...",
		Short: "Report what is wrong with templates",
		Long: `Check reads templates and reports everything that the platform would refuse or
that probably goes wrong, each finding at its place. A folder stands for all
templates in it. "-" reads standard input.

A project can give findings other levels and suppress them in
.northflank/settings.json, in the template's folder or above it.

With --fix, the best fix of every finding is applied, again until nothing more
changes; what remains is reported. A fix that would bring up a new error is left
out. "-" is written to standard output.

With --since REV, findings are left out that stand on nodes which mean what they
meant in that revision, and that were there as well.

The exit code is 1 when there is a finding of error level, or remains.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if c.json {
				f.format = "json"
			}
			return c.runCheck(cmd.Context(), args, f)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.format, "format", "text", "text, json, sarif (for code scanning) or github (workflow commands)")
	flags.BoolVar(&f.fix, "fix", false, "fix what can be fixed and report what remains")
	flags.StringVar(&f.since, "since", "", "report only what has to do with the changes since a revision of Git: a commit, a branch, HEAD~1")
	flags.BoolVar(&f.diff, "diff", false, "with --fix: write nothing; show what would change")
	return cmd
}

// checkedFile is one file with its findings: a template, or a settings file.
type checkedFile struct {
	path string
	// tree is nil where the file cannot be read, snapshot also where it is no
	// template but settings.
	tree     *syntax.Tree
	snapshot *analysis.Snapshot
	findings []checkedFinding
	// suppressed is how many findings the settings have taken out.
	suppressed int
	err        error
	*fixing
}

// checkedFinding is a finding with the ways to mend it, the best first.
type checkedFinding struct {
	analysis.Finding
	fixes []analysis.Fix
}

// kind names what the file is.
func (f *checkedFile) kind() string {
	if f.snapshot == nil {
		return "settings"
	}
	return f.snapshot.Doc.Type.String()
}

func (c *command) runCheck(ctx context.Context, paths []string, f checkFlags) error {
	if !slices.Contains(checkFormats, f.format) {
		return fmt.Errorf("--format takes text, json, sarif or github, not %q", f.format)
	}
	if f.diff && !f.fix {
		return errors.New("--diff shows what --fix would change and stands beside it")
	}
	if f.since != "" && f.fix {
		return errors.New("--fix mends whole files: it does not go with --since")
	}
	// A check makes little garbage and soon ends, so collecting costs more than the memory is worth: a file of 1.1 MB
	// takes 22 MB either way.
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	files := c.checkFiles(paths, c.checkFile)
	if f.fix {
		var err error
		if files, err = c.fixFiles(files, f); err != nil {
			return err
		}
	}
	if f.since != "" {
		if err := c.onlySince(ctx, files, f.since); err != nil {
			return exitWith(exitFailed, err)
		}
	}
	files = append(files, c.settingsFiles(paths, files)...)
	if err := c.writeCheck(files, f); err != nil {
		return exitWith(exitFailed, err)
	}
	if hasErrors(files) {
		return exitWith(exitFailed, nil)
	}
	return nil
}

// writeCheck writes what was found, in the format that was asked for.
func (c *command) writeCheck(files []checkedFile, f checkFlags) error {
	switch f.format {
	case "json":
		return c.writeCheckJSON(files)
	case "sarif":
		return c.writeCheckSARIF(files)
	case "github":
		return c.writeCheckGitHub(files)
	}
	out := c.out
	if f.fix && (f.diff || files[0].path == "-") {
		out = c.errOut // the other one is for what has changed
	}
	return writeCheckText(out, files)
}

func (x checkedFinding) isError() bool { return x.Severity == analysis.Error }

// hasErrors reports whether a file has a finding of error level or could not be
// read or written.
func hasErrors(files []checkedFile) bool {
	return slices.ContainsFunc(files, func(f checkedFile) bool {
		return f.err != nil || slices.ContainsFunc(f.findings, checkedFinding.isError)
	})
}

// checkFiles has read look at all templates that the paths stand for.
func (c *command) checkFiles(paths []string, read func(path string) checkedFile) []checkedFile {
	var files []checkedFile
	for _, path := range paths {
		found, folder, err := source.Find(path)
		if err != nil {
			files = append(files, checkedFile{path: path, err: err})
			continue
		}
		templates := 0
		for _, p := range found {
			f := read(p)
			if folder && f.err == nil && (f.snapshot == nil || !f.snapshot.IsTemplate() && !f.snapshot.LacksBraces()) {
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

// checkFile analyses one file under the settings of its project. A file that is
// no template at all gets one finding that says so.
func (c *command) checkFile(path string) checkedFile {
	if path != "-" && settings.IsSettings(path) {
		return c.checkSettings(path)
	}
	f := c.readFile(path, c.config(path))
	if f.err == nil {
		f.look()
	}
	return f
}

// look fills in the findings.
func (f *checkedFile) look() {
	f.findings, f.suppressed = nil, 0
	for _, x := range f.snapshot.FindingsOfTemplate() {
		f.findings = append(f.findings, checkedFinding{x, f.snapshot.Fixes(x)})
	}
	for _, n := range f.snapshot.Suppressed() {
		f.suppressed += n
	}
}

// readFile reads a file without looking for findings. cfg may be nil.
func (c *command) readFile(path string, cfg *analysis.Config) checkedFile {
	text, err := source.Read(path, c.in)
	if err != nil {
		return checkedFile{path: path, err: err}
	}
	s := analysis.NewSnapshot(syntax.Parse(text), nil, cfg)
	return checkedFile{path: path, tree: s.Tree, snapshot: s}
}

// once leaves out files that an earlier path has led to.
func once(files []checkedFile) []checkedFile {
	seen := map[string]bool{}
	return slices.DeleteFunc(files, func(f checkedFile) bool {
		target, err := filepath.EvalSymlinks(f.path)
		if err != nil {
			return false
		}
		again := seen[target]
		seen[target] = true
		return again
	})
}
