package analysis

import (
	"fmt"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// awaited is what a condition waits for: a node, a resource of which the
// identifier is known, or something that cannot be told.
type awaited struct {
	node int32 // -1 where there is none
	id   string
}

// waits notes what a condition waits for.
func (l *linker) waits(n *template.Node) {
	l.awaited = nil
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
			l.awaited = append(l.awaited, awaited{-1, text})
			continue
		}
		found := false
		for _, u := range usesIn(n, "/spec/spec/data/"+name) {
			if ref, ok := u.RefName(); ok {
				for _, t := range u.LookupScope(n.Scope).ByRef(ref) {
					l.awaited = append(l.awaited, awaited{t.Index, ""})
					found = true
				}
			}
		}
		if !found {
			l.awaited = append(l.awaited, awaited{-1, ""})
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

// awaitedNodes marks the nodes that some condition waits for. Where one waits for
// something that cannot be told, it may be any.
func (s *Snapshot) awaitedNodes() (marked []bool, any bool) {
	marked = make([]bool, len(s.Doc.Nodes))
	ids := map[string]bool{}
	for _, n := range s.checks.awaited {
		for _, a := range n.items {
			switch {
			case a.node >= 0:
				marked[a.node] = true
			case a.id == "":
				return marked, true
			default:
				ids[a.id] = true
			}
		}
	}
	if len(ids) > 0 {
		for i, n := range s.Doc.Nodes {
			marked[i] = marked[i] || n.Name != "" && ids[expr.Slug(n.Name)]
		}
	}
	return marked, false
}
