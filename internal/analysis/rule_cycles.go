package analysis

import (
	"fmt"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/template"
)

// checkCycles reports references of nodes that wait for one another, and contexts
// whose project is needed before it is there. holders are the nodes that need the
// output of one beside them, and workflows whose steps need that of one in it or
// beside it.
func (s *Snapshot) checkCycles(holders []*template.Node, report func(holder *template.Node, n note)) {
	tell := func(d template.Dependency, code Code, message string, options ...func(*note)) {
		start, end := d.Use.Ref.Span()
		r := reporter{config: s.Config}
		r.add(code, rangeOf(d.Holder.Value(), d.Expression, start, end), message, options...)
		for _, n := range r.take(d.Holder.Value().Range().Start) {
			report(d.Holder, n)
		}
	}
	var deps []template.Dependency
	for _, n := range holders {
		for _, d := range s.Doc.DependenciesOf(n) {
			deps = append(deps, d)
			if !d.Context || !d.Hard() || !d.Certain() {
				continue
			}
			early := false
			for user := range stepsInContext(d.User, d.Target) {
				of := d
				of.User, of.Context, of.Order = user, false, template.OrderOf(user, d.Target)
				switch of.Order {
				case template.Same, template.Around, template.After:
					if !early {
						early = true
						tell(d, CodeRefBeforeItResolves, tooEarly(of), withAnchor(user, partRef, "this node"))
					}
				case template.Concurrent:
					deps = append(deps, of)
				}
			}
		}
	}
	for _, group := range template.Cycles(deps) {
		labels := make([]string, 0, len(group))
		for _, d := range group {
			label := d.User.Label() + " waits for " + d.Target.Label()
			if d.Awaited() != d.Target {
				label += " and the end of its loop"
			}
			labels = append(labels, label)
		}
		message := "this reference can never resolve, nodes wait for one another: " + strings.Join(labels, ", ") + "."
		for _, d := range group {
			tell(d, CodeReferenceCycle, message)
		}
	}
}

// tooEarly says why a step cannot get its project from a node.
func tooEarly(d template.Dependency) string {
	switch d.Order {
	case template.Same:
		return fmt.Sprintf("%q is to run in the project that it makes itself; put it in front of this workflow.", d.Target.Ref)
	case template.Around:
		return fmt.Sprintf("%q is to run in a project that is there only when %q, the workflow around it, has ended.", d.User.Label(), d.Target.Ref)
	}
	return fmt.Sprintf("%q is to run in a project that %q makes only after it; move %q before it.", d.User.Label(), d.Target.Ref, d.Target.Ref)
}

// stepsInContext yields the nodes under a workflow that act in the project which it
// gives, as far as they do not follow after the target.
func stepsInContext(workflow, target *template.Node) func(yield func(*template.Node) bool) {
	return func(yield func(*template.Node) bool) { underContext(workflow, target, yield) }
}

func underContext(n, target *template.Node, yield func(*template.Node) bool) bool {
	for _, step := range n.Steps() {
		if step.OwnProject || step.GivesProject {
			continue
		}
		if NeedsProject(step) && !yield(step) || !underContext(step, target, yield) {
			return false
		}
		if n.Flow == template.Sequential && (step == target || target.Ancestor(step)) {
			break
		}
	}
	return true
}
