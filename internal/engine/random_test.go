package engine

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/engine/journal"
	"github.com/nf-lsp/nf-lsp/internal/engine/schedule"
)

// A sample is a random template together with what its nodes do, by ref.
type sample struct {
	rng   *rand.Rand
	refs  []string
	does  map[string]deed
	count int
}

type deed struct {
	hard, soft string // the refs that its value is made of; empty for none
	skips      bool
	fails      bool // refused by the platform
	job        bool
}

// template draws a workflow with about size nodes.
func (s *sample) template(size int) string {
	s.does = map[string]deed{}
	return `{"apiVersion": "v1.2", "name": "Random", "spec": ` + s.workflow(size, 0) + `}`
}

func (s *sample) workflow(size, depth int) string {
	flow := "sequential"
	if s.rng.IntN(2) == 0 {
		flow = "parallel"
	}
	var steps []string
	for size > 0 {
		if depth < 4 && size > 2 && s.rng.IntN(3) == 0 {
			part := 1 + s.rng.IntN(size)
			size -= part
			steps = append(steps, s.workflow(part, depth+1))
			continue
		}
		size--
		steps = append(steps, s.leaf())
	}
	return workflow(flow, "", steps...)
}

func (s *sample) leaf() string {
	s.count++
	ref := fmt.Sprintf("n%d", s.count)
	d := deed{job: s.rng.IntN(3) == 0, skips: s.rng.IntN(8) == 0, fails: s.rng.IntN(14) == 0}
	more := []string{}
	value := ref
	if len(s.refs) > 0 && s.rng.IntN(2) == 0 {
		d.hard = s.refs[s.rng.IntN(len(s.refs))]
		value = fmt.Sprintf("${refs.%s.value}.%s", d.hard, ref)
	}
	if s.rng.IntN(2) == 0 {
		d.soft = fmt.Sprintf("n%d", 1+s.rng.IntN(s.count+4)) // maybe one that comes later, or none
		value += fmt.Sprintf("${fn.if(refs.%s.value, '+', '-')}", d.soft)
	}
	more = append(more, fmt.Sprintf(`"value": %q`, value))
	if d.fails {
		more = append(more, `"refuse": true`)
	} else if s.rng.IntN(5) == 0 {
		more = append(more, fmt.Sprintf(`"fail": %d`, 1+s.rng.IntN(2)))
	}
	if s.rng.IntN(5) == 0 {
		more = append(more, fmt.Sprintf(`"polls": %d`, 1+s.rng.IntN(3)))
	}
	s.refs = append(s.refs, ref)
	s.does[ref] = d
	text := node(ref, strings.Join(more, ", "))
	if d.job {
		text = job(ref, strings.Join(more, ", "))
	}
	if d.skips {
		text = strings.Replace(text, `"spec"`, `"skipNodeExecution": "${fn.not(args.NOTHING)}", "spec"`, 1)
	}
	return text
}

// expect runs the program one node at a time, without a journal, a platform or
// any concurrency, and returns the nodes' states and values.
func (s *sample) expect(p *Program) (states []State, values map[string]string) {
	states, values = make([]State, len(p.Nodes)), map[string]string{}
	m := schedule.New(p.schedule())
	m.Begin()
	for {
		step, ok := m.Next()
		if !ok {
			break
		}
		n := p.Nodes[step.Node]
		d := s.does[n.Ref]
		switch {
		case step.Verb == schedule.Decide:
			m.Decided(step.Node, d.skips)
		case step.Verb == schedule.Start && n.Flow != "":
			m.Entered(step.Node)
		case step.Verb == schedule.Start && d.fails:
			m.Ended(step.Node, schedule.Failure)
		case step.Verb == schedule.Start:
			value := n.Ref
			if d.hard != "" {
				value = values[d.hard] + "." + n.Ref
			}
			if d.soft != "" {
				sign := "-"
				if _, ok := values[d.soft]; ok && !p.impossible(n, d.soft) {
					sign = "+"
				}
				value += sign
			}
			values[n.Ref] = value
			m.Ended(step.Node, schedule.Success)
		}
	}
	for i := range states {
		states[i] = stateOf(m.State(i))
	}
	return states, values
}

