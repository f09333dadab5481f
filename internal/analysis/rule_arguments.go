package analysis

import (
	"fmt"

	"github.com/nf-lsp/nf-lsp/internal/catalog/validate"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// checkArguments reports arguments that are used and not declared, and declared
// and not used.
func (s *Snapshot) checkArguments(r *reporter) {
	used := map[*template.Argument]bool{}
	unknown := map[*template.Scope]bool{} // scopes whose arguments may be used by name at run time
	check := func(scope *template.Scope, owner syntax.Value, facts *template.Facts, n *template.Node) {
		for _, e := range facts.Expressions {
			for _, u := range e.Uses {
				if u.Ref.Param || u.Ref.Root != "args" {
					continue
				}
				lookup := u.LookupScope(scope)
				name, ok := u.ArgumentName()
				if !ok {
					unknown[lookup] = true // a bare `args`, as in fn.get(args, ...)
					continue
				}
				if a := lookup.Argument(name); a != nil {
					used[a] = true
					continue
				}
				s.undeclared(r, use{scope: scope, owner: owner, expression: e, Use: u, node: n}, lookup, name)
			}
		}
	}
	for _, scope := range s.Doc.Scopes {
		check(scope, scope.Value, scope.Facts, nil)
		for _, n := range scope.Nodes {
			check(scope, n.Value, n.Facts, n)
		}
	}
	for _, scope := range s.Doc.Scopes {
		if unknown[scope] {
			continue
		}
		for _, a := range scope.Arguments {
			if used[a] {
				continue
			}
			r.add(CodeUnusedArgument, a.Member.Key().Range(),
				fmt.Sprintf("nothing uses the argument %q; write ${args.%s} where its value belongs, or remove it.", a.Name, a.Name), unnecessary)
		}
	}
}

func (s *Snapshot) undeclared(r *reporter, u use, lookup *template.Scope, name string) {
	if name == "" || lookup == nil || lookup.Type == template.Fragment {
		return
	}
	seg := u.Ref.Segments[0]
	at := s.rangeOf(u.owner, u.expression, seg.Start, seg.End)
	names := make([]string, len(lookup.Arguments))
	for i, a := range lookup.Arguments {
		names[i] = a.Name
	}
	near := validate.Closest(name, names)
	if lookup.Type != template.Template || !s.Doc.Certain {
		// Webhooks, inputs and the platform itself give previews and release
		// flows arguments that stand in no file.
		if near == "" {
			return
		}
		r.addAt(Hint, CodeUndeclaredArgument, at,
			fmt.Sprintf("argument %q is not declared here; did you mean %q?", name, near),
			withFix("Change to "+near, syntax.Edit{Range: at, NewText: near}), node(u.node))
		return
	}
	message := fmt.Sprintf("argument %q is not declared under \"arguments\"; unless an override that the platform keeps sets it, it has no value.", name)
	var more []func(*Finding)
	if near != "" {
		message = fmt.Sprintf("argument %q is not declared under \"arguments\"; did you mean %q?", name, near)
		more = append(more, withFix("Change to "+near, syntax.Edit{Range: at, NewText: near}))
	}
	if edits := declareArgument(lookup, name); edits != nil {
		more = append(more, withFix(fmt.Sprintf("Declare the argument %q", name), edits...))
	}
	r.add(CodeUndeclaredArgument, at, message, append(more, node(u.node))...)
}
