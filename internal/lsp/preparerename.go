package lsp

import (
	"context"

	"go.lsp.dev/protocol"
)

// prepareRenameMethod is announced with rename.
func prepareRenameMethod() method {
	return query(protocol.MethodTextDocumentPrepareRename, prepareRename)
}

// prepareRename answers which name can be changed, nothing where there is none,
// and an error that says why where one is there that cannot be changed.
func prepareRename(_ context.Context, v *View, p *protocol.PrepareRenameParams) (any, error) {
	d := v.template(p.TextDocument.URI)
	if d == nil {
		return nil, nil
	}
	r, err := d.Analysis().PrepareRename(d.offset(p.Position))
	if err != nil {
		return nil, refused(err)
	}
	if r == nil {
		return nil, nil
	}
	return &protocol.PrepareRenamePlaceholder{Range: d.span(r.Range), Placeholder: r.Name}, nil
}
