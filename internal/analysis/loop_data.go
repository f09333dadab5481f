package analysis

import (
	"slices"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// How the data of an iteration is written is documented nowhere. What is offered and
// shown here is what the runner takes for it: `iteration.name`, the ref of a loop in
// front (`customers.name`, `refs.customers.name`), or a bare name. None of that makes a
// finding.

// iterationWord is the word for the data that is offered where a loop has no ref; the
// others mean the same.
const iterationWord = "iteration"

var iterationWords = []string{iterationWord, "item", "loop", "each", "element", "current", "data", "value"}

// iterationNumber is the number of an iteration, from 0, where the data has no such name.
const iterationNumber = "index"

// loopsAround are the loops that a node stands in, the innermost first.
func loopsAround(n *template.Node) []*template.Node {
	var loops []*template.Node
	if n == nil {
		return nil
	}
	for p := n.Parent; p != nil; p = p.Parent {
		if p.Flow == template.Loop {
			loops = append(loops, p)
		}
	}
	return loops
}

// loopNamed is the loop around a node that has a ref; nil for none.
func loopNamed(n *template.Node, ref string) *template.Node {
	if ref == "" {
		return nil
	}
	for _, l := range loopsAround(n) {
		if l.Ref == ref {
			return l
		}
	}
	return nil
}

// isRoot reports whether the language has a root of the name.
func isRoot(name string) bool {
	switch name {
	case "refs", "args", "secrets", "fn", "template":
		return true
	}
	return false
}

// iterationType is the type of what a loop gives to an iteration, as far as the file says
// what it goes over.
func (t shownTypes) iterationType(loop *template.Node) expr.Type {
	v := loop.Spec().Get("iterations")
	if v.Kind() != syntax.KindString {
		return writtenIterations(v)
	}
	ip := expr.Parse(v.Text())
	if !ip.IsSingle() || len(ip.Errors) > 0 {
		return expr.TypeAny
	}
	list := expr.TypeOf(ip.Parts[0].Node, shownTypes{scope: t.scope})
	if list.Shape() != expr.ShapeArray {
		return expr.TypeAny // it may be anything, or a list in a text
	}
	return list.Elem()
}

// writtenIterations is that of a list in the file: with the fields of all its objects,
// which need not have the same.
func writtenIterations(v syntax.Value) expr.Type {
	if v.Kind() != syntax.KindArray || v.Len() == 0 {
		return expr.TypeAny
	}
	var fields []expr.Field
	for item := range v.Elements() {
		own, _ := valueType(item, deepestType).Fields()
		for _, f := range own {
			i := slices.IndexFunc(fields, func(x expr.Field) bool { return x.Name == f.Name })
			if i < 0 {
				fields = append(fields, f)
			} else {
				fields[i].Type = fields[i].Type.Union(f.Type)
			}
		}
	}
	return expr.ObjectOf(fields, true)
}

// loopData is what a reference that starts with no root of the language means in a node:
// a loop around it, and which of the segments read from its data; nil for nothing.
func (t shownTypes) loopData(r *expr.Ref, n *template.Node) (loop *template.Node, path []expr.Segment) {
	loops := loopsAround(n)
	if r.Param || r.Template || isRoot(r.Root) || len(loops) == 0 {
		return nil, nil
	}
	if l := loopNamed(n, r.Root); l != nil {
		return l, r.Segments
	}
	for _, l := range loops {
		fields, _ := t.iterationType(l).Fields()
		has := func(name string) bool {
			return slices.ContainsFunc(fields, func(f expr.Field) bool { return f.Name == name })
		}
		switch {
		case has(r.Root): // a bare name
			return l, append([]expr.Segment{{Name: r.Root, Start: r.RootStart, End: r.RootEnd}}, r.Segments...)
		case len(r.Segments) > 0 && has(r.Segments[0].Name):
			return l, r.Segments
		}
	}
	if slices.Contains(iterationWords, r.Root) {
		return loops[0], r.Segments
	}
	return nil, nil
}

// dataType is the type of a part of a loop's data.
func (t shownTypes) dataType(loop *template.Node, path []expr.Segment) expr.Type {
	data := t.iterationType(loop)
	if len(path) == 1 && path[0].Name == iterationNumber {
		if fields, _ := data.Fields(); !slices.ContainsFunc(fields, func(f expr.Field) bool { return f.Name == iterationNumber }) {
			return expr.TypeInteger
		}
	}
	return partType(data, path)
}

// loopMembers are what completion offers of a loop's data: its fields, and the number of
// the iteration.
func (t shownTypes) loopMembers(loop *template.Node) expr.Type {
	fields, _ := t.iterationType(loop).Fields()
	if slices.ContainsFunc(fields, func(f expr.Field) bool { return f.Name == iterationNumber }) {
		return expr.ObjectOf(fields, true)
	}
	return expr.ObjectOf(append(slices.Clone(fields), expr.Field{Name: iterationNumber, Type: expr.TypeInteger}), true)
}

// loops offers, in a node of a loop, the words for the data of its iterations.
func (e *expressionCompleter) loops(start, end int) {
	loops := loopsAround(e.place.node)
	if len(loops) == 0 {
		return
	}
	types, at, want := shownTypes{scope: e.place.scope}, e.span(start, end), e.wantedType()
	for i, l := range loops {
		word := l.Ref
		if i == 0 {
			word = iterationWord
		}
		if !isWord(word) || isRoot(word) {
			continue
		}
		detail := "data of the iteration of " + l.Label()
		e.add(CompletionItem{Label: word, Kind: ItemParameter, Detail: detail, Insert: word + e.dot(end), Range: at, Sort: "4" + word, Retrigger: e.dot(end) != ""})
		fields, _ := types.loopMembers(l).Fields()
		for _, f := range fields {
			if !isWord(f.Name) {
				continue
			}
			e.add(CompletionItem{Label: word + "." + f.Name, Kind: ItemOutput, Detail: f.Type.String() + ", of the iteration of " + l.Label(),
				Insert: word + "." + f.Name + e.closing(end), Range: at, Sort: fit(f.Type, want, "2", "4") + word + "." + f.Name})
		}
	}
}

// iteration completes behind a word for the data of an iteration.
func (e *expressionCompleter) iteration(r *expr.Ref, segments []expr.Segment, start, end int) {
	types := shownTypes{scope: e.place.scope}
	loop, path := types.loopData(&expr.Ref{Root: r.Root, RootStart: r.RootStart, RootEnd: r.RootEnd, Segments: segments}, e.place.node)
	if loop == nil {
		// Any word may stand there, which is known by what follows it.
		if loops := loopsAround(e.place.node); len(segments) == 0 && len(loops) > 0 && !isRoot(r.Root) {
			loop = loops[0]
		}
	}
	switch {
	case loop == nil:
	case len(path) == 0:
		e.members(types.loopMembers(loop), start, end, false)
	default:
		e.members(types.dataType(loop, path), start, end, false)
	}
}

// loopData describes the data of an iteration, or a part of it.
func (h *hoverer) loopData(r *expr.Ref) *Hover {
	at := h.place.textOffset
	loop, path := h.env.loopData(r, h.place.node)
	if loop == nil {
		return nil
	}
	of := "the iteration of " + code(loop.Label())
	bare := len(path) > len(r.Segments) // the root is a name of the data
	if at <= r.RootEnd && !bare {
		t := h.env.iterationType(loop)
		return h.at(r.RootStart, r.RootEnd, "**data** of "+of+describeFields(t)+"\n\nHow it is written is documented nowhere: this is what `nf-run` takes for it.")
	}
	for i, seg := range path {
		if seg.Start <= at && at <= seg.End {
			t := h.env.dataType(loop, path[:i+1])
			return h.at(seg.Start, seg.End, "**"+seg.Name+"** ("+t.String()+") of "+of+describeFields(t)+describeRounds(loop, path[:i+1]))
		}
	}
	return nil
}

// describeRounds lists the values of a part in the iterations of the file.
func describeRounds(loop *template.Node, path []expr.Segment) string {
	var texts []string
	for v := range loop.Spec().Get("iterations").Elements() {
		for _, seg := range path {
			v = v.Get(seg.Name)
		}
		if v.Kind().IsScalar() && v.IsValid() && !strings.Contains(v.Text(), "${") {
			texts = append(texts, code(v.Text()))
		}
	}
	if len(texts) == 0 {
		return ""
	}
	return "\n\nIn the iterations: " + listed(texts, maxShown)
}

// keptType is the type of what a node leaves that the file says itself: of a LoopData
// its spec, of a loop the list that it goes over; false for others.
func keptType(n *template.Node) (expr.Type, bool) {
	switch {
	case n.Kind == "LoopData":
		return valueType(n.Spec(), deepestType), true
	case n.Flow == template.Loop:
		if t := writtenIterations(n.Spec().Get("iterations")); !t.IsAny() {
			return expr.ArrayOf(t), true
		}
	}
	return expr.TypeAny, false
}
