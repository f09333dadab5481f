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
}

func (d *drawing) chance(one int) bool { return d.rng.IntN(one) == 0 }

// workflow draws a workflow of about size nodes.
func (d *drawing) workflow(parent *step, size, depth int) *step {
	s := &step{parent: parent, flow: []string{"sequential", "parallel"}[d.rng.IntN(2)]}
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
		for _, child := range s.steps {
			d.fill(child)
		}
		return
	}
	s.spec = map[string]value{"value": {{text: s.ref}}, "tag": {{text: d.scalar()}}}
	for d.chance(2) {
		s.spec["value"] = append(s.spec["value"], d.reference(s))
	}
	if d.chance(3) {
		s.spec["copy"] = value{d.reference(s)}
	}
	s.mood = map[string]any{}
	if s.vote {
		s.mood["amount"], s.bad = float64(1+d.rng.IntN(2)), d.chance(6)
		return
	}
	switch d.rng.IntN(20) {
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
	if d.chance(4) && !s.bad {
		s.mood["polls"] = float64(1 + d.rng.IntN(3))
	}
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
		return n
	}
	spec := map[string]any{"name": s.ref}
	maps.Copy(spec, s.mood)
	for name, v := range s.spec {
		spec[name] = v.source()
	}
	n["kind"], n["ref"], n["spec"] = "Thing", s.ref, spec
	if s.job {
		n["kind"] = "Job"
	}
	if s.vote {
		n["kind"] = "Approval"
	}
	return n
}

// rejected tells whether people are against a node, by its ref or that of a copy of it.
func (d *drawing) rejected(n *NodeView) bool {
	ref, _, _ := strings.Cut(n.Ref, "-")
	return slices.ContainsFunc(d.nodes, func(s *step) bool { return s.ref == ref && s.bad })
}

// template draws a template; the steps are those of its outermost workflow.
func (d *drawing) template(t testing.TB, size int) (source string, root *step) {
	t.Helper()
	root = d.workflow(nil, size, 0)
	d.fill(root)
	arguments := map[string]any{}
	for _, s := range root.flat() {
		for _, p := range s.references() {
			if p.through {
				arguments[p.argument()] = fmt.Sprintf("${refs.%s.%s}", p.of.ref, p.member)
			}
		}
	}
	return toJSON(t, map[string]any{"apiVersion": "v1.2", "name": "Random", "arguments": arguments, "spec": root.node()}), root
}

// TestFaultsRandomTemplatesMeanWhatTheReferenceSays runs random templates, cuts
// every other one off in calls of the platform and resumes it, and compares the
// states and outputs of all nodes with those of the reference interpreter.
func TestFaultsRandomTemplatesMeanWhatTheReferenceSays(t *testing.T) {
	t.Parallel()
	seed := Seed(t)
	runs, cuts := 0, 0
	for i := 0; runs < Rounds(40, 2000); i++ {
		d := &drawing{rng: Case(seed, i)}
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
		_ = g.engine.Store.Close()
		if t.Failed() {
			t.Fatalf("case %d: %s", i, source)
		}
	}
	t.Logf("%d templates, cut off %d times", runs, cuts)
	if cuts < runs/4 {
		t.Errorf("%d templates were cut off %d times", runs, cuts)
	}
}

// compare runs a program to its end and compares that with the reference.
func (g *given) compare(d *drawing, root *step, cut bool) (cuts int) {
	t := g.t
	const id = "random"
	var left atomic.Int64 // calls of a cut-off run may still be on their way in the next one
	if cut {
		left.Store(int64(1 + d.rng.IntN(20)))
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
	for i, s := range root.flat() {
		compareEnds(t, s, nodes[i])
	}
	made := map[string]int{}
	for line := range strings.SplitSeq(g.stage.said(), ", ") {
		if name, ok := strings.CutPrefix(line, "made "); ok {
			made[name]++
		}
	}
	for _, s := range d.nodes {
		if s.job && s.out != nil && made[s.ref] != 1 {
			t.Errorf("the job %s was done %d times", s.ref, made[s.ref])
		}
		if s.out == nil && !s.bad && made[s.ref] != 0 {
			t.Errorf("%s was done %d times, want never", s.ref, made[s.ref])
		}
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
