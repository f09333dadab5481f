package template

import (
	"cmp"
	"slices"
	"strings"
)

// Dependency is one use of a node's output by another node.
type Dependency struct {
	// User is the node that needs the value: the node that the expression
	// stands in or, for `template.` in a nested document, the node that
	// carries that document.
	User *Node
	// Target is the node whose ref is used.
	Target *Node
	// Holder is the node whose text the expression stands in; it differs from
	// User for `template.`, and is nil for the document's own project.
	Holder     *Node
	Expression *Expression
	Use        Use
	// Context is true where the expression is a workflow's project context: it
	// is read when a step needs it, not when the workflow starts.
	Context bool
	Order   Order
}

// Hard reports whether the user cannot start without the target's success: the
// reference stands outside of any call.
func (d Dependency) Hard() bool { return !d.Use.InCall }

// Awaited is whose end the user waits for: of a step of a loop that the user does
// not stand in, the loop's, since only then is it known which iteration was the
// last. Of loops in one another it is the outermost.
func (d Dependency) Awaited() *Node {
	out := d.Target
	for p := d.Target.Parent; p != nil && p != d.User && !d.User.Ancestor(p); p = p.Parent {
		if p.Flow == Loop {
			out = p
		}
	}
	return out
}

// Certain reports whether the target alone is meant: no other node has its ref, and
// no trigger, whose data are there before the node has run.
func (d Dependency) Certain() bool {
	return len(d.Target.Scope.ByRef(d.Target.Ref)) == 1 && d.Target.Scope.Trigger(d.Target.Ref) == nil
}

// RefName returns the name that a reference to a node's output uses
// (`refs.NAME...`), or ok false where it is no such reference.
func (u Use) RefName() (name string, ok bool) {
	if u.Ref.Param || u.Ref.Root != "refs" || len(u.Ref.Segments) == 0 {
		return "", false
	}
	return u.Ref.Segments[0].Name, true
}

// ArgumentName returns the name that `args.NAME` uses, or ok false.
func (u Use) ArgumentName() (name string, ok bool) {
	if u.Ref.Param || u.Ref.Root != "args" || len(u.Ref.Segments) == 0 {
		return "", false
	}
	return u.Ref.Segments[0].Name, true
}

// LookupScope returns the scope that the use is looked up in when it stands in
// s: s itself, or the scope around it for `template.`; nil where there is none.
func (u Use) LookupScope(s *Scope) *Scope {
	if u.Ref.Template {
		return s.Outer
	}
	return s
}

// Dependencies lists every use of a node's output in file order of the users.
// Uses that name no node are left out. Linear in nodes plus uses (times depth).
func (d *Document) Dependencies() []Dependency {
	var out []Dependency
	for _, n := range d.Nodes() {
		out = append(out, d.DependenciesOf(n)...)
	}
	return out
}

// DependenciesOf lists the uses of nodes' outputs in the text of one node.
func (d *Document) DependenciesOf(n *Node) []Dependency {
	var out []Dependency
	for _, e := range n.Facts.Expressions {
		for _, u := range e.Uses {
			name, ok := u.RefName()
			if !ok {
				continue
			}
			scope, user := n.Scope, n
			if u.Ref.Template {
				scope, user = n.Scope.Outer, n.Scope.Owner
			}
			if scope == nil || user == nil {
				continue
			}
			for _, t := range scope.ByRef(name) {
				out = append(out, Dependency{
					User: user, Target: t, Holder: n, Expression: e, Use: u,
					Context: n.Flow != NoFlow && e.IsContext(),
					Order:   OrderOf(user, t),
				})
			}
		}
	}
	return out
}

// ProjectUses lists the uses of nodes' outputs in what a document's project is called by:
// who needs them are the nodes that act in it.
func (s *Scope) ProjectUses() []Dependency {
	var out []Dependency
	for _, e := range s.Facts.Expressions {
		if e.Pointer != "/project/id" {
			continue
		}
		for _, u := range e.Uses {
			if name, ok := u.RefName(); ok && !u.Ref.Template {
				for _, t := range s.ByRef(name) {
					out = append(out, Dependency{Target: t, Expression: e, Use: u})
				}
			}
		}
	}
	return out
}

// IsContext reports whether the expression, of a workflow, stands in the project
// context that it gives to its steps.
func (e *Expression) IsContext() bool {
	return strings.HasPrefix(e.Pointer, "/spec/context/") || strings.HasPrefix(e.Pointer, "/context/")
}

