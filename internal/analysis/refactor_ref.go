package analysis

import (
	"fmt"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
)

// addRef offers to give a node a ref, so that others can read its output.
func addRef(a *asked) []offer {
	n := a.cursor.holder.node
	if n == nil || n.Definition == nil || n.Value().Get("ref").IsValid() || !a.atHead(n) || !n.Value().Terminated() {
		return nil
	}
	ref := freshRef(n.Kind, n.Scope)
	return []offer{{
		Refactoring: Refactoring{ID: "add-ref", Kind: kindRewrite, Title: fmt.Sprintf("Give %s the ref %q", titleOf(n), ref)},
		edits: func() ([]syntax.Edit, error) {
			edits, err := edit.New(a.Tree).Insert(n.Value(), edit.After("kind"), "ref", edit.Quote(ref)).Edits()
			if err != nil {
				return nil, err
			}
			return edits, a.spoils(edits)
		},
	}}
}
