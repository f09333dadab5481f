package analysis

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/catalog/validate"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// duplicateRef reports a ref that a node above carries already.
func (l *linker) duplicateRef(n *template.Node) {
	if n.Ref == "" {
		return
	}
	if first := n.Scope.ByRef(n.Ref)[0]; first != n {
		l.reporter.add(CodeDuplicateRef, n.RefValue().Range(),
			fmt.Sprintf("ref %q is already used by the %s node above; give one of them another ref.", n.Ref, first.Kind),
			withAnchor(first, partRef, "first used here"))
	}
}

// ref looks up a reference to a node's output and checks it.
func (l *linker) ref(u *use, name string) {
	if name == "" {
		return // half-typed; the expression's own syntax says so
	}
	lookup := u.LookupScope(u.scope)
	if lookup == nil {
		if u.scope.Type != template.Fragment {
			l.reporter.addAt(u.level(), CodeRefOutOfScope, u.place(),
				"template.refs reaches the template around a nested document, but this is the outermost one; write refs."+name+".")
		}
		return
	}
	l.leave(refMark(lookup, name))
	if nodes := lookup.ByRef(name); len(nodes) > 0 {
		l.dependencies(u, nodes)
	} else if lookup.Type != template.Fragment && lookup.Trigger(name) == nil {
		l.leave(namesMark())
		if l.known(lookup) {
			return
		}
		l.unresolved(u, lookup, name)
	}
}

// known reports whether it is known already why refs of a document are missed: a
// node has one that is being typed, or nodes stand under a misspelt property, of
// which one reference tells.
func (l *linker) known(s *template.Scope) bool {
	if l.Doc.Misspelt&(template.MisspeltSteps|template.HalfTypedRef) == 0 {
		return false
	}
	l.leave(misspeltMark())
	if l.lacking == nil {
		l.lacking = map[int32]template.Misspelt{}
		for _, s := range l.Doc.Scopes() {
			l.lacking[s.Number] |= s.Misspelt
		}
		for _, n := range l.Doc.Nodes() {
			l.lacking[n.Scope.Number] |= n.Misspelt
		}
	}
	switch lacking := l.lacking[s.Number]; {
	case lacking.Has(template.HalfTypedRef):
		return true
	case lacking.Has(template.MisspeltSteps):
		l.lacking[s.Number] |= template.HalfTypedRef // the next one is known
	}
	return false
}

// unresolved reports a reference that no node carries.
func (l *linker) unresolved(u *use, lookup *template.Scope, name string) {
	if lookup.Type != template.Template || !l.Doc.Certain {
		// Release flows and previews know refs that stand in no file (Git
		// triggers that the platform keeps); a document of uncertain type may
		// be one of them. A name that is one letter away from a known one is
		// still worth a word.
		if outer := u.scope.Outer; !u.Ref.Template && outer != nil && len(outer.ByRef(name)) > 0 {
			l.outOfScope(u, name, outer, Warning)
			return
		}
		if near := l.closestRefTo(u, lookup, name); near != "" {
			at := u.segment(0)
			l.reporter.addAt(Warning, CodeUnresolvedRef, at,
				fmt.Sprintf("no node or trigger of this document has the ref %q; did you mean %q?", name, near),
				withFix("Change to "+near, syntax.Edit{Range: at, NewText: near}))
		}
		return
	}
	level := u.level()
	message := fmt.Sprintf("no node of this template has the ref %q", name)
	if u.InCall {
		level = Warning
		message = fmt.Sprintf("no node of this template has the ref %q, so this argument is always undefined", name)
	}
	for _, other := range l.Doc.Scopes() {
		if other != lookup && len(other.ByRef(name)) > 0 {
			l.outOfScope(u, name, other, level)
			return
		}
	}
	at := u.segment(0)
	if near := l.closestRefTo(u, lookup, name); near != "" {
		l.reporter.addAt(level, CodeUnresolvedRef, at, message+fmt.Sprintf("; did you mean %q?", near),
			withFix("Change to "+near, syntax.Edit{Range: at, NewText: near}))
		return
	}
	l.reporter.addAt(level, CodeUnresolvedRef, at, message+"; "+l.offered(lookup))
}

// offered says which refs a document has. Many nodes may miss theirs: they are
// looked up once.
func (l *linker) offered(scope *template.Scope) string {
	offered, known := l.refsOf[scope.Number]
	if !known {
		if l.refsOf == nil {
			l.refsOf = map[int32]string{}
		}
		offered = "none of its nodes has a ref yet."
		if refs, count := scope.SomeRefs(6); count > 0 {
			offered = "it has " + listedOf(refs, count) + "."
		}
		l.refsOf[scope.Number] = offered
	}
	return offered
}

