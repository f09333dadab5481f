package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine/schedule"
	"github.com/nf-lsp/nf-lsp/internal/expr"
)

// Bounds of loops. Each iteration of each loop has nodes of its own, and all of
// them are in the journal.
const (
	// MaxIterations is how many iterations one loop may have.
	MaxIterations = 1000
	// MaxLoopNodes is how many nodes the iterations of a run may have in all.
	MaxLoopNodes = 50_000
)

// KindIteration is the kind of the workflows that stand for iterations of a loop. It
// is none that a document can hold.
const KindIteration = "Iteration"

// loopFormat is the version of programs with loops: who does not know them must not
// resume their runs.
const loopFormat = 2

// An iteration is one round of a loop. Its nodes follow one another in the program:
// a workflow, then a copy of each pattern of the loop, in the same order.
type iteration struct {
	// loop is the index of the loop, declared that of the loop as it stands in the
	// document: they differ where a loop stands in another one.
	loop, declared int
	index          int
	// first is the index of the iteration's workflow, size how many patterns the
	// loop has.
	first, size int
	name        string
	value       expr.Value
	outer       *iteration // nil outside of other loops
}

// of is the copy of a pattern in the iteration; anything else is itself.
func (it *iteration) of(node int) int {
	if node > it.loop && node <= it.loop+it.size {
		return it.first + node - it.loop
	}
	return node
}

// within maps a node of the document to what it is to somebody in the iteration,
// who sees the steps of its own round.
func (it *iteration) within(node int) int {
	if it == nil {
		return node
	}
	return it.of(it.outer.within(node))
}

// names are those of the iteration and of the ones around it, the outermost first.
func (it *iteration) names() []string {
	if it == nil {
		return nil
	}
	return append(it.outer.names(), it.name)
}

// A round is what a loop gives to one iteration.
type round struct {
	name  string
	value expr.Value
}

// patterns counts what stands in a loop.
func (p *Program) patterns(loop int) int {
	n := loop + 1
	for n < len(p.Nodes) && p.Nodes[n].Pattern && p.Nodes[n].Parent >= loop {
		n++
	}
	return n - loop - 1
}

// unfold adds the nodes of a loop's iterations to the program and returns the index
// of the first. Those of an earlier time are gone.
func (p *Program) unfold(loop int, rounds []round) (first int, err error) {
	size := p.patterns(loop)
	if p.unfolded == nil {
		p.unfolded = map[int][2]int{}
	}
	if len(rounds) > MaxIterations {
		return 0, tooMany(len(rounds))
	}
	if p.copies += len(rounds) * (size + 1); p.copies > MaxLoopNodes {
		return 0, fmt.Errorf("the loops of the run come to more than %d nodes", MaxLoopNodes)
	}
	first = len(p.Nodes)
	p.fold(loop)
	p.unfolded[loop] = [2]int{first, first + len(rounds)*(size+1)}
	branch := make([]int, size+1) // of each pattern: the step of the loop that it stands in
	for j := 1; j <= size; j++ {
		if parent := p.Nodes[loop+j].Parent; parent > loop {
			branch[j] = branch[parent-loop]
		} else {
			branch[j] = j
		}
	}
	for k, r := range rounds {
		around := &p.Nodes[loop]
		it := &iteration{loop: loop, declared: p.declared(loop), index: k, first: len(p.Nodes), size: size, name: r.name, value: r.value, outer: around.round}
		path := around.Path + "/spec/iterations/" + strconv.Itoa(k)
		name := "[" + r.name + "]"
		p.Nodes = append(p.Nodes, Node{Path: path, Kind: KindIteration, Label: around.Label + name, Parent: loop, Flow: Sequential,
			Place: around.Place + name, Context: -1, round: it, Declared: around.declaredPath()})
		for j := 1; j <= size; j++ {
			pattern := &p.Nodes[loop+j]
			n := *pattern
			n.Path = path + strings.TrimPrefix(pattern.Path, p.Nodes[loop].Path+"/spec")
			n.Declared = pattern.declaredPath()
			n.Label, n.Place = pattern.Label+name, pattern.Place+name
			n.Parent = it.of(pattern.Parent)
			if pattern.Parent == loop {
				n.Parent = it.first
			}
			n.Pattern = p.Nodes[n.Parent].Pattern || p.Nodes[n.Parent].Flow == Loop
			n.of, n.round = loop+j, it
			n.Uses = usesIn(it, pattern.Uses)
			n.Never = listIn(it, pattern.Never)
			n.later = laterIn(it, pattern, func(on int) bool { return branch[on-loop] == branch[j] })
			p.Nodes = append(p.Nodes, n)
		}
	}
	return first, nil
}

