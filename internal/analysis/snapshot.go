package analysis

import (
	"sync"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// Snapshot is one version of a document with the configuration that it is
// looked at with. It is immutable; what it computes is computed once, on demand.
type Snapshot struct {
	Tree   *syntax.Tree
	Doc    *template.Document
	Config *Config

	once      sync.Once
	findings  []Finding
	mendOnce  sync.Once
	mended    *Mended
	meantOnce sync.Once
	intent    *intent
	// sound is the last version before this one without a mistake in its syntax;
	// nil for one that has none itself.
	sound *Snapshot
	// suppressed counts what suppressions took out of the findings.
	suppressed map[*Suppression]int

	checkOnce sync.Once
	checks    *checks
	// previous is an earlier snapshot's, dropped after use.
	previous *checks
}

// NewSnapshot makes a snapshot of the tree. prev, which may be nil, is a
// snapshot of an earlier version with the same configuration: what did not
// change is taken over from it.
func NewSnapshot(tree *syntax.Tree, prev *Snapshot, cfg *Config) *Snapshot {
	s := &Snapshot{Tree: tree, Config: cfg}
	if prev != nil && tree.Green().HasErrors() {
		if s.sound = prev.sound; !prev.Tree.Green().HasErrors() {
			s.sound = prev
		}
	}
	if prev == nil {
		s.Doc = template.Build(tree, nil)
		return s
	}
	s.Doc = template.Build(tree, prev.Doc)
	if prev.Config == cfg {
		s.previous = prev.checked()
	}
	return s
}

// IsTemplate reports whether the document is one of the platform's.
func (s *Snapshot) IsTemplate() bool { return s.Doc.Type != template.None }

// Findings returns everything that is to say about the document, in the order
// of the text. A document that is none of the platform's has none: not even its
// syntax is ours to judge, unless its outer braces are all that keep it from being one.
func (s *Snapshot) Findings() []Finding {
	s.once.Do(func() {
		if m := s.bare(); m != nil {
			s.findings, s.suppressed = s.bareFindings(m)
		} else if s.IsTemplate() {
			s.findings, s.suppressed = s.judge(s.sure(s.assemble()))
		}
	})
	return s.findings
}

// checked returns what the passes found; nil for a document that is none of the
// platform's.
func (s *Snapshot) checked() *checks {
	s.checkOnce.Do(func() {
		if s.IsTemplate() {
			s.checks = s.check(s.previous)
		}
		s.previous = nil
	})
	return s.checks
}
