package template

import (
	"sort"
	"strconv"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// Type says which of the platform's documents a tree is.
type Type uint8

const (
	// None is a JSON document that is none of ours.
	None Type = iota
	// Template is a resource template: it lives in a team and may create projects.
	Template
	// ReleaseFlow is the release template of one pipeline stage.
	ReleaseFlow
	// PreviewEnv is the preview environment template of a pipeline.
	PreviewEnv
	// Fragment is a node (or a list of nodes) that stands alone, as in documentation.
	Fragment
)

// String returns the name under which the catalog knows the document type.
func (t Type) String() string {
	switch t {
	case Template:
		return "template"
	case ReleaseFlow:
		return "releaseFlow"
	case PreviewEnv:
		return "previewEnv"
	case Fragment:
		return "fragment"
	default:
		return "none"
	}
}

// Document is the model of one file.
type Document struct {
	Tree *syntax.Tree
	// Root is the document's first value; invalid in an empty file.
	Root syntax.Value
	Type Type
	// Certain is true where the file itself says which document it is: its
	// $schema, or a property, node kind or argument that only this type has.
	// Where it is false, rules that hold for one type only stay silent.
	Certain bool
	// Main is the outermost scope; nil where Type is None.
	Main *Scope
	// Scopes holds Main first, then each nested document in file order.
	Scopes []*Scope
	// Nodes holds every node of every scope in file order, a workflow before its steps.
	Nodes []*Node
	// Misspelt are the properties that are misspelt anywhere in the document.
	Misspelt Misspelt
	// Kept says for each node at which index of the document that this one was
	// built from (see Build) the node with the very same text stands; -1 where
	// there is none.
	Kept []int32
	// Reshaped is false where every node stands at the same place of the
	// workflows as in that document, so that both number their nodes alike.
	Reshaped bool
}

// Scope is a document, outer or nested, within which references are looked up.
type Scope struct {
	Type Type
	// Owner is the node that carries a nested document; nil for the outer one.
	Owner *Node
	// Outer is the scope that `template.` reaches from here; nil for the outer one.
	Outer *Scope
	// Value is the object that holds `spec`, `arguments`, `triggers` and so on.
	Value syntax.Value
	// Root is the node at `spec`; nil where there is none yet.
	Root *Node
	// Teardown is the node at `teardownSpec.spec`; nil where there is none.
	Teardown *Node
	// Nodes are this scope's own nodes in file order, those of the teardown last.
	Nodes []*Node
	// Arguments are the members of `arguments`, then those of
	// `argumentOverrides` (and of the overrides for creation) that declare
	// a name of their own.
	Arguments []*Argument
	// Triggers are the Git triggers; their refs stand beside node refs.
	Triggers []*Trigger
	// Facts are the expressions of the scope's object outside of its nodes:
	// values of arguments, options, triggers.
	Facts *Facts
	// GivesProject is true where the document names a project of its own.
	GivesProject bool
	// Linked is true where the document says which file of a repository it is
	// synced with (`gitops`): the platform has it, with what the file leaves out.
	Linked bool
	// Misnamed is the object `args`, which people write for `arguments`; invalid
	// where there is none.
	Misnamed syntax.Value
	// Misspelt are the properties of the document that are misspelt.
	Misspelt Misspelt
	// Index is the scope's position in Document.Scopes.
	Index int

	// pointer leads from the owner to the scope's object.
	pointer string
	// roots are the nodes without a parent, in file order.
	roots      []*Node
	layout     *layout
	refs       *refs
	byArgument map[string]*Argument // nil where there are few
}

// Argument is one name that `${args.NAME}` may use.
type Argument struct {
	Name string
	// Index is the position in Scope.Arguments.
	Index int
	// Member is where the name is declared first.
	Member syntax.Member
	// Value is the value in `arguments`; invalid where only overrides have one.
	Value syntax.Value
	// Override is the value in `argumentOverrides`; invalid where there is none.
	Override syntax.Value
}

// Trigger is a Git trigger of a release flow, a preview or a workflow template.
type Trigger struct {
	Ref      string
	RefValue syntax.Value
	Value    syntax.Value
}

// Flow says in which order a workflow runs its steps.
type Flow uint8

const (
	// NoFlow is a node that is no workflow.
	NoFlow Flow = iota
	// Sequential runs one step after the other.
	Sequential
	// Parallel starts all steps at once.
	Parallel
	// Loop runs its steps once for each iteration.
	Loop
	// UnknownFlow is a workflow whose `type` is missing or misspelt.
	UnknownFlow
)

// Node is one node of a template: a resource, an action, a condition, a workflow.
// It is small, because every version of a document has its own.
type Node struct {
	// Facts are what the node's own text says: its kind, its ref, its
	// expressions. Versions of a document share them.
	*Facts
	// Contents are the steps and the nested documents.
	*Contents
	Scope *Scope
	// Parent is the workflow around the node; nil for the root of a scope.
	Parent *Node
	start  int32 // of the node's object in the file
	// Index is the node's position in Document.Nodes.
	Index int32
	// Position is the node's index in its parent's steps.
	Position int32
	// Depth is how many workflows and nodes with nested documents stand around it.
	Depth int16
	// InTeardown is true under `teardownSpec`.
	InTeardown bool
}

// Contents are the nodes that stand in a node.
type Contents struct {
	// Steps are those of a workflow.
	Steps []*Node
	// Nested are the documents that the node carries (a pipeline's preview and
	// release flows, a template's template).
	Nested []*Scope
}

// nothing is what most nodes contain.
var nothing = new(Contents)

// Value returns the whole object.
func (n *Node) Value() syntax.Value { return n.Scope.Value.Tree().At(n.text, int(n.start)) }

// Path returns the RFC 6901 pointer of the node's object: its identity in a
// plan, a run and the history.
func (n *Node) Path() string {
	position := func() string { return strconv.Itoa(int(n.Position)) }
	switch {
	case n.Parent != nil:
		return n.Parent.Path() + "/spec/steps/" + position()
	case n.Scope.Type == Fragment && n.Scope.Root == nil:
		return "/" + position()
	case n.Scope.Type == Fragment:
		return ""
	case n.InTeardown && n == n.Scope.Teardown:
		return n.Scope.Path() + "/teardownSpec/spec"
	}
	return n.Scope.Path() + "/spec"
}

// KindValue returns the value of `kind`; an absent one where there is none.
func (n *Node) KindValue() syntax.Value { return n.Value().Get("kind") }

// RefValue returns the value of `ref`; an absent one where there is none.
func (n *Node) RefValue() syntax.Value { return n.Value().Get("ref") }

// Spec returns the value of `spec`; an absent one where there is none.
func (n *Node) Spec() syntax.Value { return n.Value().Get("spec") }

// contains reports whether the offset lies in the node or touches it.
func (n *Node) contains(offset int) bool {
	return int(n.start) <= offset && offset <= int(n.start)+n.text.Width()
}

// Path returns the RFC 6901 pointer of the document; empty for the outer one.
func (s *Scope) Path() string {
	if s.Owner == nil {
		return ""
	}
	return s.Owner.Path() + s.pointer
}

// NodeOf returns the node whose object is v, or nil. It looks only into the
// branches that contain the place of v.
func (d *Document) NodeOf(v syntax.Value) *Node {
	g := v.Green()
	for n := d.NodeAt(v.Range().Start); n != nil; {
		if n.text == g {
			return n
		}
		if n.Parent != nil {
			n = n.Parent
		} else {
			n = n.Scope.Owner
		}
	}
	return nil
}

// ScopeOf returns the scope whose object is v, or nil.
func (d *Document) ScopeOf(v syntax.Value) *Scope {
	for _, s := range d.Scopes {
		if s.Value.Green() == v.Green() {
			return s
		}
	}
	return nil
}

// NodeAt returns the innermost node whose object contains the byte offset, or
// nil. Where two nodes touch, it is the one that starts at the offset. It looks
// only into the branches that contain the offset.
func (d *Document) NodeAt(offset int) *Node {
	if d.Main == nil {
		return nil
	}
	return innermost(d.Main.roots, offset)
}

// innermost finds the node around the offset among nodes in file order and
// what they contain.
func innermost(nodes []*Node, offset int) *Node {
	i := sort.Search(len(nodes), func(i int) bool { return int(nodes[i].start) > offset }) - 1
	if i < 0 || !nodes[i].contains(offset) {
		return nil
	}
	n := nodes[i]
	if inner := innermost(n.Steps, offset); inner != nil {
		return inner
	}
	for _, s := range n.Nested {
		if inner := innermost(s.roots, offset); inner != nil {
			return inner
		}
	}
	return n
}

// ScopeAt returns the innermost scope whose object contains the byte offset.
func (d *Document) ScopeAt(offset int) *Scope {
	best := d.Main
	for _, s := range d.Scopes {
		if r := s.Value.Range(); s.Value.IsValid() && r.Touches(offset) {
			best = s // scopes are listed outside in, so the last that fits is innermost
		}
	}
	return best
}

// ByRef returns the nodes that carry the ref, in file order. The result is
// shared and must not be changed.
func (s *Scope) ByRef(ref string) []*Node {
	if s == nil || ref == "" {
		return nil
	}
	return s.refs.nodes(s.Nodes, ref)
}

// Refs returns every ref of the scope's nodes in file order, each once.
func (s *Scope) Refs() []string {
	var out []string
	seen := map[string]bool{}
	for _, n := range s.Nodes {
		if n.Ref != "" && !seen[n.Ref] {
			seen[n.Ref] = true
			out = append(out, n.Ref)
		}
	}
	return out
}

// Trigger returns the Git trigger with the ref, or nil.
func (s *Scope) Trigger(ref string) *Trigger {
	for _, t := range s.Triggers {
		if t.Ref == ref {
			return t
		}
	}
	return nil
}

// Argument returns the declared argument, or nil.
func (s *Scope) Argument(name string) *Argument {
	if s == nil {
		return nil
	}
	if s.byArgument != nil {
		return s.byArgument[name]
	}
	for _, a := range s.Arguments {
		if a.Name == name {
			return a
		}
	}
	return nil
}

// Ancestor reports whether a is one of the workflows around n.
func (n *Node) Ancestor(a *Node) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if p == a {
			return true
		}
	}
	return false
}

// InLoop reports whether a LoopWorkflow stands around the node.
func (n *Node) InLoop() bool {
	for p := n; p != nil; p = p.Parent {
		if p.Flow == Loop {
			return true
		}
	}
	return false
}

// Label names the node to a person: its ref, else its kind, with its name
// where it has a literal one, or with what it acts on or waits for.
func (n *Node) Label() string {
	if n.Ref != "" {
		return n.Ref
	}
	if name := n.Spec().Get("name"); name.Kind() == syntax.KindString {
		return n.Kind + " " + name.Text()
	}
	if what, does := n.Spec().Get("kind"), n.Spec().Get("spec").Get("type"); what.Kind() == syntax.KindString && does.Kind() == syntax.KindString {
		return n.Kind + " " + what.Text() + " " + does.Text() // a condition or an action
	}
	if n.Kind == "" {
		return "node at " + n.Path()
	}
	return n.Kind
}
