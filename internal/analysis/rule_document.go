package analysis

import (
	"fmt"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/catalog/validate"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// FindingsOfTemplate returns the findings of a file that somebody says is a
// template: where it is none, that is the finding.
func (s *Snapshot) FindingsOfTemplate() []Finding {
	if s.IsTemplate() || s.LacksBraces() {
		return s.Findings()
	}
	f := NotATemplate(s)
	if f.Severity = s.Config.severity(f.Code, f.Severity); f.Severity == Off {
		return nil
	}
	s.once.Do(func() {
		_, s.suppressed = s.suppress([]Finding{f})
	})
	if len(s.suppressed) > 0 {
		return nil
	}
	return []Finding{f}
}

// NotATemplate is the one finding about a file that is JSON, or nothing that
// can be read, but no document of the platform.
func NotATemplate(s *Snapshot) Finding {
	at := syntax.Range{}
	message := "this is no Northflank template, release flow or preview environment: the root has no \"apiVersion\" and no \"spec\" with a node."
	root := s.Doc.Root
	switch {
	case !root.IsValid():
		message = "this is no Northflank template: it holds no JSON value."
	case root.Kind() != syntax.KindObject:
		message = "this is no Northflank template: the root is not an object."
		fallthrough
	default:
		at = root.Range()
		if at.End > at.Start+1 {
			at.End = at.Start + 1
		}
	}
	return Finding{Code: CodeNotATemplate, Severity: Error, Range: at, Message: message}
}

// checkScope checks the properties of a document of the file: its root, its
// options, its arguments and triggers, without the nodes.
func (s *Snapshot) checkScope(r *reporter, scope *template.Scope) {
	if scope.Type == template.Fragment {
		return
	}
	s.checkExpressions(r, scope.Value, scope.Facts, nil)
	checkRepeated(r, scope.Value, scope.Facts)
	checkOverrides(r, scope)
	checkUnusedArguments(r, scope)
	if scope.Owner == nil {
		checkScopeTokens(r, scope)
	}
	d := catalog.Document(scope.Type.String())
	if scope.Owner != nil || d == nil {
		return // the schema of the node that carries a document covers it
	}
	options := validate.Options{
		Skip: isNodeOf(scope.Root, scope.Teardown),
		Hole: holes(scope.Value, scope.Facts),
		Note: func(noted validate.Noted) { checkNoted(r, noted, nil) },
	}
	validate.Value(scope.Value, d.Root, options, func(p validate.Problem) { s.reportProblem(r, p, nil) })
	checkVersion(r, scope)
}

// isNodeOf tells the walker which objects are nodes, which are checked by
// themselves.
func isNodeOf(nodes ...*template.Node) func(syntax.Value) bool {
	return func(v syntax.Value) bool {
		for _, n := range nodes {
			if n != nil && n.Value().Green() == v.Green() {
				return true
			}
		}
		return false
	}
}

// checkVersion hints at older API versions, which the platform still reads.
func checkVersion(r *reporter, scope *template.Scope) {
	v := scope.Value.Get("apiVersion")
	if v.Kind() != syntax.KindString {
		return
	}
	switch v.Text() {
	case "v1", "v1.1":
		at := v.Range()
		r.add(CodeDeprecatedForm, at, fmt.Sprintf("%s is an older version of the template format; the current one is v1.2.", v.Text()),
			withFix("Change to v1.2", syntax.Edit{Range: at, NewText: `"v1.2"`}), deprecated)
	}
}
