package truth

import (
	"regexp"
	"slices"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// platformFaults break what the platform asks for beyond forms: kinds of
// documents, names, projects, addons, releases, secrets.
var platformFaults = []*mutator{
	{code: analysis.CodeKindNotAllowed, name: "a node of a kind that the document does not take", faults: func(s *subject) (out []fault) {
		for _, n := range s.Doc.Nodes() {
			steps := n.Spec().Get("steps")
			if n.Flow != template.Sequential || steps.Kind() != syntax.KindArray || n.Scope.Owner == nil && !s.Doc.Certain {
				continue
			}
			stranger := `{"kind": "Project", "spec": {"name": "Stranger", "region": "europe-west"}}`
			switch {
			case n.Scope.Owner != nil && n.Scope.Owner.Kind != "Pipeline" && n.Scope.Type != template.Template && !n.InTeardown:
				continue // which kinds a workflow or a blueprint takes is documented nowhere
			case n.InTeardown && n.Scope.Type == template.PreviewEnv:
				continue
			case n.InTeardown:
			case n.Scope.Type == template.Template:
				stranger = `{"kind": "Release", "spec": {"type": "deployment", "origin": {"id": "a-b-c", "type": "service"}, "target": {"id": "d-e-f", "type": "service"}}}`
			}
			p := pathOf(n.Path()).join("spec", "steps", itoa(steps.Len()), "kind")
			out = append(out, fault{edits: s.added(steps, stranger), places: []place{value(p)}})
		}
		return out
	}},
	{code: analysis.CodeDeprecatedForm, name: "an older version of the format", faults: func(s *subject) (out []fault) {
		if v := s.Doc.Root.Get("apiVersion"); v.IsValid() && v.Text() == "v1.2" {
			e := syntax.Edit{Range: v.Range(), NewText: `"v1.1"`}
			out = append(out, fault{edits: []syntax.Edit{e}, places: []place{written(e)}, mended: true})
		}
		return out
	}},
	{code: analysis.CodeDeprecatedForm, name: "an older name of an addon type", faults: func(s *subject) (out []fault) {
		for _, n := range s.Doc.Nodes() {
			if v := n.Spec().Get("type"); n.Kind == "Addon" && v.Text() == "postgresql" {
				e := syntax.Edit{Range: v.Range(), NewText: `"postgres"`}
				out = append(out, fault{edits: []syntax.Edit{e}, places: []place{written(e)}, mended: true})
			}
		}
		return out
	}},
	{code: analysis.CodeDeprecatedForm, name: "an older property", faults: func(s *subject) (out []fault) {
		for _, v := range s.spots() {
			if v.last() == "policies" && v.member.IsValid() {
				out = append(out, fault{edits: s.change(func(b *edit.Builder) { b.Rename(v.member, "ip") }), places: []place{key(v.path[:len(v.path)-1].join("ip"))}})
			}
		}
		return out
	}},
	{code: analysis.CodeUnknownPlan, name: "a plan, region or type that there is not", faults: func(s *subject) (out []fault) {
		for _, v := range s.spots() {
			if v.schema == nil || v.Kind() != syntax.KindString || v.dynamic() {
				continue
			}
			switch v.schema.Role {
			case catalog.RolePlan, catalog.RoleRegion:
				e := syntax.Edit{Range: v.Range(), NewText: edit.Quote(v.Text() + "7")}
				out = append(out, fault{edits: []syntax.Edit{e}, places: []place{written(e)}})
			}
		}
		return out
	}},
	{code: analysis.CodeNameCollision, name: "two nodes of one name", faults: func(s *subject) (out []fault) {
		for _, n := range s.Doc.Nodes() {
			steps := stepsAround(n)
			if !steps.IsValid() || n.Name == "" || n.Definition == nil || n.Changes || n.Skip != template.SkipNever || n.Parent.Skip != template.SkipNever || !named(n) {
				continue
			}
			p := pathOf(n.Parent.Path()).join("spec", "steps", itoa(steps.Len()), "spec", "name")
			out = append(out, fault{edits: s.added(steps, withoutRef(n)), places: []place{value(p)}})
		}
		return out
	}},
	{code: analysis.CodeNameTooLong, name: "a name that its expression makes too long", faults: func(s *subject) (out []fault) {
		for _, v := range s.spots() {
			if v.schema == nil || v.schema.Role != catalog.RoleResourceName || v.schema.MaxLength == 0 || v.node == nil || len(v.path)-len(pathOf(v.node.Path())) != 2 || s.Doc.ScopeOf(v.node.Spec()) != nil {
				continue
			}
			name := strings.Repeat("a", int(v.schema.MaxLength)-2) + "${fn.if(args.QUUX, 'long', 'short')}"
			e := syntax.Edit{Range: v.Range(), NewText: edit.Quote(name)}
			out = append(out, fault{edits: []syntax.Edit{e}, places: []place{written(e)}})
		}
		return out
	}},
	{code: analysis.CodeAddonFork, name: "a copy of another major version", faults: s1(func(s *subject, n *template.Node) (fault, bool) {
		if n.Kind != "Addon" || !n.Spec().Get("source").Get("addonId").IsValid() || strings.Contains(n.Spec().Get("version").Text(), "${") {
			return fault{}, false
		}
		e := syntax.Edit{Range: n.Spec().Get("version").Range(), NewText: `"9.6.0"`}
		return fault{edits: []syntax.Edit{e}, places: []place{written(e)}}, true
	})},
	{code: analysis.CodeAddonFork, name: "a copy of another type", faults: s1(func(s *subject, n *template.Node) (fault, bool) {
		if n.Kind != "Addon" || !n.Spec().Get("source").Get("addonId").IsValid() {
			return fault{}, false
		}
		e := syntax.Edit{Range: n.Spec().Get("type").Range(), NewText: `"redis"`}
		return fault{edits: []syntax.Edit{e}, places: []place{written(e)}}, true
	})},
	{code: analysis.CodeAddonDowngrade, name: "an addon is set back", faults: s1(func(s *subject, n *template.Node) (fault, bool) {
		return s.again(n, "1.2.3")
	})},
	{code: analysis.CodeAddonUpgrade, name: "an addon skips versions", faults: s1(func(s *subject, n *template.Node) (fault, bool) {
		return s.again(n, "99.0.0")
	})},
	{code: analysis.CodeReleaseTarget, name: "a release into another stage", faults: s1(func(s *subject, n *template.Node) (fault, bool) {
		return s.released(n, "target")
	})},
	{code: analysis.CodePromotionSource, name: "a promotion from another stage", faults: s1(func(s *subject, n *template.Node) (fault, bool) {
		if n.Spec().Get("type").Text() != "deployment" {
			return fault{}, false
		}
		return s.released(n, "origin")
	})},
	{code: analysis.CodeMissingProjectContext, name: "no project", faults: func(s *subject) (out []fault) {
		if s.Doc.Type != template.Template || !s.Doc.Certain || s.Doc.Main.GivesProject {
			return nil
		}
		for _, n := range s.Doc.Main.Nodes() {
			m, ok := n.Spec().Get("context").GetMember("projectId")
			if !ok {
				continue
			}
			f := fault{edits: s.change(func(b *edit.Builder) { b.RemoveMember(m) }), explained: []analysis.Code{analysis.CodeMissingProjectContext}}
			for _, user := range s.Doc.Main.Nodes() {
				if context, given := user.ProjectContext(); given && context.Node == n && analysis.NeedsProject(user) {
					f.places = append(f.places, value(pathOf(user.Path()).join("kind")))
				}
			}
			if len(f.places) > 0 && s.certainWithout(f.edits) {
				out = append(out, f)
			}
		}
		return out
	}},
	{code: analysis.CodeMissingProjectContext, name: "a node has lost its project", faults: s1(func(s *subject, n *template.Node) (fault, bool) {
		m, ok := n.Spec().GetMember("projectId")
		if !ok || !analysis.NeedsProject(n) || n.Scope.Type != template.Template || n.Scope.GivesProject {
			return fault{}, false
		}
		for around := n.Parent; around != nil; around = around.Parent {
			if around.GivesProject {
				return fault{}, false
			}
		}
		return fault{edits: s.change(func(b *edit.Builder) { b.RemoveMember(m) }), places: []place{value(pathOf(n.Path()).join("kind"))}}, true
	})},
	{code: analysis.CodeSecretInTemplate, name: "a secret in place of its argument", faults: func(s *subject) (out []fault) {
		for _, v := range s.spots() {
			if v.schema != nil && v.schema.Secret && v.Kind() == syntax.KindString && v.dynamic() {
				e := syntax.Edit{Range: v.Range(), NewText: `"hJ4k2Lq9Xz7Wv1Rb"`}
				out = append(out, fault{edits: []syntax.Edit{e}, places: []place{written(e)}})
			}
		}
		return out
	}},
	{code: analysis.CodeSecretInTemplate, name: "a token", faults: func(s *subject) (out []fault) {
		for _, v := range s.spots() {
			if v.member.IsValid() && v.Kind() == syntax.KindString && slices.Contains(v.path, "variables") {
				e := syntax.Edit{Range: v.Range(), NewText: `"ghp_` + "r4Vd0Kq9Xz7Wv1RbhJ4k2Lq9Xz7Wv1Rb5uYt" + `"`}
				out = append(out, fault{edits: []syntax.Edit{e}, places: []place{written(e)}})
			}
		}
		return out
	}},
	{code: analysis.CodeSecretInTemplate, name: "the value of a secret variable", faults: func(s *subject) (out []fault) {
		for _, v := range s.spots() {
			if v.schema != nil && (v.schema.Role == catalog.RoleEnvironment || v.schema.Role == catalog.RoleArguments) && v.Kind() == syntax.KindObject {
				out = append(out, fault{
					edits:  s.change(func(b *edit.Builder) { b.Insert(v.Value, edit.Last(), "QUUX_TOKEN", `"hJ4k2Lq9Xz7Wv1Rb3"`) }),
					places: []place{value(v.path.join("QUUX_TOKEN"))},
				})
			}
		}
		return out
	}},
	{code: analysis.CodeCommittedOverrides, name: "overrides in the file", faults: func(s *subject) []fault {
		if s.Doc.Type == template.Fragment {
			return nil
		}
		edits := s.change(func(b *edit.Builder) { b.Set(s.Doc.Root, edit.Last(), "argumentOverrides", `{"QUUX": "a value"}`) })
		return []fault{{edits: edits, places: []place{key(path{"argumentOverrides"})}}}
	}},
}

// again sets an addon of a known version to another one in a later node.
func (s *subject) again(n *template.Node, version string) (fault, bool) {
	steps := stepsAround(n)
	if n.Kind != "Addon" || n.Name == "" || !regexp.MustCompile(`^\d+\.\d+\.\d+$`).MatchString(n.Spec().Get("version").Text()) || !steps.IsValid() {
		return fault{}, false
	}
	// Behind the workflow of the addon, where that is one of steps at once.
	around := n.Parent
	if around.Flow == template.Parallel {
		around, steps = around.Parent, around.Parent.Spec().Get("steps")
	}
	later := regexp.MustCompile(`"version": *"[^"]*"`).ReplaceAllString(withoutRef(n), `"version": "`+version+`"`)
	p := pathOf(around.Path()).join("spec", "steps", itoa(steps.Len()), "spec", "version")
	return fault{edits: s.added(steps, later), places: []place{value(p)}, beside: []analysis.Code{analysis.CodeAddonFork}}, true
}

// s1 makes at most one fault of each node.
func s1(of func(s *subject, n *template.Node) (fault, bool)) func(s *subject) []fault {
	return func(s *subject) (out []fault) {
		for _, n := range s.Doc.Nodes() {
			if f, ok := of(s, n); ok {
				out = append(out, f)
			}
		}
		return out
	}
}

// named reports whether the name of a node's resource becomes its identifier.
func named(n *template.Node) bool {
	form := n.Definition.Spec.Schema()
	if alternatives := form.Alternatives(); len(alternatives) > 0 {
		form = alternatives[0].Schema()
	}
	p, ok := form.Property("name")
	return ok && p.Schema.Schema().Role == catalog.RoleResourceName
}

// withoutRef is a node's text without its ref.
func withoutRef(n *template.Node) string {
	tree := syntax.Parse(n.Value().Raw())
	m, ok := tree.Root().GetMember("ref")
	if !ok {
		return tree.Source()
	}
	text, err := edit.New(tree).RemoveMember(m).Apply()
	if err != nil {
		panic(err)
	}
	return text
}

// released sets what a release of a pipeline's flow is for to the resource of
// another stage: the one after, or the last but two.
func (s *subject) released(n *template.Node, which string) (fault, bool) {
	owner := n.Scope.Owner
	if n.Kind != "Release" || owner == nil || owner.Kind != "Pipeline" {
		return fault{}, false
	}
	id := n.Spec().Get(which).Get("id")
	stages := owner.Spec().Get("stages")
	for i := range stages.Len() {
		other := stages.Index(i).Get("nfObjects").Index(0).Get("id").Text()
		other = strings.Replace(other, "${refs.", "${template.refs.", 1)
		holds := stages.Index(i).Range().Contains(n.Value().Range().Start)
		before := i+1 < stages.Len() && stages.Index(i+1).Range().Contains(n.Value().Range().Start)
		if holds || which == "origin" && before || other == id.Text() {
			continue
		}
		e := syntax.Edit{Range: id.Range(), NewText: edit.Quote(other)}
		return fault{edits: []syntax.Edit{e}, places: []place{written(e)}}, true
	}
	return fault{}, false
}

// certainWithout reports whether a file still says after edits which document it is.
func (s *subject) certainWithout(edits []syntax.Edit) bool {
	text, err := edit.Apply(s.text, edits)
	return err == nil && snapshot(text, nil).Doc.Certain
}
