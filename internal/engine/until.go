package engine

import (
	"fmt"
	"slices"
	"strings"
)

// CodeNoSuchNode is the problem of a name that no node of the program has.
const CodeNoSuchNode = "no-such-node"

// Find returns the index of the node with a name: its JSON pointer, its ref or, as
// plans and runs call a node without one, its label; the latter two where no
// other node has the same. A ref goes before a label.
func (p *Program) Find(name string) (int, error) {
	return findNode(len(p.Nodes), func(i int) (path, ref, label string) {
		n := &p.Nodes[i]
		if n.gone || n.Pattern && len(p.unfolded) > 0 {
			return n.Path + " (a step of a loop)", "", "" // its copies are meant
		}
		return n.Path, n.Ref, n.Label
	}, name)
}

func findNode(n int, node func(int) (path, ref, label string), name string) (int, error) {
	var found, labelled []int
	for i := range n {
		path, ref, label := node(i)
		switch {
		case path == name:
			return i, nil
		case name == "":
		case ref == name:
			found = append(found, i)
		case label == name:
			labelled = append(labelled, i)
		}
	}
	what := "ref"
	if len(found) == 0 {
		found, what = labelled, "name"
	}
	switch {
	case name == "":
		return 0, fmt.Errorf("a node is named by its ref or its JSON pointer, not by an empty text")
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		paths := make([]string, len(found))
		for i, at := range found {
			paths[i], _, _ = node(at)
		}
		return 0, fmt.Errorf("several nodes have the %s %q: name one by its JSON pointer (%s)", what, name, strings.Join(paths, ", "))
	case strings.HasPrefix(name, "/"):
		return 0, fmt.Errorf("there is no node at %q", name)
	}
	return 0, fmt.Errorf("there is no node %q: name one by its ref, or by its JSON pointer such as \"/spec/spec/steps/0\"", name)
}

// upTo returns the program that runs one node and what has to end before it can
// start: the steps before it, in every sequence that it stands in, what it
// refers to, what that refers to, and so on. Of a workflow all steps are run.
// It takes time linear in nodes and references.
func (p *Program) upTo(target int) *Program {
	chosen := p.before(target)
	at := make([]int, len(p.Nodes)) // positions among the nodes that stay
	out := *p
	out.Until, out.Nodes = p.Nodes[target].Path, nil
	for i := range p.Nodes {
		at[i] = -1
		if chosen[i] {
			at[i] = len(out.Nodes)
			out.Nodes = append(out.Nodes, p.Nodes[i])
		}
	}
	moved := func(list []int) (kept []int) {
		for _, i := range list {
			if at[i] >= 0 {
				kept = append(kept, at[i])
			}
		}
		return kept
	}
	uses := func(list []Use) (kept []Use) {
		for _, u := range list {
			if u.On = moved(u.On); len(u.On) > 0 {
				kept = append(kept, u)
			}
		}
		return kept
	}
	for i := range out.Nodes {
		n := &out.Nodes[i]
		if n.Parent >= 0 {
			n.Parent = at[n.Parent]
		}
		n.Uses, n.Never, n.Later = uses(n.Uses), moved(n.Never), moved(n.Later)
	}
	out.Arguments, out.Contexts = slices.Clone(p.Arguments), slices.Clone(p.Contexts)
	for i := range out.Arguments {
		out.Arguments[i].Uses = uses(out.Arguments[i].Uses)
	}
	for i := range out.Contexts {
		if c := &out.Contexts[i]; c.Value == nil && c.Inherited == "" { // the document's project, which comes before everything
			c.Node = at[c.Node]
		}
	}
	return &out
}

// before chooses a node and what has to end before it can start.
func (p *Program) before(target int) []bool {
	nodes := p.schedule()
	root := len(nodes) // an unseen sequence around everything
	children := make([][]int, root+1)
	position := make([]int, root)
	parent := func(i int) int {
		if nodes[i].Parent < 0 {
			return root
		}
		return nodes[i].Parent
	}
	for i := range nodes {
		position[i] = len(children[parent(i)])
		children[parent(i)] = append(children[parent(i)], i)
	}
	chosen, whole := make([]bool, root), make([]bool, root)
	taken := make([]int, root+1) // of a sequence: how many of its steps are chosen as a whole
	work := []int{target}
	for len(work) > 0 {
		i := work[len(work)-1]
		work = work[:len(work)-1]
		if whole[i] {
			continue
		}
		whole[i] = true
		work = append(work, children[i]...)
		for i < root && !chosen[i] {
			chosen[i] = true
			for _, d := range slices.Concat(nodes[i].Gate, nodes[i].Body) {
				work = append(work, d.On)
			}
			up := parent(i)
			if up == root || p.Nodes[up].Flow != Parallel {
				for ; taken[up] < position[i]; taken[up]++ {
					work = append(work, children[up][taken[up]])
				}
			}
			i = up
		}
	}
	return chosen
}
