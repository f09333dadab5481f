package analysis

import (
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/template"
)

// checkCycles reports references of nodes that wait for one another. holders are
// the nodes that need the output of one beside them.
func (s *Snapshot) checkCycles(holders []*template.Node, report func(holder *template.Node, n note)) {
	var deps []template.Dependency
	for _, n := range holders {
		deps = append(deps, s.Doc.DependenciesOf(n)...)
	}
	for _, group := range template.Cycles(deps) {
		labels := make([]string, 0, len(group))
		for _, d := range group {
			labels = append(labels, d.User.Label()+" waits for "+d.Target.Label())
		}
		message := "this reference can never resolve, nodes wait for one another: " + strings.Join(labels, ", ") + "."
		for _, d := range group {
			start, end := d.Use.Ref.Span()
			r := reporter{config: s.Config}
			r.add(CodeReferenceCycle, rangeOf(d.Holder.Value(), d.Expression, start, end), message)
			for _, n := range r.take(d.Holder.Value().Range().Start) {
				report(d.Holder, n)
			}
		}
	}
}
