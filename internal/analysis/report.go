package analysis

import (
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// note is a finding as the passes keep it: its ranges count from the start of
// the node or document that it belongs to, so that it stays true when that moves.
type note struct {
	Finding
	// anchors are related places in other nodes; they are looked up when the
	// findings are put together.
	anchors []anchor
	// declare is an argument that a fix declares in a scope, for the same reason.
	declare *declaration
	// unless takes the finding back where a condition waits for a node, of which
	// this is the index plus one.
	unless int32
}

// anchor is a place in another node, which is named by its index.
type anchor struct {
	node    int32
	part    part
	message string
}

// part is a part of a node that a finding about another node points to.
type part uint8

const (
	partRef part = iota
	partPorts
	partName
	partKind
)

func (p part) of(n *template.Node) syntax.Value {
	switch p {
	case partPorts:
		return n.Spec().Get("ports")
	case partName:
		return n.Spec().Get("name")
	case partKind:
		return n.KindValue()
	default:
		return n.RefValue()
	}
}

// declaration is an argument to add to a scope.
type declaration struct {
	scope int
	name  string
}

// reporter collects notes at the levels that the configuration wants.
type reporter struct {
	config *Config
	notes  []note
	// doubts, while it is set, is asked before something is reported: what is said
	// about a thing of which it is doubtful what it means is dropped.
	doubts interface{ doubtful() bool }
}

// take returns the notes with ranges relative to base and starts afresh.
func (r *reporter) take(base int) []note {
	notes := r.notes
	r.notes = nil
	for i := range notes {
		notes[i].Finding = notes[i].shifted(-base)
	}
	return notes
}

// add reports a finding at its rule's default level.
func (r *reporter) add(code Code, at syntax.Range, message string, more ...func(*note)) {
	rule, _ := LookupRule(code)
	r.addAt(rule.Severity, code, at, message, more...)
}

// addAt reports a finding at another level than its rule's default, for places
// where the same mistake is surer or less sure.
func (r *reporter) addAt(level Severity, code Code, at syntax.Range, message string, more ...func(*note)) {
	level = r.config.severity(code, level)
	if level == Off || r.doubts != nil && r.doubts.doubtful() {
		return
	}
	n := note{Finding: Finding{Code: code, Severity: level, Range: at, Message: message}}
	for _, m := range more {
		m(&n)
	}
	r.notes = append(r.notes, n)
}

func withFix(title string, edits ...syntax.Edit) func(*note) {
	return func(n *note) { n.fixes = append(n.fixes, Fix{Title: title, Edits: edits}) }
}

// withRelated points to another place of the same node or document.
func withRelated(at syntax.Range, message string) func(*note) {
	return func(n *note) { n.Related = append(n.Related, Related{at, message}) }
}

// withAnchor points to a part of another node.
func withAnchor(node *template.Node, p part, message string) func(*note) {
	return func(n *note) { n.anchors = append(n.anchors, anchor{node.Index, p, message}) }
}

// unlessAwaited takes the finding back where a condition waits for the node.
func unlessAwaited(node *template.Node) func(*note) {
	return func(n *note) { n.unless = node.Index + 1 }
}

// withDeclaration adds a fix that declares an argument.
func withDeclaration(scope *template.Scope, name string) func(*note) {
	return func(n *note) { n.declare = &declaration{scope.Index, name} }
}

func inNode(node *template.Node) func(*note) {
	return func(n *note) { n.Node = node.Path() }
}

func unnecessary(n *note) { n.Unnecessary = true }

func deprecated(n *note) { n.Deprecated = true }
