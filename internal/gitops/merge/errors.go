package merge

import (
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// newErrors notes a conflict for each error of the merged text that neither side has: one
// side has renamed a node, and the other one uses it by its old name.
func (m *merger) newErrors(text string) {
	type fault struct {
		code analysis.Code
		text string
	}
	find := func(tree *syntax.Tree) (map[fault]int, []analysis.Finding, *analysis.Snapshot) {
		s := analysis.NewSnapshot(tree, nil, m.options.Config)
		n := map[fault]int{}
		var errors []analysis.Finding
		if !s.IsTemplate() {
			return n, nil, s
		}
		for _, x := range s.Findings() {
			if x.Severity == analysis.Error {
				n[fault{x.Code, tree.Slice(x.Range)}]++
				errors = append(errors, x)
			}
		}
		return n, errors, s
	}
	result := syntax.Parse(text)
	after, errors, snapshot := find(result)
	if len(errors) == 0 {
		return
	}
	ours, _, _ := find(m.ours.tree)
	theirs, _, _ := find(m.theirs.tree)
	base, _, _ := find(m.base.tree)
	merged := &side{tree: result, root: result.Root(), sums: map[syntax.Range]sum{}}
	for _, x := range errors {
		f := fault{x.Code, result.Slice(x.Range)}
		if after[f] <= max(ours[f], theirs[f], ours[f]+theirs[f]-base[f]) {
			continue
		}
		after[f] = 0 // said once
		c := Conflict{ID: "error " + string(x.Code), Whole: true, Why: "each version is right by itself, together they have an error: " + strings.TrimSuffix(x.Message, ".")}
		var node syntax.Value
		if n := snapshot.Doc.NodeAt(x.Range.Start); n != nil {
			node = result.Find(x.Node)
		}
		if node.IsValid() {
			c.Node = labelOf(node)
			if id := merged.identity(node); id != "" {
				c.ID += " [" + id + "]"
				_, c.Base, _ = m.base.nodeWith(id)
				_, c.Ours, c.OursRange = m.ours.nodeWith(id)
				_, c.Theirs, c.TheirsRange = m.theirs.nodeWith(id)
			}
		}
		m.note(c)
	}
}
