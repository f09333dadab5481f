package template

import (
	"strconv"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// maxDepth bounds how deep workflows and nested documents may stand in one
// another. Real templates have fewer than ten levels; text that is deeper is
// still in the tree, but not in the model.
const maxDepth = 200

// Build makes the model of a tree. prev, which may be nil, is the model of an
// earlier version of the same file: the facts of nodes that both share are
// taken from it.
func Build(tree *syntax.Tree, prev *Document) *Document {
	d := &Document{
		Tree:    tree,
		Root:    tree.Root(),
		facts:   map[*syntax.Node]*Facts{},
		byValue: map[*syntax.Node]*Node{},
	}
	d.Type, d.Certain = classify(d.Root)
	if d.Type == None {
		return d
	}
	b := &builder{doc: d}
	if prev != nil {
		b.old = prev.facts
	}
	if d.Type == Fragment {
		b.fragment()
	} else {
		d.Main = b.scope(d.Root, d.Type, nil, nil, "", 0)
	}
	b.index()
	return d
}

type builder struct {
	doc *Document
	old map[*syntax.Node]*Facts
}

func (b *builder) scope(v syntax.Value, t Type, owner *Node, outer *Scope, pointer string, depth int) *Scope {
	s := &Scope{Type: t, Owner: owner, Outer: outer, Value: v}
	b.doc.Scopes = append(b.doc.Scopes, s)
	teardown := v.Get("teardownSpec").Get("spec")
	spec := v.Get("spec")
	// Nodes are numbered in file order, and either may stand first.
	if teardown.IsValid() && spec.IsValid() && teardown.Range().Start < spec.Range().Start {
		s.Teardown = b.node(s, teardown, nil, 0, pointer+"/teardownSpec/spec", depth, true)
		s.Root = b.node(s, spec, nil, 0, pointer+"/spec", depth, false)
	} else {
		s.Root = b.node(s, spec, nil, 0, pointer+"/spec", depth, false)
		s.Teardown = b.node(s, teardown, nil, 0, pointer+"/teardownSpec/spec", depth, true)
	}
	s.arguments()
	for t := range v.Get("triggers").Elements() {
		ref := t.Get("ref")
		if ref.Kind() == syntax.KindString {
			s.Triggers = append(s.Triggers, &Trigger{Ref: ref.Text(), RefValue: ref, Value: t})
		}
	}
	s.Facts = b.factsOf(v, func(x syntax.Value) bool {
		g := x.Green()
		return g == spec.Green() || g == teardown.Green()
	})
	return s
}

func (b *builder) fragment() {
	d := b.doc
	s := &Scope{Type: Fragment, Value: d.Root}
	d.Main = s
	d.Scopes = append(d.Scopes, s)
	s.Facts = &Facts{}
	if d.Root.Kind() == syntax.KindArray {
		i := 0
		for e := range d.Root.Elements() {
			b.node(s, e, nil, i, "/"+strconv.Itoa(i), 0, false)
			i++
		}
		return
	}
	s.Root = b.node(s, d.Root, nil, 0, "", 0, false)
}

// node adds the node at v and everything below it; nil where v is no object.
func (b *builder) node(s *Scope, v syntax.Value, parent *Node, position int, pointer string, depth int, teardown bool) *Node {
	if v.Kind() != syntax.KindObject || depth > maxDepth {
		return nil
	}
	n := &Node{
		Index: len(b.doc.Nodes), Path: pointer, Value: v, Scope: s,
		Parent: parent, Position: position, Depth: depth, InTeardown: teardown,
		KindValue: v.Get("kind"), RefValue: v.Get("ref"), Spec: v.Get("spec"),
	}
	if n.KindValue.Kind() == syntax.KindString {
		n.Kind = n.KindValue.Text()
	}
	if n.RefValue.Kind() == syntax.KindString {
		n.Ref = n.RefValue.Text()
	}
	b.doc.Nodes = append(b.doc.Nodes, n)
	s.Nodes = append(s.Nodes, n)
	b.doc.byValue[v.Green()] = n

	steps := n.Spec.Get("steps")
	n.Flow = flowOf(n.Kind, n.Spec)
	if n.Flow != NoFlow {
		i := 0
		for e := range steps.Elements() {
			child := b.node(s, e, n, i, pointer+"/spec/steps/"+strconv.Itoa(i), depth+1, teardown)
			if child != nil {
				n.Steps = append(n.Steps, child)
			}
			i++
		}
	}
	var nested []syntax.Value
	if documents, ok := nestedDocuments[n.Kind]; ok {
		for _, nd := range documents(n.Spec) {
			n.Nested = append(n.Nested, b.scope(nd.value, nd.typ, n, s, pointer+nd.pointer, depth+1))
			nested = append(nested, nd.value)
		}
	}
	isStep := n.Flow != NoFlow
	n.Facts = b.factsOf(v, func(x syntax.Value) bool {
		g := x.Green()
		if isStep && steps.IsValid() && g == steps.Green() {
			return true
		}
		for _, nd := range nested {
			if g == nd.Green() {
				return true
			}
		}
		return false
	})
	return n
}

func (b *builder) factsOf(v syntax.Value, foreign stop) *Facts {
	g := v.Green()
	if f, ok := b.old[g]; ok {
		b.doc.facts[g] = f
		return f
	}
	f := collect(v, foreign)
	b.doc.facts[g] = f
	return f
}

func flowOf(kind string, spec syntax.Value) Flow {
	switch kind {
	case "LoopWorkflow":
		return Loop
	case "Workflow", "workflow": // guides write the kind in lower case in two places
		switch t := spec.Get("type"); {
		case t.Kind() == syntax.KindString && t.Text() == "sequential":
			return Sequential
		case t.Kind() == syntax.KindString && t.Text() == "parallel":
			return Parallel
		default:
			return UnknownFlow
		}
	}
	return NoFlow
}

type nestedDocument struct {
	value   syntax.Value
	typ     Type
	pointer string
}

// nestedDocuments finds the documents that a node's spec carries, by kind.
// Sources: "Template nodes", pipeline node; facts of Template, WorkflowTemplate
// and PreviewBlueprint.
var nestedDocuments = map[string]func(spec syntax.Value) []nestedDocument{
	"Pipeline": func(spec syntax.Value) []nestedDocument {
		var out []nestedDocument
		if v := spec.Get("preview").Get("spec"); v.Kind() == syntax.KindObject {
			out = append(out, nestedDocument{v, PreviewEnv, "/spec/preview/spec"})
		}
		i := 0
		for stage := range spec.Get("stages").Elements() {
			if v := stage.Get("releaseFlow").Get("spec"); v.Kind() == syntax.KindObject {
				out = append(out, nestedDocument{v, ReleaseFlow, "/spec/stages/" + strconv.Itoa(i) + "/releaseFlow/spec"})
			}
			i++
		}
		return out
	},
	"Template": func(spec syntax.Value) []nestedDocument {
		v := spec.Get("spec")
		if v.Kind() != syntax.KindObject {
			return nil
		}
		t := Template
		switch spec.Get("kind").Text() {
		case "ReleaseFlow":
			t = ReleaseFlow
		case "PreviewEnv":
			t = PreviewEnv
		}
		return []nestedDocument{{v, t, "/spec/spec"}}
	},
	"WorkflowTemplate": func(spec syntax.Value) []nestedDocument { return ownSpec(spec, ReleaseFlow) },
	"PreviewBlueprint": func(spec syntax.Value) []nestedDocument { return ownSpec(spec, PreviewEnv) },
}

// ownSpec is for kinds whose spec is itself the nested document.
func ownSpec(spec syntax.Value, t Type) []nestedDocument {
	if spec.Get("spec").Kind() != syntax.KindObject {
		return nil
	}
	return []nestedDocument{{spec, t, "/spec"}}
}

func (s *Scope) arguments() {
	s.byArgument = map[string]*Argument{}
	add := func(m syntax.Member) *Argument {
		name := m.KeyText()
		if a := s.byArgument[name]; a != nil {
			return a
		}
		a := &Argument{Name: name, Member: m}
		s.byArgument[name] = a
		s.Arguments = append(s.Arguments, a)
		return a
	}
	for m := range s.Value.Get("arguments").Members() {
		add(m).Value = m.Value()
	}
	for m := range s.Value.Get("argumentOverrides").Members() {
		add(m).Override = m.Value()
	}
	for m := range s.Value.Get("options").Get("runOnCreationArgumentOverrides").Members() {
		add(m)
	}
}

func (b *builder) index() {
	for _, s := range b.doc.Scopes {
		s.byRef = map[string][]*Node{}
		for _, n := range s.Nodes {
			if n.Ref != "" {
				s.byRef[n.Ref] = append(s.byRef[n.Ref], n)
			}
		}
	}
}

// known reports whether the catalog has the kind; a workflow may be written in
// lower case, as the guides do.
func known(kind string) bool {
	if kind == "workflow" {
		return true
	}
	_, ok := catalog.Lookup(kind)
	return ok
}
