package analysis

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/catalog/validate"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// checkRefs reports what is wrong with refs and with references to them across
// nodes. It reads only the small facts of each node.
func (s *Snapshot) checkRefs(r *reporter) {
	for _, scope := range s.Doc.Scopes {
		checkDuplicateRefs(r, scope)
		s.checkScopeUses(r, scope)
	}
	s.checkOrder(r)
}

func checkDuplicateRefs(r *reporter, scope *template.Scope) {
	for _, n := range scope.Nodes {
		if n.Ref == "" {
			continue
		}
		same := scope.ByRef(n.Ref)
		if len(same) < 2 || same[0] == n {
			continue
		}
		r.add(CodeDuplicateRef, n.RefValue.Range(),
			fmt.Sprintf("ref %q is already used by the %s node above; give one of them another ref.", n.Ref, same[0].Kind),
			withRelated(same[0].RefValue.Range(), "first used here"), inNode(n))
	}
}

// checkScopeUses looks up the references of every node of the scope and of the
// scope's own properties.
func (s *Snapshot) checkScopeUses(r *reporter, scope *template.Scope) {
	s.checkUses(r, scope, scope.Value, scope.Facts, nil)
	for _, n := range scope.Nodes {
		s.checkUses(r, scope, n.Value, n.Facts, n)
	}
}

func (s *Snapshot) checkUses(r *reporter, scope *template.Scope, owner syntax.Value, facts *template.Facts, n *template.Node) {
	for _, e := range facts.Expressions {
		for _, u := range e.Uses {
			if name, ok := u.RefName(); ok {
				s.checkRefUse(r, use{scope: scope, owner: owner, expression: e, Use: u, node: n}, name)
			}
		}
	}
}

// use is a use with the way back to its place.
type use struct {
	template.Use
	scope      *template.Scope
	owner      syntax.Value
	expression *template.Expression
	// node is nil in a scope's own properties.
	node *template.Node
}

// rangeOf maps a span of the expression's text to the file.
func (s *Snapshot) rangeOf(owner syntax.Value, e *template.Expression, start, end int) syntax.Range {
	return e.Value(s.Tree, owner).Decode().SourceRange(start, end)
}

func (s *Snapshot) checkRefUse(r *reporter, u use, name string) {
	if name == "" {
		return // half-typed; the expression's own syntax says so
	}
	lookup := u.LookupScope(u.scope)
	seg := u.Ref.Segments[0]
	at := func() syntax.Range { return s.rangeOf(u.owner, u.expression, seg.Start, seg.End) }
	if lookup == nil {
		if u.scope.Type == template.Fragment {
			return
		}
		start, end := u.Ref.Span()
		r.add(CodeRefOutOfScope, s.rangeOf(u.owner, u.expression, start, end),
			"template.refs reaches the template around a nested document, but this is the outermost one; write refs."+name+".",
			node(u.node))
		return
	}
	if lookup.Type == template.Fragment || len(lookup.ByRef(name)) > 0 || lookup.Trigger(name) != nil {
		return
	}
	if lookup.Type != template.Template || !s.Doc.Certain {
		// Release flows and previews know refs that stand in no file (Git
		// triggers that the platform keeps); a document of uncertain type may
		// be one of them. A name that is one letter away from a known one is
		// still worth a word.
		if outer := u.scope.Outer; !u.Ref.Template && outer != nil && len(outer.ByRef(name)) > 0 {
			s.reportOutOfScope(r, u, name, outer, Warning)
			return
		}
		if near := validate.Closest(name, lookup.Refs()); near != "" {
			r.addAt(Warning, CodeUnresolvedRef, at(),
				fmt.Sprintf("no node or trigger of this document has the ref %q; did you mean %q?", name, near),
				withFix("Change to "+near, syntax.Edit{Range: at(), NewText: near}), node(u.node))
		}
		return
	}
	for _, other := range s.Doc.Scopes {
		if other != lookup && len(other.ByRef(name)) > 0 {
			level := Error
			if u.InCall {
				level = Warning
			}
			s.reportOutOfScope(r, u, name, other, level)
			return
		}
	}
	level := Error
	message := fmt.Sprintf("no node of this template has the ref %q", name)
	if u.InCall {
		level = Warning
		message = fmt.Sprintf("no node of this template has the ref %q, so this argument is always undefined", name)
	}
	var more []func(*Finding)
	if near := validate.Closest(name, lookup.Refs()); near != "" {
		message += fmt.Sprintf("; did you mean %q?", near)
		more = append(more, withFix("Change to "+near, syntax.Edit{Range: at(), NewText: near}))
	} else if refs := lookup.Refs(); len(refs) > 0 {
		message += "; it has " + listed(refs, 6) + "."
	} else {
		message += "; none of its nodes has a ref yet."
	}
	r.addAt(level, CodeUnresolvedRef, at(), message, append(more, node(u.node))...)
}

