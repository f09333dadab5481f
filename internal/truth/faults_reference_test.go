package truth

import (
	"slices"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// referenceFaults break what references stand for, and when.
var referenceFaults = []*mutator{
	{code: analysis.CodeDuplicateRef, name: "a second node with the same ref", faults: func(s *subject) (out []fault) {
		for _, n := range s.Doc.Nodes() {
			if n.Ref == "" {
				continue
			}
			if steps := stepsAround(n); steps.IsValid() {
				p := pathOf(n.Parent.Path()).join("spec", "steps", itoa(steps.Len()), "ref")
				out = append(out, fault{edits: s.added(steps, `{"kind": "Workflow", "ref": `+edit.Quote(n.Ref)+`, "spec": {"type": "sequential", "steps": []}}`), places: []place{value(p)}})
			}
		}
		return out
	}},
	{code: analysis.CodeUnresolvedRef, name: "a ref is misspelt in a reference", faults: func(s *subject) (out []fault) {
		for _, u := range s.usages() {
			if name, ok := u.RefName(); ok && u.target() != nil && len(name) > 2 && u.scope.Type != template.Fragment && known(u.LookupScope(u.scope), swapped(name)) == 0 {
				e := u.edited(u.Ref.Segments[0].Start, u.Ref.Segments[0].End, swapped(name))
				out = append(out, fault{edits: []syntax.Edit{e}, places: []place{written(e)}, mended: true})
			}
		}
		return out
	}},
	{code: analysis.CodeUnresolvedRef, name: "a ref that no node has", faults: func(s *subject) (out []fault) {
		for _, u := range s.usages() {
			// Release flows and previews know refs that stand in no file.
			if scope := u.LookupScope(u.scope); u.target() != nil && scope.Type == template.Template && s.Doc.Certain {
				e := u.edited(u.Ref.Segments[0].Start, u.Ref.Segments[0].End, "quuxzzz")
				out = append(out, fault{edits: []syntax.Edit{e}, places: []place{written(e)}})
			}
		}
		return out
	}},
	{code: analysis.CodeUnresolvedRef, name: "a nodeRef is misspelt", faults: func(s *subject) (out []fault) {
		for _, n := range s.Doc.Nodes() {
			if v := n.Spec().Get("nodeRef"); n.Kind == "OpenTofuDestroy" && len(v.Text()) > 2 {
				e := syntax.Edit{Range: v.Range(), NewText: edit.Quote(swapped(v.Text()))}
				out = append(out, fault{edits: []syntax.Edit{e}, places: []place{written(e)}, mended: true})
			}
		}
		return out
	}},
	{code: analysis.CodeUnresolvedRef, name: "a nodeRef names a node of another kind", faults: func(s *subject) (out []fault) {
		for _, n := range s.Doc.Nodes() {
			if n.Kind != "OpenTofuDestroy" {
				continue
			}
			for _, other := range n.Scope.Nodes() {
				if other.Ref != "" && other.Kind != "OpenTofu" && known(n.Scope, other.Ref) == 1 {
					e := syntax.Edit{Range: n.Spec().Get("nodeRef").Range(), NewText: edit.Quote(other.Ref)}
					out = append(out, fault{edits: []syntax.Edit{e}, places: []place{written(e)}})
				}
			}
		}
		return out
	}},
	{code: analysis.CodeUnresolvedRef, name: "the ref of a node has changed", faults: func(s *subject) (out []fault) {
		for _, n := range s.Doc.Nodes() {
			if n.Ref == "" || n.Scope.Type != template.Template || !s.Doc.Certain {
				continue
			}
			e := syntax.Edit{Range: n.RefValue().Range(), NewText: `"renamed-since"`}
			f := fault{edits: []syntax.Edit{e}, explained: []analysis.Code{analysis.CodeUnresolvedRef}}
			for _, u := range s.usages() {
				if u.target() == n && !u.InCall {
					f.places = append(f.places, s.moved(e, u.token()))
				}
			}
			if len(f.places) > 0 {
				out = append(out, f)
			}
		}
		return out
	}},
	{code: analysis.CodeRefBeforeItResolves, name: "a node is moved behind its user", faults: func(s *subject) (out []fault) {
		for _, n := range s.Doc.Nodes() {
			for i := 1; i < len(n.Steps()) && n.Flow == template.Sequential; i++ {
				first, second := n.Steps()[i-1], n.Steps()[i]
				if !s.needs(second, first) {
					continue
				}
				a, b := first.Value(), second.Value()
				edits := []syntax.Edit{{Range: a.Range(), NewText: b.Raw()}, {Range: b.Range(), NewText: a.Raw()}}
				out = append(out, fault{edits: edits, places: []place{at(a.Range().Start, a.Range().Start+len(b.Raw()))}})
			}
		}
		return out
	}},
	{code: analysis.CodeRefBeforeItResolves, name: "a node uses its own output", faults: func(s *subject) (out []fault) {
		for _, n := range s.Doc.Nodes() {
			if n.Ref == "" || n.Flow != template.NoFlow || n.InLoop() {
				continue
			}
			for _, u := range s.usages() {
				if u.node == n && u.target() != nil && !u.InCall && !u.Ref.Template && u.target() != n {
					start, end := u.Ref.Span()
					e := u.edited(start, end, "refs."+n.Ref+".id")
					out = append(out, fault{edits: []syntax.Edit{e}, places: []place{written(e)}})
				}
			}
		}
		return out
	}},
	{code: analysis.CodeRefToSibling, name: "steps that need each other run at once", faults: func(s *subject) (out []fault) {
		for _, n := range s.Doc.Nodes() {
			for i, step := range n.Steps() {
				if n.Flow != template.Sequential || !slices.ContainsFunc(n.Steps()[:i], func(first *template.Node) bool { return s.needs(step, first) }) {
					continue
				}
				e := syntax.Edit{Range: n.Spec().Get("type").Range(), NewText: `"parallel"`}
				out = append(out, fault{edits: []syntax.Edit{e}, places: []place{value(pathOf(n.Path()))}})
				break
			}
		}
		return out
	}},
	{code: analysis.CodeReferenceCycle, name: "two nodes wait for each other", faults: func(s *subject) (out []fault) {
		for _, n := range s.Doc.Nodes() {
			steps := n.Spec().Get("steps")
			if n.Flow != template.Sequential || steps.Kind() != syntax.KindArray {
				continue
			}
			const cycle = `{"kind": "Workflow", "spec": {"type": "parallel", "steps": [
				{"kind": "Message", "ref": "seed-1", "spec": {"kind": "RAW_WEBHOOK", "spec": {"webhookUrl": "https://example.com/1", "message": "${refs.seed-2.id}"}}},
				{"kind": "Message", "ref": "seed-2", "spec": {"kind": "RAW_WEBHOOK", "spec": {"webhookUrl": "https://example.com/2", "message": "${refs.seed-1.id}"}}}
			]}}`
			p := pathOf(n.Path()).join("spec", "steps", itoa(steps.Len()))
			out = append(out, fault{edits: s.added(steps, cycle), places: []place{value(p)}})
		}
		return out
	}},
	{code: analysis.CodeReferenceCycle, name: "two parallel nodes use each other's output", faults: func(s *subject) (out []fault) {
		for _, n := range s.Doc.Nodes() {
			for i := 1; i < len(n.Steps()) && n.Flow == template.Parallel; i++ {
				a, b := n.Steps()[i-1], n.Steps()[i]
				if a.Ref == "" || b.Ref == "" || !describable(a) || !describable(b) {
					continue
				}
				edits := s.change(func(e *edit.Builder) {
					e.Set(a.Spec(), edit.Last(), "description", `"${refs.`+b.Ref+`.id}"`)
					e.Set(b.Spec(), edit.Last(), "description", `"${refs.`+a.Ref+`.id}"`)
				})
				out = append(out, fault{edits: edits, places: []place{
					value(pathOf(a.Path()).join("spec", "description")), value(pathOf(b.Path()).join("spec", "description")),
				}})
			}
		}
		return out
	}},
	{code: analysis.CodeRefOutOfScope, name: "a nested document uses a ref from around it", faults: func(s *subject) (out []fault) {
		for _, u := range s.usages() {
			if name, ok := u.RefName(); ok && u.Ref.Template && u.target() != nil && known(u.scope, name) == 0 {
				start, end := u.Ref.Span()
				e := u.edited(start, end, strings.TrimPrefix(u.expression.Text.Text[start:end], "template."))
				out = append(out, fault{edits: []syntax.Edit{e}, places: []place{written(e)}, mended: true})
			}
		}
		return out
	}},
	{code: analysis.CodeRefOutOfScope, name: "a reference into a nested document", faults: func(s *subject) (out []fault) {
		inner := ""
		for _, scope := range s.Doc.Scopes() {
			for _, n := range scope.Nodes() {
				if scope.Owner != nil && n.Ref != "" && known(s.Doc.Main, n.Ref) == 0 {
					inner = n.Ref
				}
			}
		}
		for _, u := range s.usages() {
			if u.scope == s.Doc.Main && inner != "" && u.target() != nil && s.Doc.Certain {
				e := u.edited(u.Ref.Segments[0].Start, u.Ref.Segments[0].End, inner)
				out = append(out, fault{edits: []syntax.Edit{e}, places: []place{written(e)}})
			}
		}
		return out
	}},
	{code: analysis.CodeNestedScope, name: "a nested document uses an argument from around it", faults: func(s *subject) (out []fault) {
		for _, u := range s.usages() {
			if name, ok := u.ArgumentName(); ok && u.Ref.Template && u.scope.Argument(name) == nil {
				start, end := u.Ref.Span()
				e := u.edited(start, end, strings.TrimPrefix(u.expression.Text.Text[start:end], "template."))
				out = append(out, fault{edits: []syntax.Edit{e}, places: []place{written(e)}, mended: true})
			}
		}
		return out
	}},
	{code: analysis.CodeNestedScope, name: "template. in the outermost document", faults: func(s *subject) (out []fault) {
		for _, u := range s.usages() {
			if _, ok := u.ArgumentName(); ok && u.scope == s.Doc.Main && s.Doc.Type != template.Fragment && u.node != nil {
				start, end := u.Ref.Span()
				e := u.edited(start, end, "template."+u.expression.Text.Text[start:end])
				out = append(out, fault{edits: []syntax.Edit{e}, places: []place{written(e)}, mended: true})
			}
		}
		return out
	}},
	{code: analysis.CodeSkippedRef, name: "a node that others need is skipped", faults: func(s *subject) (out []fault) {
		for _, n := range s.Doc.Nodes() {
			f := fault{edits: s.change(func(b *edit.Builder) { b.Set(n.Value(), edit.Last(), "skipNodeExecution", "true") })}
			for _, u := range s.usages() {
				if u.target() == n && !u.InCall && u.node != nil && !u.Ref.Template && u.ordered(n) {
					f.places = append(f.places, s.moved(f.edits[0], u.token()))
				}
			}
			if len(f.places) > 0 {
				f.explained = []analysis.Code{analysis.CodeSkippedRef}
				out = append(out, f)
			}
		}
		return out
	}},
	{code: analysis.CodeUnknownOutput, name: "an output that there is not", faults: func(s *subject) (out []fault) {
		for _, u := range s.usages() {
			if u.target() != nil && len(u.Ref.Segments) == 2 && u.Ref.Segments[1].Name == "id" {
				e := u.edited(u.Ref.Segments[1].Start, u.Ref.Segments[1].End, "identityCard")
				out = append(out, fault{edits: []syntax.Edit{e}, places: []place{written(e)}})
			}
		}
		return out
	}},
	{code: analysis.CodePortIndex, name: "a port that there is not", faults: func(s *subject) (out []fault) {
		for _, u := range s.usages() {
			if n := u.target(); n != nil && len(u.Ref.Segments) > 2 && u.Ref.Segments[1].Name == "ports" && n.Ports > 0 {
				e := u.edited(u.Ref.Segments[2].Start, u.Ref.Segments[2].End, itoa(n.Ports))
				out = append(out, fault{edits: []syntax.Edit{e}, places: []place{written(e)}})
			}
		}
		return out
	}},
	{code: analysis.CodeUnknownRoot, name: "a root is misspelt", faults: func(s *subject) (out []fault) {
		for _, u := range s.usages() {
			if (u.Ref.Root == "refs" || u.Ref.Root == "args") && !u.Ref.Param && (u.node == nil || !u.node.InLoop()) {
				e := u.edited(u.Ref.RootStart, u.Ref.RootEnd, u.Ref.Root[:3])
				out = append(out, fault{edits: []syntax.Edit{e}, places: []place{written(e)}})
			}
		}
		return out
	}},
	{code: analysis.CodeUnusedRef, name: "a ref that nothing uses", config: reported(analysis.CodeUnusedRef), faults: func(s *subject) (out []fault) {
		for _, n := range s.Doc.Nodes() {
			if n.Ref == "" {
				out = append(out, fault{
					edits:  s.change(func(b *edit.Builder) { b.Insert(n.Value(), edit.First(), "ref", `"quuxzzz"`) }),
					places: []place{value(pathOf(n.Path()).join("ref"))},
				})
			}
		}
		return out
	}},
	{code: analysis.CodeDNSWithoutCondition, name: "an address of what nothing waits for", faults: func(s *subject) (out []fault) {
		for _, n := range s.Doc.Nodes() {
			steps := stepsAround(n)
			if (n.Kind != "DeploymentService" && n.Kind != "CombinedService") || n.Ref == "" || n.Ports < 1 || !steps.IsValid() || s.awaited(n) || n.Parent.Flow != template.Sequential {
				continue
			}
			message := `{"kind": "Message", "spec": {"kind": "RAW_WEBHOOK", "spec": {"webhookUrl": "https://example.com", "message": "${refs.` + n.Ref + `.ports.0.dns}"}}}`
			p := pathOf(n.Parent.Path()).join("spec", "steps", itoa(steps.Len()))
			out = append(out, fault{edits: s.added(steps, message), places: []place{value(p)}})
		}
		return out
	}},
	{code: analysis.CodeUndeclaredArgument, name: "an argument is misspelt", faults: func(s *subject) (out []fault) {
		for _, u := range s.usages() {
			scope := u.LookupScope(u.scope)
			if name, ok := u.ArgumentName(); ok && scope.Argument(name) != nil && len(name) > 3 && scope.Argument(swapped(name)) == nil {
				e := u.edited(u.Ref.Segments[0].Start, u.Ref.Segments[0].End, swapped(name))
				out = append(out, fault{edits: []syntax.Edit{e}, places: []place{written(e)}, mended: true})
			}
		}
		return out
	}},
	{code: analysis.CodeUndeclaredArgument, name: "an argument is not declared any more", faults: func(s *subject) (out []fault) {
		if s.Doc.Type != template.Template || !s.Doc.Certain {
			return nil
		}
		for _, a := range s.Doc.Main.Arguments() {
			if a.Override.IsValid() {
				continue // which declares it too
			}
			f := fault{edits: s.change(func(b *edit.Builder) { b.RemoveMember(a.Member) })}
			for _, u := range s.usages() {
				if u.node != nil && u.node.Parent != nil && u.node.Parent.InLoop() {
					continue // it may be one of the data of the iteration
				}
				if name, ok := u.ArgumentName(); ok && name == a.Name && u.LookupScope(u.scope) == s.Doc.Main {
					f.places = append(f.places, s.moved(f.edits[0], u.token()))
				}
			}
			if len(f.places) > 0 && len(f.edits) == 1 {
				out = append(out, f)
			}
		}
		return out
	}},
	{code: analysis.CodeUnusedArgument, name: "an argument that nothing uses", faults: func(s *subject) (out []fault) {
		for _, scope := range s.Doc.Scopes() {
			if arguments := scope.Value.Get("arguments"); arguments.Kind() == syntax.KindObject {
				out = append(out, fault{
					edits:  s.change(func(b *edit.Builder) { b.Insert(arguments, edit.Last(), "QUUX", `"z"`) }),
					places: []place{key(pathOf(scope.Path()).join("arguments", "QUUX"))},
				})
			}
		}
		return out
	}},
}

// reported switches a rule on that is off by default.
func reported(code analysis.Code) *analysis.Config {
	return &analysis.Config{Severities: map[analysis.Code]analysis.Severity{code: analysis.Hint}}
}

// stepsAround are the steps of the workflow that a node stands in.
func stepsAround(n *template.Node) syntax.Value {
	if n.Parent == nil || n.InLoop() || n.InTeardown {
		return syntax.Value{}
	}
	return n.Parent.Spec().Get("steps")
}

func (s *subject) added(steps syntax.Value, json string) []syntax.Edit {
	return s.change(func(b *edit.Builder) { b.InsertElement(steps, steps.Len(), json) })
}

// known counts the nodes and triggers of a ref.
func known(scope *template.Scope, ref string) int {
	n := len(scope.ByRef(ref))
	if scope.Trigger(ref) != nil {
		n++
	}
	return n
}

// needs reports whether a node, or one in it, cannot do without the output of
// another, or of one in that.
func (s *subject) needs(n, other *template.Node) bool {
	for _, u := range s.usages() {
		if u.node != nil && (u.node == n || u.node.Ancestor(n)) && !u.InCall && !u.Ref.Template && !u.expression.IsContext() {
			if t := u.target(); t != nil && t.Scope == n.Scope && (t == other || t.Ancestor(other)) {
				return true
			}
		}
	}
	return false
}

// ordered reports whether it is known that the node runs before the user.
func (u usage) ordered(n *template.Node) bool {
	order := template.OrderOf(u.node, n)
	return order == template.Before || order == template.Concurrent && !u.expression.IsContext()
}

// awaited reports whether some condition waits for the node.
func (s *subject) awaited(n *template.Node) bool {
	for _, u := range s.usages() {
		if u.node != nil && u.node.Kind == "Condition" && u.target() == n {
			return true
		}
	}
	return false
}

// describable reports whether a node takes a description with an expression.
func describable(n *template.Node) bool {
	switch n.Kind {
	case "Addon", "DeploymentService", "CombinedService", "SecretGroup", "BuildService":
		return true
	}
	return false
}

// moved is where a token stands after an edit elsewhere.
func (s *subject) moved(e syntax.Edit, token syntax.Range) place {
	by := 0
	if e.Start < token.Start {
		by = len(e.NewText) - e.Len()
	}
	return at(token.Start+by, token.End+by)
}
