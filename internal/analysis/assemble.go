package analysis

import (
	"cmp"
	"slices"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// assemble puts the findings of all passes together, in the order of the text.
func (s *Snapshot) assemble() []Finding {
	c, d := s.checks, s.Doc
	a := assembler{doc: d, config: s.Config}
	a.awaited, a.allAwaited = s.awaitedNodes()
	// Nodes without steps stand one behind the other, so that what they got is
	// in order already. The rest is little.
	var rest []atNode[note]
	leaves := a.leaves(c.local, c.linked, &rest)
	r := &reporter{config: s.Config}
	s.checkSyntax(r)
	cyclic := s.checkWhole(r)
	a.add(nil, 0, r.take(0))
	for _, sc := range c.scopes {
		a.add(sc.scope.Owner, sc.scope.Value.Range().Start, sc.local)
	}
	for _, n := range rest {
		a.node(n)
	}
	if len(a.out) == 0 {
		return leaves
	}
	slices.SortStableFunc(a.out, byPlace)
	out := withoutBrokenLines(s.Tree, merged(leaves, a.out))
	if cyclic {
		out = withoutWaitersInCycles(out)
	}
	return out
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

func byPlace(a, b Finding) int {
	return cmp.Or(a.Range.Start-b.Range.Start, a.Range.End-b.Range.End)
}

// merged merges two sorted lists.
func merged(a, b []Finding) []Finding {
	if len(a) == 0 {
		return b
	}
	out := make([]Finding, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if byPlace(b[0], a[0]) < 0 {
			out, b = append(out, b[0]), b[1:]
		} else {
			out, a = append(out, a[0]), a[1:]
		}
	}
	return append(append(out, a...), b...)
}

// assembler turns notes into findings.
type assembler struct {
	doc    *template.Document
	config *Config
	out    []Finding
	// declarations are the edits that declare an argument, by scope, with
	// placeholder for the name.
	declarations map[int][]syntax.Edit
	// awaited are the nodes that a condition waits for; it may be any of them.
	awaited    []bool
	allAwaited bool
}

// leaves returns the findings of nodes that contain no other, in order; the
// notes of the others it adds to rest.
func (a *assembler) leaves(local, linked notesByNode, rest *[]atNode[note]) []Finding {
	if len(local)+len(linked) == 0 {
		return nil
	}
	a.out = make([]Finding, 0, len(local)+len(linked))
	for len(local) > 0 || len(linked) > 0 {
		var n atNode[note]
		start := len(a.out)
		var number int32
		if len(linked) == 0 || len(local) > 0 && local[0].node <= linked[0].node {
			number = local[0].node
		} else {
			number = linked[0].node
		}
		leaf := a.doc.Nodes[number].Steps == nil && a.doc.Nodes[number].Nested == nil
		for _, list := range []*notesByNode{&local, &linked} {
			if len(*list) == 0 || (*list)[0].node != number {
				continue
			}
			n, *list = (*list)[0], (*list)[1:]
			if leaf {
				a.node(n)
			} else {
				*rest = append(*rest, n)
			}
		}
		if own := a.out[start:]; len(own) > 1 {
			slices.SortStableFunc(own, byPlace)
		}
	}
	if !slices.IsSortedFunc(a.out, byPlace) {
		slices.SortStableFunc(a.out, byPlace)
	}
	leaves := a.out
	a.out = nil
	return leaves
}

func (a *assembler) node(n atNode[note]) {
	node := a.doc.Nodes[n.node]
	a.add(node, node.Value().Range().Start, n.items)
}

// add adds notes whose places count from base. They belong to the node n, which
// is nil outside of nodes, where they do not say another.
func (a *assembler) add(n *template.Node, base int, notes []note) {
	for i := range notes {
		note := &notes[i]
		if note.unless > 0 && (a.allAwaited || a.awaited[note.unless-1]) {
			continue
		}
		f := note.shifted(base)
		if f.Node == "" && n != nil {
			f.Node = n.Path()
		}
		for _, at := range note.anchors {
			v := at.part.of(a.doc.Nodes[at.node])
			f.Related = append(slices.Clip(f.Related), Related{v.Range(), at.message})
		}
		if note.declare != nil {
			if edits := a.declaration(note.declare); edits != nil {
				f.fixes = append(slices.Clip(f.fixes), Fix{Title: "Declare the argument " + edit.Quote(note.declare.name), Edits: edits})
			}
		}
		a.out = append(a.out, f)
	}
}

// placeholder stands for the argument's name in the edits of declaration.
const placeholder = "name of an argument"

// declaration returns the edits that declare an argument; nil where that is not
// possible. How they look like is worked out once for each document.
func (a *assembler) declaration(d *declaration) []syntax.Edit {
	pattern, ok := a.declarations[d.scope]
	if !ok {
		pattern = declareArgument(a.doc.Scopes[d.scope], placeholder, `""`)
		if a.declarations == nil {
			a.declarations = map[int][]syntax.Edit{}
		}
		a.declarations[d.scope] = pattern
	}
	edits := slices.Clone(pattern)
	for i, e := range edits {
		edits[i].NewText = strings.Replace(e.NewText, edit.Quote(placeholder), edit.Quote(d.name), 1)
	}
	return edits
}
