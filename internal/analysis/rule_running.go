package analysis

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// waits notes what a condition waits for: a node, a resource of which the
// identifier is known, or something that cannot be told, which may be any.
func (l *linker) waits(n *template.Node) {
	if n.Kind != "Condition" || n.Inner != "Service" && n.Inner != "Addon" {
		return
	}
	data := n.Spec().Get("spec").Get("data")
	for _, name := range []string{"serviceId", "addonId"} {
		id := data.Get(name)
		if id.Kind() != syntax.KindString {
			continue
		}
		text := id.Text()
		if !strings.Contains(text, "${") {
			if text == "" {
				l.leave(awaitsAnythingMark())
			} else {
				l.leave(awaitsNameMark(text))
			}
			continue
		}
		found := false
		for _, u := range usesIn(n, "/spec/spec/data/"+name) {
			if ref, ok := u.RefName(); ok {
				for _, t := range u.LookupScope(n.Scope).ByRef(ref) {
					l.leave(awaitsNodeMark(t))
					found = true
				}
			}
		}
		if !found {
			l.leave(awaitsAnythingMark())
		}
	}
}

// usesIn returns the uses of the expression at a pointer in the node.
func usesIn(n *template.Node, pointer string) []template.Use {
	for _, e := range n.Facts.Expressions {
		if e.Pointer == pointer && !e.Key {
			return e.Uses
		}
	}
	return nil
}

// running hints at addresses that are read although nothing in the file waits
// until their owner runs: before that they may not be there. Whether something
// waits is known when all nodes have been seen.
func (l *linker) running(d *dependency) {
	what := addressOf(d.target, d.Ref)
	if what == "" || d.node.Kind == "Condition" {
		return
	}
	l.reporter.add(CodeDNSWithoutCondition, d.place(),
		fmt.Sprintf("the %s of %q may be missing until it runs; put a Condition node in front that waits for %q to be running.", what, d.target.Ref, d.target.Ref),
		withAnchor(d.target, partRef, "this node"), unlessAwaited(d.target))
}

// addressOf says what a reference reads of the node that may be missing until
// the node runs; it is empty where there is no such thing.
func addressOf(target *template.Node, r *expr.Ref) string {
	segs := r.Segments
	if len(segs) < 3 {
		return ""
	}
	switch target.Kind {
	case "CombinedService", "DeploymentService":
		if segs[1].Name == "ports" && len(segs) > 3 && segs[3].Name == "dns" && target.Ports != 0 {
			return "address"
		}
	case "Addon":
		if segs[1].Name == "secrets" {
			return "connection details"
		}
	}
	return ""
}

// awaited reports whether a condition waits for the node, or may.
func (s *Snapshot) awaited(n *template.Node) bool {
	marks := s.checked().marks
	return slices.ContainsFunc(awaitedMarks(n), marks.Has)
}

// awaitedMarks are the marks that conditions leave that wait for the node, or may.
func awaitedMarks(n *template.Node) []mark {
	marks := []mark{awaitsNodeMark(n), awaitsAnythingMark()}
	if n.Name != "" {
		marks = append(marks, awaitsNameMark(expr.Slug(n.Name)))
	}
	return marks
}
