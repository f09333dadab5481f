package analysis

import (
	"fmt"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
)

// removeOverrides offers to take overrides out of the file; arguments that
// nothing else declares are declared without a value.
func (x *fixer) removeOverrides() {
	m := x.memberNamedAt(x.finding.Range)
	scope := x.Doc.ScopeAt(x.finding.Range.Start)
	if !m.IsValid() || m.Value().Kind() != syntax.KindObject || scope == nil {
		return
	}
	arguments, there := scope.Value.GetMember("arguments")
	if there && arguments.Value().Kind() != syntax.KindObject {
		return
	}
	var names []string
	for o := range m.Value().Members() {
		if name := o.KeyText(); name != "" && !arguments.Value().Get(name).IsValid() {
			names = append(names, name)
		}
	}
	x.offerVerified(fmt.Sprintf("Take %q out of the file", m.KeyText()), x.edited(func(b *edit.Builder) {
		b.RemoveMember(m)
		switch {
		case len(names) == 0:
		case there:
			for _, name := range names {
				b.Insert(arguments.Value(), edit.Last(), name, `""`)
			}
		default:
			var declared []string
			for _, name := range names {
				declared = append(declared, edit.Quote(name)+`: ""`)
			}
			b.Insert(scope.Value, edit.Before("spec"), "arguments", "{"+strings.Join(declared, ", ")+"}")
		}
	})...)
}
