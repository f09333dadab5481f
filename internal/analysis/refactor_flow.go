package analysis

import (
	"fmt"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// convertFlow offers to run the steps of a workflow at once instead of one after
// the other, and the reverse.
func convertFlow(a *asked) []offer {
	n := a.Doc.NodeAt(a.at.Start)
	if n == nil || n.Flow != template.Sequential && n.Flow != template.Parallel {
		return nil
	}
	m, _ := n.Spec().GetMember("type")
	if r := m.Range(); !a.atHead(n) && (r.Start > a.at.Start || a.at.End > r.End) {
		return nil
	}
	to, title, why := "parallel", "Run the steps of %s at the same time", a.togetherness
	if n.Flow == template.Parallel {
		to, title, why = "sequential", "Run the steps of %s one after the other", a.backwards
	}
	o := offer{
		Refactoring: Refactoring{ID: "flow-" + to, Kind: kindRewrite, Title: fmt.Sprintf(title, titleOf(n))},
		edits: func() ([]syntax.Edit, error) {
			if reason := why(n.Steps()); reason != "" {
				return nil, refuse("%s", reason)
			}
			edits := []syntax.Edit{{Range: m.Value().Range(), NewText: edit.Quote(to)}}
			return edits, a.spoils(edits)
		},
	}
	if a.thorough { // it looks at all that is in the steps
		o.Disabled = why(n.Steps())
	}
	return []offer{o}
}

// dissolveWorkflow offers to put the steps of a workflow in its place, where
// nothing depends on it.
func dissolveWorkflow(a *asked) []offer {
	n := a.Doc.NodeAt(a.at.Start)
	if n == nil || n.Parent == nil || !a.atHead(n) || !n.HasSteps() {
		return nil
	}
	if n.Flow != template.Sequential && n.Flow != template.Parallel || n.Flow != n.Parent.Flow && len(n.Steps()) > 1 {
		return nil
	}
	return []offer{{
		Refactoring: Refactoring{
			ID: "dissolve-workflow", Kind: kindInline, Title: "Put the steps of " + titleOf(n) + " in its place",
			Disabled: bound(n),
		},
		edits: func() ([]syntax.Edit, error) {
			if !isWhole([]*template.Node{n}) {
				return nil, refuse("the workflow is not complete")
			}
			edits, err := edit.New(a.Tree).Dissolve(n.Value(), n.Spec().Get("steps")).Edits()
			if err != nil {
				return nil, refuse("%s", err)
			}
			return edits, a.spoils(edits)
		},
	}}
}

// bound says what a workflow does beside running its steps; empty where nothing.
func bound(n *template.Node) string {
	for m := range n.Value().Members() {
		switch m.KeyText() {
		case "kind", "ref", "spec":
		default:
			return fmt.Sprintf("its %q is for all of its steps", m.KeyText())
		}
	}
	for m := range n.Spec().Members() {
		switch m.KeyText() {
		case "type", "steps":
		default:
			return fmt.Sprintf("its %q is for all of its steps", m.KeyText())
		}
	}
	return ""
}
