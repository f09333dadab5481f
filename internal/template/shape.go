package template

import (
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// shape is a node with all that stands in it, as its text says it: where the
// node stands is not part of it. Versions of a document share the shapes of
// nodes whose text is the same, and with one its whole branch. It is never
// changed.
type shape struct {
	Facts
	// number is what the node is known by, in all versions.
	number int32
	// inner is what stands in it; nil for most.
	inner *inner
}

// inner is what stands in a node.
type inner struct {
	steps  sequence
	nested []nestedShape
	summary
}

// nestedShape is a document in a node.
type nestedShape struct {
	document *scopeShape
	start    int32 // in bytes from the start of the node
}

// scopeShape is a document with its nodes, as its text says it.
type scopeShape struct {
	number int32
	typ    Type
	// pointer leads from the owner to the document.
	pointer string
	text    *syntax.Node
	layout  *layout
	facts   *Facts
	// declared are its arguments and triggers.
	declared     *declared
	givesProject bool
	linked       bool
	misspelt     Misspelt
	// roots are the nodes that stand in no other; root and teardown are the
	// indices of the two that a document has, -1 where it lacks one.
	roots          sequence
	root, teardown int
}

// summary is what a node has to tell of all that stands in it.
type summary struct {
	// below is what steps hint at, by how many workflows stand in between.
	below [deepestHint]evidence
	// height is how many nodes stand in one another.
	height int
	// documents is true where a document stands in it.
	documents bool
	// misspelt are the properties that are misspelt in any of it.
	misspelt Misspelt
}

// told is the summary of a node from the outside, with its own hints.
type told struct {
	hints hints
	summary
}

func (s *shape) tells() told {
	t := told{hints: s.hints}
	if s.inner != nil {
		t.summary = s.inner.summary
	}
	t.misspelt |= s.Misspelt
	return t
}

// all is what a node and its steps hint at, as deep as it counts.
func (t told) all() evidence {
	var e evidence
	e.add(t.hints)
	for _, below := range t.below {
		e.join(below)
	}
	return e
}

// addStep takes a step into the summary.
func (s *summary) addStep(t told) {
	s.below[0].add(t.hints)
	for i := 1; i < len(s.below); i++ {
		s.below[i].join(t.below[i-1])
	}
	s.height = max(s.height, t.height+1)
	s.documents = s.documents || t.documents
	s.misspelt |= t.misspelt
}

// addDocument takes a nested document into the summary.
func (s *summary) addDocument(d *scopeShape) {
	s.documents = true
	s.misspelt |= d.misspeltAnywhere()
	for _, root := range d.roots.all() {
		s.height = max(s.height, root.tells().height+1)
	}
}

// misspeltAnywhere are the properties that are misspelt in the document or any
// node in it.
func (s *scopeShape) misspeltAnywhere() Misspelt {
	m := s.misspelt
	for _, root := range s.roots.all() {
		m |= root.tells().misspelt
	}
	return m
}

// place says what a node stands in.
type place struct {
	// holder is the number of the workflow plus one or, for the nodes that stand
	// in none, less than zero: see rootOf. 0 is no place: there is no such node.
	holder int32
	// guess is the node's index among those beside it, or near to it.
	guess int32
}

// stepOf is the holder of the steps of a workflow, rootOf that of the nodes of a
// document that stand in no other.
func stepOf(workflow int32) int32 { return workflow + 1 }

func rootOf(scope int32) int32 { return -scope - 1 }

// scopePlace says what a nested document stands in.
type scopePlace struct {
	owner int32 // the number of the node
	index int   // among its documents
}
