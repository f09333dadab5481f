package analysis

import (
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// declareArgument adds the argument with an empty value to the scope's
// `arguments`; nil where the scope's object cannot take it.
func declareArgument(scope *template.Scope, name string) []syntax.Edit {
	return nil
}
