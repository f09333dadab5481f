package merge

import (
	"fmt"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
)

// Side is one of the two versions that are merged.
type Side uint8

// The sides. Neither leaves a conflict as it is.
const (
	Neither Side = iota
	Ours
	Theirs
)

// Conflict is a place where both sides have changed something in ways that do not go
// together.
type Conflict struct {
	// ID says where the conflict is, by the names of properties and nodes, as in
	// "spec.spec.steps[db].spec.billing". It is unique in one merge and the same in a
	// merge of the same texts with the sides exchanged.
	ID string
	// Node is what the node is called around the conflict, as in "db (Addon)"; empty
	// outside of nodes.
	Node string
	// Why says what does not go together, in one sentence without a full stop.
	Why string
	// Base, Ours and Theirs are the values as they are written; "" where there is none.
	Base, Ours, Theirs string
	// OursRange and TheirsRange are the bytes of those values in the texts of the
	// sides; empty where there is none.
	OursRange, TheirsRange syntax.Range
	// Whole conflicts cannot be settled by taking a side at one place: the text has to
	// be edited.
	Whole bool
}

// Options say how a merge is done. The zero value leaves all conflicts open.
type Options struct {
	// Choose settles a conflict; nil for Neither. Where both sides have inserted
	// something at one place, the side that is chosen comes first and nothing is lost.
	Choose func(Conflict) Side
	// Config are the levels of findings; nil for the usual ones.
	Config *analysis.Config
	// AllowErrors takes a result that has errors which neither side has.
	AllowErrors bool
}

// Result is what comes out of a merge.
type Result struct {
	// Text is the merged text; "" where there are conflicts.
	Text string
	// Conflicts are those that were not settled, in the order of our text.
	Conflicts []Conflict
	// Settled are those that Options.Choose has settled.
	Settled []Conflict
}

// Merge merges two texts that come from one base. created is true where there is no base,
// because both sides have made the file.
func Merge(base, ours, theirs string, created bool, o Options) Result {
	// Also for texts that are no JSON.
	switch {
	case ours == theirs, !created && base == theirs:
		return Result{Text: ours}
	case !created && base == ours:
		return Result{Text: theirs}
	}
	mark := ""
	if rest, ok := strings.CutPrefix(ours, byteOrderMark); ok {
		mark, ours = byteOrderMark, rest
	}
	m := &merger{options: o, ids: map[string]int{}}
	m.base, m.ours, m.theirs = newSide(strings.TrimPrefix(base, byteOrderMark)), newSide(ours), newSide(strings.TrimPrefix(theirs, byteOrderMark))
	if created {
		m.base = newSide("null")
		m.base.root = syntax.Value{}
	}
	for _, broken := range []struct {
		name string
		side *side
	}{{"our version", m.ours}, {"their version", m.theirs}, {"the version that both come from", m.base}} {
		if errs := broken.side.tree.Errors(); len(errs) > 0 {
			at := broken.side.tree.Lines().Position(errs[0].Range.Start, syntax.UTF8)
			why := fmt.Sprintf("%s is no JSON, so it cannot be told what it means: line %d: %s", broken.name, at.Line+1, errs[0].Message)
			return m.whole(why)
		}
	}
	m.findMoves()
	p := m.merge(place{}, m.base.root, m.ours.root, m.theirs.root)
	if len(m.conflicts) == 0 {
		m.countNodes(p)
	}
	if len(m.conflicts) > 0 {
		return Result{Conflicts: m.conflicts, Settled: m.settled}
	}
	text := m.write(p)
	if !o.AllowErrors {
		m.newErrors(text)
	}
	if len(m.conflicts) > 0 {
		return Result{Conflicts: m.conflicts, Settled: m.settled}
	}
	return Result{Text: mark + text, Settled: m.settled}
}

const byteOrderMark = "\ufeff"

// whole returns the one conflict of files that are taken as they are or not at all.
func (m *merger) whole(why string) Result {
	c := Conflict{ID: "file", Why: why, Base: m.base.tree.Source(), Ours: m.ours.tree.Source(), Theirs: m.theirs.tree.Source()}
	c.OursRange, c.TheirsRange = syntax.Range{End: m.ours.tree.Size()}, syntax.Range{End: m.theirs.tree.Size()}
	switch m.choose(c) {
	case Ours:
		return Result{Text: c.Ours, Settled: []Conflict{c}}
	case Theirs:
		return Result{Text: c.Theirs, Settled: []Conflict{c}}
	}
	return Result{Conflicts: []Conflict{c}}
}

// merger is the work on one merge.
type merger struct {
	options            Options
	base, ours, theirs *side
	conflicts, settled []Conflict
	ids                map[string]int
	// moves are the nodes that one side has moved to another list, by their identity.
	moves map[string]move
	// moved are those that have been merged already, with the side that has moved them.
	moved map[string]Side
}

// place says where in the documents a merge is.
type place struct {
	id   string
	node string
	key  string // the name of the property whose value is merged
	// parallel is true in the spec of a workflow that runs its steps at once in all
	// versions: the order of them says nothing.
	parallel bool
}

func (at place) property(key string) place {
	at.key = key
	if plain(key) {
		if at.id != "" {
			at.id += "."
		}
		at.id += key
	} else {
		at.id += "[" + edit.Quote(key) + "]"
	}
	return at
}

