package lsp

import (
	"context"

	"go.lsp.dev/protocol"

	"github.com/nf-lsp/nf-lsp/internal/template"
)

// methodDocument asks what a document is and where its nodes stand: for views of
// an editor that show nodes, and for one that wants to know whether a JSON file is
// a template.
const methodDocument = "northflank/document"

type describedDocument struct {
	// Template says that the document is one of the platform's, of this type.
	Template bool            `json:"template"`
	Type     string          `json:"type,omitempty"`
	Version  int32           `json:"version"`
	Nodes    []describedNode `json:"nodes"`
}

type describedNode struct {
	// Path is the node's JSON pointer, by which runs, plans and drawings call it.
	Path  string `json:"path"`
	Kind  string `json:"kind,omitempty"`
	Ref   string `json:"ref,omitempty"`
	Label string `json:"label"`
	// Range is all of the node; SelectionRange what names it, on one line.
	Range          protocol.Range `json:"range"`
	SelectionRange protocol.Range `json:"selectionRange"`
}

func documentNodesMethod() method {
	return query(methodDocument, func(_ context.Context, v *View, p *documentParams) (any, error) {
		d := v.docs[keyOf(p.TextDocument.URI)]
		if d == nil || !d.isJSON() {
			return nil, nil
		}
		described := describedDocument{Version: d.Version, Nodes: []describedNode{}}
		doc := d.Analysis().Doc
		if d.isForeign() || doc.Type == template.None {
			return described, nil
		}
		described.Template, described.Type = true, doc.Type.String()
		for _, n := range doc.Nodes() {
			whole := n.Value().Range()
			name := n.RefValue()
			if !name.IsValid() {
				name = n.KindValue()
			}
			selection := whole
			if name.IsValid() {
				selection = name.Range()
			} else {
				selection.End = min(selection.Start+1, selection.End)
			}
			described.Nodes = append(described.Nodes, describedNode{
				Path: n.Path(), Kind: n.Kind, Ref: n.Ref, Label: n.Label(), Range: d.span(whole), SelectionRange: d.span(selection),
			})
		}
		return described, nil
	})
}

// documentParams names a document as the client spells it.
type documentParams struct {
	TextDocument struct {
		URI string `json:"uri"`
	} `json:"textDocument"`
}
