package analysis

import (
	"fmt"
	"slices"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// wrapSteps offers to put selected steps into a workflow of their own.
func wrapSteps(a *asked) []offer {
	if a.at.Len() == 0 {
		return nil
	}
	steps := a.steps()
	if !isWhole(steps) || !a.coversWhole(steps) || !mayStand("Workflow", steps[0]) {
		return nil
	}
	var offers []offer
	for _, flow := range []string{"sequential", "parallel"} {
		if flow == "parallel" && len(steps) < 2 {
			continue
		}
		o := offer{
			Refactoring: Refactoring{
				ID: "wrap-" + flow, Kind: kindRewrite,
				Title: fmt.Sprintf("Wrap %s in a %s Workflow", describeSteps(steps), flow),
			},
			edits: func() ([]syntax.Edit, error) { return a.wrapped(steps, enclosing(flow, "")) },
		}
		switch {
		case flow == "parallel":
			o.Disabled = a.togetherness(steps)
		case steps[0].Parent.Flow == template.Parallel:
			o.Disabled = a.backwards(steps)
		}
		offers = append(offers, o)
	}
	return offers
}

// coversWhole reports whether the selection holds the steps from their first
// brace to their last: one that only lies in a step is for something else.
func (a *asked) coversWhole(steps []*template.Node) bool {
	return a.at.Start <= steps[0].Value().Range().Start && steps[len(steps)-1].Value().Range().End <= a.at.End
}

// backwards says which step needs one that comes after it; empty where none does.
func (s *Snapshot) backwards(steps []*template.Node) string {
	for _, n := range s.needsAmong(steps) {
		if n.user.Position < n.target.Position {
			return n.String() + ", which would run later"
		}
	}
	return ""
}

// wrapped returns the edits that put steps into a new node, or a refusal where
// that would be wrong.
func (a *asked) wrapped(steps []*template.Node, json string, more ...syntax.Edit) ([]syntax.Edit, error) {
	edits, err := edit.New(a.Tree).Enclose(steps[0].Value(), steps[len(steps)-1].Value(), json).Edits()
	if err != nil {
		return nil, err
	}
	edits = append(edits, more...)
	return edits, a.spoils(edits)
}

// giveProject offers ways to give a project to a node that has none: the
// workflow around it gets one, or a workflow with one is put around the node and
// those of its neighbours that have none.
func giveProject(a *asked) []offer {
	steps := a.withoutProject()
	if len(steps) == 0 {
		return nil
	}
	var offers []offer
	for _, p := range a.projectsFor(steps) {
		if workflow := steps[0].Parent; workflow != nil && len(p.value) > 0 && workflow.Spec().Kind() == syntax.KindObject {
			offers = append(offers, offer{
				Refactoring: Refactoring{
					ID: "set-context:" + p.id, Kind: kindRewrite,
					Title: fmt.Sprintf("Give the workflow around %s the project %s", describeSteps(steps), p.title),
				},
				edits: func() ([]syntax.Edit, error) { return a.contextSet(workflow, p) },
			})
		}
		if isWhole(steps) && mayStand("Workflow", steps[0]) {
			offers = append(offers, offer{
				Refactoring: Refactoring{
					ID: "wrap-context:" + p.id, Kind: kindRewrite,
					Title: fmt.Sprintf("Wrap %s in a Workflow of the project %s", describeSteps(steps), p.title),
				},
				edits: func() ([]syntax.Edit, error) {
					flow := "sequential"
					if parent := steps[0].Parent; parent != nil && parent.Flow == template.Parallel && len(steps) > 1 {
						flow = "parallel"
					}
					return a.wrapped(steps, enclosing(flow, edit.Quote(p.value)), p.edits...)
				},
			})
		}
	}
	return offers
}

// withoutProject returns the steps at the place that need a project and have
// none: those selected or, at the head of one, also its neighbours.
func (a *asked) withoutProject() []*template.Node {
	lacks := func(n *template.Node) bool {
		_, has := n.ProjectContext()
		return n.Scope.Type == template.Template && NeedsProject(n) && !has
	}
	n := a.Doc.NodeAt(a.at.Start)
	if n != nil && a.atHead(n) && lacks(n) {
		if n.Parent == nil {
			return []*template.Node{n}
		}
		all := n.Parent.Steps()
		i := slices.Index(all, n)
		from, to := i, i+1
		for from > 0 && lacks(all[from-1]) && all[from-1].Position == all[from].Position-1 {
			from--
		}
		for to < len(all) && lacks(all[to]) && all[to].Position == all[to-1].Position+1 {
			to++
		}
		return all[from:to]
	}
	if a.at.Len() == 0 {
		return nil
	}
	steps := a.steps()
	if len(steps) > 0 && a.coversWhole(steps) && slices.ContainsFunc(steps, lacks) {
		return steps
	}
	return nil
}

// project is a project that nodes can be given.
type project struct {
	// id tells it apart, title names it to a person, value is what projectId says.
	id, title, value string
	// edits make the value mean it.
	edits []syntax.Edit
}

// maxProjects is how many projects are offered.
const maxProjects = 3

// projectsFor lists the projects that steps can be given: those of Project nodes
// that have run before, the nearest first, else those that other workflows have.
// A node that is all of its document gets that of an argument.
func (a *asked) projectsFor(steps []*template.Node) []project {
	var out []project
	scope := steps[0].Scope
	for _, n := range slices.Backward(scope.Nodes()) {
		if n.Kind != "Project" || template.OrderOf(steps[0], n) != template.Before || len(out) == maxProjects {
			continue
		}
		if n.Ref != "" {
			if len(scope.ByRef(n.Ref)) == 1 {
				out = append(out, project{id: n.Ref, title: edit.Quote(n.Ref), value: "${refs" + suffix(n.Ref) + ".id}"})
			}
			continue
		}
		ref := freshRef("Project", scope)
		edits, err := edit.New(a.Tree).Insert(n.Value(), edit.After("kind"), "ref", edit.Quote(ref)).Edits()
		if err == nil && !n.RefValue().IsValid() && n.Value().Terminated() {
			out = append(out, project{id: ref, title: edit.Quote(ref), value: "${refs." + ref + ".id}", edits: edits})
		}
	}
	if len(out) > 0 {
		return out
	}
	if steps[0].Parent == nil {
		return a.projectOfArgument(scope)
	}
	return out
}

// projectOfArgument is a project that an argument names, which is declared where
// there is none yet.
func (a *asked) projectOfArgument(scope *template.Scope) []project {
	name := ""
	for _, argument := range scope.Arguments() {
		if words := wordsOf(argument.Name); len(words) == 2 && words[0] == "project" && words[1] == "id" {
			name = argument.Name
		}
	}
	var edits []syntax.Edit
	if name == "" {
		name = argumentFor(scope, "projectId")
		if edits = declareArgument(scope, name, `""`); edits == nil {
			return nil
		}
	}
	return []project{{id: name, title: "${args." + name + "}", value: "${args." + name + "}", edits: edits}}
}

// contextSet returns the edits that give a workflow a project.
func (a *asked) contextSet(workflow *template.Node, p project) ([]syntax.Edit, error) {
	b := edit.New(a.Tree)
	if context := workflow.Spec().Get("context"); context.Kind() == syntax.KindObject {
		b.Set(context, edit.First(), "projectId", edit.Quote(p.value))
	} else {
		b.Insert(workflow.Spec(), edit.Before("steps"), "context", `{"projectId": `+edit.Quote(p.value)+`}`)
	}
	edits, err := b.Edits()
	if err != nil {
		return nil, err
	}
	edits = append(edits, p.edits...)
	return edits, a.spoils(edits)
}
