package analysis

import (
	"fmt"
	"slices"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// checkContexts reports project-level nodes without a project. Release flows
// and previews run in the project of their pipeline, so only templates count,
// and only where the file says that it is one.
func (s *Snapshot) checkContexts(r *reporter) {
	for _, scope := range s.Doc.Scopes {
		if scope.Type != template.Template || scope.Owner == nil && !s.Doc.Certain {
			continue
		}
		for _, n := range scope.Nodes {
			if !NeedsProject(n) {
				continue
			}
			if _, ok := n.ProjectContext(); ok {
				continue
			}
			r.add(CodeMissingProjectContext, n.KindValue.Range(),
				fmt.Sprintf("this %s node has no project: set spec.projectId, or context.projectId in a workflow around it, for instance \"${refs.project.id}\".", n.Kind),
				inNode(n))
		}
	}
}

// NeedsProject reports whether the node acts within a project.
func NeedsProject(n *template.Node) bool {
	kind, ok := catalog.Lookup(n.Kind)
	if !ok {
		return false
	}
	if !kind.Project {
		return false
	}
	if len(kind.ProjectUnless) == 0 {
		return true
	}
	// What it acts on decides; as long as that is not known, nothing is.
	inner := n.Spec.Get("kind")
	return inner.Kind() == syntax.KindString && !slices.Contains(kind.ProjectUnless, inner.Text())
}
