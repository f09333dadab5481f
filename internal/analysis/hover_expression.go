package analysis

import (
	"fmt"

	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// hoverExpression describes what stands at the place in an expression.
func (s *Snapshot) hoverExpression(p *place) *Hover {
	part, path := p.text.PathAt(p.textOffset)
	if part == nil || part.Kind == expr.Literal {
		return nil
	}
	if part.Kind == expr.Runtime {
		return &Hover{p.decoded.SourceRange(part.Start, part.End), "**filled in by the platform** when a container starts"}
	}
	h := hoverer{Snapshot: s, place: p, part: part, root: part.Node, env: shownTypes{scope: p.scope, node: p.node}}
	if len(path) == 0 {
		return h.whole()
	}
	switch n := path[len(path)-1].(type) {
	case *expr.Ref:
		if found := h.ref(n); found != nil {
			return found
		}
	case *expr.Call:
		if f, ok := expr.LookupFunction(n.Name); ok && !n.Bare && n.NameStart <= p.textOffset && p.textOffset <= n.NameEnd {
			return h.at(n.NameStart, n.NameEnd, describeFunction(f)+h.result(n))
		}
	case *expr.Lambda:
		for _, param := range n.Params {
			if param.Start <= p.textOffset && p.textOffset <= param.End {
				return h.parameter(n.Body, param.Name, param.Start, param.End)
			}
		}
	case *expr.StringLit:
		if len(path) > 1 {
			if found := h.lookedUp(path[len(path)-2], n); found != nil {
				return found
			}
		}
		return h.node(n)
	}
	return h.node(path[len(path)-1])
}

// hoverer describes things in one part of a string.
type hoverer struct {
	*Snapshot
	place *place
	part  *expr.Part
	root  expr.Node
	env   shownTypes
}

func (h *hoverer) at(start, end int, doc string) *Hover {
	return &Hover{h.place.decoded.SourceRange(start, end), doc}
}

// whole describes a `${...}`: its type, and its value where that is constant.
func (h *hoverer) whole() *Hover {
	return h.node(h.root)
}

// node describes a part of an expression by its type and value.
func (h *hoverer) node(n expr.Node) *Hover {
	switch n.(type) {
	case *expr.StringLit, *expr.NumberLit, *expr.BoolLit, *expr.NullLit, *expr.UndefinedLit, *expr.Missing:
		return nil // it says what it is
	}
	if _, constant := expr.Fold(n); !constant && h.typeOf(n).IsAny() {
		return nil // there is nothing to say
	}
	start, end := n.Span()
	if n == h.root {
		start, end = h.part.Start, h.part.End
	}
	return h.at(start, end, "**expression**"+h.result(n))
}

// result says of which type an expression is, and its value where it always has
// the same.
func (h *hoverer) result(n expr.Node) string {
	doc := "\n\ntype: " + code(h.typeOf(n).String())
	if v, ok := expr.Fold(n); ok {
		return doc + "\n\nalways " + shownValue(v)
	}
	return doc
}

// typeOf is the type of a node with the parameters around it.
func (h *hoverer) typeOf(n expr.Node) expr.Type {
	if r, ok := n.(*expr.Ref); ok && r.Param {
		for _, p := range expr.ParamsAt(h.root, r, h.env) {
			if p.Name == r.Root {
				return partType(p.Type, r.Segments)
			}
		}
	}
	return expr.TypeOf(n, h.env)
}

// parameter describes a parameter of an arrow function.
func (h *hoverer) parameter(at expr.Node, name string, start, end int) *Hover {
	t := expr.TypeAny
	for _, p := range expr.ParamsAt(h.root, at, h.env) {
		if p.Name == name {
			t = p.Type
		}
	}
	return h.at(start, end, "**parameter** "+code(name)+" of the arrow function\n\ntype: "+code(t.String())+describeFields(t))
}

// describeFields lists the fields of a type.
func describeFields(t expr.Type) string {
	fields, _ := t.Fields()
	if len(fields) == 0 {
		return ""
	}
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = code(f.Name) + " " + f.Type.String()
	}
	return "\n\nHas: " + listed(names, maxShown)
}

func (h *hoverer) ref(r *expr.Ref) *Hover {
	at := h.place.textOffset
	if found := h.loopData(r); found != nil {
		return found
	}
	if r.Param && at <= r.RootEnd {
		return h.parameter(r, r.Root, r.RootStart, r.RootEnd)
	}
	if at <= r.RootEnd {
		if at < r.RootStart { // on `template.`
			return h.beginning("template", r.Start, r.RootStart-1)
		}
		return h.beginning(r.Root, r.RootStart, r.RootEnd)
	}
	i := len(r.Segments) - 1
	for i >= 0 && (at < r.Segments[i].Start || at > r.Segments[i].End) {
		i--
	}
	if i < 0 {
		return nil
	}
	seg := r.Segments[i]
	scope := h.place.lookup(r.Template)
	if scope == nil {
		return nil
	}
	switch {
	case r.Param:
		t := h.typeOf(&expr.Ref{Root: r.Root, Param: true, Segments: r.Segments[:i+1]})
		for _, p := range expr.ParamsAt(h.root, r, h.env) {
			if p.Name == r.Root {
				t = partType(p.Type, r.Segments[:i+1])
			}
		}
		return h.at(seg.Start, seg.End, fmt.Sprintf("**%s** (%s) of the parameter %s%s", seg.Name, t, code(r.Root), describeFields(t)))
	case r.Root == "args":
		return h.argument(r, scope, i)
	case r.Root == "refs":
		return h.output(r, scope, i)
	case r.Root == "secrets":
		return h.at(seg.Start, seg.End, "**global secret** "+code(r.Segments[0].Name)+" of the team, which the platform keeps")
	}
	return nil
}

