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
	return &protocol.WorkspaceEdit{DocumentChanges: []protocol.DocumentChange{documentEdit(uri.URI(d.URI), &version, changes)}}
}

// documentEdit is an edit of one version of a document; nil is what is on disk.
func documentEdit(u uri.URI, version *int32, edits []protocol.TextEdit) *protocol.TextDocumentEdit {
	elements := make([]protocol.TextDocumentEditElement, len(edits))
	for i := range edits {
		elements[i] = &edits[i]
	}
	return &protocol.TextDocumentEdit{
		TextDocument: protocol.OptionalVersionedTextDocumentIdentifier{
			TextDocumentIdentifier: protocol.TextDocumentIdentifier{URI: u},
			Version:                version,
		},
		Edits: elements,
	}
}