// reportOutOfScope reports a reference to a ref of another document.
func (s *Snapshot) reportOutOfScope(r *reporter, u use, name string, other *template.Scope, level Severity) {
	seg := u.Ref.Segments[0]
	message := fmt.Sprintf("ref %q belongs to a nested document, which this expression cannot see into.", name)
	more := []func(*Finding){withRelated(other.ByRef(name)[0].RefValue.Range(), "defined here"), node(u.node)}
	if u.scope.Outer == other && !u.Ref.Template {
		message = fmt.Sprintf("ref %q belongs to the template around this document; write template.refs.%s to have it resolved when that template runs.", name, name)
		start, _ := u.Ref.Span()
		more = append(more, withFix("Write template.refs."+name,
			syntax.Edit{Range: s.rangeOf(u.owner, u.expression, start, start), NewText: "template."}))
	}
	r.addAt(level, CodeRefOutOfScope, s.rangeOf(u.owner, u.expression, seg.Start, seg.End), message, more...)
}

func node(n *template.Node) func(*Finding) {
	if n == nil {
		return func(*Finding) {}
	}
	return inNode(n)
}

// checkOrder reports references to nodes that cannot have run yet, and outputs
// that the node's kind does not have.
func (s *Snapshot) checkOrder(r *reporter) {
	deps := s.Doc.Dependencies()
	inCycle := map[*template.Expression]bool{}
	for _, group := range template.Cycles(s.Doc.Nodes, deps) {
		labels := make([]string, 0, len(group))
		for _, d := range group {
			labels = append(labels, d.User.Label()+" waits for "+d.Target.Label())
			inCycle[d.Expression] = true
		}
		for _, d := range group {
			r.add(CodeReferenceCycle, s.rangeOfDependency(d),
				"this reference can never resolve, nodes wait for one another: "+strings.Join(labels, ", ")+".",
				inNode(d.Holder))
		}
	}
	for _, d := range deps {
		s.checkDependencyOrder(r, d, inCycle[d.Expression])
		s.checkOutput(r, d)
	}
}

func (s *Snapshot) rangeOfDependency(d template.Dependency) syntax.Range {
	start, end := d.Use.Ref.Span()
	return s.rangeOf(d.Holder.Value, d.Expression, start, end)
}

