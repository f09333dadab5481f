package lsp

import (
	"context"
	"encoding/json"
	"fmt"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

func codeActionResolveMethod() method {
	return query(protocol.MethodCodeActionResolve, codeActionResolve)
}

// actionData is what an action brings along to be resolved: what it does and
// where, in bytes of a version of the document.
type actionData struct {
	URI     string `json:"uri"`
	Version int32  `json:"version"`
	Start   int    `json:"start"`
	End     int    `json:"end"`
	ID      string `json:"id"`
}

// codeActionResolve works out the edit of an action.
func codeActionResolve(_ context.Context, v *View, p *protocol.CodeAction) (any, error) {
	if len(p.Data) == 0 {
		return p, nil // it came with its edit
	}
	var data actionData
	if err := json.Unmarshal(p.Data, &data); err != nil {
		return nil, fmt.Errorf("the data of an action is not what the server has sent: %w", err)
	}
	d := v.template(uri.URI(keyOf(data.URI)))
	if d == nil || d.Version != data.Version {
		return nil, jsonrpc2.Errorf(jsonrpc2.Code(protocol.LSPErrorCodesContentModified), "the document has changed since this action was offered; ask for it again")
	}
	edits, err := d.Analysis().Refactor(syntax.Range{Start: data.Start, End: data.End}, data.ID)
	if err != nil {
		return nil, refused(err)
	}
	p.Edit = d.workspaceEdit(edits)
	return p, nil
}

// refactorings translates the changes that may be made at a range. Their edits
// are left for the client to ask for, if it can.
func (d *Document) refactorings(p *protocol.CodeActionParams) ([]protocol.CodeAction, error) {
	explicit := p.Context.TriggerKind == protocol.CodeActionTriggerKindInvoked || len(p.Context.Only) > 0
	q := analysis.Question{Thorough: explicit, Wanted: func(kind string) bool {
		return wanted(p.Context.Only, protocol.CodeActionKind(kind))
	}}
	var actions []protocol.CodeAction
	for _, r := range d.Analysis().Refactorings(d.bytes(p.Range), q) {
		action := protocol.CodeAction{Title: r.Title, Kind: kind(protocol.CodeActionKind(r.Kind))}
		if r.Mends != nil {
			action.Diagnostics = []protocol.Diagnostic{d.diagnostic(*r.Mends)}
		}
		switch c := d.env.client; {
		case r.Disabled != "" && !c.disabledActions:
			continue
		case r.Disabled != "":
			action.Disabled.Reason = r.Disabled
		case c.resolvesActions:
			data, err := json.Marshal(actionData{d.URI, d.Version, r.At.Start, r.At.End, r.ID})
			if err != nil {
				return nil, err
			}
			action.Data = data
		default:
			edits, err := d.Analysis().Refactor(r.At, r.ID)
			if err != nil {
				continue // it turned out not to be possible
			}
			action.Edit = d.workspaceEdit(edits)
		}
		actions = append(actions, action)
	}
	return actions, nil
}
