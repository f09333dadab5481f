package lsp

import (
	"path/filepath"
	"strings"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	project "github.com/nf-lsp/nf-lsp/internal/settings"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// suppressions offers to suppress the findings in a range, each at its node and
// in the whole file, by an entry in the settings of the project.
func (v *View) suppressions(d *Document, within syntax.Range) []protocol.CodeAction {
	path := pathOf(d.URI)
	if path == "" {
		return nil // it has no place in a project yet
	}
	var actions []protocol.CodeAction
	offered := map[analysis.Suppression]bool{}
	for _, f := range d.Analysis().Findings() {
		if f.Range.End < within.Start || f.Range.Start > within.End || f.Code == analysis.CodeSyntaxError {
			continue
		}
		here := d.Analysis().SuppressionOf(f)
		for _, s := range []analysis.Suppression{here, {Code: here.Code}} {
			if offered[s] {
				continue
			}
			offered[s] = true
			if edit := v.suppress(d, path, s); edit != nil {
				actions = append(actions, protocol.CodeAction{
					Title:       "Suppress " + string(s.Code) + whereSuppressed(s, f),
					Kind:        kind(protocol.CodeActionKindQuickFix),
					Diagnostics: []protocol.Diagnostic{d.diagnostic(f)},
					Edit:        edit,
				})
			}
		}
	}
	return actions
}

func whereSuppressed(s analysis.Suppression, f analysis.Finding) string {
	switch {
	case s.Node == "":
		return " in this file"
	case s.Node == f.Node:
		return " at this node"
	case strings.HasPrefix(s.Node, "/"):
		return " for " + s.Node
	}
	return " for the node " + s.Node
}

// suppress returns the edit of the settings that suppresses something in a
// document; nil where the settings cannot take it.
func (v *View) suppress(d *Document, path string, s analysis.Suppression) *protocol.WorkspaceEdit {
	root := v.configuration.projects.RootOf(path)
	target := uri.File(project.PathIn(root))
	if open := v.docs[documentKey(target)]; open != nil {
		edits, err := open.settingsFile().Suppress(path, s)
		if err != nil {
			return nil
		}
		return open.workspaceEdit(edits)
	}
	// What was read before may have changed, and the edit is for what is there.
	f := project.Read(target.FsPath())
	if f == nil {
		relative, err := filepath.Rel(root, path)
		if err != nil {
			return nil
		}
		return d.env.client.newFile(target, project.New(filepath.ToSlash(relative), s))
	}
	edits, err := f.Suppress(path, s)
	if err != nil {
		return nil
	}
	unopened := newDocument(d.env, Document{URI: string(target), lines: f.Tree.Lines()})
	return d.env.client.editFile(target, unopened.textEdits(edits))
}

// editFile is an edit of a file that is not open.
func (c *client) editFile(u uri.URI, edits []protocol.TextEdit) *protocol.WorkspaceEdit {
	if !c.documentChanges {
		return &protocol.WorkspaceEdit{Changes: map[uri.URI][]protocol.TextEdit{u: edits}}
	}
	return &protocol.WorkspaceEdit{DocumentChanges: []protocol.DocumentChange{documentEdit(u, nil, edits)}}
}

// newFile is an edit that makes a file. Clients that cannot be told to are given
// the text: most make a file of that.
func (c *client) newFile(u uri.URI, text string) *protocol.WorkspaceEdit {
	edits := []protocol.TextEdit{{NewText: text}}
	if !c.createsFiles {
		return c.editFile(u, edits)
	}
	return &protocol.WorkspaceEdit{DocumentChanges: []protocol.DocumentChange{
		// Without options it fails where the file has come to be meanwhile.
		&protocol.CreateFile{Kind: "create", URI: u},
		documentEdit(u, nil, edits),
	}}
}
