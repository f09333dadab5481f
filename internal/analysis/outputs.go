package analysis

import (
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// outputShape returns the schema of what a node leaves for references, or nil
// where its kind is unknown or documents none.
func outputShape(n *template.Node) *catalog.Schema {
	kind, ok := catalog.Lookup(n.Kind)
	if !ok || kind.Output == 0 {
		return nil
	}
	return kind.Output.Schema()
}

// preferredOutput is the output of a kind that identifies what the schemas ask
// for; mostly "id".
func preferredOutput(schemas []*catalog.Schema, kind string) string {
	for _, s := range schemas {
		for _, k := range s.RefKinds {
			if k == kind {
				if s.RefOutput != "" {
					return s.RefOutput
				}
				return "id"
			}
		}
	}
	return "id"
}

// typeName says in few words what a schema takes.
func typeName(s *catalog.Schema) string {
	if alternatives := s.Alternatives(); len(alternatives) > 0 {
		var names []string
		for _, a := range alternatives {
			if n := typeName(a.Schema()); n != "" && !has(names, n) {
				names = append(names, n)
			}
		}
		return strings.Join(names, " or ")
	}
	switch {
	case s.Types == catalog.TypeArray && s.Items != 0:
		return "list of " + typeName(s.Items.Schema())
	case s.Types == 0:
		return "any value"
	}
	return s.Types.String()
}

func has(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// code writes text as a Markdown code span, whatever backquotes are in it.
func code(s string) string {
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		return fence + " " + s + " " + fence
	}
	return fence + s + fence
}
