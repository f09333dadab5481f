package analysis

import "fmt"

// checkUnusedRefs reports refs that no reference stands for. The platform's own
// editor gives every node a ref, so the rule is off until somebody wants it.
func (s *Snapshot) checkUnusedRefs(r *reporter, used []bool) {
	if s.Config.severity(CodeUnusedRef, Off) == Off {
		return
	}
	for _, n := range s.Doc.Nodes {
		if n.Ref != "" && !used[n.Scope.ByRef(n.Ref)[0].Index] {
			r.add(CodeUnusedRef, n.RefValue().Range(), fmt.Sprintf("nothing uses the ref %q.", n.Ref), unnecessary, inNode(n))
		}
	}
}
