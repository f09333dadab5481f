package catalog

import "strings"

// Kind is a kind of template node.
type Kind struct {
	// Name is the value of the node's kind property; Title is the name that people use.
	Name, Title string
	// Doc says what the node is for, in Markdown.
	Doc string
	// Category groups kinds: "workflow", "project", "service", "job", "addon", "secret", "release", "action",
	// "network", "cloud", "infrastructure" or "template".
	Category string
	// Project reports that a node of this kind works inside a project and needs its context.
	Project bool
	// ProjectUnless lists values of spec.kind with which it needs none after all.
	ProjectUnless []string
	// Node is the schema of the whole node, Spec that of its spec, Output that of what it leaves for references.
	// An output that Output does not name is not an error: the platform may return more than its reference lists.
	Node, Spec, Output SchemaID
	// Operations are the REST operations that serve the kind, by the names that the reference gives their pages
	// ("project/services/create-combined-service"): create, get, put, patch, delete, each if there is one.
	Operations []string
	// Fixed are the properties of the spec, as dotted paths, that no update of the resource takes: once it exists they
	// stay as they are.
	Fixed []string
	// Snippet is a minimal right node as JSON text; empty if the kind has none.
	Snippet string
}

// Lookup finds a kind by its exact name.
func Lookup(kind string) (*Kind, bool) {
	lo, hi := 0, len(kindTable)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		switch c := strings.Compare(kindTable[mid].Name, kind); {
		case c == 0:
			return &kindTable[mid], true
		case c < 0:
			lo = mid + 1
		default:
			hi = mid
		}
	}
	return nil, false
}

// Kinds lists all kinds, sorted by name.
func Kinds() []*Kind {
	kinds := make([]*Kind, len(kindTable))
	for i := range kindTable {
		kinds[i] = &kindTable[i]
	}
	return kinds
}

// DocumentType is a type of document: a template, or what is nested in one or kept beside it.
type DocumentType struct {
	// Name is "template", "releaseFlow" or "previewEnv".
	Name, Title, Doc string
	// Root is the schema of the document's root.
	Root SchemaID
	// SpecKinds may stand in the document's spec, TeardownKinds in its teardownSpec, in the reference's order.
	SpecKinds, TeardownKinds []string
}

// Document finds a document type: "template", "releaseFlow" or "previewEnv". Any other name gives nil.
func Document(name string) *DocumentType {
	for i := range documentTable {
		if documentTable[i].Name == name {
			return &documentTable[i]
		}
	}
	return nil
}
