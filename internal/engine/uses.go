package engine

import (
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/engine/schedule"
	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// uses finds out whose outputs each node needs: by its own expressions, by the
// arguments that those use, by the project context that it inherits, and by
// `template.` in documents that it carries.
func (c *compiler) uses() {
	around := map[string]bool{}
	for i := range c.slots {
		c.argumentUses(&c.slots[i], around)
	}
	nested := map[*template.Node][]*template.Scope{}
	for _, s := range c.doc.Scopes() {
		if s.Outer == c.doc.Main && s.Owner != nil {
			nested[s.Owner] = append(nested[s.Owner], s)
		}
	}
	for i, n := range c.nodes {
		u := collector{c: c, seen: map[useKey]int{}}
		switch {
		case n == nil: // the document's project
			u.facts(c.doc.Main.Facts, "/project/spec/", false, false)
		case n.Flow != template.NoFlow:
			u.facts(n.Facts, "/skipNodeExecution", true, false)
			if n.Flow == template.Loop {
				u.facts(n.Facts, "/spec/iterations", false, false)
			}
		default:
			u.facts(n.Facts, "", false, false)
			for _, s := range nested[n] {
				u.facts(s.Facts, "", false, true)
				for _, inner := range s.Nodes() {
					u.facts(inner.Facts, "", false, true)
				}
			}
		}
		if ctx := c.program.Nodes[i].Context; ctx >= 0 {
			u.context(n, c.program.Contexts[ctx])
		}
		c.program.Nodes[i].Uses = u.uses
	}
}

type useKey struct {
	ref        string
	soft, gate bool
}

type collector struct {
	c    *compiler
	uses []Use
	seen map[useKey]int
}

// facts adds the uses of the expressions whose pointers begin with the prefix.
// Nested ones count only under `template.`.
func (u *collector) facts(f *template.Facts, prefix string, gate, nested bool) {
	if f == nil {
		return
	}
	for _, e := range f.Expressions {
		if !strings.HasPrefix(e.Pointer, prefix) {
			continue
		}
		isGate := gate || !nested && e.Pointer == "/skipNodeExecution"
		for _, use := range e.Uses {
			if nested == use.Ref.Template {
				u.add(use, isGate, false)
			}
		}
		if !nested {
			u.atRuntime(e, isGate)
		}
	}
}

// atRuntime adds what containers are to read from nodes that merge secrets: where
// these have ended, it is known from which secret that is.
func (u *collector) atRuntime(e *template.Expression, gate bool) {
	for i := range e.Text.Parts {
		part := &e.Text.Parts[i]
		ref, ok := part.Node.(*expr.Ref)
		if part.Kind != expr.Runtime || !ok || ref.Root != "refs" || len(ref.Segments) == 0 {
			continue
		}
		for _, n := range u.c.doc.Main.ByRef(ref.Segments[0].Name) {
			if n.Kind == kindInheritance {
				u.ref(n.Ref, gate, true)
				break
			}
		}
	}
}

// add adds one use. Within an argument's value it is soft where the argument is
// used inside of a call.
func (u *collector) add(use template.Use, gate, soft bool) {
	soft = soft || use.InCall
	if name, ok := use.RefName(); ok {
		u.ref(name, gate, soft)
		return
	}
	if name, ok := use.ArgumentName(); ok {
		if i, ok := u.c.args[name]; ok {
			for _, inner := range u.c.program.Arguments[i].Uses {
				u.ref(inner.Ref, gate, soft || inner.Soft)
			}
		}
	}
}

func (u *collector) ref(name string, gate, soft bool) {
	// Before a node of a trigger's name has run, the trigger is meant. Documents of the
	// platform's own guides name a trigger and the service that is built of it alike.
	soft = soft || u.c.doc.Main.Trigger(name) != nil
	key := useKey{name, soft, gate}
	if _, ok := u.seen[key]; ok {
		return
	}
	use := Use{Ref: name, Soft: soft, Gate: gate}
	for _, t := range u.c.doc.Main.ByRef(name) {
		if i, ok := u.c.index[t]; ok {
			use.On = append(use.On, i)
		}
	}
	u.seen[key] = len(u.uses)
	if len(use.On) > 0 { // others are outputs of an earlier run, triggers or mistakes
		u.uses = append(u.uses, use)
	}
}

func (u *collector) context(n *template.Node, ctx Context) {
	if ctx.Inherited != "" {
		return
	}
	if ctx.Value == nil {
		key := useKey{"/project", false, false}
		if _, ok := u.seen[key]; !ok {
			u.seen[key] = len(u.uses)
			u.uses = append(u.uses, Use{Ref: "/project", On: []int{ctx.Node}})
		}
		return
	}
	if ctx.Place == "/project/id" {
		u.facts(u.c.doc.Main.Facts, "/project/id", false, false)
		return
	}
	from, ok := n.ProjectContext()
	if !ok || from.Node == nil {
		return
	}
	prefix := strings.TrimPrefix(ctx.Place, from.Node.Path())
	u.facts(from.Node.Facts, prefix, false, false)
}

// schedule returns the nodes as the scheduler sees them, impossible soft
// dependencies taken out.
func (p *Program) schedule() []schedule.Node { return p.scheduled(0) }

// scheduled is schedule for the nodes from one on.
func (p *Program) scheduled(from int) []schedule.Node {
	nodes := make([]schedule.Node, len(p.Nodes)-from)
	for i := range nodes {
		n := &p.Nodes[from+i]
		out := schedule.Node{Parent: n.Parent, Skips: n.Skip != nil, Pattern: n.Pattern, Of: n.of, Gone: n.gone}
		switch n.Flow {
		case Sequential:
			out.Flow = schedule.Sequential
		case Parallel:
			out.Flow = schedule.Parallel
		case Loop:
			out.Flow = schedule.Loop
		}
		never := map[int]bool{}
		for _, on := range n.Never {
			never[on] = true
		}
		for _, u := range n.Uses {
			// Which of several nodes with one ref is meant shows only when all
			// have ended: whether one has succeeded is looked at then.
			soft := u.Soft || len(u.On) > 1
			for _, on := range u.On {
				if soft && never[on] {
					continue
				}
				d := schedule.Dep{On: on, Soft: soft}
				if u.Gate {
					out.Gate = append(out.Gate, d)
				} else {
					out.Body = append(out.Body, d)
				}
			}
		}
		nodes[i] = out
	}
	return nodes
}
