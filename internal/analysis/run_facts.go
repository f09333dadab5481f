package analysis

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// RunFacts are what the newest run of a document has left behind, for readers:
// secrets are masked in them. They are immutable.
type RunFacts struct {
	// Run is the run's id, State its state in the API's words.
	Run, State string
	// At is when it ended, or began where it goes on.
	At time.Time
	// Nodes are the run's nodes by their JSON pointers.
	Nodes map[string]NodeFacts
}

// NodeFacts are what a run says of a node.
type NodeFacts struct {
	Kind, Ref string
	State     string
	// Took is how long the node took; 0 where that is not known.
	Took time.Duration
	// Error is why it failed; empty where it did not.
	Error string
	// Output is the platform's answer: the value that references see, as JSON is
	// decoded, masked. nil where there is none.
	Output any
	// Input is what the node was run with, expressions resolved, as JSON is decoded, from
	// the node on, masked. nil where it was not run.
	Input any

	// ran is the node's text as it was when the run was first heard of; see
	// [Snapshot.Meet].
	ran *template.Facts
}

// Failure is a node at which the last run has failed.
type Failure struct {
	Range   syntax.Range // the node's ref or, without one, its kind
	Message string
}

// Meet returns facts that know the nodes' texts: a node that is changed from then
// on is no longer the one that the run was about. before are those that were known,
// or nil: what they know of the same run stays.
func (s *Snapshot) Meet(facts, before *RunFacts) *RunFacts {
	if facts == nil || !s.IsTemplate() {
		return facts
	}
	met := *facts
	met.Nodes = maps.Clone(facts.Nodes)
	for _, n := range s.Doc.Nodes() {
		path := n.Path()
		said, there := met.Nodes[path]
		if !there {
			continue
		}
		said.ran = n.Facts
		if before != nil && before.Run == facts.Run && before.Nodes[path].ran != nil {
			said.ran = before.Nodes[path].ran
		}
		met.Nodes[path] = said
	}
	return &met
}

// Failures returns the nodes at which the run has failed and that have not been
// changed since, in the order of the text. Of workflows that failed for what is in
// them, the nodes in them are told.
func (s *Snapshot) Failures(facts *RunFacts) []Failure {
	if facts == nil || !s.IsTemplate() {
		return nil
	}
	var out []Failure
	for path, said := range facts.Nodes {
		if said.Error == "" || said.State != "failure" || said.ran == nil {
			continue
		}
		n := s.nodeByPath(path)
		if n == nil || n.Kind != said.Kind || n.Ref != said.Ref || n.Facts != said.ran || n.Flow != template.NoFlow && facts.failedBelow(path) {
			continue
		}
		at := n.KindValue().Range()
		if n.Ref != "" {
			at = n.RefValue().Range()
		}
		message := fmt.Sprintf("failed in run %s", facts.Run)
		if !facts.At.IsZero() {
			message += ", " + facts.At.Local().Format(time.DateTime)
		}
		out = append(out, Failure{at, message + ": " + said.Error})
	}
	slices.SortFunc(out, func(a, b Failure) int { return cmp.Compare(a.Range.Start, b.Range.Start) })
	return out
}

// nodeByPath returns the node with a JSON pointer; nil where there is none.
func (s *Snapshot) nodeByPath(path string) *template.Node {
	v := s.Tree.Find(path)
	if !v.IsValid() {
		return nil
	}
	n := s.Doc.NodeAt(v.Range().Start + 1)
	if n == nil || n.Value().Range() != v.Range() {
		return nil
	}
	return n
}

// failedBelow reports whether a node in a workflow has failed.
func (f *RunFacts) failedBelow(path string) bool {
	for other, said := range f.Nodes {
		if said.State == "failure" && strings.HasPrefix(other, path+"/") {
			return true
		}
	}
	return false
}

// of returns what the run says of a node that is still what it was.
func (f *RunFacts) of(n *template.Node) (NodeFacts, bool) {
	if f == nil {
		return NodeFacts{}, false
	}
	facts, ok := f.Nodes[n.Path()]
	return facts, ok && facts.Kind == n.Kind && facts.Ref == n.Ref
}

// Mark returns a node's state in the run and how long it took, by the node's JSON
// pointer, kind and ref; ok is false where the run has no such node.
func (f *RunFacts) Mark(path, kind, ref string) (state string, took time.Duration, ok bool) {
	if f == nil {
		return "", 0, false
	}
	facts, ok := f.Nodes[path]
	return facts.State, facts.Took, ok && facts.Kind == kind && facts.Ref == ref
}

