package analysis

import (
	"sort"
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

	once     sync.Once
	findings []Finding

	// local are the findings of single nodes, relative to the node's start.
	// previous is the same of an earlier snapshot, dropped after use.
	local    map[localKey][]Finding
	previous map[localKey][]Finding
}

// localKey is everything that a node's own findings depend on.
type localKey struct {
	text *syntax.Node
	// circumstances are the facts about the node's surroundings that its own
	// findings take into account.
	circumstances circumstances
}

type circumstances struct {
	scope    template.Type
	certain  bool
	teardown bool
	loop     bool
	nested   bool
}

// NewSnapshot makes a snapshot of the tree. prev, which may be nil, is a
// snapshot of an earlier version with the same configuration: what did not
// change is taken over from it.
func NewSnapshot(tree *syntax.Tree, prev *Snapshot, cfg *Config) *Snapshot {
	s := &Snapshot{Tree: tree, Config: cfg}
	if prev != nil {
		s.Doc = template.Build(tree, prev.Doc)
		if prev.Config == cfg {
			prev.Findings()
			s.previous = prev.local
		}
	} else {
		s.Doc = template.Build(tree, nil)
	}
	return s
}

// IsTemplate reports whether the document is one of the platform's.
func (s *Snapshot) IsTemplate() bool { return s.Doc.Type != template.None }

// Findings returns everything that is to say about the document, in the order
// of the text. A document that is none of the platform's has none: not even its
// syntax is ours to judge.
func (s *Snapshot) Findings() []Finding {
	s.once.Do(func() {
		s.local = map[localKey][]Finding{}
		if s.IsTemplate() {
			s.findings = s.compute()
		}
		s.previous = nil
	})
	return s.findings
}

func (s *Snapshot) compute() []Finding {
	r := &reporter{config: s.Config}
	s.checkSyntax(r)
	s.checkDocument(r)
	for _, n := range s.Doc.Nodes {
		s.localFindings(r, n)
	}
	s.checkRefs(r)
	s.checkArguments(r)
	s.checkContexts(r)
	out := r.findings
	sort.SliceStable(out, func(i, j int) bool {
		a, b := out[i].Range, out[j].Range
		if a.Start != b.Start {
			return a.Start < b.Start
		}
		return a.End < b.End
	})
	return out
}

// localFindings reports what the node's own text says, from the cache where an
// earlier snapshot had the same node.
func (s *Snapshot) localFindings(r *reporter, n *template.Node) {
	key := localKey{n.Value.Green(), circumstances{
		scope: n.Scope.Type, certain: s.Doc.Certain, teardown: n.InTeardown,
		loop: n.InLoop(), nested: n.Scope.Outer != nil,
	}}
	relative, ok := s.local[key]
	if !ok {
		relative, ok = s.previous[key]
	}
	base := n.Value.Range().Start
	if !ok {
		own := &reporter{config: s.Config}
		s.checkNode(own, n)
		s.checkExpressions(own, n.Value, n.Facts, n)
		for _, f := range own.findings {
			relative = append(relative, f.shifted(-base))
		}
	}
	s.local[key] = relative
	for _, f := range relative {
		f = f.shifted(base)
		f.Node = n.Path
		r.findings = append(r.findings, f)
	}
}

// reporter collects findings at the levels that the configuration wants.
type reporter struct {
	config   *Config
	findings []Finding
}

// add reports a finding at its rule's default level.
func (r *reporter) add(code Code, at syntax.Range, message string, more ...func(*Finding)) {
	rule, _ := LookupRule(code)
	r.addAt(rule.Severity, code, at, message, more...)
}

// addAt reports a finding at another level than its rule's default, for places
// where the same mistake is surer or less sure.
func (r *reporter) addAt(level Severity, code Code, at syntax.Range, message string, more ...func(*Finding)) {
	level = r.config.severity(code, level)
	if level == Off {
		return
	}
	f := Finding{Code: code, Severity: level, Range: at, Message: message}
	for _, m := range more {
		m(&f)
	}
	r.findings = append(r.findings, f)
}

func withFix(title string, edits ...syntax.Edit) func(*Finding) {
	return func(f *Finding) { f.Fixes = append(f.Fixes, Fix{title, edits}) }
}

func withRelated(at syntax.Range, message string) func(*Finding) {
	return func(f *Finding) { f.Related = append(f.Related, Related{at, message}) }
}

func inNode(n *template.Node) func(*Finding) {
	return func(f *Finding) { f.Node = n.Path }
}

func unnecessary(f *Finding) { f.Unnecessary = true }

func deprecated(f *Finding) { f.Deprecated = true }