func tooMany(iterations int) error {
	return fmt.Errorf("the loop has %d iterations: it may have %d at most", iterations, MaxIterations)
}

// fold takes the iterations of a loop away, and those of loops in them.
func (p *Program) fold(loop int) {
	at, ok := p.unfolded[loop]
	if !ok {
		return
	}
	delete(p.unfolded, loop)
	for i := at[0]; i < at[1]; i++ {
		p.Nodes[i].gone = true
		if p.Nodes[i].Flow == Loop {
			p.fold(i)
		}
	}
}

// begun tells whether a loop around a pattern has iterations, which stand for it.
func (p *Program) begun(pattern int) bool {
	for i := p.Nodes[pattern].Parent; i >= 0; i = p.Nodes[i].Parent {
		if _, ok := p.unfolded[i]; ok {
			return true
		}
		if !p.Nodes[i].Pattern {
			return false // that was the loop; of those around it this is a step of an iteration
		}
	}
	return false
}

// declared is the node of the document that a node is made of.
func (p *Program) declared(node int) int {
	for p.Nodes[node].of > 0 {
		node = p.Nodes[node].of
	}
	return node
}

// declaredPath is where the node stands in the document.
func (n *Node) declaredPath() string {
	if n.Declared != "" {
		return n.Declared
	}
	return n.Path
}

func usesIn(it *iteration, uses []Use) []Use {
	if len(uses) == 0 {
		return nil
	}
	out := make([]Use, len(uses))
	for i, u := range uses {
		u.On = listIn(it, u.On)
		out[i] = u
	}
	return out
}

func listIn(it *iteration, list []int) []int {
	if len(list) == 0 {
		return nil
	}
	out := make([]int, len(list))
	for i, on := range list {
		out[i] = it.of(on)
	}
	return out
}

// laterIn says where the outputs of steps are found that come after the node in the
// loop: in the iteration before, where the node and the step stand in different
// steps of this loop, and nowhere in the first iteration.
func laterIn(it *iteration, pattern *Node, together func(on int) bool) map[int]int {
	if len(pattern.Later) == 0 {
		return nil
	}
	out := make(map[int]int, len(pattern.Later))
	for _, declared := range pattern.Later {
		on := declared
		if pattern.later != nil {
			on = pattern.later[declared]
		} else {
			on = it.outer.within(on)
		}
		switch {
		case on <= it.loop || on > it.loop+it.size: // a loop around this one has settled it
		case together(on): // a loop in this one will settle it
			on = it.of(on)
		case it.index == 0:
			on = -1
		default:
			on = it.of(on) - it.size - 1
		}
		out[declared] = on
	}
	return out
}

// loops sorts out what nodes in loops refer to: the loop around them, which is the
// data of their iteration, and steps of the loop that come after them, of which
// they see what the iteration before has left.
func (c *compiler) loops() {
	nodes := c.program.Nodes
	for i := range nodes {
		n := &nodes[i]
		if n.Flow == Loop {
			c.program.Format = loopFormat
		}
		n.Pattern = n.Parent >= 0 && (nodes[n.Parent].Flow == Loop || nodes[n.Parent].Pattern)
		if !n.Pattern {
			continue
		}
		var kept []Use
		for _, u := range n.Uses {
			var on []int
			for _, target := range u.On {
				switch c.program.relation(i, target) {
				case aroundIt:
				case afterIt:
					n.Later = append(n.Later, target)
				default:
					on = append(on, target)
				}
			}
			if u.On = on; len(on) > 0 {
				kept = append(kept, u)
			}
		}
		n.Uses = kept
	}
}