// maxRunValue is how much of a value a description shows, in characters.
const maxRunValue = 300

// LastRun describes in Markdown what the last run says of the thing at the byte
// offset: the state of the node that is declared or referred to there, the value
// that a reference had, or that of a property that is not written so. It is empty where there is nothing to say.
func (s *Snapshot) LastRun(offset int, facts *RunFacts) string {
	if facts == nil || !s.IsTemplate() || offset < 0 || offset > s.Tree.Size() {
		return ""
	}
	if m, at := s.meantAt(offset); m != nil {
		return m.snapshot.LastRun(at, facts)
	}
	c := s.cursorAt(offset)
	if !c.str.IsValid() {
		return ""
	}
	if r, steps := c.reference(); r != nil {
		e, ok := meaning(r, c.holder.scope)
		if !ok || e.kind != entityRef {
			return ""
		}
		for _, n := range e.scope.ByRef(e.name) {
			if said, ok := facts.of(n); ok {
				return facts.describe(said, steps)
			}
		}
		return ""
	}
	n := c.holder.node
	if n == nil {
		return ""
	}
	said, ok := facts.of(n)
	if !ok {
		return ""
	}
	if !n.RefValue().Range().Touches(offset) && !n.KindValue().Range().Touches(offset) {
		return facts.describeInput(said, s.Tree, n, offset)
	}
	return facts.describe(said, nil)
}

// describeInput says what a property of a node was in the run, where that is not what is
// written: an expression's value, or one that was changed since.
func (f *RunFacts) describeInput(n NodeFacts, tree *syntax.Tree, node *template.Node, offset int) string {
	var steps []string
	written := node.Value()
	inside := false
	for _, step := range tree.PathAt(offset).Steps {
		inside = inside || step.Value.Range() == node.Value().Range()
		switch {
		case !inside:
		case step.Value.Kind() == syntax.KindArray:
			steps, written = append(steps, strconv.Itoa(step.Index)), step.Value.Index(step.Index)
		case step.Member.IsValid():
			steps, written = append(steps, step.Member.KeyText()), step.Member.Value()
		}
	}
	v := into(n.Input, steps)
	if len(steps) == 0 || !written.Kind().IsScalar() || v == nil || v == written.Interface() {
		return ""
	}
	switch v.(type) {
	case map[string]any, []any:
		return "" // another form: the two cannot be put side by side
	}
	return f.describe(NodeFacts{Output: n.Input}, steps)
}

// into follows steps into a decoded value; nil where they lead nowhere.
func into(v any, steps []string) any {
	for _, step := range steps {
		switch at := v.(type) {
		case map[string]any:
			v = at[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(at) {
				return nil
			}
			v = at[i]
		default:
			return nil
		}
	}
	return v
}

// reference returns the reference at the cursor and the steps that it takes into
// the value up to there; nil where the cursor is on none, or in front of its name.
func (c *cursor) reference() (*expr.Ref, []string) {
	if c.expression == nil {
		return nil, nil
	}
	at := c.str.Decode().TextOffset(c.offset)
	_, path := c.expression.Text.PathAt(at)
	if len(path) == 0 {
		return nil, nil
	}
	r, ok := path[len(path)-1].(*expr.Ref)
	if !ok || r.Param || len(r.Segments) == 0 || at < r.Segments[0].Start {
		return nil, nil
	}
	var steps []string
	for _, seg := range r.Segments[1:] {
		if at < seg.Start {
			break
		}
		steps = append(steps, seg.Name)
	}
	return r, steps
}

// describe says a node's state or, with steps, the value that they lead to.
func (f *RunFacts) describe(n NodeFacts, steps []string) string {
	head := "Last run"
	if !f.At.IsZero() {
		head += ", " + f.At.Local().Format(time.DateTime)
	}
	if len(steps) > 0 {
		v := into(n.Output, steps)
		if v == nil {
			return ""
		}
		text, err := json.Marshal(v)
		if err != nil {
			return ""
		}
		shown := []rune(string(text))
		if len(shown) > maxRunValue {
			shown = append(shown[:maxRunValue], '…')
		}
		return head + ": " + code(string(shown))
	}
	parts := []string{n.State}
	if n.Took > 0 {
		parts = append(parts, n.Took.Round(time.Millisecond).String())
	}
	text := head + ": " + strings.Join(parts, ", ")
	if n.Error != "" {
		text += fmt.Sprintf("\n\n%s", code(n.Error))
	}
	return text
}
