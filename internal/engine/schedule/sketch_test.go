package schedule

import (
	"fmt"
	"strings"
	"testing"
)

// A sketch is a graph drawn as an indented outline, one node a line:
//
//	seq            a sequential workflow
//	  a            a leaf
//	  par p        a parallel workflow with a name
//	  loop l       a loop; what stands in it are its patterns
//	    b -> a     b depends on a (hard)
//	    c ~> b     c depends on b (soft)
//	    d ? a      whether d is skipped depends on a; "d ?" depends on nothing
type sketch struct {
	nodes []Node
	names []string
	index map[string]int
}

func draw(t testing.TB, text string) *sketch {
	t.Helper()
	s := &sketch{index: map[string]int{}}
	type level struct{ indent, node int }
	var stack []level
	type edge struct {
		node int
		kind string
		on   string
	}
	var edges []edge
	for _, line := range strings.Split(text, "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		indent := len(line) - len(strings.TrimLeft(line, "\t "))
		words := strings.Fields(line)
		for len(stack) > 0 && stack[len(stack)-1].indent >= indent {
			stack = stack[:len(stack)-1]
		}
		n, i := Node{Parent: -1}, len(s.nodes)
		if len(stack) > 0 {
			n.Parent = stack[len(stack)-1].node
			n.Pattern = s.nodes[n.Parent].Pattern || s.nodes[n.Parent].Flow == Loop
		}
		name := words[0]
		words = words[1:]
		switch name {
		case "seq", "par", "loop":
			n.Flow = map[string]Flow{"seq": Sequential, "par": Parallel, "loop": Loop}[name]
			name = fmt.Sprintf("%s%d", name, i)
			if len(words) > 0 && words[0] != "->" && words[0] != "~>" && words[0] != "?" {
				name, words = words[0], words[1:]
			}
		}
		kind := ""
		for _, w := range words {
			switch w {
			case "->", "~>":
				kind = w
			case "?", "?~":
				kind, n.Skips = w, true
			default:
				edges = append(edges, edge{i, kind, w})
			}
		}
		s.nodes, s.names = append(s.nodes, n), append(s.names, name)
		s.index[name] = i
		stack = append(stack, level{indent, i})
	}
	for _, e := range edges {
		on, ok := s.index[e.on]
		if !ok {
			t.Fatalf("the sketch has no node %q", e.on)
		}
		n := &s.nodes[e.node]
		switch e.kind {
		case "->":
			n.Body = append(n.Body, Dep{On: on})
		case "~>":
			n.Body = append(n.Body, Dep{On: on, Soft: true})
		case "?":
			n.Gate = append(n.Gate, Dep{On: on})
		case "?~":
			n.Gate = append(n.Gate, Dep{On: on, Soft: true})
		}
	}
	return s
}

// A rehearsal drives a machine and writes down what happens. Leaves run until
// the test ends them.
type rehearsal struct {
	*sketch
	m     *Machine
	skips map[string]bool
	log   []string
	waits bool // write down who waits, too
	// running are the leaves that were started and have not ended.
	running []int
}

func (s *sketch) rehearse(skips ...string) *rehearsal {
	r := &rehearsal{sketch: s, m: New(s.nodes), skips: map[string]bool{}}
	for _, name := range skips {
		r.skips[name] = true
	}
	r.m.Begin()
	r.follow()
	return r
}

func (r *rehearsal) follow() {
	for {
		s, ok := r.m.Next()
		if !ok {
			return
		}
		name := r.names[s.Node]
		switch s.Verb {
		case Decide:
			r.m.Decided(s.Node, r.skips[name])
			if r.skips[name] {
				r.log = append(r.log, name+" skipped by itself")
			}
		case Start:
			r.log = append(r.log, "start "+name)
			if r.nodes[s.Node].Flow != Leaf {
				r.m.Entered(s.Node)
			} else {
				r.running = append(r.running, s.Node)
			}
		case Waits:
			if r.waits {
				r.log = append(r.log, name+" waits")
			}
		case Settled:
			line := name + " " + s.State.String()
			if s.Cause >= 0 {
				line += " because of " + r.names[s.Cause]
			}
			r.log = append(r.log, line)
		}
	}
}

func (r *rehearsal) end(name string, s State) {
	i := r.index[name]
	for k, n := range r.running {
		if n == i {
			r.running = append(r.running[:k], r.running[k+1:]...)
			break
		}
	}
	r.log = append(r.log, name+": "+s.String())
	r.m.Ended(i, s)
	r.follow()
}

// said returns what was written down since the last call.
func (r *rehearsal) said() string {
	out := strings.Join(r.log, "\n")
	r.log = nil
	return out
}
