package analysis

import (
	"fmt"
	"unicode/utf8"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/persistent"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// nameLimit reports whether resources of the kind get their identifiers from a
// name, and how long that may be; 0 is without a limit.
func nameLimit(kind *catalog.Kind) (limit int, named bool) {
	if kind == nil {
		return 0, false
	}
	spec := kind.Spec.Schema()
	forms := []*catalog.Schema{spec}
	for _, a := range spec.Alternatives() {
		forms = append(forms, a.Schema())
	}
	for _, form := range forms {
		p, ok := form.Property("name")
		if !ok {
			continue
		}
		if s := p.Schema.Schema(); s.Role == catalog.RoleResourceName {
			limit, named = max(limit, int(s.MaxLength)), true
		}
	}
	return limit, named
}

// resource is the mark for what a node makes, which nodes have in common that
// are of one kind, in one project, with names that come to the same identifier:
// the later changes the resource of the earlier. Nodes that may be skipped are
// often alternatives to each other.
func (l *linker) resource(n *template.Node) mark {
	if n.Name == "" || n.Definition == nil || n.InTeardown || n.InLoop() {
		return 0
	}
	named, known := l.named[n.Definition]
	if !known {
		_, named = nameLimit(n.Definition)
		l.named[n.Definition] = named
	}
	if !named || maybeSkipped(n) {
		return 0
	}
	return persistent.KeyOf(markResource, n.Scope.Number, n.Kind).With(projectOf(n)).With(expr.Slug(n.Name))
}

// collide looks at one of the nodes that make one and the same resource, all of
// which are given in file order. One that patches is meant to change what there is.
func collide(r *reporter, nodes []*template.Node, i int) {
	if i == 0 {
		return
	}
	first, n := nodes[0], nodes[i]
	if n.Kind == "Addon" {
		first = nodes[i-1] // its version is compared with that of the node before
	}
	if !n.Changes && !first.Changes {
		r.add(CodeNameCollision, partName.of(n).Range(),
			fmt.Sprintf("both %s nodes get the identifier %q in the same project, so this one changes what the other has made; give it another name.", n.Kind, expr.Slug(n.Name)),
			withAnchor(first, partName, "the other name"))
	}
	if n.Kind == "Addon" {
		checkVersions(r, first, n)
	}
}

// maybeSkipped reports whether the node, or a workflow around it, is or may be
// skipped.
func maybeSkipped(n *template.Node) bool {
	for ; n != nil; n = n.Parent {
		if n.Skip != template.SkipNever {
			return true
		}
	}
	return false
}

// projectOf says how the project of a node is written.
func projectOf(n *template.Node) string {
	if n.OwnProject {
		return n.Project
	}
	for p := n.Parent; p != nil; p = p.Parent {
		if p.GivesProject {
			return p.Project
		}
	}
	return ""
}

// nameLength reports a name that is too long once its expressions are resolved.
// The literal parts alone are counted by the schema walker.
func (l *linker) nameLength(n *template.Node) {
	for _, e := range n.Facts.Expressions {
		if e.Pointer != "/spec/name" || e.Key || len(e.Text.Errors) > 0 || len(e.Uses) == 0 {
			continue
		}
		limit, _ := nameLimit(n.Definition)
		if limit == 0 {
			return
		}
		literal, all, sure := 0, 0, true
		for _, p := range e.Text.Parts {
			switch p.Kind {
			case expr.Literal:
				literal += utf8.RuneCountInString(p.Text)
			case expr.Expression:
				length, declared := l.leastLength(n.Scope, p.Node)
				all += length
				sure = sure && !declared
			}
		}
		all += literal
		if literal > limit || all <= limit {
			return
		}
		level, how := Error, "is"
		if !sure {
			level, how = Warning, "with the values that the file declares is"
		}
		l.reporter.addAt(level, CodeNameTooLong, e.Value(n.Value()).Range(),
			fmt.Sprintf("this name %s %d characters long; it may have %d at most.", how, all, limit))
		return
	}
}

// leastLength returns how many characters an expression gives at least, and
// whether that depends on a value that the file declares for an argument.
func (l *linker) leastLength(scope *template.Scope, n expr.Node) (length int, declared bool) {
	if outcomes, ok := expr.Outcomes(n); ok {
		for i, v := range outcomes {
			if c := utf8.RuneCountInString(v.Text()); i == 0 || c < length {
				length = c
			}
		}
		return length, false
	}
	r, ok := n.(*expr.Ref)
	if !ok || r.Param || r.Template || r.TrailingDot {
		return 0, false
	}
	switch {
	case r.Root == "args" && len(r.Segments) == 1:
		a := scope.Argument(r.Segments[0].Name)
		if a == nil || a.Override.IsValid() || a.Value.Kind() != syntax.KindString || scope.Type != template.Template || isPlaceholder(a.Value.Text()) {
			return 0, false
		}
		return utf8.RuneCountInString(a.Value.Text()), true
	case r.Root == "refs" && len(r.Segments) == 2 && r.Segments[1].Name == "id":
		if nodes := scope.ByRef(r.Segments[0].Name); len(nodes) == 1 {
			if _, named := nameLimit(nodes[0].Definition); named {
				return len(expr.Slug(nodes[0].Name)), false
			}
		}
	}
	return 0, false
}
