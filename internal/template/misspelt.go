package template

import (
	"github.com/nf-lsp/nf-lsp/internal/catalog/validate"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// Misspelt is a set of properties that shape a document and that an object has
// under another name that is near, or without a value yet: what depends on them
// is not known.
type Misspelt uint8

const (
	// MisspeltSteps: nodes are missing (`spec`, `steps`).
	MisspeltSteps Misspelt = 1 << iota
	// MisspeltContext: a project may be given (`context`, `projectId`, `project`).
	MisspeltContext
	// MisspeltArguments: arguments are missing (`arguments`).
	MisspeltArguments
	// HalfTypedRef: a node has a `ref` that has no value yet.
	HalfTypedRef
)

// Has reports whether one of the properties is among them.
func (m Misspelt) Has(property Misspelt) bool { return m&property != 0 }

// MisspeltMember returns the member that was probably meant to have a name which
// the object does not have.
func MisspeltMember(object syntax.Value, name string) (m syntax.Member, ok bool) {
	if _, there := object.GetMember(name); there {
		return m, false
	}
	for m := range object.Members() {
		if validate.Closest(m.KeyText(), []string{name}) != "" {
			return m, true
		}
	}
	return m, false
}

func misspells(object syntax.Value, name string) bool {
	_, ok := MisspeltMember(object, name)
	return ok
}

// misspeltIn looks at the properties of a workflow.
func misspeltIn(node, spec syntax.Value) (m Misspelt) {
	if misspells(node, "spec") || misspells(spec, "steps") {
		m |= MisspeltSteps
	}
	for _, around := range []syntax.Value{node, spec} {
		if misspells(around, "context") || misspells(around.Get("context"), "projectId") {
			m |= MisspeltContext
		}
	}
	return m
}

// misspeltInDocument looks at the properties of a document.
func misspeltInDocument(document syntax.Value) (m Misspelt) {
	if misspells(document, "spec") {
		m |= MisspeltSteps
	}
	if misspells(document, "project") {
		m |= MisspeltContext
	}
	if misspells(document, "arguments") {
		m |= MisspeltArguments
	}
	return m
}
