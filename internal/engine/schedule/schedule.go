// Package schedule decides which node of a run comes next.
//
// A [Machine] is a pure state machine: it is told what happened (a node was
// decided upon, entered, ended; the run is to be aborted) and answers with the
// steps to take, in an order that depends on nothing but what it was told. It
// has no clock, no concurrency and no memory outside of itself, so a run that
// was interrupted is rebuilt by telling a new machine the same facts again.
//
// The rules are those of Northflank templates: a sequential workflow runs its
// steps one after the other and stops at the first that fails; a parallel one
// starts all of them and fails when any has failed after all have ended; a
// reference is a promise, so a node starts when its hard dependencies (outside
// of calls) have succeeded and its soft ones (inside of calls) have ended.
//
// A loop runs its iterations in sequence. Which there are is known only when its
// turn comes: [Machine.Extend] adds them then. What the loop was written with, its
// patterns, is never run. Others depend on patterns, which end with the loop as
// their instances have.
//
// All work is linear in nodes and dependencies over the whole life of a
// machine. The package knows indexes only: no templates, values or platforms.
package schedule

import "slices"

// A Flow says how a node runs the nodes under it.
type Flow uint8

// The flows. A Leaf has no nodes under it.
const (
	Leaf Flow = iota
	Sequential
	Parallel
	// Loop nodes run iterations, which [Machine.Extend] adds.
	Loop
)

// A Dep is one dependency of a node.
type Dep struct {
	// On is the index of the node that is waited for.
	On int
	// Soft dependencies only have to end; hard ones have to succeed.
	Soft bool
}

// A Node is what a machine must know of one node.
type Node struct {
	// Parent is the index of the workflow around the node, or -1. A parent
	// stands before its children; nodes without a parent run in sequence.
	Parent int
	Flow   Flow
	// Skips says that whether the node is skipped must be decided when its turn
	// comes, after the dependencies in Gate have been met.
	Skips bool
	Gate  []Dep
	// Body are the dependencies of everything else in the node. A node that is
	// skipped does not wait for them.
	Body []Dep
	// Pattern nodes stand under a loop and are never run themselves. They follow
	// their loop without a gap.
	Pattern bool
	// Of is the pattern that the node is an instance of; 0 for none, as the first
	// node is no pattern.
	Of int
	// Gone nodes are left out: they were instances of iterations that there are no
	// more.
	Gone bool
}

// A State is where a node stands.
type State uint8

// The states of a node. Pending to Running are on the way; the others are ends.
const (
	// Pending nodes have not had their turn.
	Pending State = iota
	// Gated nodes have their turn and wait until they can be decided upon.
	Gated
	// Blocked nodes will run and wait for what they depend on.
	Blocked
	// Running nodes were started and have not ended.
	Running
	Success
	Failure
	Skipped
	// Unknown nodes may or may not have done their work: a person decides.
	Unknown
	Aborted
	// Unreached nodes stay untouched because a failure lies before them.
	Unreached
	// Halted nodes stay untouched because an abort or an unknown lies before
	// them: they may still run when the run is resumed.
	Halted
)

var stateNames = [...]string{"pending", "gated", "blocked", "running", "success", "failure", "skipped", "unknown", "aborted", "unreached", "halted"}

// String returns the state's name for messages and tests.
func (s State) String() string { return stateNames[s] }

// Ended tells whether nothing more will happen to a node in this state.
func (s State) Ended() bool { return s >= Success }

// A Verb is what a [Step] asks for.
type Verb uint8

const (
	// Decide asks whether the node is skipped; [Machine.Decided] answers.
	Decide Verb = iota
	// Start asks to start a leaf ([Machine.Ended] answers) or to enter a
	// workflow ([Machine.Entered] answers, or Ended when that failed).
	Start
	// Settled reports that the node has ended without having been asked for:
	// a workflow whose steps are done, a node that fails unattempted, a node
	// under a skipped workflow, or one that will not be reached.
	Settled
	// Waits reports that a node has its turn and waits for others; see
	// [Machine.WaitsFor].
	Waits
)

