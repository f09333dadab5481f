package analysis

import (
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// declareArgument adds the argument with a value, given as JSON, to the scope's
// `arguments`, which are made where there are none; nil where the scope's
// object cannot take it.
func declareArgument(scope *template.Scope, name, json string) []syntax.Edit {
	object := scope.Value
	b := edit.New(object.Tree())
	switch arguments := object.Get("arguments"); {
	case arguments.Kind() == syntax.KindObject:
		b.Insert(arguments, edit.Last(), name, json)
	case arguments.IsValid() || object.Kind() != syntax.KindObject:
		return nil
	default:
		b.Insert(object, edit.Before("spec"), "arguments", "{"+edit.Quote(name)+": "+json+"}")
	}
	edits, err := b.Edits()
	if err != nil {
		return nil
	}
	return edits
}
