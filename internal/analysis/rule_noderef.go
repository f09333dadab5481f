package analysis

import (
	"fmt"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/catalog/validate"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// madeBy is the kind of node whose work a node takes away by the ref in its nodeRef.
// Source: "Configure teardown workflows".
func madeBy(n *template.Node) string { return strings.TrimSuffix(n.Kind, "Destroy") }

// nodeRef checks the ref by which a node names another one outside of any expression.
// Unlike in expressions, no Git trigger and nothing that the platform keeps can be
// meant, so that this is told in documents of all types.
func (l *linker) nodeRef(n *template.Node) {
	v := nodeRefOf(n)
	if !v.IsValid() || n.Scope.Type == template.Fragment || !l.Doc.Certain {
		return
	}
	name, made := v.Text(), madeBy(n)
	if strings.Contains(name, "${") {
		return // the property takes no expression, which the rule for its type says
	}
	l.leave(refMark(n.Scope, name))
	nodes := n.Scope.ByRef(name)
	for _, named := range nodes {
		if named.Kind == made || named.Definition == nil {
			return
		}
	}
	if name != "" && len(nodes) > 0 {
		l.reporter.add(CodeUnresolvedRef, content(v),
			fmt.Sprintf("%q is the ref of %s node; nodeRef names %s node.", name, withArticle(nodes[0].Kind), withArticle(made)),
			withAnchor(nodes[0], partRef, "this node"))
		return
	}
	l.leave(namesMark())
	if l.known(n.Scope) {
		return
	}
	for _, ref := range n.Scope.Carriers() {
		if strings.Contains(ref, "${") {
			return // what it is called is known in a run
		}
	}
	l.reporter.add(CodeUnresolvedRef, content(v), fmt.Sprintf("no %s node of this document has the ref %q.", made, name))
}

// nameNode offers the nodes that a nodeRef can name: one that is a slip of the keyboard
// away, else all of them.
func (x *fixer) nameNode() {
	n := x.Doc.NodeAt(x.finding.Range.Start)
	if n == nil {
		return
	}
	v := nodeRefOf(n)
	if !v.IsValid() || content(v) != x.finding.Range {
		return
	}
	const most = 5
	var refs []string
	for _, made := range n.Scope.Nodes() {
		if made.Kind == madeBy(n) && made.Ref != "" && len(refs) < most {
			refs = append(refs, made.Ref)
		}
	}
	change := func(ref string) (string, syntax.Edit) {
		return "Change to " + ref, syntax.Edit{Range: v.Range(), NewText: edit.Quote(ref)}
	}
	if near := validate.Closest(v.Text(), refs); near != "" {
		x.mend(change(near))
		return
	}
	for _, ref := range refs {
		x.offer(change(ref))
	}
}
