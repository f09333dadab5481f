package analysis

import (
	"fmt"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/catalog/validate"
	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// isExpansion reports whether the parser takes a reference for an expansion of the
// shell, as in `${HOME:-/root}`.
func isExpansion(text *expr.Interpolation, r *expr.Ref) bool {
	for _, e := range text.Errors {
		if e.Code == expr.CodeShellExpansion && e.Start == r.End {
			return true
		}
	}
	return false
}

// nearestRoot returns the root that a name stands for, mistyped or not complete.
func nearestRoot(name string) string {
	roots := []string{"refs", "args", "secrets", "fn", "template"}
	for _, root := range roots {
		if strings.HasPrefix(root, name) {
			return root
		}
	}
	return validate.Closest(name, roots)
}

// root checks what a reference starts with.
func (l *linker) root(u *use) {
	r := u.Ref
	switch r.Root {
	case "refs", "args", "secrets", "fn", "template", "":
		return
	}
	if r.Param || u.node != nil && u.node.InLoop() {
		return // how an iteration is named is documented nowhere
	}
	if isExpansion(u.expression.Text, r) {
		return // the parser has said so
	}
	level := Error
	message := fmt.Sprintf("an expression starts with refs, args, secrets or fn, not with %q", r.Root)
	at := func(start, end int) syntax.Range { return rangeOf(u.owner, u.expression, start, end) }
	var more []func(*note)
	if near := nearestRoot(r.Root); near != "" {
		message += fmt.Sprintf("; did you mean %q?", near)
		more = append(more, withFix("Change to "+near, syntax.Edit{Range: at(r.RootStart, r.RootEnd), NewText: near}))
	} else if len(r.Segments) == 0 && l.mayMean(u.scope, r.Root) {
		message += fmt.Sprintf("; did you mean args.%s?", r.Root)
		more = append(more, withFix("Write args."+r.Root, syntax.Edit{Range: at(r.RootStart, r.RootStart), NewText: "args."}))
	} else {
		message += "."
		if len(r.Segments) > 0 { // which no shell would take either
			more = append(more, strange)
		}
	}
	switch {
	case forAnotherReader(u.expression, u.node):
		level = Hint
		message = fmt.Sprintf("${%s} is none of the template's references; write \\\\${%s} if a shell or a program is to read it.", r, r)
	case u.node == nil || u.scope.Type == template.Fragment || inUnknownPlace(u.expression, u.node):
		level = Hint
	case u.InCall:
		level = Warning
	}
	l.reporter.addAt(level, CodeUnknownRoot, at(r.RootStart, r.RootEnd), message, more...)
}

// mayMean reports whether an argument has a name that stands somewhere else.
func (l *linker) mayMean(scope *template.Scope, name string) bool {
	l.leave(mentionMark(scope, name))
	return scope.Argument(name) != nil
}
