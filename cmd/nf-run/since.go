package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/gitops/changes"
	"github.com/nf-lsp/nf-lsp/internal/gitops/git"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// sinceRevision is what a template has changed since a revision.
type sinceRevision struct {
	commit  git.Hash
	older   *syntax.Tree // nil where the revision does not have the file
	changes []changes.Change
}

// since compares a file with a revision of the working copy that it lies in.
func (c *command) since(ctx context.Context, path, revision string, newer *syntax.Tree) (*sinceRevision, error) {
	if path == "-" {
		return nil, errors.New("--since compares files: standard input has no revisions")
	}
	copied, err := (&git.Program{}).Copy(ctx, filepath.Dir(abs(path)))
	if err != nil {
		return nil, err
	}
	r, err := copied.Since(ctx, revision, abs(path))
	if err != nil {
		return nil, err
	}
	s := &sinceRevision{commit: r.Commit}
	if !r.There {
		s.changes = changes.Between(syntax.Parse(""), newer)
		return s, nil
	}
	s.older = syntax.Parse(r.Text)
	s.changes, err = changes.FromDiff(s.older, newer, r.Diff)
	return s, err
}

// has reports whether a node, by its path, or a property of the document has changed.
func (s *sinceRevision) has(path string) bool {
	return slices.ContainsFunc(s.changes, func(x changes.Change) bool { return x.What != changes.Removed && x.Path == path })
}

// onlySince leaves out findings that a revision has as well, on nodes that mean what they
// meant there. A finding that is new on a node that has not changed stays: something that
// it uses has.
func (c *command) onlySince(ctx context.Context, files []checkedFile, revision string) error {
	type fault struct {
		code analysis.Code
		text string
	}
	for i := range files {
		f := &files[i]
		if f.err != nil || f.snapshot == nil {
			continue
		}
		s, err := c.since(ctx, f.path, revision, f.tree)
		if err != nil {
			return fmt.Errorf("%s: %w", f.path, err)
		}
		before := map[fault]int{}
		if s.older != nil {
			old := analysis.NewSnapshot(s.older, nil, c.config(f.path))
			for _, x := range old.FindingsOfTemplate() {
				before[fault{x.Code, s.older.Slice(x.Range)}]++
			}
		}
		f.findings = slices.DeleteFunc(f.findings, func(x checkedFinding) bool {
			path := x.Node
			if path == "" {
				for m := range f.tree.Root().Members() {
					if m.Range().Contains(x.Range.Start) {
						path = "/" + m.KeyText()
					}
				}
			}
			key := fault{x.Code, f.tree.Slice(x.Range)}
			if s.has(path) || before[key] == 0 {
				return false
			}
			before[key]--
			return true
		})
	}
	return nil
}
