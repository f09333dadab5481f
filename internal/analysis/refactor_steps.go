package analysis

import (
	"fmt"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// steps returns the steps of one workflow that are selected, wholly or in part,
// or the one at whose head the cursor is; none where there are no such steps.
func (a *asked) steps() []*template.Node {
	n := a.Doc.NodeAt(a.at.Start)
	if a.at.Len() == 0 {
		if n == nil || n.Parent == nil || !a.atHead(n) {
			return nil
		}
		return []*template.Node{n}
	}
	for ; n != nil; n = n.Parent {
		workflow := n
		if n.Flow == template.NoFlow {
			continue
		}
		if array := n.Spec().Get("steps").Range(); array.Start >= a.at.Start || a.at.End >= array.End {
			continue
		}
		var out []*template.Node
		for _, step := range workflow.Steps() {
			if r := step.Value().Range(); r.Start < a.at.End && a.at.Start < r.End {
				out = append(out, step)
			}
		}
		// What stands between two steps and is no node would be taken along.
		if len(out) > 0 && int(out[len(out)-1].Position-out[0].Position) == len(out)-1 {
			return out
		}
		return nil
	}
	return nil
}

// atHead reports whether the place is at what a node says about itself first: its
// opening brace, its kind or its ref.
func (a *asked) atHead(n *template.Node) bool {
	v := n.Value()
	if start := v.Range().Start; a.at.Start >= start && a.at.End <= start+1 {
		return true
	}
	for m := range v.Members() {
		if name := m.KeyText(); name == "kind" || name == "ref" {
			if r := m.Range(); r.Start <= a.at.Start && a.at.End <= r.End {
				return true
			}
		}
	}
	return false
}

// describeSteps names steps in a title.
func describeSteps(steps []*template.Node) string {
	if len(steps) == 1 {
		return titleOf(steps[0])
	}
	return fmt.Sprintf("%d steps", len(steps))
}

// isWhole reports whether the steps can be moved as they are: text that is not
// complete may go on elsewhere.
func isWhole(steps []*template.Node) bool {
	for _, n := range steps {
		if !isComplete(n.Value()) {
			return false
		}
	}
	return len(steps) > 0
}

// isComplete reports whether a value is JSON, comments aside.
func isComplete(v syntax.Value) bool {
	switch {
	case !v.IsValid() || !v.Terminated():
		return false
	case !v.HasErrors():
		return true
	}
	r := v.Range()
	for _, e := range v.Tree().Errors() {
		if e.Code != syntax.ErrComment && e.Range.Start < r.End && e.Range.End > r.Start {
			return false
		}
	}
	return true
}

// needs is a step that reads the output of another one.
type needs struct{ user, target *template.Node }

// String says it in a sentence.
func (n needs) String() string {
	return fmt.Sprintf("%s uses the output of %s", titleOf(n.user), titleOf(n.target))
}

// needsAmong lists which of the steps read outputs of others, each with what is in
// it. It costs what the steps hold.
func (s *Snapshot) needsAmong(steps []*template.Node) []needs {
	var out []needs
	under := func(n *template.Node) *template.Node {
		for ; n != nil; n = n.Parent {
			for _, step := range steps {
				if step == n {
					return step
				}
			}
		}
		return nil
	}
	for _, step := range steps {
		for n := range step.All() {
			for _, d := range s.Doc.DependenciesOf(n) {
				user, target := under(d.User), under(d.Target)
				if user != nil && target != nil && user != target {
					out = append(out, needs{user, target})
				}
			}
		}
	}
	return out
}

// holdsUp returns a step that others are meant to wait for, nil where there is none.
func holdsUp(steps []*template.Node) *template.Node {
	for _, n := range steps {
		if n.Kind == "Condition" || n.Kind == "Approval" {
			return n
		}
	}
	return nil
}

// togetherness says why steps cannot run at once; empty where they can.
func (s *Snapshot) togetherness(steps []*template.Node) string {
	if n := holdsUp(steps); n != nil {
		return fmt.Sprintf("in a parallel workflow %s holds up nothing of what follows it", titleOf(n))
	}
	if found := s.needsAmong(steps); len(found) > 0 {
		return found[0].String() + ", which would run at the same time"
	}
	return ""
}

// enclosing writes a workflow around what is enclosed.
func enclosing(flow, context string) string {
	if context != "" {
		context = `, "context": {"projectId": ` + context + `}`
	}
	return `{"kind": "Workflow", "spec": {"type": "` + flow + `"` + context + `, "steps": [` + edit.Enclosed + `]}}`
}
