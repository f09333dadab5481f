package analysis

import (
	"fmt"
	"slices"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// context reports a project-level node without a project. Release flows and
// previews run in the project of their pipeline, so only templates count, and
// only where the file says that it is one.
func (l *linker) context(n *template.Node) {
	if n.Scope.Type != template.Template || n.Scope.Owner == nil && !l.Doc.Certain || !NeedsProject(n) || n.Spec().Kind() != syntax.KindObject {
		return // where there is no spec yet, it may come to name the project
	}
	if _, ok := n.ProjectContext(); ok {
		return
	}
	if kinds := l.kindsFor(n); len(kinds) > 0 && !has(kinds, n.Kind) {
		return // the kind is the mistake
	}
	if !l.firstWithout(n) {
		return
	}
	l.reporter.add(CodeMissingProjectContext, n.KindValue().Range(),
		fmt.Sprintf("this %s node has no project: set spec.projectId, or context.projectId in a workflow around it, for instance \"${refs.project.id}\".", n.Kind))
}

// firstWithout reports whether the node is the first one without a project for
// the same reason: where the project is given under a misspelt property, it is
// missed once.
func (l *linker) firstWithout(n *template.Node) bool {
	why := contextMisspeltFor(n)
	if !why.IsValid() {
		return true
	}
	l.leave(misspeltMark())
	if l.withoutContext[why.Range()] {
		return false
	}
	if l.withoutContext == nil {
		l.withoutContext = map[syntax.Range]bool{}
	}
	l.withoutContext[why.Range()] = true
	return true
}

// contextMisspeltFor returns the object around the node in which what gives it a
// project is misspelt; an absent one where there is none.
func contextMisspeltFor(n *template.Node) syntax.Value {
	for p := n.Parent; p != nil; p = p.Parent {
		if p.Misspelt.Has(template.MisspeltContext) {
			return p.Value()
		}
	}
	if n.Scope.Misspelt.Has(template.MisspeltContext) {
		return n.Scope.Value
	}
	return syntax.Value{}
}

// NeedsProject reports whether the node acts within a project.
func NeedsProject(n *template.Node) bool {
	kind := n.Definition
	if kind == nil || !kind.Project {
		return false
	}
	if len(kind.ProjectUnless) == 0 {
		return true
	}
	// What it acts on decides; as long as that is not known, nothing is.
	return isSubject(kind, n.Inner) && !slices.Contains(kind.ProjectUnless, n.Inner)
}

// isSubject reports whether nodes of the kind can act on, or wait for, what the
// name in their spec says.
func isSubject(kind *catalog.Kind, name string) bool {
	for _, a := range kind.Spec.Schema().Alternatives() {
		if p, ok := a.Schema().Property("kind"); ok {
			for _, v := range p.Schema.Schema().Enum {
				if v.Text == name {
					return true
				}
			}
		}
	}
	return false
}
