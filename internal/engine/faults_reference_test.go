package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/nf-lsp/nf-lsp/internal/engine/journal"
)

// A drawing draws templates.
type drawing struct {
	rng   *rand.Rand
	nodes []*step // those that do something
	loops int     // how many loops may stand in each other
	keys  int     // of loops, until now
	calm  bool    // nothing ends badly
}

func (d *drawing) chance(one int) bool { return d.rng.IntN(one) == 0 }

// workflow draws a workflow of about size nodes.
func (d *drawing) workflow(parent *step, size, depth int) *step {
	s := &step{parent: parent, flow: []string{"sequential", "parallel"}[d.rng.IntN(2)]}
	if parent != nil && len(s.loopsAround()) < d.loops && d.chance(2) {
		d.keys++
		s.flow, s.key, s.times = flowLoop, fmt.Sprintf("k%d", d.keys), d.rng.IntN(4)
	}
	for size > 0 {
		if depth < 4 && size > 2 && d.chance(3) {
			part := 1 + d.rng.IntN(size)
			size -= part
			s.steps = append(s.steps, d.workflow(s, part, depth+1))
			continue
		}
		size--
		leaf := &step{parent: s, ref: fmt.Sprintf("n%d", len(d.nodes)+1), job: d.chance(3)}
		leaf.vote = !leaf.job && d.chance(8)
		leaf.cond = !leaf.job && !leaf.vote && d.chance(5)
		d.nodes = append(d.nodes, leaf)
		s.steps = append(s.steps, leaf)
	}
	return s
}

// fill draws what nodes hold, once all of them are there to refer to.
func (d *drawing) fill(s *step) {
	if s.parent != nil && d.chance(8) {
		s.skip = d.condition(s)
	}
	if s.flow != "" {
		if s.flow == flowLoop && d.chance(2) {
			d.goOver(s)
		}
		for _, child := range s.steps {
			d.fill(child)
		}
		return
	}
	s.spec = map[string]value{"value": {{text: s.ref}, {named: true}}, "tag": {{text: d.scalar()}}}
	for d.chance(2) {
		s.spec["value"] = append(s.spec["value"], d.reference(s))
	}
	if d.chance(3) {
		s.spec["copy"] = value{d.reference(s)}
	}
	s.mood = map[string]any{}
	if s.vote {
		s.mood["amount"], s.bad = float64(1+d.rng.IntN(2)), !d.calm && d.chance(6)
		return
	}
	mood := d.rng.IntN(20)
	if d.calm {
		mood += 3
	}
	switch mood {
	case 0:
		s.mood["refuse"], s.bad = true, true
	case 1:
		s.mood["fail"], s.bad = 99.0, true
	case 2:
		s.mood["bad"], s.bad = "FAILED", true
	case 3, 4:
		s.mood["fail"] = float64(1 + d.rng.IntN(2))
	case 5, 6:
		s.mood["lose"] = float64(1 + d.rng.IntN(2))
	}
	switch {
	case s.bad:
	case s.cond && !d.calm && d.chance(6):
		s.mood["polls"], s.mood["timeout"], s.bad = 30.0, 5.0, true // seconds, one a poll
	case s.cond, d.chance(4):
		s.mood["polls"] = float64(1 + d.rng.IntN(3))
	}
}

// goOver has a step that stands before a loop say what it goes over.
func (d *drawing) goOver(loop *step) {
	var before []*step
	for _, s := range d.nodes {
		if s.within(loop) {
			break
		}
		if !s.vote && s.mood["list"] == nil {
			before = append(before, s)
		}
	}
	if len(before) > 0 {
		loop.over = before[d.rng.IntN(len(before))]
		loop.over.mood["list"] = loop.iterations()
	}
}

// iterations are the data of a loop.
func (s *step) iterations() []any {
	out := []any{}
	for k := range s.times {
		out = append(out, map[string]any{s.key: float64(k)})
	}
	return out
}

// loopsAround lists the loops around a step, the outermost first.
func (s *step) loopsAround() []*step {
	if s.parent == nil {
		return nil
	}
	out := s.parent.loopsAround()
	if s.parent.flow == flowLoop {
		out = append(out, s.parent)
	}
	return out
}

func (d *drawing) scalar() any {
	return []any{7.0, 0.0, 2.5, true, false, "text", ""}[d.rng.IntN(7)]
}