func (p *Program) impossible(n Node, ref string) bool {
	for _, i := range n.Never {
		if p.Nodes[i].Ref == ref {
			return true
		}
	}
	return false
}

// TestRandomTemplatesSurviveBeingCutOff runs random templates, cuts them off in
// random calls of the platform, resumes them, and compares how they end with
// what a plain interpreter says. NF_RANDOM_RUNS sets how many.
func TestRandomTemplatesSurviveBeingCutOff(t *testing.T) {
	runs := 20
	if n, err := strconv.Atoi(os.Getenv("NF_RANDOM_RUNS")); err == nil {
		runs = n
	} else if testing.Short() {
		runs = 8
	}
	done, cuts := 0, 0
	for seed := uint64(1); done < runs; seed++ {
		s := &sample{rng: rand.New(rand.NewPCG(seed, 99))}
		g := setUp(t)
		p, problems := compile(t, s.template(4+s.rng.IntN(40)), Options{ProjectID: "p", Arguments: []Layer{{Values: map[string]any{}}}})
		if len(problems) > 0 {
			continue // it refers hard to a step in its own way; others are drawn
		}
		if found, err := g.engine.Preflight(t.Context(), p); err != nil || len(found) > 0 {
			continue // or to one that is skipped for certain
		}
		done++
		g.program = p
		cuts += g.cutAndCompare(s, seed)
		if t.Failed() {
			return
		}
	}
	if cuts < runs/2 {
		t.Errorf("only %d cuts in %d runs", cuts, runs)
	}
}

func (g *given) cutAndCompare(s *sample, seed uint64) (cuts int) {
	t := g.t
	states, values := s.expect(g.program)
	const id = "random"
	var left atomic.Int64 // calls of a cut-off run may still be on their way in the next one
	left.Store(int64(s.rng.IntN(30)))
	g.stage.setHook(func(string) {
		if left.Add(-1) == 0 {
			fenceOut(t, g.engine.Store.RunDir(id))
		}
	})
	r, err := g.engine.Run(t.Context(), g.program, RunOptions{ID: id})
	for errors.Is(err, journal.ErrFenced) && cuts < 5 {
		cuts++
		left.Store(int64(s.rng.IntN(30)))
		r, err = g.engine.Resume(t.Context(), id, RunOptions{})
	}
	g.stage.setHook(nil)
	if errors.Is(err, journal.ErrFenced) {
		r, err = g.engine.Resume(t.Context(), id, RunOptions{})
	}
	if err != nil {
		t.Errorf("seed %d: %v", seed, err)
		return cuts
	}
	v := g.view(id)
	for i, n := range v.Nodes {
		if n.State != states[i] {
			t.Errorf("seed %d: %s is %s, want %s", seed, n.Label, n.State, states[i])
		}
		if want, ok := values[n.Ref]; ok && len(n.Attempts) > 0 {
			if out := string(n.Attempts[len(n.Attempts)-1].Response); !strings.Contains(out, fmt.Sprintf(`"value":%q`, want)) {
				t.Errorf("seed %d: %s gave %s, want the value %s", seed, n.Label, out, want)
			}
		}
	}
	if want := states[0]; r.State != want {
		t.Errorf("seed %d: the run ended as %s, want %s", seed, r.State, want)
	}
	made := map[string]int{}
	for _, line := range strings.Split(g.stage.said(), ", ") {
		made[strings.TrimPrefix(line, "made ")]++
	}
	for ref, d := range s.does {
		if _, ok := values[ref]; ok && d.job && made[ref] != 1 {
			t.Errorf("seed %d: the job %s was done %d times", seed, ref, made[ref])
		}
	}
	return cuts
}
