package analysis

import (
	"fmt"

	"github.com/nf-lsp/nf-lsp/internal/catalog/validate"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// argument looks up the use of an argument and reports one that is not declared.
func (l *linker) argument(u *use) {
	lookup := u.LookupScope(u.scope)
	if lookup == nil {
		return // template. in an outermost document: the local pass has said so
	}
	name, ok := u.ArgumentName()
	if !ok {
		l.leave(argumentsMark(lookup)) // a bare `args`, as in fn.get(args, ...)
		return
	}
	l.leave(argumentMark(lookup, name))
	if lookup.Argument(name) != nil || name == "" || lookup.Type == template.Fragment || lookup.Misspelt.Has(template.MisspeltArguments) {
		return
	}
	l.leave(namesMark())
	if outer := l.outerArgument(u, lookup, name); outer != nil {
		l.leave(argumentMark(lookup.Outer, name))
		return
	}
	if !l.olderOutput(u, lookup, name) {
		l.undeclared(u, lookup, name)
	}
}

// olderOutput hints at a node's output that is read as an argument, as templates
// of version v1 did, and reports whether it did.
func (l *linker) olderOutput(u *use, lookup *template.Scope, name string) bool {
	if len(u.Ref.Segments) < 2 || len(lookup.ByRef(name)) == 0 {
		return false
	}
	at := rangeOf(u.owner, u.expression, u.Ref.RootStart, u.Ref.RootEnd)
	l.reporter.add(CodeDeprecatedForm, at,
		fmt.Sprintf("args.%s is an older way to read the output of a node; write refs.%s.", name, name),
		withFix("Change to refs", syntax.Edit{Range: at, NewText: "refs"}), deprecated)
	return true
}

func (l *linker) undeclared(u *use, lookup *template.Scope, name string) {
	at := u.segment(0)
	arguments := lookup.Arguments()
	names := make([]string, len(arguments))
	for i, a := range arguments {
		names[i] = a.Name
	}
	near := validate.Closest(name, names)
	if lookup.Misnamed.Get(name).IsValid() {
		return // declared under a wrong name, of which the finding about that speaks
	}
	change := func(n *note) { withFix("Change to "+near, syntax.Edit{Range: at, NewText: near})(n) }
	switch {
	case near == "" && u.node != nil && u.node.Parent != nil && u.node.Parent.InLoop():
		// Nobody says whether the data of an iteration are arguments in it.
	case lookup.Type != template.Template || !l.Doc.Certain:
		// Webhooks, inputs and the platform itself give previews and release
		// flows arguments that stand in no file.
		if near != "" {
			l.reporter.addAt(Hint, CodeUndeclaredArgument, at,
				fmt.Sprintf("argument %q is not declared here; did you mean %q?", name, near), change)
		}
	case near == "" && lookup.Linked:
		// The file is linked to a template on the platform, which may well keep an
		// override for it: the platform itself writes such files.
		l.reporter.addAt(Hint, CodeUndeclaredArgument, at,
			fmt.Sprintf("argument %q is not declared under \"arguments\": its value can only be an override that the platform keeps.", name),
			withDeclaration(lookup, name))
	case near != "":
		l.reporter.add(CodeUndeclaredArgument, at,
			fmt.Sprintf("argument %q is not declared under \"arguments\"; did you mean %q?", name, near),
			change, withDeclaration(lookup, name))
	default:
		l.reporter.add(CodeUndeclaredArgument, at,
			fmt.Sprintf("argument %q is not declared under \"arguments\"; unless an override that the platform keeps sets it, it has no value.", name),
			withDeclaration(lookup, name))
	}
}

// checkUnusedArguments reports arguments that no reference stands for.
func checkUnusedArguments(r *reporter, scope *template.Scope) {
	for _, a := range scope.Arguments() {
		if !a.Member.Key().IsValid() {
			continue // half-typed; the syntax says so
		}
		r.add(CodeUnusedArgument, a.Member.Key().Range(),
			fmt.Sprintf("nothing uses the argument %q; write ${args.%s} where its value belongs, or remove it.", a.Name, a.Name),
			unnecessary, unless(argumentMark(scope, a.Name), argumentsMark(scope)), unlessHidden("args."+a.Name))
	}
}