func plain(key string) bool {
	return key != "" && !strings.ContainsFunc(key, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '$')
	})
}

// merge merges one value; those that are invalid are not there.
func (m *merger) merge(at place, b, o, t syntax.Value) *plan {
	if label := labelOf(o, t, b); label != "" {
		at.node = label
	}
	sb, so, st := m.base.sum(b), m.ours.sum(o), m.theirs.sum(t)
	if so == st || sb == st {
		return m.keep(o)
	}
	if o.Kind() == t.Kind() {
		switch o.Kind() {
		case syntax.KindObject:
			if p := m.mergeObjects(at, b, o, t, sb == so); p != nil {
				return p
			}
		case syntax.KindArray:
			if b.Kind() == syntax.KindArray {
				if p := m.mergeLists(at, b, o, t, sb == so); p != nil {
					return p
				}
			}
		}
	}
	if sb == so {
		return m.take(t)
	}
	why := "both sides have changed it"
	switch {
	case !b.IsValid():
		why = "both sides have added it, with different values"
	case !o.IsValid():
		why = "we have removed it, and they have changed it"
	case !t.IsValid():
		why = "they have removed it, and we have changed it"
	}
	return m.conflict(at, why, b, o, t)
}

// openMaps are the objects whose names people choose: two sides that both begin one
// have begun the same thing.
var openMaps = map[string]bool{
	"arguments": true, "argumentOverrides": true, "runtimeEnvironment": true, "runtimeFiles": true, "buildArguments": true, "buildFiles": true,
	"variables": true, "files": true, "secrets": true,
}

// mergeObjects merges two objects key by key; nil where they have to be taken as a whole.
// still is true where ours is as it was.
func (m *merger) mergeObjects(at place, b, o, t syntax.Value, still bool) *plan {
	switch {
	case repeats(o) || repeats(t) || repeats(b):
		return nil // which of two values counts is no question for a merge
	case b.IsValid() && b.Kind() != syntax.KindObject, !b.IsValid() && !openMaps[at.key]:
		return nil
	case !still && b.Get("kind").IsValid() && b.Get("spec").IsValid() &&
		(m.base.sum(b.Get("kind")) != m.ours.sum(o.Get("kind")) || m.base.sum(b.Get("kind")) != m.theirs.sum(t.Get("kind"))):
		return nil // a node of another kind is another node
	}
	at.parallel = word(b, "type") == "parallel" && word(o, "type") == "parallel" && word(t, "type") == "parallel"
	p := &plan{form: object, value: o, side: m.ours}
	seen := map[string]bool{}
	add := func(key string) {
		if seen[key] {
			return
		}
		seen[key] = true
		if sub := m.merge(at.property(key), b.Get(key), o.Get(key), t.Get(key)); sub != nil {
			p.members = append(p.members, member{key, sub})
		}
	}
	for x := range o.Members() {
		add(x.KeyText())
	}
	// What they have added comes behind what stands before it there.
	behind := ""
	for x := range t.Members() {
		key := x.KeyText()
		if !seen[key] {
			n := len(p.members)
			add(key)
			if len(p.members) > n {
				p.moveBehind(behind)
			}
		}
		if p.has(key) {
			behind = key
		}
	}
	for x := range b.Members() {
		add(x.KeyText())
	}
	return p
}

func word(v syntax.Value, key string) string {
	if w := v.Get(key); w.Kind() == syntax.KindString {
		return w.Text()
	}
	return ""
}

func repeats(v syntax.Value) bool {
	if v.Kind() != syntax.KindObject {
		return false
	}
	seen := make(map[string]bool, v.Len())
	for x := range v.Members() {
		if seen[x.KeyText()] {
			return true
		}
		seen[x.KeyText()] = true
	}
	return false
}

// conflict notes a conflict and settles it where somebody has chosen a side.
func (m *merger) conflict(at place, why string, b, o, t syntax.Value) *plan {
	c := Conflict{ID: at.id, Node: at.node, Why: why, Base: raw(b), Ours: raw(o), Theirs: raw(t), OursRange: rangeOf(o), TheirsRange: rangeOf(t)}
	switch m.note(c) {
	case Theirs:
		return m.take(t)
	default:
		return m.keep(o)
	}
}

// note adds a conflict to those that are open or settled.
func (m *merger) note(c Conflict) Side {
	if c.ID == "" {
		c.ID = "document"
	}
	m.ids[c.ID]++
	if n := m.ids[c.ID]; n > 1 {
		c.ID = fmt.Sprintf("%s#%d", c.ID, n)
	}
	chosen := Neither
	if !c.Whole {
		chosen = m.choose(c)
	}
	if chosen == Neither {
		m.conflicts = append(m.conflicts, c)
	} else {
		m.settled = append(m.settled, c)
	}
	return chosen
}

func (m *merger) choose(c Conflict) Side {
	if m.options.Choose == nil {
		return Neither
	}
	return m.options.Choose(c)
}

func raw(v syntax.Value) string {
	if !v.IsValid() {
		return ""
	}
	return v.Raw()
}

func rangeOf(v syntax.Value) syntax.Range {
	if !v.IsValid() {
		return syntax.Range{}
	}
	return v.Range()
}