// beginning describes what an expression may start with.
func (h *hoverer) beginning(name string, start, end int) *Hover {
	for _, root := range expressionRoots {
		if root.name == name {
			return h.at(start, end, "**"+root.name+"**: "+root.detail+"\n\n"+root.doc)
		}
	}
	return nil
}

func (h *hoverer) argument(r *expr.Ref, scope *template.Scope, i int) *Hover {
	seg := r.Segments[i]
	a := scope.Argument(r.Segments[0].Name)
	switch {
	case a == nil:
		return nil
	case i == 0:
		return h.at(seg.Start, seg.End, h.describeArgument(scope, a))
	}
	t := h.env.RefType(&expr.Ref{Root: "args", Template: r.Template, Segments: r.Segments[:i+1]})
	return h.at(seg.Start, seg.End, fmt.Sprintf("**%s** (%s) of the argument %s%s", seg.Name, t, code(a.Name), describeFields(t)))
}

func (h *hoverer) output(r *expr.Ref, scope *template.Scope, i int) *Hover {
	seg := r.Segments[i]
	nodes := scope.ByRef(r.Segments[0].Name)
	if len(nodes) == 0 {
		t := scope.Trigger(r.Segments[0].Name)
		if t == nil {
			return nil
		}
		if i == 0 {
			return h.at(seg.Start, seg.End, describeTrigger(t))
		}
		for _, o := range triggerOutputs {
			if o.name == seg.Name && i == 1 {
				return h.at(seg.Start, seg.End, "**"+o.name+"** (string) of the Git trigger "+code(t.Ref)+"\n\n"+o.doc)
			}
		}
		return nil
	}
	n := nodes[0]
	if i == 0 {
		doc := describeNode(n) + h.describeTime(r, n)
		if len(nodes) > 1 {
			doc += "\n\n" + plural(len(nodes), "node") + " have this ref; this is the first."
		}
		return h.at(seg.Start, seg.End, doc)
	}
	if t, ok := keptType(n); ok || loopNamed(h.place.node, n.Ref) == n {
		if t = partType(t, r.Segments[1:i+1]); loopNamed(h.place.node, n.Ref) == n {
			t = h.env.dataType(n, r.Segments[1:i+1])
		}
		return h.at(seg.Start, seg.End, fmt.Sprintf("**%s** (%s) of %s %s%s", seg.Name, t, n.Kind, code(n.Ref), describeFields(t)))
	}
	shape := outputShape(n)
	for _, s := range r.Segments[1 : i+1] {
		shape = step(shape, s.Name)
	}
	if shape == nil {
		return nil
	}
	doc := fmt.Sprintf("**%s** (%s) of %s %s", seg.Name, typeName(shape), n.Kind, code(n.Ref))
	if shape.Doc != "" {
		doc += "\n\n" + shape.Doc
	}
	inside := shape
	if shape.Items != 0 {
		inside = shape.Items.Schema()
	}
	if len(inside.Properties) > 0 {
		doc += "\n\nHas: " + describeShape(inside)
	}
	return h.at(seg.Start, seg.End, doc)
}

// describeTime says where the output of a node is not there when it is needed.
func (h *hoverer) describeTime(r *expr.Ref, n *template.Node) string {
	user := h.place.node
	if r.Template && h.place.scope != nil {
		user = h.place.scope.Owner
	}
	if user == nil || user.Scope != n.Scope {
		return ""
	}
	switch template.OrderOf(user, n) {
	case template.Concurrent:
		return "\n\nIt runs at the same time as this node."
	case template.After:
		return "\n\nIt runs after this node."
	}
	return ""
}

// lookedUp describes a name in a text: fn.get(refs, 'web.id').
func (h *hoverer) lookedUp(around expr.Node, lit *expr.StringLit) *Hover {
	call, ok := around.(*expr.Call)
	if !ok {
		return nil
	}
	if e, start, end, ok := looksUp(call, h.place.scope, h.place.text.Text); ok && start <= h.place.textOffset && h.place.textOffset <= end {
		if e.kind == entityArgument {
			if a := e.scope.Argument(e.name); a != nil {
				return h.at(start, end, h.describeArgument(e.scope, a))
			}
			return nil
		}
		for _, n := range e.scope.ByRef(e.name) {
			return h.at(start, end, describeNode(n))
		}
	}
	f, ok := expr.LookupFunction(call.Name)
	if !ok || call.Bare {
		return nil
	}
	if p, ok := f.Param(call.ArgAt(h.place.textOffset)); ok && len(p.Enum) > 0 {
		start, end := lit.Span()
		doc := fmt.Sprintf("**%s** of %s", p.Name, code("fn."+f.Name))
		if p.Doc != "" {
			doc += "\n\n" + p.Doc
		}
		values := make([]string, len(p.Enum))
		for i, v := range p.Enum {
			values[i] = code(v)
		}
		return h.at(start, end, doc+"\n\nOne of "+listed(values, 20))
	}
	return nil
}