func (s *Snapshot) checkDependencyOrder(r *reporter, d template.Dependency, inCycle bool) {
	if scope := d.Target.Scope; len(scope.ByRef(d.Target.Ref)) > 1 || scope.Trigger(d.Target.Ref) != nil {
		return // which of them is meant is not known
	}
	at := func() syntax.Range { return s.rangeOfDependency(d) }
	target := withRelated(d.Target.RefValue.Range(), "this node")
	switch d.Order {
	case template.After:
		if !d.Hard() {
			return // undefined inside of a call, which may be meant
		}
		if d.Context && len(d.Holder.Steps) == 0 {
			return // a project that no step asks for
		}
		r.add(CodeRefBeforeItResolves, at(),
			fmt.Sprintf("%q runs after this node, so its output is not there yet; move it before this node.", d.Target.Ref), target, inNode(d.Holder))
		return
	case template.Same:
		if d.Hard() {
			r.add(CodeRefBeforeItResolves, at(), "a node cannot use its own output.", inNode(d.Holder))
		}
		return
	case template.Around:
		if d.Hard() {
			r.add(CodeRefBeforeItResolves, at(),
				fmt.Sprintf("%q is the workflow around this node and ends only after it.", d.Target.Ref), target, inNode(d.Holder))
		}
		return
	case template.Within:
		if d.Hard() && !d.Context {
			r.add(CodeRefBeforeItResolves, at(),
				fmt.Sprintf("%q is a step of this workflow and runs only after the workflow has started.", d.Target.Ref), target, inNode(d.Holder))
		}
		return
	case template.Concurrent:
		if d.Hard() && !inCycle && !d.Context {
			r.add(CodeRefToSibling, at(),
				fmt.Sprintf("%q runs in parallel with this node; put the two into a sequence to be sure that its output is there.", d.Target.Ref), target, inNode(d.Holder))
		}
	}
	if d.Hard() && alwaysSkipped(d.Target, d.User) {
		r.add(CodeSkippedRef, at(),
			fmt.Sprintf("%q is always skipped (skipNodeExecution is true), so it has no output.", d.Target.Ref), target, inNode(d.Holder))
	}
}

// alwaysSkipped reports whether the target, or a workflow around it that is not
// around the user as well, is skipped whatever the arguments.
func alwaysSkipped(target, user *template.Node) bool {
	for n := target; n != nil && !user.Ancestor(n); n = n.Parent {
		v := n.Value.Get("skipNodeExecution")
		switch v.Kind() {
		case syntax.KindTrue:
			return true
		case syntax.KindString:
			if v.Text() == "true" {
				return true
			}
		}
	}
	return false
}

// checkOutput reports outputs that the target's kind does not document.
func (s *Snapshot) checkOutput(r *reporter, d template.Dependency) {
	segs := d.Use.Ref.Segments
	if len(segs) < 2 || segs[1].Name == "" {
		return
	}
	if segs[1].Name == "ports" && len(segs) > 2 {
		s.checkPortIndex(r, d)
		return
	}
	shape := outputShape(d.Target)
	if shape == nil || len(shape.Properties) == 0 {
		return
	}
	name := segs[1].Name
	if _, ok := shape.Property(name); ok || name == "outputs" {
		return
	}
	names := make([]string, 0, len(shape.Properties))
	for _, p := range shape.Properties {
		names = append(names, p.Name)
	}
	at := s.rangeOf(d.Holder.Value, d.Expression, segs[1].Start, segs[1].End)
	if near := validate.Closest(name, names); near != "" {
		r.addAt(Warning, CodeUnknownOutput, at,
			fmt.Sprintf("a %s node documents no output %q; did you mean %q?", d.Target.Kind, name, near),
			withFix("Change to "+near, syntax.Edit{Range: at, NewText: near}), inNode(d.Holder))
		return
	}
	r.add(CodeUnknownOutput, at, fmt.Sprintf("a %s node documents no output %q.", d.Target.Kind, name), inNode(d.Holder))
}

func (s *Snapshot) checkPortIndex(r *reporter, d template.Dependency) {
	seg := d.Use.Ref.Segments[2]
	index, err := strconv.Atoi(seg.Name)
	if err != nil {
		return
	}
	ports := d.Target.Spec.Get("ports")
	if ports.Kind() != syntax.KindArray {
		return
	}
	if n := ports.Len(); index >= n {
		at := s.rangeOf(d.Holder.Value, d.Expression, seg.Start, seg.End)
		message := fmt.Sprintf("%q has no port at position %d: it declares none.", d.Target.Ref, index)
		if n > 0 {
			message = fmt.Sprintf("%q has no port at position %d: positions are 0 to %d.", d.Target.Ref, index, n-1)
		}
		r.add(CodePortIndex, at, message, withRelated(ports.Range(), "its ports"), inNode(d.Holder))
	}
}

// listed joins up to limit names for a message.
func listed(names []string, limit int) string {
	var b strings.Builder
	for i, n := range names {
		if i == limit {
			fmt.Fprintf(&b, " and %d more", len(names)-limit)
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(n)
	}
	return b.String()
}
