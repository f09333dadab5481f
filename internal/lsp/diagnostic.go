package lsp

import (
	"context"
	"fmt"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
)

// diagnosticMethod answers clients that ask for findings when they want them.
func diagnosticMethod() method {
	return query(protocol.MethodTextDocumentDiagnostic, diagnostic).
		advertised(func(caps *protocol.ServerCapabilities, c *client) {
			if !c.pullsDiagnostics {
				return
			}
			identifier := diagnosticSource
			caps.DiagnosticProvider = &protocol.DiagnosticOptions{Identifier: &identifier}
		})
}

func diagnostic(_ context.Context, v *View, p *protocol.DocumentDiagnosticParams) (any, error) {
	d := v.template(p.TextDocument.URI)
	if d == nil {
		return &protocol.RelatedFullDocumentDiagnosticReport{
			FullDocumentDiagnosticReport: protocol.FullDocumentDiagnosticReport{
				Kind:  string(protocol.DocumentDiagnosticReportKindFull),
				Items: []protocol.Diagnostic{},
			},
		}, nil
	}
	r := d.report()
	if p.PreviousResultID != nil && *p.PreviousResultID == r.id {
		return &protocol.RelatedUnchangedDocumentDiagnosticReport{
			UnchangedDocumentDiagnosticReport: protocol.UnchangedDocumentDiagnosticReport{
				Kind:     string(protocol.DocumentDiagnosticReportKindUnchanged),
				ResultID: r.id,
			},
		}, nil
	}
	return jsonrpc2.RawMessage(fmt.Sprintf(`{"kind":"full","resultId":%q,"items":%s}`, r.id, r.items)), nil
}
