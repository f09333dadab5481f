package engine

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/engine/journal"
)

// iterationsOf writes what a loop does as a sequence of its iterations, each with
// steps of its own.
func iterationsOf(root *step, times int) *step {
	out := &step{flow: "sequential"}
	before := map[*step]*step{}
	for k := range times {
		now := map[*step]*step{}
		round := &step{parent: out, flow: "sequential"}
		for _, s := range root.steps {
			round.steps = append(round.steps, copied(s, round, k, now))
		}
		for _, s := range root.flat() {
			c := now[s]
			if c == nil {
				continue
			}
			point := func(v value) value {
				v = slices.Clone(v)
				for i, p := range v {
					if p.of == nil {
						continue
					}
					v[i].of = now[p.of]
					if b := before[p.of]; b != nil && branchOf(root, p.of) > branchOf(root, s) {
						v[i].of = b // a later step, as the iteration before has left it
					}
				}
				return v
			}
			for name, v := range s.spec {
				c.spec[name] = point(v)
			}
			if s.skip != nil {
				c.skip = point(s.skip)
			}
		}
		before = now
		out.steps = append(out.steps, round)
	}
	return out
}

// branchOf is the position of the step of the loop that a step stands in.
func branchOf(root, s *step) int {
	for s.parent != root {
		s = s.parent
	}
	return slices.Index(root.steps, s)
}

func copied(s, parent *step, k int, all map[*step]*step) *step {
	c := &step{parent: parent, flow: s.flow, job: s.job, vote: s.vote, mood: s.mood, bad: s.bad, spec: map[string]value{}}
	if s.ref != "" {
		c.ref = fmt.Sprintf("%s-%d", s.ref, k)
	}
	all[s] = c
	for _, child := range s.steps {
		c.steps = append(c.steps, copied(child, c, k, all))
	}
	return c
}

// asLoop writes the steps as a template with a loop.
func asLoop(t testing.TB, root *step, times int) string {
	var steps []any
	for _, s := range root.steps {
		steps = append(steps, s.node())
	}
	arguments, iterations := map[string]any{}, []any{}
	for _, s := range root.flat() {
		for _, p := range s.references() {
			if p.through {
				arguments[p.argument()] = fmt.Sprintf("${refs.%s.%s}", p.of.ref, p.member)
			}
		}
	}
	for k := range times {
		iterations = append(iterations, map[string]any{"k": k})
	}
	text := toJSON(t, map[string]any{"apiVersion": "v1.2", "name": "Random", "arguments": arguments, "spec": map[string]any{"kind": "Workflow", "spec": map[string]any{
		"type": "sequential", "steps": []any{
			map[string]any{"kind": "Thing", "ref": "list", "spec": map[string]any{"name": "list", "all": iterations}},
			map[string]any{"kind": "LoopWorkflow", "spec": map[string]any{"iterations": "${refs.list.all}", "steps": steps}},
		}}}})
	for _, s := range root.flat() {
		if s.ref != "" {
			text = strings.Replace(text, `"name":"`+s.ref+`"`, `"name":"`+s.ref+`-${iteration.k}"`, 1)
		}
	}
	return text
}

func asSequence(t testing.TB, all *step) string {
	arguments := map[string]any{}
	for _, s := range all.flat() {
		for _, p := range s.references() {
			if p.through {
				arguments[p.argument()] = fmt.Sprintf("${refs.%s.%s}", p.of.ref, p.member)
			}
		}
	}
	return toJSON(t, map[string]any{"apiVersion": "v1.2", "name": "Random", "arguments": arguments, "spec": map[string]any{"kind": "Workflow", "spec": map[string]any{
		"type": "sequential", "steps": []any{map[string]any{"kind": "Thing", "ref": "list", "spec": map[string]any{"name": "list"}}, all.node()}}}})
}

// cutOff runs a program to its end, and cuts it off in calls of the platform on the
// way where that is wanted.
func (g *given) cutOff(d *drawing, cut bool) (ends string, made map[string]int, cuts int) {
	const id = "random"
	rng := d.rng
	var left atomic.Int64
	if cut {
		left.Store(int64(1 + rng.IntN(20)))
	}
	g.stage.setHook(func(string) {
		if left.Add(-1) == 0 {
			fenceOut(g.t, g.engine.Store.RunDir(id))
		}
	})
	defer People(g.t, g.engine.Store, id, d.rejected)()
	r, err := g.engine.Run(g.t.Context(), g.program, RunOptions{ID: id})
	for errors.Is(err, journal.ErrFenced) {
		if cuts++; cuts < 5 {
			left.Store(int64(1 + rng.IntN(20)))
		}
		r, err = g.engine.Resume(g.t.Context(), id, RunOptions{})
	}
	g.stage.setHook(nil)
	if err != nil {
		g.t.Error(err)
	}
	v := g.view(id)
	checkOrder(g.t.(*testing.T), v)
	out := []string{string(r.State)}
	for _, n := range v.Nodes {
		out = append(out, string(n.State))
	}
	made = map[string]int{}
	for line := range strings.SplitSeq(g.stage.said(), ", ") {
		if name, ok := strings.CutPrefix(line, "made "); ok {
			made[name]++
		}
	}
	return strings.Join(out, " "), made, cuts
}

// TestFaultsLoopsMeanWhatTheirIterationsSay runs random loops, cuts them off and
// resumes them, and compares what becomes of all nodes with the same steps written
// one iteration after the other.
func TestFaultsLoopsMeanWhatTheirIterationsSay(t *testing.T) {
	t.Parallel()
	seed := Seed(t)
	runs, cuts := 0, 0
	for i := 0; runs < Rounds(25, 2000); i++ {
		d := &drawing{rng: Case(seed, i)}
		root, times := d.workflow(nil, 2+d.rng.IntN(12), 0), 1+d.rng.IntN(4)
		root.flow = "sequential"
		for _, s := range root.steps {
			d.fill(s)
		}
		all := iterationsOf(root, times)
		sequence, loop := setUp(t), setUp(t)
		p, problems := compile(t, asSequence(t, all), Options{ProjectID: "p"})
		if len(problems) > 0 {
			continue // a reference outside of a call that can never have a value
		}
		if problems, err := sequence.engine.Preflight(t.Context(), p); err != nil || len(problems) > 0 {
			continue // or certainly has none
		}
		sequence.program = p
		source := asLoop(t, root, times)
		if loop.program, problems = compile(t, source, Options{ProjectID: "p"}); len(problems) > 0 {
			t.Fatalf("case %d does not compile: %+v\n%s", i, problems, source)
		}
		want, made, _ := sequence.cutOff(d, false)
		got, does, n := loop.cutOff(d, runs%2 == 1)
		cuts += n
		if got != want {
			t.Errorf("the loop ended in   %s\nits iterations say  %s", got, want)
		}
		for name, n := range made {
			if does[name] < n || jobOf(root, name) && does[name] != n {
				t.Errorf("%s was done %d times, want %d", name, does[name], n)
			}
		}
		for name := range does {
			if made[name] == 0 {
				t.Errorf("%s was done", name)
			}
		}
		runs++
		_ = sequence.engine.Store.Close()
		_ = loop.engine.Store.Close()
		if t.Failed() {
			t.Fatalf("case %d: %s", i, source)
		}
	}
	t.Logf("%d loops, cut off %d times", runs, cuts)
}

func jobOf(root *step, name string) bool {
	ref, _, _ := strings.Cut(name, "-")
	for _, s := range root.flat() {
		if s.ref == ref {
			return s.job
		}
	}
	return false
}
