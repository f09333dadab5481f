package analysis

import (
	"slices"

	"github.com/nf-lsp/nf-lsp/internal/persistent"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// A mark is what the linked pass leaves under the name of something that its
// findings depend on: whoever has a mark under a name is looked at again when
// what has that name changes. Marks are kept in one index from version to
// version, so that an edit finds out whom it concerns without a look at the
// rest. They also tell what is used, awaited and made by anybody.
type mark = persistent.Key

// What marks are left under.
const (
	// markRef and markArgument are names as they are looked up in a scope;
	// markArguments are all arguments of one, taken together.
	markRef uint8 = iota + 1
	markArgument
	markArguments
	// markMention is the name of an argument where it is not used as one.
	markMention
	// markNames are all names of the document: what resolves nowhere depends on
	// which there are.
	markNames
	// markAwaitsNode and the next two are what conditions wait for: a node, a
	// resource by its identifier, or something that cannot be told.
	markAwaitsNode
	markAwaitsName
	markAwaitsAnything
	// markConcurrent stands for a node that needs the output of one beside it.
	markConcurrent
	// markContext stands for a workflow that gives its steps a project that a node
	// in it or beside it makes.
	markContext
	// markUnreadable stands for a node or a scope with an expression that cannot
	// be read.
	markUnreadable
	// markResource is what a node makes.
	markResource
	// markMisspelt stands for a node or a scope that misses something where a
	// property that shapes the document is misspelt, of which only the first tells.
	markMisspelt
)

func refMark(s *template.Scope, name string) mark {
	return persistent.KeyOf(markRef, s.Number, name)
}

func argumentMark(s *template.Scope, name string) mark {
	return persistent.KeyOf(markArgument, s.Number, name)
}

func mentionMark(s *template.Scope, name string) mark {
	return persistent.KeyOf(markMention, s.Number, name)
}

func argumentsMark(s *template.Scope) mark { return persistent.KeyOf(markArguments, s.Number, "") }

func namesMark() mark { return persistent.KeyOf(markNames, 0, "") }

func awaitsNodeMark(n *template.Node) mark { return persistent.KeyOf(markAwaitsNode, n.Number, "") }

func awaitsNameMark(id string) mark { return persistent.KeyOf(markAwaitsName, 0, id) }

func awaitsAnythingMark() mark { return persistent.KeyOf(markAwaitsAnything, 0, "") }

func concurrentMark() mark { return persistent.KeyOf(markConcurrent, 0, "") }

func contextMark() mark { return persistent.KeyOf(markContext, 0, "") }

func misspeltMark() mark { return persistent.KeyOf(markMisspelt, 0, "") }

func unreadableMark() mark { return persistent.KeyOf(markUnreadable, 0, "") }

// marks collects those of one node or scope.
type marks []mark

// remembered is how far back a mark is looked for before it is left once more,
// which does no harm.
const remembered = 16

// leave leaves a mark. Without a list of them, which is nil, nobody will look again.
func (m *marks) leave(k mark) {
	if m != nil && k != 0 && !slices.Contains((*m)[max(0, len(*m)-remembered):], k) {
		*m = append(*m, k)
	}
}

// A mark is left by a node, which is its number, or by a scope: that is below zero.

func markerOf(scope int32) int32 { return -scope - 1 }

func scopeOf(marker int32) int32 { return -marker - 1 }
