package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/settings"
)

// settings of the projects that templates of this command lie in. Outside of a
// repository, what lies below the working directory is a project.
func (c *command) settings() *settings.Project {
	if c.project == nil {
		c.project = new(settings.Project)
		if dir, err := os.Getwd(); err == nil {
			c.project.Folders = []string{dir}
		}
	}
	return c.project
}

// config returns what the settings mean to a template. Standard input has no
// name: for it counts what holds for all files of the working directory.
func (c *command) config(path string) *analysis.Config {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil // there is no working directory
	}
	f := c.settings().For(absolute)
	if f == nil {
		return nil
	}
	if path == "-" {
		absolute = ""
	}
	return f.Config(absolute, nil)
}

// checkSettings checks a settings file that was named.
func (c *command) checkSettings(path string) checkedFile {
	absolute, err := filepath.Abs(path)
	if err == nil {
		if f := c.settings().Read(absolute); f != nil {
			return checkedFile{path: path, tree: f.Tree, findings: settingsFindings(f.Findings)}
		}
	}
	return c.readFile(path, nil) // it says why
}

// settingsFindings returns findings on settings in the order of the text.
func settingsFindings(list []settings.Finding) []checkedFinding {
	var out []checkedFinding
	for _, x := range list {
		out = append(out, checkedFinding{x.Finding, x.Fixes})
	}
	slices.SortStableFunc(out, func(a, b checkedFinding) int { return a.Range.Start - b.Range.Start })
	return out
}

// settingsFiles returns the settings of the checked files that there is
// something to say about. Those that were named are in the list already.
func (c *command) settingsFiles(paths []string, files []checkedFile) []checkedFile {
	named := map[string]int{}
	for i, f := range files {
		if f.snapshot == nil && f.tree != nil {
			if absolute, err := filepath.Abs(f.path); err == nil {
				named[absolute] = i
			}
		}
	}
	var out []checkedFile
	for _, f := range c.settings().Files() {
		findings := settingsFindings(slices.Concat(f.Findings, c.unusedSuppressions(f, paths, files)))
		if i, ok := named[f.Path]; ok {
			files[i].findings = findings
		} else if len(findings) > 0 {
			out = append(out, checkedFile{path: fromHere(f.Path), tree: f.Tree, findings: findings})
		}
	}
	slices.SortFunc(out, func(a, b checkedFile) int { return strings.Compare(a.path, b.path) })
	return out
}

// unusedSuppressions reports suppressions without effect. That is known only
// where all files were checked that the settings may be for.
func (c *command) unusedSuppressions(f *settings.File, paths []string, files []checkedFile) []settings.Finding {
	if !slices.ContainsFunc(paths, func(path string) bool { return holds(path, f.Root()) }) {
		return nil
	}
	used, judged := map[*analysis.Suppression]int{}, map[string]bool{}
	for i := range files {
		x := &files[i]
		if x.snapshot == nil {
			continue
		}
		for s, n := range x.snapshot.Suppressed() {
			used[s] += n
		}
		if absolute, err := filepath.Abs(x.path); err == nil {
			// Behind a mistake in the syntax, findings can be missing.
			judged[absolute] = len(x.tree.Errors()) == 0
		}
	}
	var all []string
	return f.Unused(used, func(matches func(path string) bool) bool {
		if all == nil {
			all = jsonBelow(f.Root())
		}
		for _, path := range all {
			if !matches(path) {
				continue
			}
			fine, known := judged[path]
			if !known {
				// It was passed over. That is right for what is no template.
				x := c.readFile(path, nil)
				fine = x.err == nil && !x.snapshot.IsTemplate() && len(x.tree.Errors()) == 0
				judged[path] = fine
			}
			if !fine {
				return false
			}
		}
		return true
	})
}

// holds reports whether a path is a folder that another lies in, or is it.
func holds(path, folder string) bool {
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		return false
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return false
	}
	r, err := filepath.Rel(absolute, folder)
	return err == nil && r != ".." && !strings.HasPrefix(r, ".."+string(filepath.Separator))
}

// jsonBelow lists the JSON files below a folder, those in hidden folders too:
// a suppression can be for each of them.
func jsonBelow(folder string) []string {
	var out []string
	_ = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return nil //nolint:nilerr // what cannot be read is in no pattern's way
		case d.IsDir() && (d.Name() == ".git" || d.Name() == "node_modules"):
			return fs.SkipDir
		case !d.IsDir() && strings.EqualFold(filepath.Ext(path), ".json"):
			out = append(out, path)
		}
		return nil
	})
	return out
}

// fromHere returns an absolute path from the working directory, where that is
// no longer.
func fromHere(path string) string {
	if dir, err := os.Getwd(); err == nil {
		if r, err := filepath.Rel(dir, path); err == nil && len(r) <= len(path) {
			return r
		}
	}
	return path
}