// level is how sure it is that a reference has to resolve: it is not in a
// property that the kind does not have.
func (u *use) level() Severity {
	if inUnknownPlace(u.expression, u.node) {
		return Warning
	}
	return Error
}

// missing is a ref that no node of a scope carries.
type missing struct {
	scope int32
	name  string
}

// closestRefTo is the closest ref where a use can mean it: no node uses what it makes
// itself.
func (l *linker) closestRefTo(u *use, scope *template.Scope, name string) string {
	near := l.closestRef(scope, name)
	if u.node != nil && u.node.Ref == near {
		return ""
	}
	return near
}

// closestRef returns the ref that a mistyped one most probably stands for; "" if
// none is near. Many nodes may miss the same one: it is looked for once.
func (l *linker) closestRef(scope *template.Scope, name string) string {
	key := missing{scope.Number, name}
	closest, known := l.closest[key]
	if !known {
		if l.closest == nil {
			l.closest = map[missing]string{}
		}
		closest = l.findClosestRef(scope, name)
		l.closest[key] = closest
	}
	return closest
}

// findClosestRef does that. Of several refs that are as near it is one of the same
// length, then the first in the file.
func (l *linker) findClosestRef(scope *template.Scope, name string) string {
	near := validate.NewNearest(name)
	limit, alike := near.Limit, false // alike is true where the nearest ones have the same length
	var nearest []int32
	for number, ref := range scope.Carriers() {
		if ref == name {
			continue
		}
		d := near.Distance(ref, limit)
		if d == limit || alike && d == limit-1 && len(ref) != len(name) {
			continue
		}
		if isAlike := len(ref) == len(name); d < limit-1 || len(nearest) == 0 || isAlike != alike {
			limit, alike, nearest = d+1, isAlike, nearest[:0]
		}
		nearest = append(nearest, number)
	}
	if len(nearest) == 0 {
		return ""
	}
	nodes := make([]*template.Node, len(nearest))
	for i, number := range nearest {
		nodes[i] = l.Doc.Node(number)
	}
	inFileOrder(nodes)
	return nodes[0].Ref
}

// outOfScope reports a reference to a ref of another document.
func (l *linker) outOfScope(u *use, name string, other *template.Scope, level Severity) {
	defined := withAnchor(other.ByRef(name)[0], partRef, "defined here")
	if u.scope.Outer != other || u.Ref.Template {
		l.reporter.addAt(level, CodeRefOutOfScope, u.segment(0),
			fmt.Sprintf("ref %q belongs to a nested document, which this expression cannot see into.", name), defined)
		return
	}
	start, _ := u.Ref.Span()
	l.reporter.addAt(level, CodeRefOutOfScope, u.segment(0),
		fmt.Sprintf("ref %q belongs to the template around this document; write template.refs.%s to have it resolved when that template runs.", name, name),
		defined, withFix("Write template.refs."+name,
			syntax.Edit{Range: rangeOf(u.owner, u.expression, start, start), NewText: "template."}))
}

// dependencies checks a reference to one of the nodes: whether its output can be
// there in time, and whether it has such an output.
func (l *linker) dependencies(u *use, nodes []*template.Node) {
	user := u.node
	if user != nil && u.Ref.Template {
		user = u.scope.Owner
	}
	// Where several carry the name, which of them is meant is not known.
	sure := len(nodes) == 1 && nodes[0].Scope.Trigger(nodes[0].Ref) == nil
	if user == nil {
		if sure {
			l.ofProject(u, nodes[0])
		}
		return // when other properties of a document are read is not known
	}
	if len(nodes) > 1 {
		l.allTooLate(u, user, nodes)
	}
	for _, t := range nodes {
		d := dependency{use: u, user: user, target: t}
		if sure {
			l.order(&d)
		}
		if !ofTrigger(&d) {
			l.output(&d)
		}
		l.running(&d)
	}
}

// ofTrigger tells whether a reference reads what a Git trigger gives. A node may have the
// same ref, and gives its own output when it has run.
func ofTrigger(d *dependency) bool {
	segs := d.Ref.Segments
	return len(segs) > 1 && d.target.Scope.Trigger(d.target.Ref) != nil &&
		slices.ContainsFunc(triggerOutputs[:], func(o struct{ name, doc string }) bool { return o.name == segs[1].Name })
}