// A Step is one thing to do, or to take note of.
type Step struct {
	Node int
	Verb Verb
	// State is the state that a Settled node has ended in.
	State State
	// Cause is the node because of which a Settled node failed or was skipped,
	// or -1.
	Cause int
}

// A Machine schedules the nodes of one run.
type Machine struct {
	nodes    []Node
	state    []State
	position []int32 // index among the siblings
	open     []int32 // workflows: children that have not ended; others: dependencies of the present phase
	children [][]int32
	waiters  [][]waiter // per node: who has an open dependency on it, once per dependency
	worst    []State    // workflows: the gravest state among the ended children
	// instances are those of each pattern, in the order of their iterations.
	instances map[int][]int32
	steps     []Step
	head      int
	work      []int32
	aborting  bool
}

type waiter struct {
	node int32
	soft bool
}

// New returns a machine over the nodes. Soft dependencies that can never be met
// must have been taken out (see [Check]), and no hard one may be impossible.
func New(nodes []Node) *Machine {
	root := len(nodes) // an unseen sequential workflow around everything
	m := &Machine{
		nodes:    append(slices.Clip(nodes), Node{Parent: -1, Flow: Sequential}),
		state:    make([]State, root+1),
		position: make([]int32, root+1),
		open:     make([]int32, root+1),
		children: make([][]int32, root+1),
		waiters:  make([][]waiter, root+1),
		worst:    make([]State, root+1),
	}
	for i := range nodes {
		m.place(i)
	}
	return m
}

// place puts a node among the children of its parent.
func (m *Machine) place(i int) {
	n := &m.nodes[i]
	if n.Gone {
		m.state[i] = Skipped
		return
	}
	if n.Of > 0 {
		if m.instances == nil {
			m.instances = map[int][]int32{}
		}
		m.instances[n.Of] = append(m.instances[n.Of], int32(i))
	}
	if n.Pattern {
		return
	}
	p := m.parent(i)
	m.position[i] = int32(len(m.children[p]))
	m.children[p] = append(m.children[p], int32(i))
}

// Extend adds the iterations of a loop that was asked to start and was not
// entered, with all that stands in them: workflows before their steps. The indexes
// of the nodes follow those that there are.
func (m *Machine) Extend(nodes []Node) {
	root := len(m.nodes) - 1
	m.nodes = slices.Insert(m.nodes, root, nodes...)
	more := len(nodes)
	m.state = moved(m.state, root, more)
	m.position = moved(m.position, root, more)
	m.open = moved(m.open, root, more)
	m.children = moved(m.children, root, more)
	m.waiters = moved(m.waiters, root, more)
	m.worst = moved(m.worst, root, more)
	for i := root; i < root+more; i++ {
		m.place(i)
	}
}

// moved makes room in front of the last element, which is that of the node around
// everything.
func moved[T any](list []T, last, more int) []T {
	return slices.Insert(list, last, make([]T, more)...)
}

func (m *Machine) parent(i int) int {
	if p := m.nodes[i].Parent; p >= 0 {
		return p
	}
	return len(m.nodes) - 1
}

// Begin gives the first nodes their turn.
func (m *Machine) Begin() {
	root := len(m.nodes) - 1
	m.state[root] = Running
	m.enter(root)
	m.drain()
}

// Next returns the next step, in the order in which steps became possible.
func (m *Machine) Next() (Step, bool) {
	if m.head == len(m.steps) {
		m.steps, m.head = m.steps[:0], 0
		return Step{}, false
	}
	s := m.steps[m.head]
	m.head++
	return s, true
}

// State returns where a node stands.
func (m *Machine) State(node int) State { return m.state[node] }

// Done tells whether every node has ended.
func (m *Machine) Done() bool { return m.state[len(m.nodes)-1].Ended() }

// Outcome returns how the run stands as a whole: Running, Success, Failure,
// Unknown or Aborted.
func (m *Machine) Outcome() State { return m.state[len(m.nodes)-1] }

