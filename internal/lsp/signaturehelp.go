package lsp

import (
	"context"

	"go.lsp.dev/protocol"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
)

func signatureHelpMethod() method {
	return query(protocol.MethodTextDocumentSignatureHelp, signatureHelp).
		advertised(func(caps *protocol.ServerCapabilities, _ *client) {
			caps.SignatureHelpProvider = &protocol.SignatureHelpOptions{
				TriggerCharacters:   []string{"(", ","},
				RetriggerCharacters: []string{")"},
			}
		})
}

func signatureHelp(_ context.Context, v *View, p *protocol.SignatureHelpParams) (any, error) {
	d := v.template(p.TextDocument.URI)
	if d == nil {
		return nil, nil
	}
	sig := d.Analysis().Signature(d.offset(p.Position))
	if sig == nil {
		return nil, nil
	}
	c, first := d.env.client, uint32(0)
	help := &protocol.SignatureHelp{Signatures: []protocol.SignatureInformation{c.signature(sig)}, ActiveSignature: &first}
	switch {
	case sig.Active >= 0:
		help.ActiveParameter = protocol.NewNullable(uint32(sig.Active))
	case c.noActiveParameter:
		help.ActiveParameter = protocol.NullNullable[uint32]()
	default:
		// There is no such parameter, and clients show none as active.
		help.ActiveParameter = protocol.NewNullable(uint32(len(sig.Parameters)))
	}
	return help, nil
}

func (c *client) signature(sig *analysis.Signature) protocol.SignatureInformation {
	out := protocol.SignatureInformation{Label: sig.Label, Documentation: markup(sig.Doc, c.markdownSignatures)}
	for _, p := range sig.Parameters {
		info := protocol.ParameterInformation{Label: protocol.String(sig.Label[p.Start:p.End])}
		if c.parameterOffsets {
			info.Label = protocol.ParameterInformationLabelTuple{uint32(p.Start), uint32(p.End)}
		}
		if p.Doc != "" {
			info.Documentation = markup(p.Doc, c.markdownSignatures)
		}
		out.Parameters = append(out.Parameters, info)
	}
	return out
}
