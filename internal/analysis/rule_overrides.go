package analysis

import (
	"fmt"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// checkOverrides reports argument overrides in the file: the platform keeps them
// outside of the template, because they are for secrets. An empty object, as the
// platform writes it, is none. There is no fix: where else the values are kept is
// not known.
func checkOverrides(r *reporter, s *template.Scope) {
	if m, ok := s.Value.GetMember("argumentOverrides"); ok {
		reportOverrides(r, m, "argumentOverrides")
	}
	if m, ok := s.Value.Get("options").GetMember("runOnCreationArgumentOverrides"); ok {
		reportOverrides(r, m, "runOnCreationArgumentOverrides")
	}
}

func reportOverrides(r *reporter, m syntax.Member, name string) {
	for o := range m.Value().Members() {
		if v := o.Value(); v.IsValid() && v.Terminated() && (v.Kind() != syntax.KindString || v.Text() != "" && !strings.Contains(v.Text(), "${")) {
			r.add(CodeCommittedOverrides, m.Key().Range(),
				fmt.Sprintf("%q holds values that belong on the platform, or on the command line of a run, and not in the file; the names alone may stand in \"arguments\".", name))
			return
		}
	}
}
