package analysis

import (
	"fmt"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// convertVersion offers to bring a document of an older version of the format to
// the current one. What is known to differ are single forms, all of which the
// platform still reads: the edits are those of the findings about them, here and
// in the nodes of the document, and the version itself. Nested documents have
// versions of their own.
func convertVersion(a *asked) []offer {
	scope := a.cursor.holder.scope
	m, ok := scope.Value.GetMember("apiVersion")
	if r := m.Range(); !ok || a.cursor.holder.node != nil || a.at.Start < r.Start || a.at.End > r.End {
		return nil
	}
	old := m.Value()
	if old.Kind() != syntax.KindString || old.Text() != "v1" && old.Text() != "v1.1" {
		return nil
	}
	return []offer{{
		Refactoring: Refactoring{
			ID: "convert-version", Kind: kindRewrite,
			Title: fmt.Sprintf("Convert this document from %s to v1.2, with all older forms in it", old.Text()),
		},
		edits: func() ([]syntax.Edit, error) {
			version := []syntax.Edit{{Range: old.Range(), NewText: `"v1.2"`}}
			edits := version
			// The settings may have switched the findings off.
			all := NewSnapshot(a.Tree, nil, nil)
			for _, f := range all.Findings() {
				if f.Code != CodeDeprecatedForm || !within(f.Range, scope.Value.Range()) || a.Doc.ScopeAt(f.Range.Start) != scope {
					continue
				}
				if fixes := all.Fixes(f); len(fixes) > 0 && !fixes[0].Choice && !meets(edits, fixes[0].Edits) {
					edits = inserted(edits, fixes[0].Edits)
				}
			}
			return edits, a.spoils(edits)
		},
	}}
}

func within(r, outer syntax.Range) bool { return outer.Start <= r.Start && r.End <= outer.End }
