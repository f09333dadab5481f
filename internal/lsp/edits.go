package lsp

import (
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// textEdits translates edits of this version of the document.
func (d *Document) textEdits(edits []syntax.Edit) []protocol.TextEdit {
	out := make([]protocol.TextEdit, len(edits))
	for i, e := range edits {
		out[i] = protocol.TextEdit{Range: d.span(e.Range), NewText: e.NewText}
	}
	return out
}

// workspaceEdit is an edit of this document alone. It names the version that it
// is for where the client can tell it from a later one.
func (d *Document) workspaceEdit(edits []syntax.Edit) *protocol.WorkspaceEdit {
	changes := d.textEdits(edits)
	if !d.env.client.documentChanges {
		return &protocol.WorkspaceEdit{Changes: map[uri.URI][]protocol.TextEdit{uri.URI(d.URI): changes}}
	}
	version := d.Version
	elements := make([]protocol.TextDocumentEditElement, len(changes))
	for i := range changes {
		elements[i] = &changes[i]
	}
	return &protocol.WorkspaceEdit{DocumentChanges: []protocol.DocumentChange{&protocol.TextDocumentEdit{
		TextDocument: protocol.OptionalVersionedTextDocumentIdentifier{
			TextDocumentIdentifier: protocol.TextDocumentIdentifier{URI: uri.URI(d.URI)},
			Version:                &version,
		},
		Edits: elements,
	}}}
}
