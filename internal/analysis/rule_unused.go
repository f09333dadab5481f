package analysis

import (
	"fmt"

	"github.com/nf-lsp/nf-lsp/internal/template"
)

// unusedRef reports a ref that no reference stands for. The platform's own editor
// gives every node a ref, so the rule is off until somebody wants it.
func (l *linker) unusedRef(n *template.Node) {
	if n.Ref == "" || l.Config.severity(CodeUnusedRef, Off) == Off {
		return
	}
	l.reporter.add(CodeUnusedRef, n.RefValue().Range(), fmt.Sprintf("nothing uses the ref %q.", n.Ref), unnecessary, unless(refMark(n.Scope, n.Ref)))
}
