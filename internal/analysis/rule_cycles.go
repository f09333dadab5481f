package analysis

import (
	"fmt"
	"iter"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/template"
)

// checkCycles reports references of nodes that wait for one another, and contexts
// whose project is needed before it is there. holders are the nodes that need the
// output of one beside them, and workflows whose steps need that of one in it or
// beside it; scopes are documents whose nodes need that of one of them.
func (s *Snapshot) checkCycles(holders []*template.Node, scopes []*template.Scope, report func(holder int32, n note)) {
	tell := func(d template.Dependency, code Code, message string, options ...func(*note)) {
		value, holder := d.Target.Scope.Value, markerOf(d.Target.Scope.Number)
		if d.Holder != nil {
			value, holder = d.Holder.Value(), d.Holder.Number
		}
		start, end := d.Use.Ref.Span()
		r := reporter{config: s.Config}
		r.add(code, rangeOf(value, d.Expression, start, end), message, options...)
		for _, n := range r.take(value.Range().Start) {
			report(holder, n)
		}
	}
	var deps []template.Dependency
	needed := func(d template.Dependency, steps iter.Seq[*template.Node]) {
		if !d.Hard() || !d.Certain() {
			return
		}
		early := false
		for user := range steps {
			d.User, d.Context, d.Order = user, false, template.OrderOf(user, d.Target)
			if d.Order == template.Around && d.Target.Flow == template.Loop {
				continue // it may well be how the data of the iteration is written
			}
			switch d.Order {
			case template.Same, template.Around, template.After:
				if !early {
					early = true
					tell(d, CodeRefBeforeItResolves, tooEarly(d), withAnchor(user, partRef, "this node"))
				}
			case template.Concurrent:
				deps = append(deps, d)
			}
		}
	}
	for _, n := range holders {
		for _, d := range s.Doc.DependenciesOf(n) {
			deps = append(deps, d)
			if d.Context {
				needed(d, stepsInContext(d.User.Steps(), d.User.Flow, d.Target))
			}
		}
	}
	for _, scope := range scopes {
		for _, d := range scope.ProjectUses() {
			if scope.Root != nil && !d.Target.InTeardown {
				needed(d, stepsInContext([]*template.Node{scope.Root}, template.NoFlow, d.Target))
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
		return fmt.Sprintf("%q is to run in the project that it makes itself.", d.Target.Ref)
	case template.Around:
		return fmt.Sprintf("%q is to run in a project that is there only when %q, the workflow around it, has ended.", d.User.Label(), d.Target.Ref)
	}
	return fmt.Sprintf("%q is to run in a project that %q makes only after it; move %q before it.", d.User.Label(), d.Target.Ref, d.Target.Ref)
}

// stepsInContext yields the nodes among steps, and under them, that act in the project
// which is given around them, as far as they do not follow after the target.
func stepsInContext(steps []*template.Node, flow template.Flow, target *template.Node) iter.Seq[*template.Node] {
	return func(yield func(*template.Node) bool) { underContext(steps, flow, target, yield) }
}

func underContext(steps []*template.Node, flow template.Flow, target *template.Node, yield func(*template.Node) bool) bool {
	for _, step := range steps {
		if !step.OwnProject && !step.GivesProject {
			if NeedsProject(step) && !yield(step) || !underContext(step.Steps(), step.Flow, target, yield) {
				return false
			}
		}
		if flow == template.Sequential && (step == target || target.Ancestor(step)) {
			break
		}
	}
	return true
}
