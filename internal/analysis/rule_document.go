package analysis

import (
	"fmt"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/catalog/validate"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

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

// checkDocument checks the properties of each document of the file: its root,
// its options, its arguments and triggers, without the nodes.
func (s *Snapshot) checkDocument(r *reporter) {
	for _, scope := range s.Doc.Scopes {
		if scope.Type == template.Fragment {
			continue
		}
		s.checkExpressions(r, scope.Value, scope.Facts, nil)
		if scope.Owner != nil {
			continue // the schema of the node that carries it covers it
		}
		foreign := func(v syntax.Value) bool { return s.Doc.NodeOf(v) != nil }
		checkDuplicateKeys(r, scope.Value, foreign)
		d := catalog.Document(scope.Type.String())
		if d == nil {
			continue
		}
		validate.Value(scope.Value, d.Root, validate.Options{Skip: foreign, Hole: hole}, func(p validate.Problem) {
			s.reportProblem(r, p, nil)
		})
		checkVersion(r, scope)
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
