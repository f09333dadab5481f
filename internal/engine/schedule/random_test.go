package schedule

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// A plain reading of the rules, repeated over all nodes until nothing changes.
// It is slow and has no queues, counters or order of events.
type reading struct {
	nodes   []Node
	skips   []bool
	outcome []State // of leaves, when they run
	state   []State
	entered []bool
}

func read(nodes []Node, skips []bool, outcome []State) []State {
	r := &reading{nodes, skips, outcome, make([]State, len(nodes)), make([]bool, len(nodes))}
	for changed := true; changed; {
		changed = false
		for i := range nodes {
			if r.state[i].Ended() {
				continue
			}
			if s := r.look(i); s != r.state[i] {
				r.state[i], changed = s, true
			}
		}
	}
	return r.state
}

func (r *reading) children(p int) (out []int) {
	for i, n := range r.nodes {
		if n.Parent == p {
			out = append(out, i)
		}
	}
	return out
}

// look says where a node stands, given where all others stand.
func (r *reading) look(i int) State {
	n := r.nodes[i]
	sequence := true
	if n.Parent >= 0 {
		switch r.state[n.Parent] {
		case Skipped:
			return Skipped
		case Failure, Unreached:
			return Unreached
		case Unknown, Halted:
			return Halted
		}
		if !r.entered[n.Parent] {
			return Pending
		}
		sequence = r.nodes[n.Parent].Flow == Sequential
	}
	if sequence {
		for _, c := range r.children(n.Parent) {
			if c == i {
				break
			}
			switch s := r.state[c]; {
			case !s.Ended():
				return Pending
			case s == Failure || s == Unreached:
				return Unreached
			case s == Unknown || s == Halted:
				return Halted
			}
		}
	}
	if n.Skips {
		if s := r.promises(n.Gate); s != Success {
			return s
		}
		if r.skips[i] {
			return Skipped
		}
	}
	if s := r.promises(n.Body); s != Success {
		return s
	}
	if n.Flow == Leaf {
		return r.outcome[i]
	}
	r.entered[i] = true
	return r.workflow(i)
}

// promises says what the dependencies allow: Success to go on, Pending to wait.
func (r *reading) promises(deps []Dep) State {
	open, halted := false, false
	for _, d := range deps {
		switch s := r.state[d.On]; {
		case !s.Ended():
			open = true
		case s == Unknown || s == Halted:
			halted = true
		case s != Success && !d.Soft:
			return Failure
		}
	}
	switch {
	case open:
		return Pending
	case halted:
		return Halted
	}
	return Success
}

func (r *reading) workflow(i int) State {
	failed, unknown, open := false, false, false
	for _, c := range r.children(i) {
		switch r.state[c] {
		case Success, Skipped:
			continue
		case Failure, Unreached:
			failed = true
		case Unknown, Halted:
			unknown = true
		default:
			open = true
		}
		if r.nodes[i].Flow == Sequential {
			break
		}
	}
	switch {
	case open:
		return Running
	case unknown:
		return Unknown
	case failed:
		return Failure
	}
	return Success
}

func randomGraph(rng *rand.Rand, size int) []Node {
	nodes := make([]Node, size)
	var workflows []int
	for i := range nodes {
		n := &nodes[i]
		n.Parent = -1
		if len(workflows) > 0 && rng.IntN(12) > 0 {
			n.Parent = workflows[rng.IntN(len(workflows))]
		}
		if rng.IntN(3) == 0 || i == 0 {
			n.Flow = Sequential + Flow(rng.IntN(2))
			workflows = append(workflows, i)
		}
		n.Skips = rng.IntN(6) == 0
		for range rng.IntN(4) {
			d := Dep{On: rng.IntN(size), Soft: rng.IntN(2) == 0}
			if n.Skips && rng.IntN(3) == 0 {
				n.Gate = append(n.Gate, d)
			} else {
				n.Body = append(n.Body, d)
			}
		}
	}
	return nodes
}

func TestRandomGraphsEndAsAPlainReadingOfTheRulesSays(t *testing.T) {
	for seed := range uint64(3000) {
		rng := rand.New(rand.NewPCG(seed, 1))
		nodes := randomGraph(rng, 3+rng.IntN(30))
		problems, _ := Check(nodes)
		for _, p := range problems { // such a graph would not be run: make it one that would
			for _, list := range []*[]Dep{&nodes[p.Node].Gate, &nodes[p.Node].Body} {
				var kept []Dep
				for _, d := range *list {
					if d.On != p.On {
						kept = append(kept, d)
					}
				}
				*list = kept
			}
		}
		skips, outcome := make([]bool, len(nodes)), make([]State, len(nodes))
		for i := range nodes {
			skips[i] = nodes[i].Skips && rng.IntN(2) == 0
			outcome[i] = Success
			switch rng.IntN(12) {
			case 0, 1:
				outcome[i] = Failure
			case 2:
				outcome[i] = Unknown
			}
		}
		want := read(nodes, skips, outcome)
		m := New(nodes)
		m.Begin()
		var running []int
		for {
			if s, ok := m.Next(); ok {
				switch {
				case s.Verb == Decide:
					m.Decided(s.Node, skips[s.Node])
				case s.Verb == Start && nodes[s.Node].Flow != Leaf:
					m.Entered(s.Node)
				case s.Verb == Start:
					running = append(running, s.Node)
				}
				continue
			}
			if len(running) == 0 {
				break
			}
			k := rng.IntN(len(running))
			i := running[k]
			running = append(running[:k], running[k+1:]...)
			m.Ended(i, outcome[i])
		}
		if !m.Done() {
			t.Fatalf("seed %d: nothing runs and the run is not done: %v\n%s", seed, m.state, dump(nodes))
		}
		for i := range nodes {
			if m.State(i) != want[i] {
				t.Fatalf("seed %d: node %d ended as %v, want %v\n%s", seed, i, m.State(i), want[i], dump(nodes))
			}
		}
	}
}

func dump(nodes []Node) (out string) {
	for i, n := range nodes {
		out += fmt.Sprintf("%d %+v\n", i, n)
	}
	return out
}

func BenchmarkFan(b *testing.B) {
	for _, size := range []int{10_000, 100_000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			nodes := make([]Node, size)
			nodes[0] = Node{Parent: -1, Flow: Parallel}
			for i := 1; i < size; i++ {
				nodes[i] = Node{Parent: 0}
			}
			benchmarkMachine(b, nodes)
		})
	}
}

func BenchmarkChain(b *testing.B) {
	for _, size := range []int{10_000, 100_000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			nodes := make([]Node, size)
			nodes[0] = Node{Parent: -1, Flow: Parallel}
			for i := 1; i < size; i++ {
				nodes[i] = Node{Parent: 0}
				if i > 1 {
					nodes[i].Body = []Dep{{On: i - 1}}
				}
			}
			benchmarkMachine(b, nodes)
		})
	}
}

func benchmarkMachine(b *testing.B, nodes []Node) {
	b.ReportAllocs()
	for b.Loop() {
		if problems, _ := Check(nodes); len(problems) > 0 {
			b.Fatal(problems)
		}
		m := New(nodes)
		m.Begin()
		for {
			s, ok := m.Next()
			if !ok {
				break
			}
			if s.Verb == Start && nodes[s.Node].Flow != Leaf {
				m.Entered(s.Node)
			} else if s.Verb == Start {
				m.Ended(s.Node, Success)
			}
		}
		if m.Outcome() != Success {
			b.Fatal(m.Outcome())
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(nodes)), "ns/node")
}
