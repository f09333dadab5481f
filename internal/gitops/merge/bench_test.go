package merge

import (
	"fmt"
	"strings"
	"testing"
)

// Both sides have changed, added and removed nodes all over a template of 5,000 nodes.
func BenchmarkMerge(b *testing.B) {
	doc := func(side int) string {
		var s strings.Builder
		s.WriteString("{\n  \"spec\": {\"kind\": \"Workflow\", \"spec\": {\"type\": \"sequential\", \"steps\": [\n")
		for i := range 5000 {
			plan := "small"
			if side > 0 && i%10 == side {
				plan = "large"
			}
			if side > 0 && i%100 == 5+side {
				continue
			}
			fmt.Fprintf(&s, "    {\"kind\": \"Addon\", \"ref\": \"n%d\", \"spec\": {\"name\": \"n%d\", \"plan\": %q}},\n", i, i, plan)
			if side > 0 && i%50 == 20+side {
				fmt.Fprintf(&s, "    {\"kind\": \"Addon\", \"ref\": \"new%d-%d\", \"spec\": {\"name\": \"new%d-%d\"}},\n", side, i, side, i)
			}
		}
		s.WriteString("    {\"kind\": \"Message\", \"spec\": {}}]}}\n}\n")
		return s.String()
	}
	base, ours, theirs := doc(0), doc(1), doc(2)
	b.SetBytes(int64(len(base)))
	for b.Loop() {
		if r := Merge(base, ours, theirs, false, Options{AllowErrors: true}); len(r.Conflicts) > 0 {
			b.Fatal(r.Conflicts[0])
		}
	}
}