// ofProject checks a reference in a document's own project: what is made of it comes
// before all nodes, and what it is called by is asked by those that act in it.
func (l *linker) ofProject(u *use, target *template.Node) {
	if u.InCall || u.Ref.Template || target.InTeardown {
		return
	}
	switch pointer := u.expression.Pointer; {
	case strings.HasPrefix(pointer, "/project/spec/") && !u.scope.Value.Get("project").Get("id").IsValid():
		l.reporter.add(CodeRefBeforeItResolves, u.place(),
			fmt.Sprintf("the document's project comes before all nodes, so the output of %q is not there yet.", target.Ref), withAnchor(target, partRef, "this node"))
	case pointer == "/project/id":
		l.leave(contextMark())
	}
}

// allTooLate reports a reference of which every node that it may mean comes too late.
func (l *linker) allTooLate(u *use, user *template.Node, nodes []*template.Node) {
	d := dependency{use: u, user: user, target: nodes[0]}
	if !d.hard() || d.inContext() || nodes[0].Scope.Trigger(nodes[0].Ref) != nil {
		return
	}
	for _, n := range nodes {
		switch template.OrderOf(user, n) {
		case template.After, template.Same, template.Within:
		case template.Around:
			if n.Flow == template.Loop {
				return
			}
		default:
			return
		}
	}
	l.reporter.add(CodeRefBeforeItResolves, d.place(),
		fmt.Sprintf("%q runs after this node, so its output is not there yet; move it before this node.", nodes[0].Ref), withAnchor(nodes[0], partRef, "this node"))
}

// dependency is a use of a node's output by another node.
type dependency struct {
	*use
	// user is the node that needs the value; it differs from the node that the
	// expression stands in for `template.`.
	user, target *template.Node
}

// hard reports whether the user cannot start without the target's success: the
// reference stands outside of any call.
func (d *dependency) hard() bool { return !d.InCall }

// inContext reports whether the value is a workflow's project context: it is
// read when a step needs it, not when the workflow starts.
func (d *dependency) inContext() bool {
	return d.node.Flow != template.NoFlow && d.expression.IsContext()
}

// order reports a reference to a node that cannot have run yet.
func (l *linker) order(d *dependency) {
	order := template.OrderOf(d.user, d.target)
	if !d.hard() {
		return // undefined inside of a call, which may be meant
	}
	ref := d.target.Ref
	target := withAnchor(d.target, partRef, "this node")
	switch order {
	case template.After:
		if d.inContext() && !d.node.HasSteps() {
			return // a project that no step asks for
		}
		l.reporter.add(CodeRefBeforeItResolves, d.place(),
			fmt.Sprintf("%q runs after this node, so its output is not there yet; move it before this node.", ref), target)
		return
	case template.Same:
		l.reporter.add(CodeRefBeforeItResolves, d.place(), "a node cannot use its own output.")
		return
	case template.Around:
		if d.target.Flow == template.Loop {
			return // it may well be how the data of the iteration is written
		}
		l.reporter.add(CodeRefBeforeItResolves, d.place(),
			fmt.Sprintf("%q is the workflow around this node and ends only after it.", ref), target)
		return
	case template.Within:
		if d.inContext() {
			l.leave(contextMark())
		} else {
			l.reporter.add(CodeRefBeforeItResolves, d.place(),
				fmt.Sprintf("%q is a step of this workflow and runs only after the workflow has started.", ref), target)
		}
		return
	case template.Concurrent:
		if d.inContext() {
			l.leave(contextMark())
		} else {
			l.leave(concurrentMark())
			l.reporter.add(CodeRefToSibling, d.place(),
				fmt.Sprintf("%q runs in parallel with this node; put the two into a sequence to be sure that its output is there.", ref), target)
		}
	}
	if alwaysSkipped(d.target, d.user) {
		l.reporter.add(CodeSkippedRef, d.place(),
			fmt.Sprintf("%q is always skipped (skipNodeExecution is true), so it has no output.", ref), target)
	}
}

// alwaysSkipped reports whether the target, or a workflow around it that is not
// around the user as well, is skipped whatever the arguments.
func alwaysSkipped(target, user *template.Node) bool {
	for n := target; n != nil && !user.Ancestor(n); n = n.Parent {
		if n.Skip == template.SkipAlways {
			return true
		}
	}
	return false
}

// listed joins up to limit names for a message.
func listed(names []string, limit int) string {
	return listedOf(names[:min(limit, len(names))], len(names))
}

// listedOf joins the first of count names for a message.
func listedOf(first []string, count int) string {
	text := strings.Join(first, ", ")
	if more := count - len(first); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