type relation uint8

const (
	elsewhere relation = iota
	// aroundIt is a loop that the node stands in.
	aroundIt
	// afterIt stands in a later step of a loop that both stand in.
	afterIt
)

// relation says how a node stands to another one that it refers to.
func (p *Program) relation(node, on int) relation {
	branch := map[int]int{} // of the workflows around the node: the step that it stands in
	for i := node; i >= 0; i = p.Nodes[i].Parent {
		if i == on && p.Nodes[i].Flow == Loop && i != node {
			return aroundIt
		}
		branch[p.Nodes[i].Parent] = i
	}
	for i := on; i >= 0; i = p.Nodes[i].Parent {
		around := p.Nodes[i].Parent
		if b, ok := branch[around]; ok {
			if around >= 0 && p.Nodes[around].Flow == Loop && i > b {
				return afterIt
			}
			return elsewhere
		}
	}
	return elsewhere
}

// rounds evaluates what a loop goes over. known is false where only a run can tell.
func (s *scope) rounds(ctx context.Context, node int) (list []round, known bool, err error) {
	n := &s.program.Nodes[node]
	if n.Iterations == nil {
		return nil, true, nil
	}
	v, err := expr.ParseJSON(n.Iterations)
	if err == nil {
		v, err = env{s, node}.resolve(ctx, v, n.Place, "/spec/iterations", nil)
	}
	if err != nil {
		return nil, false, err
	}
	if text, ok := v.AsString(); ok && v.Known() { // as arguments often are given
		if parsed, err := expr.ParseJSON([]byte(text)); err == nil && parsed.Kind() == expr.KindArray {
			v = mark(parsed, v)
		}
	}
	if v.Kind() == expr.KindUnknown {
		return nil, false, nil
	}
	if v.Kind() != expr.KindArray {
		return nil, true, &ResolveError{Pointer: "/spec/iterations", Err: fmt.Errorf("a loop goes over a list of objects, and this is %s", v.MaskedText())}
	}
	items := v.Items()
	for i, item := range items {
		switch {
		case item.Kind() == expr.KindUnknown:
		case item.Kind() != expr.KindObject:
			return nil, true, &ResolveError{Pointer: "/spec/iterations/" + strconv.Itoa(i),
				Err: fmt.Errorf(`a loop goes over a list of objects, such as {"name": "first"}, and this is %s`, item.MaskedText())}
		}
		if v.IsSecret() && !item.IsSecret() {
			item = mark(item, v)
		}
		s.masker.add(item)
		list = append(list, round{value: item})
	}
	s.name(list)
	return list, true, nil
}

// name gives each round a name: what its data calls it, where that tells all of
// them apart and is no secret, else its number. Kept values hang on it, so that a
// list may be sorted anew, or lose its head.
func (s *scope) name(list []round) {
	for _, key := range []string{"name", "id", "key", "slug"} {
		seen := make(map[string]bool, len(list))
		for i := range list {
			v := list[i].value.Get(key)
			text := v.Text()
			switch {
			case v.Kind() != expr.KindString && v.Kind() != expr.KindNumber, !v.Known(), v.IsSecret(), text == "", len(text) > 60, seen[text], s.masker.hide(text) != text:
			default:
				seen[text] = true
				list[i].name = text
			}
		}
		if len(seen) == len(list) {
			return
		}
	}
	for i := range list {
		list[i].name = strconv.Itoa(i)
	}
}

