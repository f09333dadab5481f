package analysis

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// stageOrder is the order of a pipeline's stages.
var stageOrder = [...]string{"Development", "Staging", "Production"}

// stage is a stage of a pipeline with the resources that it lists.
type stage struct {
	name    string
	order   int // in stageOrder, -1 for an unknown name
	objects []object
	// open says that it lists something that cannot be told.
	open bool
	// flow is the release flow; nil where there is none.
	flow *template.Scope
}

// object is a resource of a pipeline, by what is known of it: the ref of the
// node that makes it, its identifier, or both.
type object struct{ ref, id string }

func (o object) known() bool { return o.ref != "" || o.id != "" }

func (o object) same(p object) bool {
	return o.ref != "" && o.ref == p.ref || o.id != "" && o.id == p.id
}

func (s *stage) lists(o object) bool { return slices.ContainsFunc(s.objects, o.same) }

// release checks the release flows of a pipeline: each deploys to resources of
// its own stage, and promotes what the stage before runs.
func (l *linker) release(n *template.Node) {
	if n.Kind != "Pipeline" || len(n.Nested()) == 0 {
		return
	}
	stages := stagesOf(n, &l.marks)
	for i := range stages {
		s := &stages[i]
		if s.flow == nil || s.order < 0 {
			continue
		}
		for _, node := range s.flow.Nodes() {
			if node.Kind == "Release" {
				l.releaseNode(node, n.Scope, stages, s)
			}
		}
	}
}

func stagesOf(n *template.Node, marks *marks) []stage {
	var out []stage
	for v := range n.Spec().Get("stages").Elements() {
		s := stage{name: textOf(v.Get("name"))}
		s.order = slices.Index(stageOrder[:], s.name)
		for o := range v.Get("nfObjects").Elements() {
			if known := objectOf(o.Get("id"), n.Scope, false, marks); known.known() {
				s.objects = append(s.objects, known)
			} else {
				s.open = true
			}
		}
		for _, scope := range n.Nested() {
			if v.Range().Contains(scope.Value.Range().Start) {
				s.flow = scope
			}
		}
		out = append(out, s)
	}
	return out
}

func textOf(v syntax.Value) string {
	if v.Kind() != syntax.KindString {
		return ""
	}
	return v.Text()
}

// objectOf says which resource an identifier is for. outer is the scope of the
// pipeline node, which a nested document reaches by `template.`.
func objectOf(id syntax.Value, outer *template.Scope, nested bool, marks *marks) object {
	if id.Kind() != syntax.KindString {
		return object{}
	}
	text := id.Text()
	if !strings.Contains(text, "${") {
		return object{id: text[strings.LastIndex(text, "/")+1:]}
	}
	ip := expr.Parse(text)
	if !ip.IsSingle() || len(ip.Errors) > 0 {
		return object{}
	}
	r, ok := ip.Parts[0].Node.(*expr.Ref)
	if !ok || r.Root != "refs" || r.Template != nested || len(r.Segments) != 2 || r.Segments[1].Name != "id" {
		return object{}
	}
	o := object{ref: r.Segments[0].Name}
	marks.leave(refMark(outer, o.ref))
	if nodes := outer.ByRef(o.ref); len(nodes) == 1 && nodes[0].Name != "" {
		o.id = expr.Slug(nodes[0].Name)
	}
	return o
}

func (l *linker) releaseNode(n *template.Node, outer *template.Scope, stages []stage, own *stage) {
	spec := n.Spec()
	target := spec.Get("target").Get("id")
	if o := objectOf(target, outer, true, &l.marks); o.known() && !own.open && !own.lists(o) {
		if other := listedIn(stages, o); other != nil && other.order >= 0 {
			l.reporter.add(CodeReleaseTarget, target.Range(),
				fmt.Sprintf("a release flow deploys to its own stage, %s; this one belongs to %s.", own.name, other.name), inNode(n))
		}
	}
	if textOf(spec.Get("type")) != "deployment" {
		return
	}
	origin := spec.Get("origin").Get("id")
	o := objectOf(origin, outer, true, &l.marks)
	if !o.known() {
		return
	}
	before := stageBefore(stages, own)
	other := listedIn(stages, o)
	switch {
	case own.order == 0:
		l.reporter.add(CodePromotionSource, origin.Range(), "Development is the first stage, so there is nothing to promote from.", inNode(n))
	case other != nil && other.order >= 0 && !slices.ContainsFunc(before, func(s *stage) bool { return s.open || s.lists(o) }):
		l.reporter.add(CodePromotionSource, origin.Range(),
			fmt.Sprintf("a release flow of %s promotes what %s runs; this one belongs to %s.", own.name, stageOrder[own.order-1], other.name), inNode(n))
	}
}

// stageBefore returns the stages that may count as the one before: the next
// earlier one and, where the pipeline leaves that out, the one before that.
func stageBefore(stages []stage, own *stage) []*stage {
	for order := own.order - 1; order >= 0; order-- {
		var out []*stage
		for i := range stages {
			if stages[i].order == order {
				out = append(out, &stages[i])
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	return nil
}

func listedIn(stages []stage, o object) *stage {
	for i := range stages {
		if stages[i].lists(o) {
			return &stages[i]
		}
	}
	return nil
}
