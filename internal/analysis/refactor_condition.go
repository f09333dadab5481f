package analysis

import (
	"fmt"
	"slices"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// insertCondition offers to wait until the owner of an address runs before the
// address is read: at the reference, and at the head of the node that holds it.
func insertCondition(a *asked) []offer {
	n := a.cursor.holder.node
	if n == nil {
		return nil
	}
	var offers []offer
	seen := map[*template.Node]bool{}
	for _, d := range a.addresses(n) {
		if seen[d.Target] {
			continue
		}
		seen[d.Target] = true
		if !a.awaited(d.Target) {
			if o, ok := a.condition(d); ok {
				offers = append(offers, o)
			}
		}
	}
	return offers
}

// addresses lists the reads of what may be missing until its owner runs: the one
// at the place, else those in the string there or, at a node's kind or ref, in
// the whole node.
func (a *asked) addresses(n *template.Node) []template.Dependency {
	str := a.cursor.str
	head := str.IsValid() && (str.Range() == n.KindValue().Range() || str.Range() == n.RefValue().Range())
	if a.cursor.expression == nil && !head || n.Kind == "Condition" {
		return nil
	}
	var near, here []template.Dependency
	for _, d := range a.Doc.DependenciesOf(n) {
		if addressOf(d.Target, d.Use.Ref) == "" || !head && d.Expression != a.cursor.expression {
			continue
		}
		near = append(near, d)
		start, end := d.Use.Ref.Span()
		if r := rangeOf(n.Value(), d.Expression, start, end); r.End >= a.at.Start && r.Start <= a.at.End {
			here = append(here, d)
		}
	}
	if here != nil {
		return here
	}
	return near
}

// condition is the insertion of a condition in front of the user of an address.
func (a *asked) condition(d template.Dependency) (offer, bool) {
	step := d.User
	for p := step.Parent; p != nil; p = step.Parent {
		// A condition in a parallel workflow holds nobody up, and one in a loop
		// would wait at each turn.
		if p.Flow != template.Parallel && (p.Flow != template.Loop || d.Target.Ancestor(p)) {
			break
		}
		step = p
	}
	o := offer{Refactoring: Refactoring{
		ID: "insert-condition:" + d.Target.Ref, Kind: kindRewrite,
		Title: fmt.Sprintf("Insert a condition that waits for %s before %s", titleOf(d.Target), titleOf(step)),
	}}
	switch order := template.OrderOf(d.User, d.Target); {
	case order == template.Concurrent:
		o.Title = "Insert a condition that waits for " + titleOf(d.Target)
		o.Disabled = fmt.Sprintf("%s runs at the same time as %s; put it into a step before that first", titleOf(d.Target), titleOf(d.User))
		return o, true
	case order != template.Before, step.Parent == nil, step.Parent.Flow == template.UnknownFlow, !mayStand("Condition", step):
		return offer{}, false
	}
	o.edits = func() ([]syntax.Edit, error) {
		return edit.New(a.Tree).InsertElement(step.Parent.Spec().Get("steps"), int(step.Position), conditionFor(d.Target, step)).Edits()
	}
	return o, true
}

// conditionFor writes a condition that waits until the node runs, for a place in
// front of a step.
func conditionFor(n, step *template.Node) string {
	what, id := "Service", "serviceId"
	if n.Kind == "Addon" {
		what, id = "Addon", "addonId"
	}
	data := edit.Quote(id) + ": " + edit.Quote("${refs"+suffix(n.Ref)+".id}")
	if from, ok := n.ProjectContext(); ok && from.Node != nil {
		here := ""
		for p := step.Parent; p != nil && here == ""; p = p.Parent {
			here = p.Project
		}
		if here != from.Node.Project {
			data = `"projectId": ` + projectValue(from.Node).Raw() + ", " + data
		}
	}
	return `{"kind": "Condition", "spec": {"kind": "` + what + `", "spec": {"type": "running", "data": {` + data + `}}}}`
}

// projectValue returns the value by which a node names its project, or that of
// its steps.
func projectValue(n *template.Node) syntax.Value {
	for _, object := range []syntax.Value{n.Spec().Get("context"), n.Value().Get("context"), n.Spec(), n.Spec().Get("spec").Get("data")} {
		if v := object.Get("projectId"); v.IsValid() {
			return v
		}
	}
	return syntax.Value{}
}

// mayStand reports whether a node of the kind may stand where another one does.
func mayStand(kind string, where *template.Node) bool {
	d := catalog.Document(where.Scope.Type.String())
	switch {
	case d == nil:
		return true
	case where.InTeardown:
		return slices.Contains(d.TeardownKinds, kind)
	}
	return slices.Contains(d.SpecKinds, kind)
}

// titleOf names a node in a title.
func titleOf(n *template.Node) string {
	if n.Ref != "" {
		return edit.Quote(n.Ref)
	}
	return "the " + n.Label()
}
