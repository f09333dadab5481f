package analysis

import (
	"cmp"
	"slices"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// assemble puts the findings of all passes together, in the order of the text.
func (s *Snapshot) assemble() []Finding {
	c := s.checked()
	a := assembler{doc: s.Doc, checks: c, placed: make([]placedNote, 0, c.count())}
	r := &reporter{config: s.Config}
	s.checkSyntax(r)
	a.add(func() (*template.Node, int) { return nil, 0 }, r.take(0))
	for number, sc := range c.scopes.All() {
		if sc != nil {
			a.add(a.scope(number), sc.local, sc.linked)
		}
	}
	for number := range c.noted.All() {
		f := c.nodes.At(number).found
		a.add(a.node(number), f.local, f.linked, f.shared)
	}
	for i := range c.cycles {
		of := a.node
		holder := c.cycles[i].holder
		if holder < 0 {
			of, holder = a.scope, scopeOf(holder)
		}
		a.add(of(holder), []note{c.cycles[i].note})
	}
	out := withoutBrokenLines(s.Tree, a.findings())
	if len(c.cycles) > 0 {
		out = withoutWaitersInCycles(out)
	}
	return out
}

// count returns how many notes there are about nodes.
func (c *checks) count() (count int) {
	for number := range c.noted.All() {
		f := c.nodes.At(number).found
		count += len(f.local) + len(f.linked) + len(f.shared)
	}
	return count
}

// FindingsOfText returns what keeps the text from being JSON, whatever the
// document is.
func (s *Snapshot) FindingsOfText() []Finding {
	r := &reporter{config: s.Config}
	s.checkSyntax(r)
	a := assembler{doc: s.Doc}
	a.add(func() (*template.Node, int) { return nil, 0 }, r.take(0))
	found, _ := s.suppress(a.findings())
	return found
}

// withoutWaitersInCycles takes out the warning that a reference waits for a node
// beside it where it can never resolve.
func withoutWaitersInCycles(findings []Finding) []Finding {
	never := map[syntax.Range]bool{}
	for _, f := range findings {
		if f.Code == CodeReferenceCycle {
			never[f.Range] = true
		}
	}
	return slices.DeleteFunc(findings, func(f Finding) bool { return f.Code == CodeRefToSibling && never[f.Range] })
}

// withoutBrokenLines takes out what is said, beyond the syntax, about lines on
// which a string does not end: what stands there is half-typed, and where a quote
// is missing in the middle of a line, names and values have changed places.
func withoutBrokenLines(tree *syntax.Tree, findings []Finding) []Finding {
	var broken []syntax.Range
	for _, e := range tree.Errors() {
		if e.Code == syntax.ErrUnterminatedString {
			lines := tree.Lines()
			broken = append(broken, lines.LineRange(int(lines.Position(e.Range.Start, syntax.UTF8).Line)))
		}
	}
	if broken == nil {
		return findings
	}
	i := 0
	return slices.DeleteFunc(findings, func(f Finding) bool {
		for i < len(broken) && broken[i].End < f.Range.Start {
			i++
		}
		return f.Code != CodeSyntaxError && i < len(broken) && broken[i].Start <= f.Range.Start
	})
}

// assembler turns notes into findings.
type assembler struct {
	doc    *template.Document
	checks *checks
	placed []placedNote
	// related is how many places the notes speak of.
	related int
	// unreadable are the expressions that cannot be read, once somebody has asked.
	unreadable *string
}

// placedNote is a note with the place that it counts from. It belongs to the node,
// which is nil outside of nodes.
type placedNote struct {
	note *note
	node *template.Node
	base int
}

// owner tells what notes belong to, and where that starts. It is asked only where
// one of them is a finding.
type owner func() (*template.Node, int)

func (a *assembler) scope(number int32) owner {
	return func() (*template.Node, int) {
		scope := a.doc.Scope(number)
		return scope.Owner, scope.Value.Range().Start
	}
}

func (a *assembler) node(number int32) owner {
	return func() (*template.Node, int) {
		n := a.doc.Node(number)
		return n, n.Value().Range().Start
	}
}

// add adds notes of a node or a scope.
func (a *assembler) add(of owner, lists ...[]note) {
	var node *template.Node
	base := -1
	for _, notes := range lists {
		for i := range notes {
			note := &notes[i]
			if a.takenBack(note) {
				continue
			}
			if base < 0 {
				node, base = of()
			}
			about := node
			if note.about > 0 {
				about = a.doc.Node(note.about - 1)
			}
			a.related += len(note.Related) + len(note.anchors)
			a.placed = append(a.placed, placedNote{note, about, base})
		}
	}
}

// takenBack reports whether somebody has left a mark that takes the note back.
func (a *assembler) takenBack(n *note) bool {
	for _, k := range n.unless {
		if k != 0 && a.checks.marks.Has(k) {
			return true
		}
	}
	return n.hidden != "" && strings.Contains(a.unreadableText(), n.hidden)
}

// unreadableText returns the expressions that cannot be read, one a line.
func (a *assembler) unreadableText() string {
	if a.unreadable != nil {
		return *a.unreadable
	}
	var b strings.Builder
	for _, marker := range a.checks.marks.Append(nil, unreadableMark()) {
		var facts *template.Facts
		if marker < 0 {
			facts = a.doc.Scope(scopeOf(marker)).Facts
		} else {
			facts = a.doc.Node(marker).Facts
		}
		for _, e := range facts.Expressions {
			if len(e.Text.Errors) > 0 {
				b.WriteString(e.Text.Text + "\n")
			}
		}
	}
	text := b.String()
	a.unreadable = &text
	return text
}

// byPlace is the order of the text. At one place, what stands around comes first.
func byPlace(a, b placedNote) int {
	from, to := a.note.Range, b.note.Range
	return cmp.Or(a.base+from.Start-b.base-to.Start, a.base+from.End-b.base-to.End, a.base-b.base)
}

// findings returns what has been added, in order.
func (a *assembler) findings() []Finding {
	if !slices.IsSortedFunc(a.placed, byPlace) {
		slices.SortStableFunc(a.placed, byPlace)
	}
	out, related := make([]Finding, len(a.placed)), make([]Related, 0, a.related)
	path, of := "", (*template.Node)(nil)
	for i, p := range a.placed {
		f := &out[i]
		*f = p.note.Finding
		f.Range = shift(f.Range, p.base)
		f.note, f.base = p.note, p.base
		if p.node != nil {
			if p.node != of {
				path, of = p.node.Path(), p.node
			}
			f.Node = path
		}
		first := len(related)
		for _, r := range f.Related {
			related = append(related, Related{shift(r.Range, p.base), r.Message})
		}
		for j := range p.note.anchors {
			at := &p.note.anchors[j]
			related = append(related, Related{at.place(a.doc), at.message})
		}
		if f.Related = nil; len(related) > first {
			f.Related = related[first:len(related):len(related)]
		}
	}
	return out
}
