package template

import (
	"sort"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// Facts are what one node's own text says by itself, without its steps and
// nested documents. They hold offsets relative to the object's start, so a node
// that only moved keeps them: a document built from an edited tree shares the
// facts of all nodes that the edit did not touch. They are never changed.
type Facts struct {
	Signature
	// Definition is what the catalog knows of the kind; nil where there is none.
	Definition *catalog.Kind
	// Expressions are the strings that hold `${`, in file order.
	Expressions []*Expression
	// Repeated are properties that stand twice in one object, in file order.
	Repeated []Repeated

	text  *syntax.Node // that the facts are about
	hints hints
}

// Signature is what other nodes can see of a node: what their references and
// their order depend on, beyond its place. Two of them can be compared.
type Signature struct {
	// Kind and Ref are the texts of `kind` and `ref`; empty where they are
	// missing or no strings.
	Kind, Ref string
	// Inner is the text of `spec.kind`: what an action acts on and a condition
	// waits for.
	Inner string
	// Ports is how many ports the spec lists; -1 where it has no such list.
	Ports int
	Flow  Flow
	Skip  Skip
	// Version is how an addon's type, version and options are written, and of a
	// backup the addon and the type: what a copy of it depends on.
	Version string
	// Misspelt are the properties that are misspelt, or half-typed.
	Misspelt Misspelt
	// Changes is true where the node says that it changes what there is already
	// (`updateMode`).
	Changes bool
	// Name is the text of `spec.name` where that is a string without expressions.
	Name string
	// OwnProject is true where the node's spec names its project itself;
	// GivesProject where the node, a workflow, names one for its steps. Project
	// is how it is written.
	OwnProject, GivesProject bool
	Project                  string
}

// Bearing is what a signature means to the nodes that stand in the node.
type Bearing struct {
	Flow    Flow
	Skip    Skip
	Project string
	Gives   bool
}

// Bearing returns what the signature means to the nodes that stand in the node.
func (s *Signature) Bearing() Bearing {
	b := Bearing{Flow: s.Flow, Skip: s.Skip, Gives: s.GivesProject}
	if b.Gives {
		b.Project = s.Project
	}
	return b
}

// Skip says what a node's `skipNodeExecution` comes to. Only true and "true"
// skip a node.
type Skip uint8

const (
	// SkipNever is a node that always runs.
	SkipNever Skip = iota
	// SkipAlways is a node that never runs.
	SkipAlways
	// SkipMaybe is a node for which an expression decides.
	SkipMaybe
)

// Repeated is the second or a later member with one name in an object.
type Repeated struct {
	Name string
	// Member and First are where the names of this member and of the first one
	// stand, in bytes from the start of the object that the facts belong to.
	Member, First syntax.Range
}

// Expression is one string with `${` in it.
type Expression struct {
	// Offset is where the string's token starts, in bytes from the start of
	// the object that the facts belong to.
	Offset int
	// Width is the token's length in bytes, quotes included.
	Width int
	// Pointer is the RFC 6901 pointer from that object to the string; for a
	// key it is the pointer of the member.
	Pointer string
	// Key is true where the string is a property's name.
	Key bool
	// Text is the parsed content.
	Text *expr.Interpolation
	// Uses are the references and calls in it, in order.
	Uses []Use
}

// Use is one reference in an expression.
type Use struct {
	Ref *expr.Ref
	// InCall is true among the arguments of a function, where a reference that
	// does not resolve is `undefined` instead of an error.
	InCall bool
}

// Value returns the string as a cursor, given the object that the facts belong to.
func (e *Expression) Value(owner syntax.Value) syntax.Value {
	return scalarAt(owner, owner.Range().Start+e.Offset)
}

// ExpressionAt returns the expression that starts at the offset, in bytes from
// the start of the object that the facts belong to; nil where there is none.
func (f *Facts) ExpressionAt(offset int) *Expression {
	i := sort.Search(len(f.Expressions), func(i int) bool { return f.Expressions[i].Offset >= offset })
	if i < len(f.Expressions) && f.Expressions[i].Offset == offset {
		return f.Expressions[i]
	}
	return nil
}

// scalarAt returns the name or value that starts at the offset, in v or below it.
func scalarAt(v syntax.Value, offset int) syntax.Value {
	switch v.Kind() {
	case syntax.KindObject:
		for m := range v.Members() {
			key, val := m.Key(), m.Value()
			if key.IsValid() && key.Range().Start == offset {
				return key
			}
			if val.IsValid() && val.Range().Contains(offset) {
				return scalarAt(val, offset)
			}
		}
	case syntax.KindArray:
		for e := range v.Elements() {
			if e.Range().Contains(offset) {
				return scalarAt(e, offset)
			}
		}
	default:
		if v.Range().Start == offset {
			return v
		}
	}
	return syntax.Value{}
}

// nodeParts are the properties of a node, and of its spec, that its facts are
// made of. They are read in one go, because every node of a file is.
type nodeParts struct {
	kind, ref, skip, context, mode, spec syntax.Value
	unnamed                              bool // the ref has no value yet
	inSpec                               struct {
		flow, steps, kind, ports, project, context, spec, name syntax.Value
		projectNamed                                           bool // maybe without a value yet
	}
}

func (p *nodeParts) read(v syntax.Value) {
	for m := range v.Members() {
		switch m.KeyText() {
		case "kind":
			p.kind = m.Value()
		case "ref":
			p.ref, p.unnamed = m.Value(), !m.Value().IsValid()
		case "skipNodeExecution":
			p.skip = m.Value()
		case "context":
			p.context = m.Value()
		case "updateMode":
			p.mode = m.Value()
		case "spec":
			p.spec = m.Value()
		}
	}
	in := &p.inSpec
	for m := range p.spec.Members() {
		switch m.KeyText() {
		case "type":
			in.flow = m.Value()
		case "steps":
			in.steps = m.Value()
		case "kind":
			in.kind = m.Value()
		case "ports":
			in.ports = m.Value()
		case "projectId":
			in.project, in.projectNamed = m.Value(), true
		case "context":
			in.context = m.Value()
		case "spec":
			in.spec = m.Value()
		case "name":
			in.name = m.Value()
		}
	}
}

// textOf returns the text of a string, and nothing for other values.
func textOf(v syntax.Value) string {
	if v.Kind() != syntax.KindString {
		return ""
	}
	return v.Text()
}

// nameOf returns the text of a kind or a ref. Where the quotes are still missing,
// what stands there is taken for the name that it will be: the text has an error
// already, and all that hangs on the name would get others.
func nameOf(v syntax.Value) string {
	if v.Kind() == syntax.KindWord {
		return v.Raw()
	}
	return textOf(v)
}

// node collects the facts of a node, for a shape that has nothing else yet.
func (c *collector) node(v syntax.Value) *shape {
	var p nodeParts
	p.read(v)
	in := &p.inSpec
	kind := nameOf(p.kind)
	flow := flowOf(kind, textOf(in.flow))
	if flow == NoFlow && in.steps.Kind() == syntax.KindArray && definition(kind) == nil {
		// A workflow whose kind is misspelt or not there yet: its steps are nodes all the same.
		flow = UnknownFlow
		if p.spec.Get("iterations").IsValid() {
			flow = Loop
		}
	}
	foreign := c.room[:0]
	if flow != NoFlow && in.steps.IsValid() && !in.steps.Kind().IsScalar() {
		foreign = append(foreign, in.steps.Green())
	}
	for _, nested := range nestedDocuments(kind, p.spec) {
		foreign = append(foreign, nested.value.Green())
	}
	s := new(shape)
	f := &s.Facts
	c.collect(f, v, foreign)
	f.text, f.Definition = v.Green(), definition(kind)
	f.Kind, f.Ref, f.Inner, f.Flow, f.Skip, f.Ports = kind, nameOf(p.ref), textOf(in.kind), flow, skipOf(p.skip), -1
	if in.ports.Kind() == syntax.KindArray {
		f.Ports = in.ports.Len()
	}
	if name := textOf(in.name); !strings.Contains(name, "${") {
		f.Name = name
	}
	f.Changes = p.mode.IsValid()
	f.project(v, &p)
	if flow != NoFlow {
		f.Misspelt = misspeltIn(v, p.spec)
	}
	if p.unnamed {
		f.Misspelt |= HalfTypedRef
	}
	switch kind {
	case "Addon":
		f.Version = in.flow.Raw() + p.spec.Get("version").Raw() + v.Get("options").Raw()
	case "AddonBackup":
		f.Version = p.spec.Get("addonId").Raw() + p.spec.Get("backupType").Raw()
	}
	f.hints = hintsOf(f, in.name, in.project)
	return s
}

// project says which project the node names.
func (f *Facts) project(v syntax.Value, p *nodeParts) {
	project := p.inSpec.project
	if !project.IsValid() {
		project = p.inSpec.spec.Get("data").Get("projectId")
	}
	f.OwnProject = project.IsValid() || p.inSpec.projectNamed
	if f.Flow != NoFlow {
		given := p.inSpec.context.Get("projectId")
		if !given.IsValid() {
			given = p.context.Get("projectId")
		}
		if f.GivesProject = given.IsValid() || namesProject(v, p.context) || namesProject(p.spec, p.inSpec.context); given.IsValid() {
			project = given
		}
	}
	f.Project = project.Text()
}

// namesProject reports whether the context of a workflow, which stands in around,
// is there to name a project that is not complete yet.
func namesProject(around, context syntax.Value) bool {
	return halfTyped(context, "projectId") || halfTyped(around, "context")
}

// halfTyped reports whether the object has a member without a value, or with a
// word in the place of one.
func halfTyped(object syntax.Value, member string) bool {
	m, ok := object.GetMember(member)
	return ok && (!m.Value().IsValid() || m.Value().Kind() == syntax.KindWord)
}

func flowOf(kind, flow string) Flow {
	switch kind {
	case "LoopWorkflow":
		return Loop
	case "Workflow", "workflow": // guides write the kind in lower case in two places
		switch flow {
		case "sequential":
			return Sequential
		case "parallel":
			return Parallel
		default:
			return UnknownFlow
		}
	}
	return NoFlow
}

func skipOf(v syntax.Value) Skip {
	switch v.Kind() {
	case syntax.KindTrue:
		return SkipAlways
	case syntax.KindString:
		switch text := v.Text(); {
		case text == "true":
			return SkipAlways
		case strings.Contains(text, "${"):
			return SkipMaybe
		}
	}
	return SkipNever
}

// moved returns the facts with every offset mapped; f itself where none moves.
func (f *Facts) moved(to func(int) int) *Facts {
	same := true
	for _, e := range f.Expressions {
		same = same && to(e.Offset) == e.Offset
	}
	for _, r := range f.Repeated {
		same = same && to(r.Member.Start) == r.Member.Start && to(r.First.Start) == r.First.Start
	}
	if same {
		return f
	}
	out := *f
	out.Expressions = make([]*Expression, len(f.Expressions))
	for i, e := range f.Expressions {
		m := *e
		m.Offset = to(e.Offset)
		out.Expressions[i] = &m
	}
	out.Repeated = make([]Repeated, len(f.Repeated))
	for i, r := range f.Repeated {
		out.Repeated[i] = Repeated{r.Name, movedRange(r.Member, to), movedRange(r.First, to)}
	}
	return &out
}

func movedRange(r syntax.Range, to func(int) int) syntax.Range {
	start := to(r.Start)
	return syntax.Range{Start: start, End: start + r.Len()}
}
