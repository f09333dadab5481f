package schedule

import (
	"fmt"
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	reasons := map[Reason]string{Cycle: "cycle", Around: "around", Inside: "inside", Later: "later"}
	tests := []struct{ name, given, problems, dropped string }{
		{"a step may use earlier steps, siblings in parallel and what stands in other branches",
			"seq\n a\n par\n  b -> a\n  c -> b\n  seq\n   d -> c\n e -> d", "", ""},
		{"a step cannot use a later one of its sequence", "seq\n a -> b\n b", "a->b later", ""},
		{"a step cannot use what stands deep in a later one", "seq\n par\n  a -> b\n par\n  b", "a->b later", ""},
		{"nodes without a parent are a sequence too", "a -> b\nb", "a->b later", ""},
		{"a node cannot use itself", "seq\n a -> a", "a->a around", ""},
		{"a node cannot use the workflow that it stands in", "seq w\n a -> w", "a->w around", ""},
		{"a workflow cannot use its own steps", "par\n seq w -> a\n  a", "w->a inside", ""},
		{"parallel steps cannot use each other", "par\n a -> b\n b -> a", "a->b cycle, b->a cycle", ""},
		{"branches cannot wait for each other crosswise", "par\n seq\n  a\n  b -> d\n seq\n  c -> b\n  d", "b->d cycle, c->b cycle", ""},
		{"inside of a call an impossible reference is dropped", "seq\n a ~> b\n b", "", "a->b"},
		{"inside of calls a circle is dropped as a whole", "par\n a ~> b\n b ~> a", "", "a->b, b->a"},
		{"of a mixed circle only the references inside of calls are dropped", "par\n a -> b\n b ~> a", "", "b->a"},
		{"what is merely behind a circle is kept", "par\n a ~> b\n b ~> a\n c ~> a", "", "a->b, b->a"},
		{"who uses a step of a loop waits for the end of the loop, so no step of the loop can use it", "par\n a -> b\n loop\n  b\n  c -> a", "a->b cycle, c->a cycle", ""},
		{"inside of calls that circle is dropped too", "par\n a ~> b\n loop\n  b\n  c ~> a", "", "a->b, c->a"},
		{"of loops in one another the end of the outermost is waited for", "par\n a -> b\n loop\n  loop\n   b\n  c -> a", "a->b cycle, c->a cycle", ""},
		{"within the outer loop it is that of the inner one", "loop\n par\n  a -> b\n  loop\n   b\n  c -> a", "", ""},
		{"steps of one iteration wait for each other's ends", "loop\n par\n  a\n  b -> a", "", ""},
		{"a loop cannot use its own steps", "loop l -> a\n a", "l->a inside", ""},
		{"whether a node is skipped cannot depend on a later one", "seq\n a ? b\n b", "a->b later", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := draw(t, tt.given)
			problems, dropped := Check(s.nodes)
			var p, d []string
			for _, x := range problems {
				p = append(p, fmt.Sprintf("%s->%s %s", s.names[x.Node], s.names[x.On], reasons[x.Reason]))
			}
			for _, x := range dropped {
				d = append(d, s.names[x[0]]+"->"+s.names[x[1]])
			}
			if got := strings.Join(p, ", "); got != tt.problems {
				t.Errorf("problems: %q, want %q", got, tt.problems)
			}
			if got := strings.Join(d, ", "); got != tt.dropped {
				t.Errorf("dropped: %q, want %q", got, tt.dropped)
			}
		})
	}
}
