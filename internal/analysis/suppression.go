package analysis

import (
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// Suppression takes findings of one code out of one document.
type Suppression struct {
	Code Code
	// Node limits it to a part of the document; empty, it is for all of it. A
	// ref means the nodes that carry it. What starts with a slash is a JSON
	// pointer: to a node, or to a value outside of all nodes, such as an
	// argument. A node is meant without the nodes that stand in it.
	Node string
}

// isPointer reports whether the node is told by its place instead of its ref.
func (s *Suppression) isPointer() bool { return strings.HasPrefix(s.Node, "/") }

// covers reports whether the suppression is for findings of the node. It does
// not look at the code.
func (s *Suppression) covers(n *template.Node) bool {
	if s.isPointer() {
		return s.Node == n.Path()
	}
	return s.Node == "" || s.Node == n.Ref
}

// Allows reports whether what would be an error with this code is none at the
// node, because its rule has another level here or it is suppressed.
func (c *Config) Allows(n *template.Node, code Code) bool {
	if c == nil {
		return false
	}
	if c.severity(code, Error) != Error {
		return true
	}
	for _, s := range c.Suppressions {
		if s.Code == code && s.covers(n) {
			return true
		}
	}
	return false
}

// suppress returns the findings that are not suppressed, and how many each
// suppression has taken out.
func (s *Snapshot) suppress(findings []Finding) ([]Finding, map[*Suppression]int) {
	if s.Config == nil || len(s.Config.Suppressions) == 0 || len(findings) == 0 {
		return findings, nil
	}
	byCode := map[Code][]*suppressor{}
	for _, x := range s.Config.Suppressions {
		byCode[x.Code] = append(byCode[x.Code], &suppressor{Suppression: x})
	}
	hidden := map[*Suppression]int{}
	kept := make([]Finding, 0, len(findings))
	for _, f := range findings {
		took := false
		for _, x := range byCode[f.Code] {
			if x.takes(s, f) {
				hidden[x.Suppression]++
				took = true
			}
		}
		if !took {
			kept = append(kept, f)
		}
	}
	return kept, hidden
}

// suppressor is a suppression with what it means in one document.
type suppressor struct {
	*Suppression
	looked bool
	// paths are the nodes with the ref; at is the place of a pointer.
	paths []string
	at    syntax.Range
}

func (x *suppressor) takes(s *Snapshot, f Finding) bool {
	switch {
	case x.Node == "":
		return true
	case x.isPointer() && f.Node != "":
		return x.Node == f.Node
	}
	if !x.looked {
		x.looked = true
		x.look(s)
	}
	if x.isPointer() {
		return x.at.Start <= f.Range.Start && f.Range.End <= x.at.End
	}
	for _, path := range x.paths {
		if path == f.Node {
			return true
		}
	}
	return false
}

func (x *suppressor) look(s *Snapshot) {
	if x.isPointer() {
		x.at = placeOf(s.Tree, x.Node)
		return
	}
	for _, scope := range s.Doc.Scopes() {
		for _, n := range scope.ByRef(x.Node) {
			x.paths = append(x.paths, n.Path())
		}
	}
}

// placeOf returns the place of what a JSON pointer names, together with its
// name; where there is nothing, one that holds nothing.
func placeOf(tree *syntax.Tree, pointer string) syntax.Range {
	v := tree.Find(pointer)
	if !v.IsValid() {
		return syntax.Range{Start: -1, End: -1}
	}
	at := v.Range()
	if m := tree.PathAt(at.Start).Member(); m.IsValid() && m.Value().Range() == at {
		at.Start = m.Range().Start
	}
	return at
}

// Suppressed returns how many findings each suppression of the configuration
// has taken out of this document. Those that took none are left out.
func (s *Snapshot) Suppressed() map[*Suppression]int {
	s.Findings()
	return s.suppressed
}

// SuppressionOf returns the narrowest suppression for a finding of this
// document: its node by the ref, where no other node carries it, else by its
// place; outside of nodes, the innermost value around it. Its Node is empty where
// only the whole document is left.
func (s *Snapshot) SuppressionOf(f Finding) Suppression {
	out := Suppression{Code: f.Code, Node: f.Node}
	if f.Node == "" {
		path := s.Tree.PathAt(f.Range.Start).Pointer()
		for path != "" {
			if at := placeOf(s.Tree, path); at.Start <= f.Range.Start && f.Range.End <= at.End {
				break
			}
			path = path[:strings.LastIndexByte(path, '/')]
		}
		out.Node = path
		return out
	}
	if n := s.Doc.NodeOf(s.Tree.Find(f.Node)); n != nil && n.Ref != "" && !strings.HasPrefix(n.Ref, "/") {
		same := 0
		for _, scope := range s.Doc.Scopes() {
			same += len(scope.ByRef(n.Ref))
		}
		if same == 1 {
			out.Node = n.Ref
		}
	}
	return out
}
