package changes

import "github.com/nf-lsp/nf-lsp/internal/syntax"

// Mark is a change with its places in the text of the newer version, in bytes.
type Mark struct {
	Change
	// Range is the node or the property; empty, where it had stood, of what is gone.
	Range syntax.Range
	// Name is the node's ref or kind, or the property's name; empty of what is gone.
	Name syntax.Range
	// Parts are the values in it that are not what they were, of what has changed.
	Parts []syntax.Range
}

// Bounds of how closely changes are looked at: what has changed altogether is shown
// altogether.
const (
	maxParts = 50
	maxClose = 200
)

// Marks lists what a newer version has changed, as Until does, with the places.
func (v *Version) Marks(newer *Version) []Mark {
	var marks []Mark
	closely := 0
	v.compare(newer, func(key string, c Change) {
		m := Mark{Change: c}
		if m.What == Removed {
			m.Range = newer.whereWas(v.items[key])
			marks = append(marks, m)
			return
		}
		x := newer.items[key]
		m.Range = x.at.Range()
		switch {
		case c.Node == "" && c.Kind == "":
			m.Name, m.Range.Start = x.key.Range(), x.key.Range().Start
		case x.at.Get("ref").IsValid():
			m.Name = x.at.Get("ref").Range()
		default:
			m.Name = x.at.Get("kind").Range()
		}
		if m.What == Changed && closely < maxClose {
			closely++
			m.Parts = v.parts(newer, key)
		}
		marks = append(marks, m)
	})
	return marks
}

// parts are the values of what a key stands for that are not what they were. A member that
// is gone is told by the object that had it: its first byte.
func (v *Version) parts(newer *Version, key string) []syntax.Range {
	now := newer.items[key].at
	p := Place{Now: now, Was: v.items[key].at, nodes: isNode(newer.doc, v.doc)}
	pointers, _ := p.Differences(maxParts)
	var parts []syntax.Range
	for _, pointer := range pointers {
		at := now
		for _, token := range tokens(pointer) {
			next, r := step(at, token)
			if !next.IsValid() {
				at = syntax.Value{}
				parts = append(parts, r)
				break
			}
			at = next
		}
		if at.IsValid() {
			parts = append(parts, at.Range())
		}
	}
	return parts
}

// whereWas is where something had stood that is gone: behind what had stood before it, or
// at the start of what it had stood in.
func (v *Version) whereWas(x item) syntax.Range {
	at := func(offset int) syntax.Range { return syntax.Range{Start: offset, End: offset} }
	if before, ok := v.items[x.after]; ok && x.after != "" {
		return at(before.at.Range().End)
	}
	if around, ok := v.items[x.parent]; ok && x.parent != "" {
		if steps := around.at.Get("spec").Get("steps"); steps.IsValid() {
			return at(steps.Range().Start)
		}
		return at(around.at.Range().Start)
	}
	if v.doc == nil || !v.doc.Root.IsValid() {
		return at(0)
	}
	return at(v.doc.Root.Range().Start)
}