// iterationRef is what a name means that is no root of the language: in a loop, the
// data of the iteration, since nobody says how it is written. The words are tried
// in this order, in the innermost loop first: the ref of a loop, or any word in
// front of a name that the data has (iteration.name); a name that the data has
// (name); the whole of the data under a word for it (iteration).
func (e env) iterationRef(r *expr.Ref, inCall bool) (expr.Value, error) {
	if e.node < 0 {
		return expr.Undefined(), nil
	}
	n := &e.program.Nodes[e.node]
	switch {
	case n.Pattern:
		return expr.Unknown(expr.TypeAny), nil
	case n.round == nil:
		return expr.Undefined(), nil
	}
	for it := n.round; it != nil; it = it.outer {
		if ref := e.program.Nodes[it.declared].Ref; ref != "" && ref == r.Root {
			return walk(it.value, r.Segments, false), nil
		}
	}
	for it := n.round; it != nil; it = it.outer {
		if v, ok := it.lookup(r); ok {
			return v, nil
		}
	}
	if inCall {
		return expr.Undefined(), nil
	}
	return expr.Undefined(), unresolvedf("`%s` has no value: the iteration has %s", r, contents(n.round.value))
}

// contents names what an iteration's data has, for people.
func contents(v expr.Value) string {
	var names []string
	for _, m := range v.Members() {
		names = append(names, m.Key)
	}
	if len(names) == 0 {
		return "no data"
	}
	if len(names) > 12 {
		names = append(names[:12], "…")
	}
	return strings.Join(names, ", ")
}

func (it *iteration) lookup(r *expr.Ref) (expr.Value, bool) {
	if !it.value.Known() {
		return expr.Unknown(expr.TypeAny), true
	}
	if v := it.value.Get(r.Root); !v.IsUndefined() {
		return walk(v, r.Segments, false), true
	}
	if len(r.Segments) == 0 {
		switch r.Root {
		case "index":
			return expr.Number(float64(it.index)), true
		case "iteration", "item", "loop", "each", "element", "current", "data", "value":
			return it.value, true
		}
		return expr.Value{}, false
	}
	if v := it.value.Get(r.Segments[0].Name); !v.IsUndefined() {
		return walk(v, r.Segments[1:], false), true
	}
	switch r.Segments[0].Name {
	case "index":
		return expr.Number(float64(it.index)), true
	case "value", "item", "data", "iteration", "current": // loop.item.name
		return walk(it.value, r.Segments[1:], false), true
	}
	return expr.Value{}, false
}

// loopStarted finds out what a loop goes over and gives the iterations to the
// scheduler.
func (x *execution) loopStarted(node int, past *priorNode, now time.Time) {
	if past == nil || past.state == StatePending {
		x.note(node, 0, &NodeState{State: StateRunning}, nil, now)
	}
	if _, done := x.program.unfolded[node]; done {
		x.machine.Entered(node)
		return
	}
	list, known, err := x.scope.rounds(x.callContext, node)
	if err == nil && !known {
		err = errors.New("what the loop goes over is not known")
	}
	first := 0
	if err == nil {
		first, err = x.program.unfold(node, list)
	}
	if err != nil {
		x.failUntried(node, err, now)
		return
	}
	event := &NodeIterations{First: first, Iterations: make([]IterationData, len(list))}
	sealed := make([]sealedRound, len(list))
	for i, r := range list {
		text, err := marshal(x.scope.masker.hideIn(masked(r.value, plain(r.value))))
		if err != nil {
			text = nil
		}
		event.Iterations[i] = IterationData{Name: r.name, Data: text}
		sealed[i] = sealedRound{Name: r.name, Data: plain(r.value), Secret: secrets(nil, r.value, "")}
	}
	event.Nodes = x.program.outlineFrom(first)
	x.grow(first)
	x.note(node, 0, event, sealed, now)
	x.warnOfIterations(node, list, now)
	x.machine.Extend(x.program.scheduled(first))
	x.machine.Entered(node)
}

