package analysis

import (
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/template"
)

// checkCycles reports references of nodes that wait for one another, and
// whether there are any.
func (s *Snapshot) checkCycles(r *reporter) bool {
	if len(s.checks.concurrent) == 0 {
		return false
	}
	var deps []template.Dependency
	for _, n := range s.checks.concurrent {
		deps = append(deps, s.Doc.DependenciesOf(s.Doc.Nodes[n.node])...)
	}
	groups := template.Cycles(s.Doc.Nodes, deps)
	for _, group := range groups {
		labels := make([]string, 0, len(group))
		for _, d := range group {
			labels = append(labels, d.User.Label()+" waits for "+d.Target.Label())
		}
		for _, d := range group {
			start, end := d.Use.Ref.Span()
			r.add(CodeReferenceCycle, rangeOf(d.Holder.Value(), d.Expression, start, end),
				"this reference can never resolve, nodes wait for one another: "+strings.Join(labels, ", ")+".",
				inNode(d.Holder))
		}
	}
	return len(groups) > 0
}
