package template

import (
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

	facts   map[*syntax.Node]*Facts
	byValue map[*syntax.Node]*Node
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

	byRef      map[string][]*Node
	byArgument map[string]*Argument
}

// Argument is one name that `${args.NAME}` may use.
type Argument struct {
	Name string
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
type Node struct {
	// Index is the node's position in Document.Nodes.
	Index int
	// Path is the RFC 6901 pointer of the node's object: its identity in a
	// plan, a run and the history.
	Path string
	Kind string
	Ref  string
	// Value is the whole object; KindValue, RefValue and Spec are its
	// properties, invalid where they are absent.
	Value, KindValue, RefValue, Spec syntax.Value
	Scope                            *Scope
	// Parent is the workflow around the node; nil for the root of a scope.
	Parent *Node
	// Position is the node's index in its parent's steps.
	Position int
	Depth    int
	Flow     Flow
	Steps    []*Node
	// Nested are the documents that the node carries (a pipeline's preview and
	// release flows, a template's template).
	Nested []*Scope
	// InTeardown is true under `teardownSpec`.
	InTeardown bool
	Facts      *Facts
}

// NodeOf returns the node whose object is v, or nil.
func (d *Document) NodeOf(v syntax.Value) *Node { return d.byValue[v.Green()] }

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
// nil. It looks only into the branches that contain the offset.
func (d *Document) NodeAt(offset int) *Node {
	for _, s := range d.topLevelScopes() {
		if n := s.nodeAt(offset); n != nil {
			return n
		}
	}
	return nil
}

func (d *Document) topLevelScopes() []*Scope {
	var out []*Scope
	for _, s := range d.Scopes {
		if s.Owner == nil {
			out = append(out, s)
		}
	}
	return out
}

func (s *Scope) nodeAt(offset int) *Node {
	for _, root := range []*Node{s.Root, s.Teardown} {
		if root != nil && touches(root.Value, offset) {
			return root.innermost(offset)
		}
	}
	return nil
}

func (n *Node) innermost(offset int) *Node {
	for _, step := range n.Steps {
		if touches(step.Value, offset) {
			return step.innermost(offset)
		}
	}
	for _, s := range n.Nested {
		if found := s.nodeAt(offset); found != nil {
			return found
		}
	}
	return n
}

func touches(v syntax.Value, offset int) bool {
	r := v.Range()
	return r.Start <= offset && offset <= r.End
}

// ScopeAt returns the innermost scope whose object contains the byte offset.
func (d *Document) ScopeAt(offset int) *Scope {
	best := d.Main
	for _, s := range d.Scopes {
		if s.Value.IsValid() && touches(s.Value, offset) {
			best = s // scopes are listed outside in, so the last that fits is innermost
		}
	}
	return best
}

// ByRef returns the nodes that carry the ref, in file order.
func (s *Scope) ByRef(ref string) []*Node {
	if s == nil {
		return nil
	}
	return s.byRef[ref]
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
	return s.byArgument[name]
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
	if name := n.Spec.Get("name"); name.Kind() == syntax.KindString {
		return n.Kind + " " + name.Text()
	}
	if what, does := n.Spec.Get("kind"), n.Spec.Get("spec").Get("type"); what.Kind() == syntax.KindString && does.Kind() == syntax.KindString {
		return n.Kind + " " + what.Text() + " " + does.Text() // a condition or an action
	}
	if n.Kind == "" {
		return "node at " + n.Path
	}
	return n.Kind
}