// Cycles returns the groups of dependencies that wait for one another in a
// circle, so that none of them can ever be met. Only dependencies between
// concurrent branches are looked at: one that contradicts the order of the
// workflows is wrong by itself. The cost is that of the dependencies and of what
// stands around their nodes.
func Cycles(deps []Dependency) [][]Dependency {
	m := moments{of: map[*Node]int32{}}
	counts := func(d Dependency) bool { return d.Order == Concurrent && d.Hard() && !d.Context && d.Certain() }
	for _, d := range deps {
		if counts(d) {
			user, awaited := m.node(d.User), m.node(d.Awaited())
			m.follow(end(awaited), start(user))
		}
	}
	if len(m.nodes) == 0 {
		return nil
	}
	m.order()
	group := components(m.later)
	var out [][]Dependency
	at := map[int32]int{}
	for _, d := range deps {
		if !counts(d) {
			continue
		}
		g := group[start(m.of[d.User])]
		if g != group[end(m.of[d.Awaited()])] {
			continue
		}
		i, ok := at[g]
		if !ok {
			i = len(out)
			at[g] = i
			out = append(out, nil)
		}
		out[i] = append(out[i], d)
	}
	return out
}

// moments are the starts and ends of nodes, and which of them come after which.
// It has the nodes that somebody asked for and what stands around them: what
// stands beside them changes nothing.
type moments struct {
	of    map[*Node]int32 // how many nodes came before it
	nodes []*Node
	steps [][]*Node // those of the nodes that are among them
	later [][]int32 // moment -> moments that come after it
}

func start(node int32) int32 { return 2 * node }

func end(node int32) int32 { return 2*node + 1 }

func (m *moments) follow(before, after int32) { m.later[before] = append(m.later[before], after) }

// node adds a node, and what stands around it.
func (m *moments) node(n *Node) int32 {
	if i, ok := m.of[n]; ok {
		return i
	}
	i := int32(len(m.nodes))
	m.of[n] = i
	m.nodes, m.steps, m.later = append(m.nodes, n), append(m.steps, nil), append(m.later, nil, nil)
	if n.Parent != nil {
		parent := m.node(n.Parent)
		m.steps[parent] = append(m.steps[parent], n)
	}
	return i
}

// order adds what follows from the workflows.
func (m *moments) order() {
	for i, n := range m.nodes {
		i, steps := int32(i), m.steps[i]
		m.follow(start(i), end(i))
		slices.SortFunc(steps, func(a, b *Node) int { return cmp.Compare(a.Position, b.Position) })
		for k, step := range steps {
			s := m.of[step]
			m.follow(start(i), start(s))
			m.follow(end(s), end(i))
			if (n.Flow == Sequential || n.Flow == Loop) && k > 0 {
				m.follow(end(m.of[steps[k-1]]), start(s))
			}
		}
	}
}

// components gives every vertex the number of its strongly connected component
// (Tarjan's algorithm, without recursion).
func components(edges [][]int32) []int32 {
	n := len(edges)
	group := make([]int32, n)
	low := make([]int32, n)
	num := make([]int32, n)
	onStack := make([]bool, n)
	var stack []int32
	type frame struct{ v, next int32 }
	var call []frame
	var counter, groups int32
	for root := range edges {
		if num[root] != 0 {
			continue
		}
		call = append(call[:0], frame{int32(root), 0})
		for len(call) > 0 {
			f := &call[len(call)-1]
			v := f.v
			if f.next == 0 {
				counter++
				num[v], low[v] = counter, counter
				stack = append(stack, v)
				onStack[v] = true
			}
			if int(f.next) < len(edges[v]) {
				w := edges[v][f.next]
				f.next++
				if num[w] == 0 {
					call = append(call, frame{w, 0})
				} else if onStack[w] && num[w] < low[v] {
					low[v] = num[w]
				}
				continue
			}
			if low[v] == num[v] {
				for {
					w := stack[len(stack)-1]
					stack = stack[:len(stack)-1]
					onStack[w] = false
					group[w] = groups
					if w == v {
						break
					}
				}
				groups++
			}
			call = call[:len(call)-1]
			if len(call) > 0 {
				if p := call[len(call)-1].v; low[v] < low[p] {
					low[p] = low[v]
				}
			}
		}
	}
	return group
}
