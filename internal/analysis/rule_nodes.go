package analysis

import (
	"fmt"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/catalog/validate"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// localCheck is the local pass: what a node says by its own text.
type localCheck struct {
	*Snapshot
	reporter *reporter
	// places are where strings with expressions, of the node at hand, stand for
	// other types than text.
	places []typedPlace
}

// typedPlace is the place of a string with expressions that takes other types.
type typedPlace struct {
	offset int // from the start of the node
	types  catalog.TypeSet
}

// check checks a node: its kind, its expressions, and its properties against the
// schema of the kind.
func (l *localCheck) check(n *template.Node) {
	r, v := l.reporter, n.Value()
	l.places = nil
	l.checkExpressions(r, v, n.Facts, n)
	checkRepeated(r, v, n.Facts)
	checkTokens(r, n)
	kind := l.checkKind(r, n)
	if kind == nil {
		return
	}
	options := validate.Options{
		Skip: l.inner(n),
		Hole: holes(v, n.Facts),
		Note: func(noted validate.Noted) { checkNoted(r, noted, n) },
		Place: func(s syntax.Value, types catalog.TypeSet) {
			l.places = append(l.places, typedPlace{s.Range().Start - v.Range().Start, types})
		},
	}
	validate.Value(v, kind.Node, options, func(p validate.Problem) { l.reportProblem(r, p, n) })
}

// checkNoted checks a value that means more than its type says.
func checkNoted(r *reporter, noted validate.Noted, n *template.Node) {
	switch noted.Schema.Role {
	case catalog.RolePlan, catalog.RoleRegion, catalog.RoleAddonType:
		checkTable(r, noted)
	case catalog.RoleAddonVersion:
		if n != nil {
			checkAddonVersion(r, n, noted.Value)
		}
	case catalog.RoleEnvironment, catalog.RoleArguments:
		checkNamedSecrets(r, noted.Value)
	}
	if noted.Schema.Secret {
		checkSecretProperty(r, noted)
	}
}

// inner tells the walker which values in a node are other nodes, which are
// checked by themselves: its steps, and those of documents nested in it. It is
// nil for most nodes.
func (s *Snapshot) inner(n *template.Node) func(syntax.Value) bool {
	if n.HasNested() {
		return func(v syntax.Value) bool { return v.Kind() == syntax.KindObject && s.Doc.NodeOf(v) != nil }
	}
	if !n.HasSteps() {
		return nil
	}
	steps := n.Spec().Get("steps")
	return func(v syntax.Value) bool {
		if v.Kind() == syntax.KindArray {
			return !n.MixedSteps() && v.Green() == steps.Green()
		}
		start := v.Range().Start
		return start >= steps.Range().Start && start < steps.Range().End
	}
}

// checkKind checks a node's kind and returns it; nil where it is unknown.
func (s *Snapshot) checkKind(r *reporter, n *template.Node) *catalog.Kind {
	v := n.KindValue()
	switch {
	case !v.IsValid():
		if _, ok := n.Value().GetMember("kind"); ok || !n.Value().Terminated() {
			return nil // half-typed: the syntax finding says that something is missing
		}
		if m, ok := template.MisspeltMember(n.Value(), "kind"); ok {
			at := m.Key().Range()
			r.addAt(Error, CodeUnknownProperty, at, fmt.Sprintf("a node takes \"kind\", not %q.", m.KeyText()),
				withFix(`Change to "kind"`, syntax.Edit{Range: at, NewText: `"kind"`}))
			return nil
		}
		at := n.Value().Range()
		r.add(CodeMissingProperty, syntax.Range{Start: at.Start, End: at.Start + 1},
			`a node needs a "kind", for instance "Workflow" or "CombinedService".`, guessedNode(n))
		return nil
	case v.Kind() != syntax.KindString && v.Kind() != syntax.KindWord:
		r.add(CodeWrongType, v.Range(), `"kind" takes the name of a node kind as a string.`)
		return nil
	}
	kind, ok := catalog.Lookup(n.Kind)
	if ok {
		s.checkAllowed(r, n)
		return kind
	}
	if v.Kind() == syntax.KindWord {
		return nil // half-typed: the syntax finding says that it is no value
	}
	if n.Kind == "workflow" {
		r.addAt(Warning, CodeUnknownKind, v.Range(), `kinds start with a capital; write "Workflow".`,
			withFix("Change to Workflow", syntax.Edit{Range: v.Range(), NewText: `"Workflow"`}))
		kind, _ = catalog.Lookup("Workflow")
		return kind
	}
	names := make([]string, 0, 64)
	for _, k := range catalog.Kinds() {
		names = append(names, k.Name)
	}
	if n.Kind == "" {
		r.add(CodeUnknownKind, v.Range(), `"kind" is empty; it takes the name of a node kind, for instance "Workflow" or "CombinedService".`)
		return nil
	}
	message := fmt.Sprintf("there is no node kind %q", n.Kind)
	var more []func(*note)
	near, alike := validate.Closest(n.Kind, names), containing(names, n.Kind)
	if near != "" {
		message += fmt.Sprintf("; did you mean %q?", near)
		more = append(more, withFix("Change to "+near, syntax.Edit{Range: v.Range(), NewText: edit.Quote(near)}))
	} else {
		if len(alike) > 0 {
			message += "; kinds with such a name are " + listed(alike, 4)
		}
		message += "."
		if n.Parent == nil && n.Scope.Owner == nil {
			message += " The spec of a document is mostly a Workflow with steps."
		}
		more = append(more, strange)
	}
	r.add(CodeUnknownKind, v.Range(), message, more...)
	return nil
}

// containing lists the names that a text is a part of; it has to be more than the
// beginning of a word that is being typed.
func containing(names []string, text string) []string {
	var out []string
	for _, name := range names {
		if len(text) > 4 && strings.Contains(strings.ToLower(name), strings.ToLower(text)) {
			out = append(out, name)
		}
	}
	return out
}

// checkAllowed reports kinds that the document's type does not take.
func (s *Snapshot) checkAllowed(r *reporter, n *template.Node) {
	allowed := s.kindsFor(n)
	if len(allowed) == 0 || has(allowed, n.Kind) {
		return
	}
	where := "in a " + documentName(n.Scope.Type)
	if n.InTeardown {
		where = "in a teardown"
	}
	r.add(CodeKindNotAllowed, n.KindValue().Range(),
		fmt.Sprintf("%s node may not stand %s; allowed are %s.", withArticle(n.Kind), where, listed(allowed, 8)))
}

// kindsFor lists the kinds that may stand where a node does; it is empty where
// that is not known.
func (s *Snapshot) kindsFor(n *template.Node) []string {
	if n.Scope.Owner == nil && !s.Doc.Certain || n.Scope.Type == template.Fragment {
		return nil
	}
	if owner := n.Scope.Owner; owner != nil && !n.InTeardown && (owner.Definition == nil || owner.Kind == "WorkflowTemplate" || owner.Kind == "PreviewBlueprint") {
		// The reference lists none for workflows and blueprints; "Set up environments"
		// adds databases, jobs and volumes to both.
		return nil
	}
	d := catalog.Document(n.Scope.Type.String())
	switch {
	case d == nil:
		return nil
	case n.InTeardown:
		return d.TeardownKinds
	}
	return d.SpecKinds
}

// withArticle puts "a" or "an" in front of a name.
func withArticle(name string) string {
	if name != "" && strings.IndexByte("AEIOaeio", name[0]) >= 0 {
		return "an " + name
	}
	return "a " + name
}

func documentName(t template.Type) string {
	switch t {
	case template.ReleaseFlow:
		return "release flow"
	case template.PreviewEnv:
		return "preview environment"
	default:
		return "template"
	}
}

// reportProblem turns a problem of the schema walker into a finding. n is nil
// for the properties of a document itself.
func (s *Snapshot) reportProblem(r *reporter, p validate.Problem, n *template.Node) {
	code := Code(p.Code)
	rule, ok := LookupRule(code)
	if !ok {
		panic("analysis: the walker reports a problem without a rule: " + p.Code)
	}
	if n != nil && p.Range == n.KindValue().Range() {
		return // checkKind has said it
	}
	if n != nil && n.Kind == "Build" && code == CodeMissingProperty && p.Property == "type" && p.Value.Get("nfObjectType").IsValid() {
		return // its older name, of which the finding about that name speaks
	}
	level := rule.Severity
	if p.Certain && code == CodeUnknownProperty {
		level = Error
	}
	if n == nil && code == CodeMissingProperty && p.Property == "name" {
		if p.Value.Get("gitops").IsValid() {
			return // linked to a template on the platform, which keeps the name: the platform writes such files
		}
		level = Warning
	}
	if n == nil && code == CodeUnknownProperty && p.Property == "args" {
		// Expressions call them so; no spelling leads from one to the other.
		at := p.Member.Key().Range()
		r.addAt(level, code, at, `the document has no property "args"; values for ${args.NAME} are declared under "arguments".`,
			withFix(`Change to "arguments"`, syntax.Edit{Range: at, NewText: `"arguments"`}))
		return
	}
	var more []func(*note)
	for _, f := range p.Fixes() {
		more = append(more, withFix(f.Title, f.Edits...))
	}
	if isStrange(p) {
		more = append(more, strange)
	}
	r.addAt(level, code, p.Range, p.Message, more...)
}

// isStrange reports problems that no slip explains.
func isStrange(p validate.Problem) bool {
	switch p.Code {
	case validate.CodeUnknownProperty:
		return p.Suggestion == ""
	case validate.CodeNotInEnum:
		return p.Suggestion == "" && p.Property == "type" && len(p.Expected) > 0
	case validate.CodeWrongType:
		return p.Value.Kind() == syntax.KindObject || p.Value.Kind() == syntax.KindArray
	}
	return false
}

// guessedNode marks a node without a kind that says everything else: it is not
// being written.
func guessedNode(n *template.Node) func(*note) {
	if n.Spec().Len() > 0 {
		return strange
	}
	return func(*note) {}
}