// condition draws one that may come out either way.
func (d *drawing) condition(s *step) value {
	switch d.rng.IntN(4) {
	case 0:
		return value{{text: true}}
	case 1:
		return value{{text: false}}
	case 2:
		return value{{text: "true"}}
	}
	p := d.reference(s)
	p.member = "tag"
	return value{p}
}

// reference draws one: mostly outside of a call to what stands before the node,
// inside of one to anything.
func (d *drawing) reference(s *step) piece {
	at := slices.Index(d.nodes, s)
	p := piece{inCall: d.chance(2), through: d.chance(5), member: []string{"value", "value", "tag", "copy", "nothing"}[d.rng.IntN(5)]}
	if at < 1 || p.inCall || d.chance(12) {
		p.inCall = p.inCall || at < 1 // a workflow's condition, or the first node
		p.of = d.nodes[d.rng.IntN(len(d.nodes))]
		return p
	}
	p.of = d.nodes[d.rng.IntN(at)]
	return p
}

// source writes a value as a template does.
func (v value) source() any {
	if len(v) == 1 && v[0].of == nil {
		return v[0].text
	}
	var b strings.Builder
	for _, p := range v {
		name := ""
		if p.of != nil {
			name = fmt.Sprintf("refs.%s.%s", p.of.ref, p.member)
			if p.through {
				name = "args." + p.argument()
			}
		}
		switch {
		case p.of == nil:
			fmt.Fprint(&b, p.text)
		case p.inCall:
			fmt.Fprintf(&b, "${fn.if(%s, 'yes', 'no')}", name)
		default:
			fmt.Fprintf(&b, "${%s}", name)
		}
	}
	return b.String()
}

// argument is the name of the argument that holds a reference.
func (p piece) argument() string { return strings.ToUpper(p.of.ref + "_" + p.member) }

// written is how a template writes what a step is called, with the numbers of the
// iterations around it.
func (s *step) written() string {
	name := s.ref
	for _, l := range s.loopsAround() {
		name += "-${iteration." + l.key + "}"
	}
	return name
}

// node writes a step as a template does.
func (s *step) node() map[string]any {
	n := map[string]any{}
	if s.skip != nil {
		n["skipNodeExecution"] = s.skip.source()
	}
	if s.flow != "" {
		steps := []any{}
		for _, child := range s.steps {
			steps = append(steps, child.node())
		}
		n["kind"], n["spec"] = "Workflow", map[string]any{"type": s.flow, "steps": steps}
		switch {
		case s.over != nil:
			n["kind"], n["spec"] = "LoopWorkflow", map[string]any{"iterations": "${refs." + s.over.ref + ".list}", "steps": steps}
		case s.flow == flowLoop:
			n["kind"], n["spec"] = "LoopWorkflow", map[string]any{"iterations": s.iterations(), "steps": steps}
		}
		return n
	}
	spec := map[string]any{"name": s.written()}
	maps.Copy(spec, s.mood)
	for name, v := range s.spec {
		if len(v) > 1 && v[1].named {
			v = slices.Replace(slices.Clone(v), 0, 2, piece{text: s.written()})
		}
		spec[name] = v.source()
	}
	n["kind"], n["ref"], n["spec"] = "Thing", s.ref, spec
	if s.job {
		n["kind"] = "Job"
	}
	if s.vote {
		n["kind"] = "Approval"
	}
	if s.cond {
		n["kind"] = "Condition"
	}
	return n
}

// rejected tells whether people are against a node, by its ref or that of a copy of it.
func (d *drawing) rejected(n *NodeView) bool {
	ref, _, _ := strings.Cut(n.Ref, "-")
	return slices.ContainsFunc(d.nodes, func(s *step) bool { return s.ref == ref && s.bad })
}

// template draws a template; the root is its outermost workflow as it is run.
func (d *drawing) template(t testing.TB, size int) (source string, root *step) {
	t.Helper()
	drawn := d.workflow(nil, size, 0)
	d.fill(drawn)
	arguments := map[string]any{}
	for _, s := range drawn.flat() {
		for _, p := range s.references() {
			if p.through {
				arguments[p.argument()] = fmt.Sprintf("${refs.%s.%s}", p.of.ref, p.member)
			}
		}
	}
	return toJSON(t, map[string]any{"apiVersion": "v1.2", "name": "Random", "arguments": arguments, "spec": drawn.node()}), drawn.instance(nil, "")
}

