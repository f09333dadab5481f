package lsp

import (
	"context"
	"fmt"
	"strings"

	"go.lsp.dev/protocol"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
)

// codeActionMethod offers the fixes of findings and other changes. Clients that
// know commands only, and no edits, are not offered any.
func codeActionMethod() method {
	return query(protocol.MethodTextDocumentCodeAction, codeAction).
		advertised(func(caps *protocol.ServerCapabilities, c *client) {
			if !c.codeActions {
				return
			}
			options := &protocol.CodeActionOptions{CodeActionKinds: []protocol.CodeActionKind{protocol.CodeActionKindSourceFixAll}}
			for _, k := range analysis.RefactoringKinds() {
				options.CodeActionKinds = append(options.CodeActionKinds, protocol.CodeActionKind(k))
			}
			if c.resolvesActions {
				options.ResolveProvider = &c.resolvesActions
			}
			caps.CodeActionProvider = options
		})
}

func codeAction(_ context.Context, v *View, p *protocol.CodeActionParams) (any, error) {
	actions := []protocol.CodeAction{}
	d := v.template(p.TextDocument.URI)
	if d == nil {
		return actions, nil
	}
	if wanted(p.Context.Only, protocol.CodeActionKindQuickFix) {
		within := d.bytes(p.Range)
		for _, fix := range d.Analysis().QuickFixes(within) {
			action := protocol.CodeAction{
				Title:       fix.Title,
				Kind:        kind(protocol.CodeActionKindQuickFix),
				Diagnostics: []protocol.Diagnostic{d.diagnostic(fix.Finding)},
				Edit:        d.workspaceEdit(fix.Edits),
			}
			if fix.Preferred && d.env.client.preferredFixes {
				preferred := true
				action.IsPreferred = &preferred
			}
			actions = append(actions, action)
		}
	}
	// Unasked, all fixes are offered where one is: elsewhere it would be noise.
	if wanted(p.Context.Only, protocol.CodeActionKindSourceFixAll) && (len(p.Context.Only) > 0 || len(actions) > 0) {
		if m := d.Analysis().Mend(); len(m.Fixed) > 0 {
			actions = append(actions, protocol.CodeAction{
				Title: fmt.Sprintf("Fix all that can be fixed in this template (%d)", len(m.Fixed)),
				Kind:  kind(protocol.CodeActionKindSourceFixAll),
				Edit:  d.workspaceEdit(m.Edits),
			})
		}
	}
	more, err := d.refactorings(p)
	actions = append(actions, more...)
	if wanted(p.Context.Only, protocol.CodeActionKindQuickFix) {
		actions = append(actions, v.suppressions(d, d.bytes(p.Range))...)
	}
	return actions, err
}

func kind(k protocol.CodeActionKind) *protocol.CodeActionKind { return &k }

// wanted reports whether actions of a kind are asked for. Kinds are a tree:
// asking for `source` asks for `source.fixAll` too. Asking for none asks for all.
func wanted(only []protocol.CodeActionKind, kind protocol.CodeActionKind) bool {
	for _, o := range only {
		if o == "" || o == kind || strings.HasPrefix(string(kind), string(o)+".") {
			return true
		}
	}
	return len(only) == 0
}