// WaitsFor returns the nodes that a gated or blocked node is waiting for.
func (m *Machine) WaitsFor(node int) []int {
	var out []int
	seen := map[int]bool{}
	for _, d := range m.deps(node) {
		if !m.state[d.On].Ended() && !seen[d.On] {
			seen[d.On] = true
			out = append(out, d.On)
		}
	}
	return out
}

// Decided answers a Decide step.
func (m *Machine) Decided(node int, skip bool) {
	if m.state[node] != Gated {
		return // the run was aborted in the meantime
	}
	if skip {
		m.settle(node, Skipped, -1)
	} else {
		m.block(node)
	}
	m.drain()
}

// Entered answers a Start step of a workflow: its steps get their turn.
func (m *Machine) Entered(node int) {
	if m.state[node] != Running {
		return
	}
	m.enter(node)
	m.drain()
}

// Ended answers a Start step: the node has ended as Success, Failure, Unknown
// or Aborted. It also answers a Decide step that has failed.
func (m *Machine) Ended(node int, s State) {
	if m.state[node].Ended() {
		return
	}
	m.state[node] = s
	m.work = append(m.work, int32(node))
	m.drain()
}

// Abort stops the run: nothing starts any more, and what is running is expected
// to end soon.
func (m *Machine) Abort() {
	if m.aborting || m.Done() {
		return
	}
	m.aborting = true
	kept := m.steps[:m.head]
	for _, s := range m.steps[m.head:] {
		if s.Verb == Settled || s.Verb == Waits {
			kept = append(kept, s)
			continue
		}
		m.state[s.Node] = Blocked // asked for, but nobody has begun
	}
	m.steps = kept
	for i := range m.nodes {
		// What has not had its turn is halted when that would come.
		if m.state[i] == Gated || m.state[i] == Blocked {
			m.settle(i, Halted, -1)
		}
	}
	m.drain()
}

// reach gives a node its turn.
func (m *Machine) reach(node int) {
	if m.state[node] != Pending {
		return
	}
	if m.aborting {
		m.settle(node, Halted, -1)
		return
	}
	if m.nodes[node].Skips {
		m.state[node] = Gated
		m.watch(node)
		return
	}
	m.block(node)
}

func (m *Machine) block(node int) {
	m.state[node] = Blocked
	m.watch(node)
}

func (m *Machine) deps(node int) []Dep {
	if m.state[node] == Gated {
		return m.nodes[node].Gate
	}
	return m.nodes[node].Body
}

// watch counts the open dependencies of the node's present phase and goes on
// at once where there are none.
func (m *Machine) watch(node int) {
	m.open[node] = 0
	for _, d := range m.deps(node) {
		if m.state[d.On].Ended() {
			if m.refuses(d.On, d.Soft) {
				m.settle(node, Failure, d.On)
				return
			}
			continue
		}
		m.open[node]++
		m.waiters[d.On] = append(m.waiters[d.On], waiter{int32(node), d.Soft})
	}
	if m.open[node] == 0 {
		m.proceed(node)
		return
	}
	m.steps = append(m.steps, Step{Node: node, Verb: Waits, Cause: -1})
}

// refuses tells whether a dependency on an ended node makes who has it fail.
func (m *Machine) refuses(on int, soft bool) bool {
	switch m.state[on] {
	case Failure, Skipped, Unreached:
		return !soft
	}
	return false
}

// proceed takes a node with no open dependencies into its next phase.
func (m *Machine) proceed(node int) {
	for _, d := range m.deps(node) {
		switch s := m.state[d.On]; s {
		case Halted, Unknown, Aborted:
			// Its value may still come when the run is resumed, so that
			// neither failing nor going on without it would be right.
			m.settle(node, Halted, d.On)
			return
		}
	}
	if m.state[node] == Gated {
		m.steps = append(m.steps, Step{Node: node, Verb: Decide, Cause: -1})
		return
	}
	m.state[node] = Running
	m.steps = append(m.steps, Step{Node: node, Verb: Start, Cause: -1})
}

