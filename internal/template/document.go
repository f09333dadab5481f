package template

import (
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
	// Misspelt are the properties that are misspelt anywhere in the document.
	Misspelt Misspelt
	// Main is the outermost scope; nil where Type is None.
	Main *Scope
	// Changes says what has changed since the version that the document was
	// built from; nil where it was built from its text alone.
	Changes *Changes

	numbering
	cursors
	refs refIndex
}

// Changes are the differences between a document and the one that it was built
// from, by the numbers of nodes and scopes. A number that only one of the two
// knows is a node that came or went.
type Changes struct {
	Nodes []Change
	// Scopes are those whose own object has another text, and those that came or went.
	Scopes []int32
}

// Change is a node that has changed. A workflow changes with its steps, a node
// with the documents that it carries.
type Change struct {
	Number int32
	// Moved is true where the node, or one that it stands in, stands in another
	// workflow or document than before, came, went, or has changed places with
	// others.
	Moved bool
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
	// Number is what the scope is known by, in all versions of the document; 0
	// is the outer one.
	Number int32

	document *Document
	shape    *scopeShape
	start    int32 // of the object in the file
	depth    int16 // of its roots
	lists    scopeLists
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
// It is a cursor, as a syntax.Value is: each version of a document has its own,
// and makes it when somebody asks for it.
type Node struct {
	// Facts are what the node's own text says: its kind, its ref, its
	// expressions. Versions of a document share them.
	*Facts
	Scope *Scope
	// Parent is the workflow around the node; nil for the root of a scope.
	Parent *Node
	// Number is what the node is known by: it keeps it from version to version
	// of a document as long as it is the same node, whatever is edited in it or
	// put in front of it. Numbers are small; that of a node that is gone may be
	// given to another one later.
	Number int32
	// Position is the node's index in its parent's steps.
	Position int32
	// Depth is how many workflows and nodes with nested documents stand around it.
	Depth int16
	// InTeardown is true under `teardownSpec`.
	InTeardown bool

	start int32 // of the node's object in the file
	shape *shape
	steps []*Node // see Steps
}

// Value returns the whole object.
func (n *Node) Value() syntax.Value { return n.Scope.document.Tree.At(n.text, int(n.start)) }

// Before reports whether the node starts before another one of the same version
// of the document.
func (n *Node) Before(other *Node) bool { return n.start < other.start }

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

// Path returns the RFC 6901 pointer of the document; empty for the outer one.
func (s *Scope) Path() string {
	if s.Owner == nil {
		return ""
	}
	return s.Owner.Path() + s.shape.pointer
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
