package graph

import (
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// Graph is what there is to draw of a document.
type Graph struct {
	// Title names the document; empty where it does not name itself.
	Title string `json:"title,omitempty"`
	// Nodes stand in file order, what carries others before these.
	Nodes []Node `json:"nodes"`
	// Edges lead from the node that gives a value to the node that uses it, in
	// the order of the users; each pair of nodes once.
	Edges []Edge `json:"edges"`
}

// Node is a node of the template, or a box around nodes.
type Node struct {
	// Path is the node's JSON pointer in the document.
	Path  string `json:"path"`
	Kind  string `json:"kind,omitempty"`
	Ref   string `json:"ref,omitempty"`
	Label string `json:"label"`
	// Parent is the index of the box around the node, or -1.
	Parent int `json:"parent"`
	// Flow is the order of the steps in a box: "sequential", "parallel", "loop";
	// empty for what is no workflow.
	Flow string `json:"flow,omitempty"`
	// Document is the type of the nested document whose root this is, or
	// "teardown"; empty for other nodes.
	Document string `json:"document,omitempty"`
	// State and Took are what a run says; see [Graph.Mark].
	State string `json:"state,omitempty"`
	Took  string `json:"took,omitempty"`
}

// Edge is a reference from one node to the output of another.
type Edge struct {
	// From gives the value, To uses it: indexes of nodes.
	From int `json:"from"`
	To   int `json:"to"`
	// Soft references stand inside of calls only: the user starts also where
	// there is no value.
	Soft bool `json:"soft,omitempty"`
}

// Mark is what a run says of a node.
type Mark struct {
	// State is one of the words of the API: "success", "failure", "running".
	State string
	// Took is how long the node took, or takes already, in words; empty where it
	// has not begun.
	Took string
}

// Of makes the graph of a document; an empty one where it is no template.
func Of(doc *template.Document) *Graph {
	g := &Graph{Nodes: []Node{}, Edges: []Edge{}}
	if doc.Main == nil {
		return g
	}
	if name := doc.Root.Get("name"); name.Kind() == syntax.KindString {
		g.Title = name.Text()
	}
	index := make(map[*template.Node]int, len(doc.Nodes()))
	for i, n := range doc.Nodes() {
		index[n] = i
		g.Nodes = append(g.Nodes, Node{
			Path: n.Path(), Kind: n.Kind, Ref: n.Ref, Label: n.Label(), Parent: parentOf(n, index), Flow: flows[n.Flow], Document: documentOf(n),
		})
	}
	g.connect(doc, index)
	return g
}

var flows = map[template.Flow]string{
	template.Sequential: "sequential", template.Parallel: "parallel", template.Loop: "loop", template.UnknownFlow: "sequential",
}

// parentOf is the index of what is drawn around a node: its workflow, or the
// node that carries the document that it is the root of.
func parentOf(n *template.Node, index map[*template.Node]int) int {
	switch {
	case n.Parent != nil:
		return index[n.Parent]
	case n.Scope.Owner != nil:
		return index[n.Scope.Owner]
	}
	return -1
}

func documentOf(n *template.Node) string {
	switch {
	case n.Parent != nil:
		return ""
	case n.InTeardown:
		return "teardown"
	case n.Scope.Owner != nil:
		return n.Scope.Type.String()
	}
	return ""
}

// connect adds the edges. A reference to a node that stands around the user, or
// within it, says nothing about order and is left out.
func (g *Graph) connect(doc *template.Document, index map[*template.Node]int) {
	type pair struct{ from, to int }
	at := map[pair]int{}
	connect := func(from, to *template.Node, soft bool) {
		if from == to || to.Ancestor(from) || from.Ancestor(to) {
			return
		}
		p := pair{index[from], index[to]}
		i, ok := at[p]
		if !ok {
			i = len(g.Edges)
			at[p] = i
			g.Edges = append(g.Edges, Edge{From: p.from, To: p.to, Soft: soft})
		}
		g.Edges[i].Soft = g.Edges[i].Soft && soft
	}
	behind := argumentsOf(doc)
	for _, n := range doc.Nodes() {
		for _, d := range doc.DependenciesOf(n) {
			connect(d.Target, d.User, !d.Hard())
		}
		for _, e := range n.Facts.Expressions {
			for _, u := range e.Uses {
				name, ok := u.ArgumentName()
				scope := u.LookupScope(n.Scope)
				if !ok || scope == nil {
					continue
				}
				user := n
				if u.Ref.Template && n.Scope.Owner != nil {
					user = n.Scope.Owner
				}
				for _, r := range behind[argument{scope, name}] {
					connect(r.node, user, r.soft || u.InCall)
				}
			}
		}
	}
}

// argument is a name in the scope that declares it.
type argument struct {
	scope *template.Scope
	name  string
}

// reached is a node whose output stands in an argument's value.
type reached struct {
	node *template.Node
	soft bool
}

// argumentsOf finds the nodes that the values of arguments refer to.
func argumentsOf(doc *template.Document) map[argument][]reached {
	out := map[argument][]reached{}
	for _, s := range doc.Scopes() {
		if s.Facts == nil {
			continue
		}
		for _, e := range s.Facts.Expressions {
			name, ok := argumentAt(e.Pointer)
			if !ok {
				continue
			}
			for _, u := range e.Uses {
				ref, ok := u.RefName()
				scope := u.LookupScope(s)
				if !ok || scope == nil {
					continue
				}
				for _, n := range scope.ByRef(ref) {
					key := argument{s, name}
					out[key] = append(out[key], reached{n, u.InCall})
				}
			}
		}
	}
	return out
}

// argumentAt is the name of the argument in whose value a pointer leads.
func argumentAt(pointer string) (string, bool) {
	for _, in := range []string{"/arguments/", "/argumentOverrides/"} {
		if rest, ok := strings.CutPrefix(pointer, in); ok {
			name, _, _ := strings.Cut(rest, "/")
			return strings.ReplaceAll(strings.ReplaceAll(name, "~1", "/"), "~0", "~"), true
		}
	}
	return "", false
}

// Mark adds what a run says of its nodes. marks is asked with a node's pointer
// and kind and answers false where the run has no such node.
func (g *Graph) Mark(marks func(n *Node) (Mark, bool)) {
	for i := range g.Nodes {
		if m, ok := marks(&g.Nodes[i]); ok {
			g.Nodes[i].State, g.Nodes[i].Took = m.State, m.Took
		}
	}
}

// children lists what stands in each node, and the outermost ones under -1 as
// the last element.
func (g *Graph) children() [][]int {
	out := make([][]int, len(g.Nodes)+1)
	for i, n := range g.Nodes {
		p := n.Parent
		if p < 0 {
			p = len(g.Nodes)
		}
		out[p] = append(out[p], i)
	}
	return out
}

// title is a node's first line.
func (n *Node) title() string {
	if n.Label != "" {
		return n.Label
	}
	return n.Path
}

// subtitle says what a node is, where its title does not; of a box also how its
// steps run and which document it is.
func (n *Node) subtitle() string {
	var parts []string
	if n.Document != "" {
		parts = append(parts, n.Document)
	}
	if n.Flow != "" {
		parts = append(parts, n.Flow)
	}
	if n.Kind != "" && !strings.HasPrefix(n.title(), n.Kind) {
		parts = append(parts, n.Kind)
	}
	return strings.Join(parts, " · ")
}

// signs are what stands for a state beside its colour, which not everybody sees.
var signs = map[string]string{
	"pending": "·", "queued": "·", "running": "●", "waiting": "◌", "async_wait": "◌", "approval_wait": "◌", "retrying": "↻",
	"success": "✓", "failure": "✗", "skipped": "–", "aborting": "■", "aborted": "■", "unknown": "?",
}

// status is a node's state in words, with its time; empty without a run.
func (n *Node) status() string {
	if n.State == "" {
		return ""
	}
	text := n.State
	if sign := signs[n.State]; sign != "" {
		text = sign + " " + text
	}
	if n.Took != "" {
		text += " " + n.Took
	}
	return text
}
