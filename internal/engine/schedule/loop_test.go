package schedule

import (
	"fmt"
	"strings"
	"testing"
)

// A loop has one pattern, its iterations one instance each.
func TestALoopRunsWhatItIsExtendedBy(t *testing.T) {
	// 0 sequence, 1 loop, 2 pattern, 3 who refers to the pattern
	written := []Node{
		{Parent: -1, Flow: Sequential},
		{Parent: 0, Flow: Loop},
		{Parent: 1, Pattern: true},
		{Parent: 0, Body: []Dep{{On: 2}}},
	}
	iterations := func(n int) (out []Node) {
		for range n {
			out = append(out, Node{Parent: 1, Flow: Sequential}, Node{Parent: len(written) + len(out), Of: 2})
		}
		return out
	}
	tests := []struct {
		name      string
		times     int
		fails     int // the instance that fails
		before    bool
		want      string
		wantOrder string
	}{
		{"in the order of its iterations", 2, 0, false, "success success success success success success success success", "5 7 3"},
		{"as it was extended before it was resumed", 2, 0, true, "success success success success success success success success", "5 7 3"},
		{"not at all", 0, 0, false, "failure success skipped failure", ""},
		{"until one fails", 2, 5, false, "failure failure failure unreached failure failure unreached unreached", "5"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			nodes := written
			if tt.before {
				nodes = append(append([]Node{}, written...), iterations(tt.times)...)
			}
			m := New(nodes)
			m.Begin()
			var order []string
			for {
				s, ok := m.Next()
				if !ok {
					break
				}
				switch {
				case s.Verb != Start:
				case s.Node == 1:
					if !tt.before {
						m.Extend(iterations(tt.times))
					}
					m.Entered(1)
				case s.Node == 0 || s.Node > 3 && s.Node%2 == 0:
					m.Entered(s.Node)
				default:
					order = append(order, fmt.Sprint(s.Node))
					state := Success
					if s.Node == tt.fails {
						state = Failure
					}
					m.Ended(s.Node, state)
				}
			}
			var got []string
			for i := range len(written) + 2*tt.times {
				got = append(got, m.State(i).String())
			}
			if strings.Join(got, " ") != tt.want || strings.Join(order, " ") != tt.wantOrder || !m.Done() {
				t.Errorf("ended as %v in order %v, done %v; want %s in order %s", got, order, m.Done(), tt.want, tt.wantOrder)
			}
		})
	}
}

func TestAnAbortHaltsWhatALoopHasLeft(t *testing.T) {
	m := New([]Node{{Parent: -1, Flow: Loop}, {Parent: 0, Pattern: true}, {Parent: 0, Flow: Sequential}, {Parent: 2, Of: 1}, {Parent: 0, Flow: Sequential}, {Parent: 4, Of: 1}})
	m.Begin()
	for {
		s, ok := m.Next()
		if !ok {
			break
		}
		if s.Verb == Start && s.Node != 3 {
			m.Entered(s.Node)
		}
	}
	m.Abort()
	m.Ended(3, Aborted)
	var got []string
	for i := range 6 {
		got = append(got, m.State(i).String())
	}
	if strings.Join(got, " ") != "aborted halted aborted aborted halted halted" || m.Outcome() != Aborted {
		t.Error(got, m.Outcome())
	}
}