// enter gives the steps of a workflow their turn.
func (m *Machine) enter(node int) {
	kids := m.children[node]
	m.open[node] = int32(len(kids))
	if len(kids) == 0 {
		m.conclude(node)
		return
	}
	if m.nodes[node].Flow != Parallel {
		m.reach(int(kids[0]))
		return
	}
	for _, k := range kids {
		m.reach(int(k))
	}
}

// settle ends a node that nobody ran, and reports it.
func (m *Machine) settle(node int, s State, cause int) {
	m.state[node] = s
	if node < len(m.nodes)-1 {
		m.steps = append(m.steps, Step{Node: node, Verb: Settled, State: s, Cause: cause})
	}
	m.work = append(m.work, int32(node))
}

// drain carries the consequences of ended nodes on until there are none left.
// It is a loop so that long chains of consequences need no deep stack.
func (m *Machine) drain() {
	for len(m.work) > 0 {
		node := int(m.work[len(m.work)-1])
		m.work = m.work[:len(m.work)-1]
		m.ended(node)
	}
}

func (m *Machine) ended(node int) {
	s := m.state[node]
	// What lies under a node that was never entered shares its fate.
	for _, k := range m.children[node] {
		if !m.state[k].Ended() {
			m.settle(int(k), fate(s), node)
		}
	}
	if m.nodes[node].Flow == Loop {
		for i := node + 1; i < len(m.nodes)-1 && m.nodes[i].Pattern && m.nodes[i].Parent >= node; i++ {
			if !m.state[i].Ended() {
				m.settle(i, m.summary(i, s), node)
			}
		}
	}
	waiting := m.waiters[node]
	m.waiters[node] = nil
	for _, w := range waiting {
		m.released(int(w.node), node, w.soft)
	}
	if p := m.parent(node); node != len(m.nodes)-1 && m.state[p] == Running {
		m.childEnded(p, node, s)
	}
}

// fate is what becomes of nodes under one that has ended.
func fate(s State) State {
	switch s {
	case Skipped:
		return Skipped
	case Failure, Unreached:
		return Unreached
	}
	return Halted
}

// summary says how a pattern ends, given how its loop has: one whose instances were
// all skipped is skipped, as is that of a loop over nothing.
func (m *Machine) summary(pattern int, loop State) State {
	if loop != Success && loop != Failure {
		return fate(loop)
	}
	s := Skipped
	if loop == Failure {
		s = Unreached
	}
	for _, i := range m.instances[pattern] {
		switch m.state[i] {
		case Failure:
			return Failure
		case Success:
			s = Success
		}
	}
	return s
}

// released takes one open dependency off a waiting node.
func (m *Machine) released(node, on int, soft bool) {
	if m.state[node] != Gated && m.state[node] != Blocked {
		return
	}
	if m.refuses(on, soft) {
		m.settle(node, Failure, on)
		return
	}
	m.open[node]--
	if m.open[node] == 0 {
		m.proceed(node)
	}
}

// gravity orders what ended children make of their workflow.
func gravity(s State) int {
	switch s {
	case Failure, Unreached:
		return 1
	case Unknown:
		return 2
	case Aborted, Halted:
		return 3
	}
	return 0
}

func (m *Machine) childEnded(p, node int, s State) {
	if s == Halted && !m.aborting {
		s = Unknown // halted by an unknown further back
	}
	if gravity(s) > gravity(m.worst[p]) {
		m.worst[p] = s
	}
	m.open[p]--
	if m.nodes[p].Flow != Parallel {
		if gravity(s) > 0 {
			m.conclude(p)
			return
		}
		if next := int(m.position[node]) + 1; next < len(m.children[p]) {
			m.reach(int(m.children[p][next]))
			return
		}
	}
	if m.open[p] == 0 {
		m.conclude(p)
	}
}

// conclude ends a running workflow by what became of its steps.
func (m *Machine) conclude(p int) {
	if m.state[p] != Running {
		return
	}
	s := Success
	switch gravity(m.worst[p]) {
	case 1:
		s = Failure
	case 2:
		s = Unknown
	case 3:
		s = Aborted
	}
	m.settle(p, s, -1)
}