// TestFaultsRandomTemplatesMeanWhatTheReferenceSays runs random templates, with loops
// in loops, conditions, approvals and work that must not be done twice, cuts
// every other one off in calls of the platform and resumes it, and compares the
// states and outputs of all nodes with those of the reference interpreter.
func TestFaultsRandomTemplatesMeanWhatTheReferenceSays(t *testing.T) {
	t.Parallel()
	seed := Seed(t)
	runs, cuts, iterations, conditions := 0, 0, 0, 0
	for i := 0; runs < Rounds(40, 2000); i++ {
		d := &drawing{rng: Case(seed, i), loops: 2, calm: i%2 == 0}
		g := setUp(t)
		source, root := d.template(t, 3+d.rng.IntN(40))
		p, problems := compile(t, source, Options{ProjectID: "p"})
		if len(problems) > 0 {
			continue // a reference outside of a call that can never have a value
		}
		if problems, err := g.engine.Preflight(t.Context(), p); err != nil || len(problems) > 0 {
			continue // or certainly has none
		}
		g.program = p
		cuts += g.compare(d, root, runs%2 == 1)
		runs++
		for _, s := range root.flat() {
			if s.round && s.begins() == "" {
				iterations++
			}
			if s.cond && s.out != nil {
				conditions++
			}
		}
		_ = g.engine.Store.Close()
		if t.Failed() {
			t.Fatalf("case %d: %s", i, source)
		}
	}
	t.Logf("%d templates, cut off %d times, with %d iterations of loops and %d conditions that were met", runs, cuts, iterations, conditions)
	if min(cuts, iterations, conditions) < runs/8 {
		t.Error("that is too few of something")
	}
}

// compare runs a program to its end and compares that with the reference.
func (g *given) compare(d *drawing, root *step, cut bool) (cuts int) {
	t := g.t
	const id = "random"
	var left atomic.Int64 // calls of a cut-off run may still be on their way in the next one
	if cut {
		left.Store(int64(1 + d.rng.IntN(12)))
	}
	g.stage.setHook(func(string) {
		if left.Add(-1) == 0 {
			fenceOut(t, g.engine.Store.RunDir(id))
		}
	})
	defer People(t, g.engine.Store, id, d.rejected)()
	r, err := g.engine.Run(t.Context(), g.program, RunOptions{ID: id})
	for errors.Is(err, journal.ErrFenced) {
		if cuts++; cuts < 5 {
			left.Store(int64(1 + d.rng.IntN(20)))
		}
		r, err = g.engine.Resume(t.Context(), id, RunOptions{})
	}
	g.stage.setHook(nil)
	if err != nil {
		t.Error(err)
		return cuts
	}
	if want := root.ends(); r.State != want {
		t.Errorf("the run ended in %s, want %s", r.State, want)
	}
	nodes := g.view(id).Nodes
	steps := root.flat()
	if len(steps) != len(nodes) {
		t.Errorf("the run has %d nodes, want %d", len(nodes), len(steps))
		return cuts
	}
	for i, s := range steps {
		compareEnds(t, s, nodes[i])
	}
	made := map[string]int{}
	for line := range strings.SplitSeq(g.stage.said(), ", ") {
		if name, ok := strings.CutPrefix(line, "made "); ok {
			made[name]++
		}
	}
	for _, s := range steps {
		if s.flow != "" || s.name == s.ref && len(s.of.loopsAround()) > 0 {
			continue // a step of a loop that has not begun
		}
		if s.job && s.out != nil && made[s.name] != 1 {
			t.Errorf("the job %s was done %d times", s.name, made[s.name])
		}
		if s.out == nil && !s.bad && made[s.name] != 0 {
			t.Errorf("%s was done %d times, want never", s.name, made[s.name])
		}
		delete(made, s.name)
	}
	if len(made) > 0 {
		t.Errorf("what nobody asked for was done: %v", made)
	}
	return cuts
}

// compareEnds compares how a node has ended with how it should.
func compareEnds(t testing.TB, s *step, n NodeView) {
	t.Helper()
	if n.Ref != s.ref {
		t.Fatalf("the node is %q, want %q", n.Ref, s.ref)
	}
	if n.State != s.ends() {
		t.Errorf("%s ended in %s (%+v), want %s", n.Label, n.State, n.Error, s.ends())
	} else if s.out != nil {
		var got any
		if err := json.Unmarshal(n.Attempts[len(n.Attempts)-1].Response, &got); err != nil {
			t.Error(err)
		} else if diff := cmp.Diff(any(s.out), got); diff != "" {
			t.Errorf("the output of %s (-want +got):\n%s", n.Label, diff)
		}
	}
}