// grow makes room for new nodes.
func (x *execution) grow(first int) {
	more := len(x.program.Nodes) - first
	x.nodes = append(x.nodes, make([]nodeRun, more)...)
	x.scope.outputs = append(x.scope.outputs, make([]output, more)...)
	for i := first; i < len(x.program.Nodes); i++ {
		x.names = append(x.names, x.program.Nodes[i].named())
	}
}

// A sealedRound is the data of an iteration for resuming.
type sealedRound struct {
	Name   string   `json:"name"`
	Data   any      `json:"data"`
	Secret []string `json:"secret,omitempty"`
}

// iterations takes in what an earlier process has made of a loop.
func (p *prior) iterations(loop int, e *NodeIterations, sealed []sealedRound) error {
	if p.program == nil || loop < 0 || loop >= len(p.program.Nodes) || p.program.Nodes[loop].Flow != Loop || e.First != len(p.program.Nodes) {
		return errors.New("the journal tells of iterations that do not fit its program")
	}
	if at, ok := p.program.unfolded[loop]; ok {
		for i := at[0]; i < at[1]; i++ {
			delete(p.nodes, i)
		}
	}
	rounds := make([]round, len(sealed))
	for i, s := range sealed {
		rounds[i] = round{s.Name, valueOf(s.Data, s.Secret)}
	}
	_, err := p.program.unfold(loop, rounds)
	return err
}

// summarize gives those who refer to a step of a loop from outside of it what its
// last iteration has left.
func (x *execution) summarize(s schedule.Step) {
	out := &x.scope.outputs[s.Node]
	if s.State != schedule.Success {
		out.skipped = s.State == schedule.Skipped
	} else if last, there := x.last[s.Node]; there {
		x.leave(s.Node, x.scope.outputs[last])
	}
}

// leave is what a node that has succeeded leaves to others.
func (x *execution) leave(node int, v output) {
	x.scope.outputs[node] = v
	if of := x.program.Nodes[node].of; of > 0 {
		if x.last == nil {
			x.last = map[int]int{}
		}
		x.last[of] = node
	}
}

// IterationData is one iteration of a loop, for readers.
type IterationData struct {
	Name string `json:"name"`
	// Data is what the iteration is given, masked.
	Data json.RawMessage `json:"data,omitempty"`
}

// NodeIterations tells what a loop goes over. Its nodes take the place of what stood
// in the loop.
type NodeIterations struct {
	// First is the number of the first node: nodes are numbered in the order in which
	// they became known, from 0.
	First      int             `json:"first"`
	Iterations []IterationData `json:"iterations"`
	Nodes      []Outline       `json:"nodes"`
}

// loopEnded leaves the data of all iterations to those who refer to the loop from
// outside of it.
func (x *execution) loopEnded(node int) {
	at, size := x.program.unfolded[node], x.program.patterns(node)
	var items []expr.Value
	for i := at[0]; i < at[1]; i += size + 1 {
		items = append(items, x.program.Nodes[i].round.value)
	}
	x.leave(node, output{value: expr.Array(items), there: true})
}

// dropIterations forgets what a loop goes over.
func (p *prior) dropIterations(loop int) {
	at, ok := p.program.unfolded[loop]
	if !ok {
		return
	}
	for i := at[0]; i < at[1]; i++ {
		delete(p.nodes, i)
	}
	p.program.fold(loop)
}

// own returns a program that can grow without others noticing.
func (p *Program) own() *Program {
	out := *p
	out.Nodes = slices.Clip(p.Nodes)
	out.unfolded, out.copies = nil, 0
	return &out
}

// iterationArgument is what the data of an iteration has under a name; undefined
// for nothing.
func (e env) iterationArgument(name string) expr.Value {
	if e.node < 0 {
		return expr.Undefined()
	}
	n := &e.program.Nodes[e.node]
	if n.Pattern {
		return expr.Unknown(expr.TypeAny)
	}
	for it := n.round; it != nil; it = it.outer {
		if v := it.value.Get(name); !v.IsUndefined() {
			return v
		}
	}
	return expr.Undefined()
}
