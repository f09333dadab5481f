package analysis

import (
	"slices"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// note is a finding as the passes keep it: its ranges count from the start of
// the node or document that it belongs to, so that it stays true when that moves.
type note struct {
	Finding
	// fixes are the ways to mend it that are known at once.
	fixes []Fix
	// anchors are related places in other nodes; where these stand is looked up
	// when the findings are put together.
	anchors []anchor
	// declare is an argument that a fix declares in a scope.
	declare *declaration
	// about is the number plus one of the node that the finding is about, where
	// it belongs to another one.
	about int32
	// unless takes the finding back where somebody has left one of these marks.
	unless [3]mark
	// hidden takes the finding back where it stands in an expression that cannot
	// be read; empty for most.
	hidden string
}

// anchor is a place in another node.
type anchor struct {
	node    int32 // its number
	part    part
	message string
	// at is the place from the start of the node, as long as the node's text is this one.
	text *syntax.Node
	at   syntax.Range
}

// place returns where the anchor is in a document.
func (a *anchor) place(d *template.Document) syntax.Range {
	n := d.Node(a.node)
	if v := n.Value(); v.Green() == a.text {
		return shift(a.at, v.Range().Start)
	}
	return a.part.of(n).Range()
}

// part is a part of a node that a finding about another node points to.
type part uint8

const (
	partRef part = iota
	partPorts
	partName
	partKind
	partVersion
)

func (p part) of(n *template.Node) syntax.Value {
	switch p {
	case partPorts:
		return n.Spec().Get("ports")
	case partName:
		return n.Spec().Get("name")
	case partKind:
		return n.KindValue()
	case partVersion:
		return n.Spec().Get("version")
	default:
		return n.RefValue()
	}
}

// declaration is an argument to add to a scope.
type declaration struct {
	scope int32 // its number
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
		notes[i] = notes[i].mapped(func(at int) int { return at - base })
	}
	return notes
}

// mapped returns the note with all of its places mapped.
func (n note) mapped(to func(int) int) note {
	n.Range = movedRange(n.Range, to)
	n.Related = slices.Clone(n.Related)
	for i, r := range n.Related {
		n.Related[i].Range = movedRange(r.Range, to)
	}
	n.fixes = movedFixes(n.fixes, to)
	return n
}

func movedRange(r syntax.Range, to func(int) int) syntax.Range {
	return syntax.Range{Start: to(r.Start), End: to(r.End)}
}

func movedFixes(fixes []Fix, to func(int) int) []Fix {
	fixes = slices.Clone(fixes)
	for i := range fixes {
		edits := slices.Clone(fixes[i].Edits)
		for j := range edits {
			edits[j].Range = movedRange(edits[j].Range, to)
		}
		fixes[i].Edits = edits
	}
	return fixes
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
	return func(n *note) {
		v := node.Value()
		at := shift(p.of(node).Range(), -v.Range().Start)
		n.anchors = append(n.anchors, anchor{node.Number, p, message, v.Green(), at})
	}
}

// unless takes the finding back where somebody has left one of the marks, three
// at most.
func unless(marks ...mark) func(*note) {
	return func(n *note) { copy(n.unless[:], marks) }
}

// unlessHidden takes the finding back where a text stands in an expression that
// cannot be read.
func unlessHidden(text string) func(*note) { return func(n *note) { n.hidden = text } }

// unlessAwaited takes the finding back where a condition waits for the node.
func unlessAwaited(node *template.Node) func(*note) { return unless(awaitedMarks(node)...) }

// withDeclaration adds a fix that declares an argument.
func withDeclaration(scope *template.Scope, name string) func(*note) {
	return func(n *note) { n.declare = &declaration{scope.Number, name} }
}

// inNode says which node the finding is about, where it is not the one at hand.
func inNode(node *template.Node) func(*note) {
	return func(n *note) { n.about = node.Number + 1 }
}

func unnecessary(n *note) { n.Unnecessary = true }

func deprecated(n *note) { n.Deprecated = true }
